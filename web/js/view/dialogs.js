import * as api from '../api.js';
import { unfold } from '../first_minute.js';
import { html } from '../html.js';
import { deleting, editing, helpOpen, say } from '../state.js';
import { shortId } from '../text.js';
import { Dialog } from './dialog.js';
import { OrderEditor } from './order_editor.js';

const keys = [
  ['n', 'New order: to the form'],
  ['s', 'Spam: ten orders at once, most of one customer'],
  ['/', 'Filter orders and events'],
  ['↑ ↓', 'Walk a list; Home, End and pages too'],
  ['Enter', 'The journey of the order'],
  ['Space', 'Show the order in every panel; in a journey: slow motion'],
  ['← →', 'Slow motion, record by record'],
  ['e', 'Edit the order'],
  ['Delete', 'Delete the order (asks)'],
  ['1, 2, 3', 'The steps of the first minute, while they show'],
  ['t', 'Light or dark'],
  ['p', 'Presenter mode'],
  ['q', 'The code that brings phones here, large'],
  ['c', 'Charts'],
  ['Esc', 'Close, clear the filter'],
  ['?', 'This help'],
];

function Help() {
  const close = () => (helpOpen.value = false);
  const again = () => {
    close();
    unfold();
  };
  return html`<${Dialog} label="Keyboard shortcuts" close=${close}>
    <h2>Keyboard shortcuts</h2>
    <dl class="keys">${keys.map(([key, what]) => html`<div key=${key}>
      <dt>${key.split(', ').map((each) => html`<kbd key=${each}>${each}</kbd> `)}</dt><dd>${what}</dd></div>`)}</dl>
    <footer><button class="btn" id="first-minute" onClick=${again}>The first minute</button>
      <button class="btn" autofocus onClick=${close}>Close</button></footer>
  <//>`;
}

/** @param {{row: import('../types.js').Row}} props */
function ConfirmDelete({ row: { order } }) {
  const close = () => (deleting.value = undefined);
  async function confirmed() {
    close();
    const answer = await api.deleteOrder(order.id);
    if (answer.error) return say(`The order was not deleted: ${answer.error}`, { urgent: true });
    say(`Order ${shortId(order.id)} deleted.`, { aloud: true });
  }
  return html`<${Dialog} label="Delete the order?" close=${close}>
    <h2>Delete order <span class="mono">${shortId(order.id)}</span>?</h2>
    <p>${order.quantity} × <bdi>${order.item}</bdi> for <bdi>${order.customerName}</bdi>. Its records stay on the log; a tombstone follows
      on order-status.</p>
    <footer>
      <button class="btn" autofocus onClick=${close}>Keep it</button>
      <button class="btn danger" id="confirm-delete" onClick=${confirmed}>Delete</button>
    </footer>
  <//>`;
}

/** @param {{row: import('../types.js').Row}} props */
function Edit({ row: { order } }) {
  const close = () => (editing.value = undefined);
  return html`<${Dialog} label="Edit the order" close=${close}>
    <h2>Edit order <span class="mono">${shortId(order.id)}</span></h2>
    <div class="edited"><${OrderEditor} order=${order} close=${close} /></div>
  <//>`;
}

export const Dialogs = () => html`
  ${editing.value && html`<${Edit} row=${editing.value} />`}
  ${helpOpen.value && html`<${Help} />`}
  ${deleting.value && html`<${ConfirmDelete} row=${deleting.value} />`}`;
