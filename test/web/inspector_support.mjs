// What the tests of the inspector's page share.
import { post, postMany } from './support.mjs';

/** The inspector's page of a program; `hash` is what is opened. */
export const inspector = (url, hash = '') => `${url}/inspector.html${hash}`;

/** Writes a record, as another client does. */
export async function write(url, topic, record) {
  const response = await fetch(`${url}/api/bus/topics/${topic}/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(record) });
  if (response.status !== 201) throw new Error(`POST answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Messages of a topic by REST. */
export async function messagesOf(url, topic, query = '') {
  const { messages } = await (await fetch(`${url}/api/bus/topics/${topic}/messages?limit=500&${query}`)).json();
  return messages;
}

/** Orders of which some change and some are deleted. */
export async function someOrders(url, count = 12) {
  await postMany(url, count, (n) => ({ customerName: `Guest ${n}`, price: 10 + n }));
  const { id } = await post(url, { customerName: 'Greedy Guest', price: 42 });
  return id;
}

/** Of the row of a record in the list of messages. */
export const rowAt = (page, partition, offset) => page.locator(`#messages [data-key="${partition}/${offset}"]`);

/** Waits until the page's own condition holds. */
export const until = (page, run, argument) => page.waitForFunction(run, argument);

/** Keeps what the page copies: without a Clipboard API it copies by a selection. */
export async function catchCopies(page, { withApi }) {
  await page.addInitScript((isThere) => {
    globalThis.copied = [];
    Object.defineProperty(navigator, 'clipboard', { value: isThere ? { writeText: async (text) => void globalThis.copied.push(text) } : undefined });
    document.execCommand = () => {
      globalThis.copied.push(document.activeElement.value);
      return true;
    };
  }, withApi);
  return () => page.evaluate(() => globalThis.copied.at(-1));
}
