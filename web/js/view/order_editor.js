import { useRef, useState } from '/vendor/preact-hooks.js';

import { draftOf } from '../actions.js';
import * as api from '../api.js';
import { html } from '../html.js';
import { follow, say } from '../state.js';
import { money, shortId } from '../text.js';
import { Field, elsewhere, focusFirst, reason } from './order_form.js';

/** @import { Order, OrderDraft } from '../types.js' */

const known = ['customerName', 'item', 'quantity', 'price', 'status'];

/**
 * The fields that differ from the order. A field that was emptied is sent as an empty text, for the server to judge.
 * @param {Order} order  @param {HTMLFormElement} form
 */
function changesOf(order, form) {
  const draft = /** @type {Record<string, unknown>} */ (draftOf(form));
  const before = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (order));
  const changed = known.filter((name) => draft[name] !== before[name]);
  return /** @type {OrderDraft} */ (Object.fromEntries(changed.map((name) => [name, draft[name] ?? ''])));
}

/**
 * What the dialog holds in which an order is changed: Enter saves, Escape leaves the order as it was.
 * @param {{order: Order, close: () => void}} props
 */
export function OrderEditor({ order, close }) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  // What was there when editing began: an event meanwhile must not change what is being typed.
  const [before] = useState(order);
  const [answer, setAnswer] = useState(/** @type {api.Answer | undefined} */ (undefined));

  /** @param {SubmitEvent} event */
  async function save(event) {
    event.preventDefault();
    if (!form.current) return;
    const changes = changesOf(before, form.current);
    if (Object.keys(changes).length === 0) return close();
    follow(order.id);
    const given = await api.changeOrder(order.id, changes);
    if (given.error) {
      setAnswer(given);
      if (form.current) focusFirst(form.current, Object.keys(given.fields));
      say(`The order was not changed: ${reason(given)}`, { urgent: true });
    } else {
      say(`Order ${shortId(order.id)} changed.`, { aloud: true });
      close();
    }
  }

  const wrong = answer?.fields ?? {};
  const other = answer ? elsewhere(answer, known) : '';
  return html`<form class="form" ref=${form} noValidate aria-label=${`Edit order ${shortId(order.id)}`} onSubmit=${save}>
    <${Field} form="edit" name="customerName" label="Customer" wide error=${wrong.customerName} defaultValue=${before.customerName} />
    <${Field} form="edit" name="item" label="Item" wide error=${wrong.item} defaultValue=${before.item} list="menu" />
    <${Field} form="edit" name="quantity" label="Quantity" error=${wrong.quantity} defaultValue=${before.quantity} inputmode="numeric" />
    <${Field} form="edit" name="price" label="Price, each" error=${wrong.price} defaultValue=${money(before.price)} inputmode="decimal" />
    <${Field} form="edit" name="status" label="Status, your word" wide error=${wrong.status} defaultValue=${before.status} />
    <div class="go">
      <button class="btn primary" type="submit">Save</button>
      <button class="btn" type="button" onClick=${close}>Cancel</button>
    </div>
    ${other && html`<p class="wrong wide" role="alert">${other}</p>`}
  </form>`;
}

