// The journey that is open: its records are read from the log, and read again while more of them can come.

import { computed, effect, signal } from '/vendor/preact-signals.js';

import { request } from './api.js';
import { journeyOf } from './journey.js';
import { opened } from './route.js';
import { architecture, life, modules, onOrders } from './state.js';

/** @import { Journey, LogRecord } from './types.js' */

/** Records that are shown at most, and pages that are read for them: a page may look through the log and find none. */
const recordsMax = 2000;
const pagesMax = 200;
const soonMs = 60;
const againMs = 1000;
/** Records of order-status come without an event: the log is read again for so long after the last change. */
const settleMs = 2500;

/**
 * @typedef {{kind: 'reading' | 'whole' | 'more' | 'gone'} | {kind: 'failed', error: string}} Reading
 */

/** @type {import('/vendor/preact-signals.js').Signal<LogRecord[]>} */
const records = signal([]);
/** @type {import('/vendor/preact-signals.js').Signal<Reading>} */
export const reading = signal({ kind: 'reading' });

const settings = computed(() => modules.value.find(({ kind }) => kind === 'notification')?.settings);
export const journey = computed(() => journeyOf(records.value, settings.value));
/** How long fraud waits for late records; undefined: not known, or it has no log to wait for. @type {import('/vendor/preact-signals.js').ReadonlySignal<number | undefined>} */
export const graceMs = computed(() => (architecture.value !== 'events' ? undefined : modules.value.find(({ kind }) => kind === 'fraud')?.settings?.graceMs));

/** @param {string} link  of the answer  @returns {string} empty: there is no next page */
const nextOf = (link) => /<([^>]+)>;\s*rel="next"/.exec(link)?.[1] ?? '';

let turn = 0;
let changedAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {number} ms */
function readIn(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => void read(), ms);
}

/** @param {string} id  @param {(found: LogRecord[]) => void} onPage  @returns {Promise<{found: LogRecord[], reading: Reading}>} */
async function readPages(id, onPage) {
  /** @type {LogRecord[]} */
  const found = [];
  let path = `/api/orders/${encodeURIComponent(id)}/history?limit=1000`;
  for (let page = 0; path && page < pagesMax && found.length < recordsMax; page += 1) {
    const { status, error, body, header } = await request('GET', path);
    if (status === 404) return { found, reading: { kind: 'gone' } };
    if (error || !Array.isArray(body)) return { found, reading: { kind: 'failed', error } };
    found.push(...body.slice(0, recordsMax - found.length));
    path = nextOf(header('link'));
    onPage(found);
  }
  return { found, reading: { kind: path ? 'more' : found.length > 0 ? 'whole' : 'gone' } };
}

/**
 * The journey of an order as it is now, whatever is open.
 * @param {string} id  @returns {Promise<Journey | undefined>}
 */
export async function journeyNow(id) {
  return journeyOf((await readPages(id, () => {})).found, settings.peek());
}

async function read() {
  const id = opened.value;
  const mine = ++turn;
  clearTimeout(timer);
  if (!id) return;
  const isFirst = reading.peek().kind === 'reading';
  const answer = await readPages(id, (found) => {
    if (mine === turn && isFirst) records.value = [...found];
  });
  if (mine !== turn) return;
  if (answer.reading.kind !== 'failed') {
    if (answer.found.length !== records.value.length || isFirst) changedAt = Date.now();
    records.value = answer.found;
  }
  reading.value = answer.reading;
  const isQuiet = Date.now() - changedAt > settleMs;
  if (answer.reading.kind === 'failed' || !isQuiet || (journey.value && !journey.value.outcome)) readIn(againMs);
}

/** Reads the journey's records now. */
export function readJourney() {
  reading.value = { kind: 'reading' };
  records.value = [];
  void read();
}

effect(() => {
  if (opened.value || records.peek().length > 0) readJourney();
});
effect(() => {
  if (life.value.look === 'good' && reading.peek().kind === 'failed') readIn(soonMs);
});
onOrders((id) => {
  if (opened.value && (id === opened.value || id === '')) readIn(soonMs);
});
