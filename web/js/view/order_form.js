import { signal } from '/vendor/preact-signals.js';

import { draftOf, menu, spam } from '../actions.js';
import * as api from '../api.js';
import { html } from '../html.js';
import { newKey } from '../key.js';
import { placed, say } from '../state.js';

const fields = signal(/** @type {Record<string, string>} */ ({}));
const error = signal('');
const busy = signal(false);

/** The order whose outcome is not known, and the key that will tell: sent again, it is placed once. */
let pending = { body: '', key: '' };

/**
 * One labelled input with what the server said about it.
 * @param {{name: string, label: string, error?: string, wide?: boolean, [attribute: string]: any}} props
 */
export function Field({ name, label, error: wrong, wide, form, ...rest }) {
  const errorId = `${form}-${name}-error`;
  return html`<label class=${wide ? 'field wide' : 'field'}><span>${label}</span>
    <input name=${name} autocomplete="off" spellcheck=${false} aria-invalid=${wrong ? 'true' : undefined}
      aria-describedby=${wrong ? errorId : undefined} ...${rest} />
    ${wrong && html`<em class="wrong" id=${errorId}>${wrong}</em>`}
  </label>`;
}

/**
 * Errors that no field of the form can show.
 * @param {api.Answer} answer  @param {string[]} known
 */
export function elsewhere(answer, known) {
  const others = Object.entries(answer.fields).filter(([name]) => !known.includes(name));
  const named = others.map(([name, message]) => `${name}: ${message}.`);
  return named.length > 0 || Object.keys(answer.fields).length > 0 ? named.join(' ') : answer.error;
}

/** All that is wrong, as one sentence. @param {api.Answer} answer */
export const reason = (answer) => elsewhere(answer, []) || answer.error;

/** Puts the cursor where the first error is. @param {HTMLFormElement} form  @param {string[]} wrong */
export function focusFirst(form, wrong) {
  const input = Array.from(form.elements).find((each) => wrong.includes(each.getAttribute('name') ?? ''));
  if (input instanceof HTMLElement) input.focus();
}

const known = ['customerName', 'item', 'quantity', 'price'];

/** @param {SubmitEvent} event */
async function place(event) {
  event.preventDefault();
  if (busy.value) return;
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const draft = draftOf(form);
  const body = JSON.stringify(draft);
  if (pending.body !== body) pending = { body, key: newKey() };
  busy.value = true;
  const answer = await api.placeOrder(draft, pending.key);
  busy.value = false;
  if (!answer.unknown) pending = { body: '', key: '' };
  fields.value = answer.fields;
  error.value = answer.error && elsewhere(answer, known);
  if (answer.error) {
    say(`The order was not placed: ${reason(answer)}`, { urgent: true });
    if (answer.unknown) error.value += ' Place it again to find out: it is placed once.';
    focusFirst(form, Object.keys(answer.fields));
  } else {
    placed(answer.body.id);
  }
}

export function OrderForm() {
  const wrong = fields.value;
  return html`<section class="new-order">
    <h2 id="new-order">New order</h2>
    <form class="form" id="order-form" aria-labelledby="new-order" noValidate onSubmit=${place}>
      <${Field} form="new" name="customerName" label="Customer" wide error=${wrong.customerName} defaultValue="Ana Ribeiro" />
      <${Field} form="new" name="item" label="Item" wide error=${wrong.item} defaultValue="Ramen Shoyu" list="menu" />
      <datalist id="menu">${menu.map((item) => html`<option key=${item} value=${item} />`)}</datalist>
      <${Field} form="new" name="quantity" label="Quantity" error=${wrong.quantity} defaultValue="2" inputmode="numeric" />
      <${Field} form="new" name="price" label="Price, each" error=${wrong.price} defaultValue="11.90" inputmode="decimal" />
      <div class="go">
        <button class="btn primary" type="submit" aria-disabled=${String(busy.value)}>
          ${busy.value ? 'Placing …' : 'Place order'}</button>
        <button class="btn" type="button" onClick=${spam} title="Ten orders at once, most of one greedy customer (s)">Spam 10</button>
      </div>
      ${error.value && html`<p class="wrong wide" id="form-error" role="alert">${error.value}</p>`}
    </form>
  </section>`;
}
