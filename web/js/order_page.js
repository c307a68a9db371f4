// The page for phones: a name, a menu, and the life of this phone's own orders. It has no token and no controls.

import { render } from '/vendor/preact.js';
import { signal } from '/vendor/preact-signals.js';

import { placeOrder, request } from './api.js';
import { newKey } from './key.js';
import { html } from './html.js';
import { lifeOfOrder, sinceText, waitingText } from './phone.js';
import { clock, money, shortId } from './text.js';

/** @import { LogRecord, Order, System } from './types.js' */

const menu = /** @type {Array<[string, number]>} */ ([['Ramen Shoyu', 11.9], ['Pizza Margherita', 9.9], ['Pad Thai', 10.5],
  ['Bao, three', 8.4], ['Dal Makhani', 9.2], ['Caesar Salad', 7.8]]);
const quantityMax = 9;
const ordersMax = 10;
/** Events about one order come together: its history is read once. */
const gatherMs = 150;
const recreateMs = 2000;

const kept = { name: 'foodorder-name', orders: 'foodorder-mine' };

const name = signal(localStorage.getItem(kept.name) ?? '');
const dish = signal(menu[0][0]);
const quantity = signal(1);
const busy = signal(false);
const wrong = signal('');
const connected = signal(false);
/** @type {import('/vendor/preact-signals.js').Signal<System | undefined>} */
const system = signal(undefined);
/** Newest first. @type {import('/vendor/preact-signals.js').Signal<{order: Order, records: LogRecord[]}[]>} */
const mine = signal([]);

const remember = () => localStorage.setItem(kept.orders, JSON.stringify(mine.value.map(({ order }) => order)));

/** @param {string} id */
async function read(id) {
  const { status, body } = await request('GET', `/api/orders/${encodeURIComponent(id)}/history`);
  if (status === 404) mine.value = mine.value.filter(({ order }) => order.id !== id);  // of another log
  if (Array.isArray(body)) mine.value = mine.value.map((each) => (each.order.id === id ? { ...each, records: body } : each));
}

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const due = new Map();

/** @param {string} id */
function readSoon(id) {
  if (due.has(id)) return;
  due.set(id, setTimeout(() => {
    due.delete(id);
    void read(id);
  }, gatherMs));
}

const readAll = () => mine.value.forEach(({ order }) => readSoon(order.id));

/** The browser goes on from where it was; what it gave up is opened anew. */
function follow() {
  const source = new EventSource('/events');
  source.onopen = () => {
    connected.value = true;
    readAll();
  };
  source.onmessage = ({ data }) => {
    const body = JSON.parse(data).data ?? {};
    const id = body.orderId ?? body.order?.id;
    if (mine.value.some(({ order }) => order.id === id)) readSoon(id);
  };
  source.onerror = () => {
    connected.value = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, recreateMs);
  };
}

/** Why an order waits is asked only while one does. */
async function whyWaiting() {
  const waits = mine.value.some(({ records }) => lifeOfOrder(records).word === 'waiting');
  if (!waits || document.hidden) return;
  const [groups, modules] = await Promise.all([request('GET', '/api/bus/groups'), request('GET', '/api/modules')]);
  if (Array.isArray(groups.body) && Array.isArray(modules.body)) {
    system.value = { architecture: { name: '' }, bus: '', topics: [], groups: groups.body, modules: modules.body };
  }
}

/** The same order with the same key is placed once, however often it is sent. */
let pending = { body: '', key: '' };

/** @param {SubmitEvent} event */
async function place(event) {
  event.preventDefault();
  if (busy.value || !connected.value) return;
  const price = menu.find(([item]) => item === dish.value)?.[1] ?? 0;
  const draft = { customerName: name.value, item: dish.value, quantity: quantity.value, price };
  const body = JSON.stringify(draft);
  if (pending.body !== body) pending = { body, key: newKey() };
  busy.value = true;
  const answer = await placeOrder(draft, pending.key);
  busy.value = false;
  if (!answer.unknown) pending = { body: '', key: '' };
  wrong.value = answer.fields.customerName ? `Your name: ${answer.fields.customerName}` : answer.error;
  if (answer.error) return;
  localStorage.setItem(kept.name, name.value);
  mine.value = [{ order: answer.body, records: [] }, ...mine.value.filter(({ order }) => order.id !== answer.body.id)].slice(0, ordersMax);
  remember();
  void read(answer.body.id);
}

/** @param {{of: {order: Order, records: LogRecord[]}}} props */
function Mine({ of: { order, records } }) {
  const { word, steps } = lifeOfOrder(records);
  const since = steps[0]?.at ?? Date.parse(order.createdAt);
  return html`<li class="mine" data-order=${order.id}>
    <h3>${order.quantity} × <bdi>${order.item}</bdi> <span class="mono quiet">${shortId(order.id)}</span>
      <span class=${`st${word === 'gave up' || word === 'dropped' ? ' bad' : ''}`}>${word}</span></h3>
    <ol>${steps.map(({ at, text }, n) => html`<li key=${text}><time>${n === 0 ? clock(at) : sinceText(at - since)}</time><span>${text}</span></li>`)}
      ${word === 'waiting' && html`<li key="now"><time>now</time><b>${waitingText(records, system.value)}</b></li>`}</ol>
  </li>`;
}

const total = () => money(quantity.value * (menu.find(([item]) => item === dish.value)?.[1] ?? 0));

const Menu = () => html`<fieldset><legend class="sr">Menu</legend>
  ${menu.map(([item, price]) => html`<label class="dish" key=${item}><input type="radio" name="item" value=${item} checked=${dish.value === item}
    onChange=${() => (dish.value = item)} /><span>${item}</span><span class="mono">${money(price)}</span></label>`)}
</fieldset>`;

const Quantity = () => html`<div class="count" role="group" aria-label="Quantity">
  <button type="button" aria-label="One less" onClick=${() => (quantity.value = Math.max(1, quantity.value - 1))}>−</button>
  <output aria-live="polite">${quantity.value}</output>
  <button type="button" aria-label="One more" onClick=${() => (quantity.value = Math.min(quantityMax, quantity.value + 1))}>+</button>
</div>`;

const Page = () => html`
  <header><h1>foodorder</h1><div class="conn" id="connection" data-state="live" data-look=${connected.value ? 'good' : 'waits'}><span class="dot"></span>${connected.value ? 'live' : 'reconnecting'}</div></header>
  <form onSubmit=${place} noValidate>
    <label class="name"><span>Your name</span><input name="customerName" autocomplete="given-name" maxlength="100" value=${name.value}
      aria-invalid=${wrong.value ? 'true' : undefined} aria-describedby="wrong" onInput=${(/** @type {any} */ { target }) => (name.value = target.value)} /></label>
    <${Menu} />
    <div class="go"><${Quantity} />
      <button class="btn primary order-now" aria-disabled=${busy.value || !connected.value ? 'true' : undefined}><span>${busy.value ? 'Placing …' : 'Place order'}</span><span class="mono">${total()}</span></button></div>
    <p class="wrong" id="wrong" role="alert">${wrong.value}</p>
  </form>
  <h2>Your orders <span>${mine.value.length}, this phone only</span></h2>
  ${mine.value.length === 0 ? html`<p class="quiet">What happens to your order is told here.</p>`
    : html`<ul>${mine.value.map((each) => html`<${Mine} key=${each.order.id} of=${each} />`)}</ul>`}
  <p class="quiet">A workshop: nothing is cooked, nothing is paid.</p>`;

/** Anyone may have changed what is stored. @returns {Order[]} */
function keptOrders() {
  try {
    const orders = JSON.parse(localStorage.getItem(kept.orders) ?? '[]');
    return Array.isArray(orders) ? orders.filter((order) => typeof order?.id === 'string').slice(0, ordersMax) : [];
  } catch {
    return [];
  }
}

mine.value = keptOrders().map((order) => ({ order, records: [] }));
render(html`<${Page} />`, /** @type {HTMLElement} */ (document.getElementById('page')));
follow();
setInterval(() => void whyWaiting(), 1000);
