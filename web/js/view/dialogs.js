import { useEffect, useRef } from 'preact/hooks';

import * as api from '../api.js';
import { html } from '../html.js';
import { deleting, helpOpen, isMine, say } from '../state.js';
import { shortId } from '../text.js';

/** @param {{label: string, close: () => void, children?: unknown}} props */
function Dialog({ label, close, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => before instanceof HTMLElement && before.isConnected && before.focus();
  }, []);
  return html`<dialog class="dialog" ref=${dialog} aria-label=${label} onClose=${close}
    onClick=${(/** @type {Event} */ event) => event.target === dialog.current && close()}>
    <div class="sheet">${children}</div></dialog>`;
}

const keys = [
  ['n', 'New order: to the form'],
  ['s', 'Spam: ten orders at once'],
  ['/', 'Filter orders and events'],
  ['↑ ↓', 'Walk the order list'],
  ['Enter, e', 'Edit the order'],
  ['Delete', 'Delete the order (asks)'],
  ['Space', 'Show the order in every panel'],
  ['t', 'Light or dark'],
  ['Esc', 'Close, clear the filter'],
  ['?', 'This help'],
];

function Help() {
  const close = () => (helpOpen.value = false);
  return html`<${Dialog} label="Keyboard shortcuts" close=${close}>
    <h2>Keyboard shortcuts</h2>
    <dl class="keys">${keys.map(([key, what]) => html`<div key=${key}>
      <dt>${key.split(', ').map((each) => html`<kbd key=${each}>${each}</kbd> `)}</dt><dd>${what}</dd></div>`)}</dl>
    <footer><button class="btn" autofocus onClick=${close}>Close</button></footer>
  <//>`;
}

/** @param {{row: import('../types.js').Row}} props */
function ConfirmDelete({ row: { order } }) {
  const close = () => (deleting.value = undefined);
  async function confirmed() {
    close();
    const answer = await api.deleteOrder(order.id);
    if (answer.error) return say(`The order was not deleted: ${answer.error}`, { urgent: true });
    isMine(order.id);
    say(`Order ${shortId(order.id)} deleted.`, { aloud: true });
  }
  return html`<${Dialog} label="Delete the order?" close=${close}>
    <h2>Delete order <span class="mono">${shortId(order.id)}</span>?</h2>
    <p>${order.quantity} × ${order.item} for ${order.customerName}. Its records stay on the log; a tombstone follows
      on order-status.</p>
    <footer>
      <button class="btn" autofocus onClick=${close}>Keep it</button>
      <button class="btn danger" id="confirm-delete" onClick=${confirmed}>Delete</button>
    </footer>
  <//>`;
}

export const Dialogs = () => html`
  ${helpOpen.value && html`<${Help} />`}
  ${deleting.value && html`<${ConfirmDelete} row=${deleting.value} />`}`;
