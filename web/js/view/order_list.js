import { signal } from '@preact/signals';
import { Component } from 'preact';

import { html } from '../html.js';
import { statusOf } from '../model.js';
import { deleting, editing, filter, loaded, older, passes, pick, picked, rows, total } from '../state.js';
import { exactly, grouped, money, shortId } from '../text.js';
import { Icon } from './icon.js';
import { OrderEditor } from './order_editor.js';

/** @import { Row } from '../types.js' */

/** The row that Tab reaches; arrows move it. */
const current = signal('');

const statusIcons = { gone: 'x', wait: 'wait', ok: 'ok', retry: 'loop', dead: 'x', plain: '' };

/** @param {string} id */
const rowOf = (id) => document.getElementById(`order-${id}`);

/** Closes the editor and puts the focus back on its row. @param {string} id */
export function closeEditor(id) {
  editing.value = '';
  requestAnimationFrame(() => rowOf(id)?.focus());
}

/**
 * Arrows walk the list; Enter or e edits, Delete asks, Space picks.
 * @param {KeyboardEvent} event
 */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!target.dataset.order || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = rows.value.find((each) => each.order.id === target.dataset.order);
  const steps = { ArrowDown: target.nextElementSibling, ArrowUp: target.previousElementSibling,
    Home: target.parentElement?.firstElementChild, End: target.parentElement?.lastElementChild };
  if (event.key in steps) {
    const next = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (next instanceof HTMLElement) next.focus();
  } else if (!row || row.goneAt) {
    return;
  } else if (event.key === 'Enter' || event.key === 'e') {
    editing.value = row.order.id;
  } else if (event.key === 'Delete') {
    deleting.value = row;
  } else if (event.key === ' ') {
    pick(row.order.id);
  } else {
    return;
  }
  event.preventDefault();
}

/** @param {{row: Row}} props */
function Status({ row }) {
  const status = statusOf(row);
  const icon = statusIcons[status.kind];
  const bad = status.kind === 'retry' || status.kind === 'dead' ? ' bad' : '';
  return html`<span class=${`st${bad}`}>${icon && html`<${Icon} name=${icon} />`}${status.word}</span>`;
}

/** Words that the client gave; those of the service are told by the outcome. @param {Row} row */
const ownWord = (row) => (['created', 'updated', 'deleted'].includes(row.order.status) ? '' : row.order.status);

/**
 * A row is drawn again only when something about it changed: the list may follow hundreds of events a second.
 * @extends {Component<{row: Row, reachable: boolean, isPicked: boolean, isEdited: boolean}>}
 */
class OrderRow extends Component {
  /** @param {OrderRow['props']} next */
  shouldComponentUpdate(next) {
    const before = this.props;
    return next.row !== before.row || next.reachable !== before.reachable || next.isPicked !== before.isPicked
      || next.isEdited !== before.isEdited;
  }

  render() {
    const { row, reachable, isPicked, isEdited } = this.props;
    const { order } = row;
    if (isEdited) return html`<li class="order edited"><${OrderEditor} order=${order} close=${closeEditor} /></li>`;
    const about = `${order.quantity} × ${order.item} for ${order.customerName}`;
    return html`<li class=${`order${row.goneAt ? ' gone' : ''}${isPicked ? ' show' : ''}`} id=${`order-${order.id}`}
      data-order=${order.id} tabindex=${reachable ? 0 : -1} onFocus=${() => (current.value = order.id)}
      onClick=${() => pick(order.id)} onDblClick=${() => !row.goneAt && (editing.value = order.id)}>
      <b><span class="mono" title=${order.id}>${shortId(order.id)}</span> ${order.customerName}</b>
      <${Status} row=${row} />
      <span class="what" title=${exactly(Date.parse(order.createdAt))}>${order.quantity} × ${order.item}
        ${ownWord(row) && html` <i class="tag">${ownWord(row)}</i>`}</span>
      <span class="sum">${money(order.quantity * order.price)}</span>
      ${!row.goneAt && html`<span class="acts">
        <button class="icon" aria-label=${`Edit ${about}`} title="Edit (e)"
          onClick=${act(() => (editing.value = order.id))}><${Icon} name="edit" /></button>
        <button class="icon" aria-label=${`Delete ${about}`} title="Delete (Del)"
          onClick=${act(() => (deleting.value = row))}><${Icon} name="del" /></button>
      </span>`}
    </li>`;
  }
}

/** A click on a button of a row is not one on the row. @param {() => void} run */
const act = (run) => (/** @type {Event} */ event) => {
  event.stopPropagation();
  run();
};

function Empty() {
  if (!loaded.value) return html`<p class="empty">Reading the orders …</p>`;
  if (filter.value) return html`<p class="empty">No order matches the filter.</p>`;
  return html`<p class="empty">No orders yet. Place one (<kbd>n</kbd>).</p>`;
}

export function OrderList() {
  const shown = rows.value.filter(({ order }) => passes(order.id, order.customerName, order.item, order.status));
  const reachable = shown.some((row) => row.order.id === current.value) ? current.value : shown[0]?.order.id;
  return html`<section class="orders" aria-labelledby="live-orders">
    <h2 id="live-orders">Live orders <span><span id="orders-total">${grouped(total.value)}</span> in all</span></h2>
    <label class="filter"><span class="sr">Filter orders and events</span>
      <input type="search" id="filter" placeholder="Filter orders and events  /" value=${filter.value} autocomplete="off"
        onInput=${(/** @type {any} */ event) => (filter.value = event.currentTarget.value)} /></label>
    ${shown.length === 0 && html`<${Empty} />`}
    <ol id="orders" aria-labelledby="live-orders" onKeyDown=${onKey}>
      ${shown.map((row) => html`<${OrderRow} key=${row.order.id} row=${row} reachable=${row.order.id === reachable}
        isPicked=${row.order.id === picked.value} isEdited=${row.order.id === editing.value} />`)}
    </ol>
    ${older.value > 0 && html`<p class="more">${grouped(older.value)} more, older</p>`}
  </section>`;
}
