import { html } from '../html.js';
import { statusOf } from '../model.js';
import { openJourney } from '../route.js';
import { deleting, editing, filter, life, loaded, older, passes, pick, picked, rows, total } from '../state.js';
import { exactly, grouped, money, shortId } from '../text.js';
import { Icon } from './icon.js';
import { Windowed } from './windowed.js';

/** @import { Row } from '../types.js' */

const statusIcons = { gone: 'x', wait: 'wait', ok: 'ok', retry: 'loop', dead: 'x', plain: '' };

/** @param {{row: Row}} props */
function Status({ row }) {
  const status = statusOf(row);
  const icon = statusIcons[status.kind];
  const bad = status.kind === 'retry' || status.kind === 'dead' ? ' bad' : '';
  return html`<span class=${`st${bad}`}>${icon && html`<${Icon} name=${icon} />`}${status.word}</span>`;
}

/** Words that the client gave; those of the service are told by the outcome. @param {Row} row */
const ownWord = (row) => (['created', 'updated', 'deleted'].includes(row.order.status) ? '' : row.order.status);

/** A click on a button of a row is not one on the row. @param {() => void} run */
const act = (run) => (/** @type {Event} */ event) => {
  event.stopPropagation();
  run();
};

/** @param {Row} row  @param {boolean} active */
function content(row, active) {
  const { order } = row;
  const about = `${order.quantity} × ${order.item} for ${order.customerName}`;
  return html`<b><span class="mono" title=${order.id}>${shortId(order.id)}</span> <bdi>${order.customerName}</bdi></b>
    <${Status} row=${row} />
    <span class="what" title=${exactly(Date.parse(order.createdAt))}>${order.quantity} × <bdi>${order.item}</bdi>
      ${ownWord(row) && html` <i class="tag"><bdi>${ownWord(row)}</bdi></i>`}</span>
    <span class="sum">${money(order.quantity * order.price)}</span>
    ${active && !row.goneAt && html`<span class="acts">
      <button class="icon" tabindex="-1" aria-label=${`Edit ${about}`} title="Edit (e)"
        onClick=${act(() => (editing.value = row))}><${Icon} name="edit" /></button>
      <button class="icon" tabindex="-1" aria-label=${`Delete ${about}`} title="Delete (Del)"
        onClick=${act(() => (deleting.value = row))}><${Icon} name="del" /></button>
    </span>`}`;
}

/**
 * e edits, Delete asks, Space picks; Enter and the arrows are the list's.
 * @param {Row} row  @param {KeyboardEvent} event
 */
function onKey(row, event) {
  if (event.key === ' ') pick(row.order.id);
  else if (event.key === 'e' && !row.goneAt) editing.value = row;
  else if (event.key === 'Delete' && !row.goneAt) deleting.value = row;
  else return false;
  return true;
}

/** @param {Row} row */
const classOf = (row) => `order${row.goneAt ? ' gone' : ''}${row.order.id === picked.value ? ' show' : ''}`;

function Empty() {
  if (filter.value) return html`<p class="empty">No order matches the filter.</p>`;
  if (loaded.value) return html`<p class="empty">No orders yet. Place one (<kbd>n</kbd>).</p>`;
  return html`<p class="empty">${life.value.look === 'bad' ? 'The orders are not known.' : 'Reading the orders …'}</p>`;
}

export function OrderList() {
  const shown = rows.value.filter(({ order }) => passes(order.id, order.customerName, order.item, order.status));
  return html`<section class="orders" aria-labelledby="live-orders">
    <h2 id="live-orders">Live orders <span><span id="orders-total">${grouped(total.value)}</span> in all</span></h2>
    <label class="filter"><span class="sr">Filter orders and events</span>
      <input type="search" id="filter" placeholder="Filter orders and events  /" value=${filter.value} autocomplete="off"
        onInput=${(/** @type {any} */ event) => (filter.value = event.currentTarget.value)} /></label>
    ${shown.length === 0 ? html`<${Empty} />` : html`<${Windowed} id="orders" kind="order-rows" label="live-orders"
      items=${shown} keyOf=${(/** @type {Row} */ row) => row.order.id} classOf=${classOf} content=${content}
      open=${(/** @type {Row} */ row) => openJourney(row.order.id)} onKey=${onKey} />`}
    ${older.value > 0 && html`<p class="more">${grouped(older.value)} more, older</p>`}
  </section>`;
}
