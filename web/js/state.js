// The page's state, as signals, and what changes it. Events change the model at once and are cheap; the signals follow at
// most once a frame, and less often when a frame was expensive, so thousands of events a second leave the page usable.

import { computed, signal } from '@preact/signals';

import * as api from './api.js';
import { Connection } from './connection.js';
import { Model, limits } from './model.js';
import { duration, shortId } from './text.js';

/** @import { ConnectionState, Envelope, Figures, Instance, OrderDraft, Row } from './types.js' */

const pollMs = 2000;
/** Rendering may take this share of the time at most. */
const renderShare = 0.25;

const model = new Model();

export const rows = signal(model.rows);
export const older = signal(0);
export const total = signal(0);
export const notifications = signal(model.notifications);
export const audit = signal(model.audit);
export const dead = signal(model.dead);
export const alerts = signal(model.alerts);
export const totals = signal(model.totals);

/** The order list has been read once. */
export const loaded = signal(false);
/** @type {import('@preact/signals').Signal<ConnectionState>} */
export const connection = signal({ kind: 'connecting' });
/** Milliseconds since the epoch, while a countdown needs it. */
export const now = signal(Date.now());
/** What stays until the user has read it. */
export const notice = signal('');
/** The last thing worth knowing; `urgent` is not pushed aside by routine for a while. */
export const sentence = signal({ text: '', urgent: false });
/** For screen readers only: what this user did, and trouble. */
export const announcement = signal('');
/** @type {import('@preact/signals').Signal<Figures>} */
export const figures = signal({});
/** @type {import('@preact/signals').Signal<Instance[]>} */
export const modules = signal([]);

export const filter = signal('');
/** The order whose lines stand out in every panel. */
export const picked = signal('');
/** The order that is being edited in the list. */
export const editing = signal('');
/** @type {import('@preact/signals').Signal<Row | undefined>} the order that the user is asked about */
export const deleting = signal(undefined);
export const helpOpen = signal(false);
/** @type {import('@preact/signals').Signal<'order' | 'events' | 'alerts'>} the section that a phone shows */
export const tab = signal('order');

const needle = computed(() => filter.value.trim().toLowerCase());

/** @param {...string} texts  @returns {boolean} the filter lets them through */
export const passes = (...texts) => texts.some((text) => text.toLowerCase().includes(needle.value));

/** Orders that this user placed or changed: their outcome is said aloud. Bounded. @type {Set<string>} */
const mine = new Set();

let urgentUntil = 0;

/** @param {string} text  @param {{urgent?: boolean, aloud?: boolean}} [options] */
export function say(text, { urgent = false, aloud = urgent } = {}) {
  if (aloud) announcement.value = text;
  if (!urgent && Date.now() < urgentUntil) return;
  if (urgent) urgentUntil = Date.now() + 5000;
  sentence.value = { text, urgent };
}

// ---- from the model to the signals ----

let scheduled = false;
let notBefore = 0;
/** The sentence of the last event; only the last of a frame is worth showing. @type {string} */
let routine = '';

function publish() {
  const started = performance.now();
  rows.value = [...model.rows];
  older.value = model.older;
  total.value = model.total;
  notifications.value = [...model.notifications];
  audit.value = [...model.audit];
  dead.value = [...model.dead];
  alerts.value = [...model.alerts];
  totals.value = { ...model.totals };
  if (routine) say(routine);
  routine = '';
  setTimeout(() => {  // runs after the rendering that the signals have caused
    const took = performance.now() - started;
    notBefore = started + took / renderShare;
  });
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  const frame = () =>
    requestAnimationFrame(() => {
      scheduled = false;
      publish();
    });
  const wait = notBefore - performance.now();
  if (wait > 16) setTimeout(frame, wait);
  else frame();
}

// ---- from the stream to the model ----

/** @param {Envelope} envelope */
function onEvent(envelope) {
  model.apply(envelope, Date.now());
  tell(envelope);
  schedule();
  if (envelope.type === 'order' && envelope.data?.action === 'deleted') setTimeout(sweep, limits.goneMs + 50);
}

function sweep() {
  if (model.sweep(Date.now())) schedule();
}

/** @param {Envelope} envelope */
function tell(envelope) {
  const latest = envelope.type === 'audit' ? model.audit[0] : envelope.type === 'dlq' ? model.dead[0] : undefined;
  if (!latest) return;
  const what = latest.who ? `${shortId(latest.orderId)} (${latest.who})` : shortId(latest.orderId);
  const where = latest.detail ? ` on ${latest.detail}` : '';
  if (latest.action === 'NOTIFIED') {
    const took = latest.tookMs >= 0 ? `, ${duration(latest.tookMs)} after it was placed` : '';
    routine = `Order ${what} was notified${where}${took}.`;
  } else if (latest.action === 'RETRY') {
    routine = `Order ${what} failed${where}: produced again with retryCount ${latest.retryCount}.`;
  } else if (latest.action === 'DLQ') {
    routine = `Order ${what} failed${where} after retryCount 2: it went to orders-dlq.`;
  } else if (latest.action === 'FRAUD_ALERT' && model.alerts[0]) {
    routine = `Fraud alert ${model.alerts[0].type}: ${model.alerts[0].reason}.`;
  } else {
    return;
  }
  if (mine.has(latest.orderId)) announcement.value = routine;
}

/** @type {'no' | 'yes' | 'again'} */
let loading = 'no';

/** Reads the order list; asked while it is being read, it starts over when it has finished. */
async function loadOrders() {
  if (loading !== 'no') {
    loading = 'again';
    return;
  }
  do {
    loading = 'yes';
    model.beginLoad();
    const list = await api.readOrders(limits.orders);
    model.endLoad(list?.newest ?? model.rows.map((row) => row.order), list?.total ?? model.total);
    loaded.value = list !== undefined;
    schedule();
  } while (/** @type {string} */ (loading) === 'again');
  loading = 'no';
  if (!loaded.value) setTimeout(loadOrders, pollMs);
}

/** @param {'new-log' | 'gap' | 'rejoined'} why */
function onBreak(why) {
  if (why === 'new-log') {
    model.clear();
    notice.value = 'The server is new: its log began again, at offset 0. What this page showed before belonged to the old log.';
  } else if (why === 'gap') {
    notice.value = 'Positions were removed by retention before this page had read them. The orders are read again; the other panels miss some events.';
  } else {
    notice.value = 'Connected again, without a position to resume from. The orders are read again; the other panels may miss some events.';
  }
  announcement.value = notice.value;
  schedule();
  void loadOrders();
}

/** @param {ConnectionState} state */
function onState(state) {
  const before = connection.value.kind;
  connection.value = state;
  if (state.kind === 'lost' && before !== 'lost') {
    say('This page lost the stream. The services run on; what is missed is sent again.', { urgent: true });
  }
  if (state.kind === 'resumed') say('Resumed, nothing missed.', { urgent: true });
}

async function poll() {
  if (!document.hidden) {
    const [nextFigures, nextModules] = await Promise.all([api.readFigures(), api.readModules()]);
    figures.value = nextFigures;
    modules.value = nextModules ?? modules.value.map((each) => ({ ...each, state: 'unknown' }));
  }
  setTimeout(poll, pollMs);
}

export const stream = new Connection('/events', { onEvent, onState, onBreak });

export function start() {
  stream.start();
  void loadOrders();
  void poll();
  setInterval(() => {
    if (connection.value.kind === 'lost') now.value = Date.now();
  }, 250);
}

// ---- what the user does ----

/** @param {string} id */
export function isMine(id) {
  mine.add(id);
  if (mine.size > limits.entries) mine.delete(mine.values().next().value ?? '');
}

/** @param {string} id */
export function pick(id) {
  picked.value = picked.value === id ? '' : id;
}

const guests = ['Ana Ribeiro', 'Mei Tanaka', 'Omar Haddad', 'Priya Nair', 'Luca Conti', 'Sofia Lind', 'Tom Baker'];
export const menu = ['Ramen Shoyu', 'Pizza Margherita', 'Pad Thai', 'Bao, three', 'Dal Makhani', 'Caesar Salad'];

/** @template T  @param {T[]} list */
const any = (list) => list[Math.floor(Math.random() * list.length)];

/** Ten orders at once, each of somebody. */
export async function spam() {
  const drafts = Array.from({ length: 10 }, () => ({
    customerName: any(guests),
    item: any(menu),
    quantity: 1 + Math.floor(Math.random() * 4),
    price: (700 + 10 * Math.floor(Math.random() * 90)) / 100,
  }));
  const answers = await Promise.all(drafts.map((draft) => api.placeOrder(draft, newKey())));
  const refused = answers.filter((answer) => answer.error);
  if (refused.length) say(`${refused.length} of 10 orders were not placed: ${refused[0].error}`, { urgent: true });
  else say('10 orders placed.', { aloud: true });
}

/** A fresh Idempotency-Key. crypto.randomUUID() exists on loopback and HTTPS only. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
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
