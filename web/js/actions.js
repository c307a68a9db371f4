// What the user does that needs the server.

import * as api from './api.js';
import { newKey } from './key.js';
import { orderAt } from './log.js';
import { openJourney } from './route.js';
import { say } from './state.js';
import { money } from './text.js';

/** @import { Cell, Lane } from './map.js' */
/** @import { OrderDraft } from './types.js' */

const guests = ['Ana Ribeiro', 'Mei Tanaka', 'Omar Haddad', 'Priya Nair', 'Luca Conti', 'Sofia Lind', 'Tom Baker'];
export const menu = ['Ramen Shoyu', 'Pizza Margherita', 'Pad Thai', 'Bao, three', 'Dal Makhani', 'Caesar Salad'];

/** What fraud's windows last by default. */
const windowMs = 60_000;
/** Orders of the greedy customer: one more than VELOCITY lets pass. */
const greedyOrders = 6;
const burstLimit = 20;

/** @template T  @param {T[]} list */
const any = (list) => list[Math.floor(Math.random() * list.length)];

/** @param {string} customerName  @returns {OrderDraft} an order of an ordinary total */
const ordinary = (customerName) => ({
  customerName,
  item: any(menu),
  quantity: 1 + Math.floor(Math.random() * 3),
  price: (700 + 10 * Math.floor(Math.random() * 90)) / 100,
});

/**
 * Orders of one greedy customer, one of them with a large total, among ordinary ones of others: VELOCITY and AMOUNT.
 * @param {number} count
 */
function spamDrafts(count) {
  const [greedy, ...others] = guests.toSorted(() => Math.random() - 0.5);
  return Array.from({ length: count }, (_, n) => {
    if (n >= greedyOrders) return ordinary(others[n % others.length]);
    return n === 0 ? { ...ordinary(greedy), quantity: 20, price: 14.5 } : ordinary(greedy);
  });
}

let spammedAt = 0;

/** Ten orders at once. Twice ten are not yet more than BURST lets pass: a second press within its window adds one. */
export async function spam() {
  const again = Date.now() - spammedAt < windowMs;
  spammedAt = Date.now();
  const drafts = spamDrafts(again ? burstLimit / 2 + 1 : burstLimit / 2);
  const answers = await Promise.all(drafts.map((draft) => api.placeOrder(draft, newKey())));
  const refused = answers.filter((answer) => answer.error);
  if (refused.length) return say(`${refused.length} of ${drafts.length} orders were not placed: ${refused[0].error}`, { urgent: true });
  const { customerName, quantity, price } = drafts[0];
  const large = money(Number(quantity) * Number(price));
  return say(`${drafts.length} orders placed: ${greedyOrders} of ${customerName}, one of them over ${large}.`, { aloud: true });
}

/** Starts an instance that is stopped or has crashed; the stream says what follows. @param {string} instance */
export async function startAgain(instance) {
  const { error } = await api.command(instance, 'start');
  if (error) say(`${instance} was not started: ${error}`, { urgent: true });
}

/**
 * What stands in a form's fields, ready to be sent.
 * @param {HTMLFormElement} form
 * @returns {OrderDraft}
 */
export function draftOf(form) {
  /** @type {Record<string, string | number>} */
  const draft = {};
  for (const [name, value] of new FormData(form)) {
    const text = String(value).trim();
    const isNumber = (name === 'quantity' || name === 'price') && /^-?\d+(\.\d+)?$/.test(text);
    if (text) draft[name] = isNumber ? Number(text) : text;
  }
  return draft;
}

/**
 * Opens the journey of a record's order. An offset that this page knows no more of is looked up in the log.
 * @param {Lane} lane  @param {Cell} cell
 */
export async function openCell({ topic, partition }, { offset, known }) {
  const orderId = known?.orderId || await orderAt(topic, partition, offset);
  if (orderId) openJourney(orderId);
  else say(`No order is known for ${topic} p${partition}, offset ${offset}.`, { urgent: true });
}
