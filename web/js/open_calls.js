// The order whose calls are looked at: they are read from the server, again each second, because calls come later, too.

import { effect, signal } from '/vendor/preact-signals.js';

import { request } from './api.js';
import { opened } from './route.js';
import { onOrders } from './state.js';

/** @import { CallTree } from './types.js' */

const soonMs = 60;
const againMs = 1000;

/** @typedef {{kind: 'reading' | 'whole' | 'gone'} | {kind: 'failed', error: string}} Reading */

/** @type {import('/vendor/preact-signals.js').Signal<CallTree | undefined>} */
export const tree = signal(undefined);
/** @type {import('/vendor/preact-signals.js').Signal<Reading>} */
export const reading = signal({ kind: 'reading' });

let turn = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {number} ms */
function readIn(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => void read(), ms);
}

async function read() {
  const id = opened.value;
  const mine = ++turn;
  clearTimeout(timer);
  if (!id) return;
  const { status, error, body } = await request('GET', `/api/orders/${encodeURIComponent(id)}/calls`);
  if (mine !== turn) return;
  readIn(againMs);
  if (status === 404) reading.value = { kind: 'gone' };
  else if (error) reading.value = { kind: 'failed', error };
  else if (JSON.stringify(body) !== JSON.stringify(tree.peek())) tree.value = body;
  if (!error && status !== 404) reading.value = { kind: 'whole' };
}

effect(() => {
  if (!opened.value && !tree.peek()) return;
  tree.value = undefined;
  reading.value = { kind: 'reading' };
  void read();
});
onOrders((id) => {
  if (opened.value && (id === opened.value || id === '')) readIn(soonMs);
});
