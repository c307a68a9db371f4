// The page's state, as signals. The hub's facts change the model at once and are cheap; the signals follow at most once a
// frame, and less often when a frame was expensive, so thousands of events a second leave the page usable.

import { computed, effect, signal } from '/vendor/preact-signals.js';

import { figuresOf, reportOf, sorted } from './api.js';
import { changesBetween } from './changes.js';
import { lifeOf } from './life.js';
import { Recovery } from './ledger.js';
import { connect } from './link.js';
import { mapOf } from './map.js';
import { Model, limits } from './model.js';
import { Ownership, countdownOf, missingOf } from './ownership.js';
import { Rates } from './rates.js';
import { withSample } from './samples.js';
import { duration, quoted, shortId } from './text.js';

/** @import { ConnectionState, Entry, Envelope, FromHub, Ledger, Place, Row, System } from './types.js' */

/** Rendering may take this share of the time at most. */
const renderShare = 0.5;
/** Announcements that come together are read together: a live region tells only its last text. */
const togetherMs = 1000;

let model = new Model();

export const rows = signal(model.rows);
export const older = signal(0);
export const total = signal(0);
export const notifications = signal(model.notifications);
export const audit = signal(model.audit);
export const dead = signal(model.dead);
export const alerts = signal(model.alerts);

/** How far the stream has told, and what is known of the newest records. */
export const told = signal({ position: model.position, records: model.records });

let isLoaded = false;
/** The orders have been read, and stand in the signals above. */
export const loaded = signal(false);
/** @type {import('@preact/signals').Signal<ConnectionState>} */
export const connection = signal({ kind: 'connecting' });
/** @type {import('@preact/signals').Signal<System | undefined>} */
export const system = signal(undefined);
/** The server answers, whether or not its order service does. */
const reached = signal(false);
/** Milliseconds since the epoch, to the second. */
export const now = signal(Date.now());
/** What stays until the user has read it. */
export const notice = signal('');
/** The last thing worth knowing; `urgent` is not pushed aside by routine for a while. */
const said = signal({ text: '', urgent: false });
/** For screen readers only: what this user did, what changed, and trouble. */
export const announcement = signal('');

export const life = computed(() => lifeOf(connection.value, system.value, reached.value, now.value));
/** What the connection means comes before what it brought. */
export const sentence = computed(() => {
  const text = life.value.sentence;
  return text ? { text, urgent: true } : said.value;
});

/** Nothing is known of instances while no server answers. */
export const modules = computed(() => {
  const all = sorted(system.value?.modules ?? []);
  const known = reached.value && connection.value.kind !== 'silent';
  return known ? all : all.map((each) => ({ ...each, state: 'unknown' }));
});
/** Which architecture the server has; empty: not known yet. */
export const architecture = computed(() => system.value?.architecture.name ?? '');
/** Orders and map are drawn together where both come soon: each drawing of the map takes long. */
const togetherWithinMs = 400;
const isLate = signal(false);
setTimeout(() => (isLate.value = true), togetherWithinMs);
/** What the map draws; nothing until the server has told of its system. */
export const map = computed(() => ((loaded.value || isLate.value) && system.value ? mapOf({ ...system.value, modules: modules.value }, told.value.position) : undefined));
export const figures = computed(() => figuresOf(modules.value, now.value));
/** What the fraud instance reports, and the settings in force. */
export const fraud = computed(() => modules.value.find((each) => each.kind === 'fraud' && each.report));
export const notified = computed(() => reportOf(modules.value, 'analytics')?.notifications);
/** What became of all that was accepted; none while no analytics instance counts. */
export const ledger = computed(() => /** @type {Ledger | undefined} */ (reportOf(modules.value, 'analytics')?.ledger));
const keptOwnership = 'foodorder-ownership';
/** Who read what; a new object after each look. It outlives a reload of this tab. */
export const ownership = signal(new Ownership(JSON.parse(sessionStorage.getItem(keptOwnership) ?? '[]')));
/** @type {import('/vendor/preact-signals.js').Signal<import('./samples.js').Sample[]>} */
export const samples = signal([]);
const reading = new Rates();
/** Records a second that each member reads, over half a minute. @type {import('/vendor/preact-signals.js').Signal<Map<string, number[]>>} */
export const rates = signal(new Map());
/** The server's time, by what it last said: clocks of phones are off. */
export const serverNow = computed(() => now.value + (system.value?.at ?? 0) - (system.value?.heardAt ?? 0));
/** Members that own partitions and will read no more. */
export const missing = computed(() => missingOf(system.value, ownership.value, serverNow.value));
export const audited = computed(() => reportOf(modules.value, 'audit')?.events);
/** The newest offset of a topic with one partition, and its count of records. @param {string} name */
export const topicOf = (name) => system.value?.topics.find((each) => each.name === name);

export const filter = signal('');
/** The order whose lines and cells stand out. */
export const picked = signal('');
/** @type {import('@preact/signals').Signal<Row | undefined>} the order that is being edited */
export const editing = signal(undefined);
/** @type {import('@preact/signals').Signal<Row | undefined>} the order that the user is asked about */
export const deleting = signal(undefined);
export const helpOpen = signal(false);
export const chartsOpen = signal(false);
/** The code of the page for phones is shown large. */
export const codeOpen = signal(false);
/** The page is on a projector. */
export const presenting = signal(false);
effect(() => void (document.documentElement.dataset.mode = presenting.value ? 'presenter' : ''));
/** @typedef {'order' | 'map' | 'events' | 'alerts'} Tab */
/** The section that a phone shows. */
export const tab = signal(/** @type {Tab} */ ('order'));

const needle = computed(() => filter.value.trim().toLowerCase());

/** @param {...string} texts  @returns {boolean} the filter lets them through */
export const passes = (...texts) => texts.some((text) => text.toLowerCase().includes(needle.value));

/** @param {string} id */
export function pick(id) {
  picked.value = picked.value === id ? '' : id;
}

// ---- what is said

/** Orders that this user placed or changed: their outcome is said aloud. Bounded. @type {Set<string>} */
const mine = new Set();

let urgentUntil = 0;
/** Until then the sentence is about the break: what a new server does as it starts is news of less worth. */
let breakUntil = 0;
let announcedAt = 0;

/** @param {string} text */
export function announce(text) {
  const together = Date.now() - announcedAt < togetherMs;
  announcedAt = Date.now();
  announcement.value = together ? `${announcement.value} ${text}` : text;
}

/** @param {string} text  @param {{urgent?: boolean, aloud?: boolean}} [options] */
export function say(text, { urgent = false, aloud = urgent } = {}) {
  if (aloud) announce(text);
  if (Date.now() < (urgent ? breakUntil : urgentUntil)) return;
  if (urgent) urgentUntil = Date.now() + 5000;
  said.value = { text, urgent };
}

/** What happens to this order is said aloud. @param {string} id */
export function follow(id) {
  mine.add(id);
  if (mine.size > limits.entries) mine.delete(mine.values().next().value ?? '');
}

/** An order that this user placed; its notification is often faster than the answer. @param {string} id */
export function placed(id) {
  follow(id);
  const outcome = model.notifications.find((entry) => entry.orderId === id);
  say(`Order ${shortId(id)} placed. ${outcome ? sentenceOf(outcome) : ''}`, { aloud: true });
}

/** @param {Envelope} envelope */
function tell(envelope) {
  const latest = envelope.type === 'audit' ? model.audit[0] : undefined;
  const text = latest && sentenceOf(latest);
  if (!text) return;
  routine = text;
  if (mine.has(latest.orderId)) announce(text);
}

/** What an audit record says, in plain words; nothing for those that are routine. @param {Entry} entry */
function sentenceOf({ action, orderId, customer, item, detail, tookMs, retryCount }) {
  const what = customer ? `${shortId(orderId)} (${quoted(customer)}: ${quoted(item)})` : shortId(orderId);
  const where = detail ? ` on ${quoted(detail)}` : '';
  if (action === 'NOTIFIED') {
    const took = tookMs >= 0 ? `, ${duration(tookMs)} after it was placed` : '';
    return `Order ${what} was notified${where}${took}.`;
  }
  if (action === 'RETRY') return `Order ${what} failed${where}: produced again with retryCount ${retryCount}.`;
  if (action === 'DLQ') return `Order ${what} failed${where} after retryCount 2: it went to orders-dlq.`;
  if (action === 'DROPPED') return `Order ${what} failed${where} after retryCount 2: it was dropped.`;
  const alert = model.alerts[0];
  return action === 'FRAUD_ALERT' && alert?.orderId === orderId ? `Fraud alert ${alert.type}: ${quoted(alert.reason)}.` : '';
}

// ---- from the model to the signals

let scheduled = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let notBefore = 0;
/** The sentence of the last event; only the last of a frame is worth showing. */
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
  loaded.value = isLoaded;
  told.value = { position: model.position, records: model.records };
  if (routine) say(routine);
  routine = '';
  setTimeout(() => {  // runs after the rendering that the signals have caused
    const took = performance.now() - started;
    notBefore = started + took / renderShare;
  });
}

function schedule() {
  const isNews = isLoaded !== loaded.value;  // the first drawing is slow, and the orders do not wait for it
  if (scheduled && !(isNews && waiting)) return;
  scheduled = true;
  clearTimeout(waiting);
  waiting = undefined;
  const frame = () => {
    waiting = undefined;
    requestAnimationFrame(() => {
      scheduled = false;
      publish();
    });
  };
  const wait = isNews ? 0 : notBefore - performance.now();
  if (wait > 16) waiting = setTimeout(frame, wait);
  else frame();
}

// ---- from the hub

/** @type {(id: string) => void} */
let toldOrder = () => {};

/** Who wants to know which order an event was about; empty: any may have changed. One at most. @param {(id: string) => void} run */
export const onOrders = (run) => (toldOrder = run);

const recovery = new Recovery();
/** @type {Set<(envelope: Envelope, place: Place | undefined) => void>} */
const followers = new Set();

/** Runs at each event of the stream, before it is shown. @param {(envelope: Envelope, place: Place | undefined) => void} run */
export function onEvents(run) {
  followers.add(run);
  return () => void followers.delete(run);
}

const breaks = {
  'new-log': 'The server is new: its log began again. What this page showed before belonged to the old log.',
  gap: 'Retention removed records before this page had read them. What the log still has was read again.',
};

/** @param {FromHub} message */
function onMessage(message) {
  switch (message.kind) {
    case 'facts':
      model = Model.from(message.model);
      isLoaded = message.loaded;
      onConnection(message.connection);
      onSystem(message.system, message.reached);
      toldOrder('');
      return schedule();
    case 'events':
      model.position = message.position;
      return message.events.forEach(({ envelope, place }) => onEvent(envelope, place));
    case 'records':
      model.records = message.records;
      return schedule();
    case 'connection':
      return onConnection(message.connection);
    case 'system':
      return onSystem(message.system, message.reached);
    case 'break':
      if (message.why === 'new-log') samples.value = [];
      if (message.why === 'new-log') ownership.value = new Ownership();
      if (message.why === 'new-log') model = Object.assign(new Model(), { nextKey: model.nextKey });
      isLoaded = false;
      loaded.value = false;
      notice.value = breaks[message.why];
      breakUntil = 0;
      say(breaks[message.why], { urgent: true });
      breakUntil = urgentUntil;
      return schedule();
  }
}

/** @param {Envelope} envelope  @param {Place | undefined} place */
function onEvent(envelope, place) {
  model.apply(envelope, Date.now(), place);
  for (const run of followers) run(envelope, place);
  tell(envelope);
  toldOrder(envelope.data?.orderId ?? envelope.data?.order?.id ?? 'none');
  schedule();
  if (envelope.type === 'order' && envelope.data?.action === 'deleted') setTimeout(sweep, limits.goneMs + 50);
}

function sweep() {
  if (model.sweep(Date.now())) schedule();
}

/** @param {ConnectionState} state */
function onConnection(state) {
  const before = connection.value.kind;
  now.value = Date.now();
  connection.value = state;
  if (state.kind !== before && ['lost', 'silent'].includes(state.kind)) announce(life.value.sentence);
  if (state.kind === 'resumed' && before !== 'resumed') say('Resumed, nothing missed.', { urgent: true });
}

/** @param {System | undefined} next  @param {boolean} isReached */
function onSystem(next, isReached) {
  const was = system.value;
  system.value = next;
  reached.value = isReached;
  const changes = next && isReached ? changesBetween(was, next) : [];
  if (changes.length > 0) say(changes.join(' '), { urgent: changes.some((each) => !each.endsWith(' is running.')), aloud: true });
  if (next && isReached) rates.value = reading.step(next, next.at ?? 0) ?? rates.value;
  own();
  recover();
}

/** So long the sentence says who took over before it says that all is well again: each is to be read. */
const readMs = 2500;
let takenAt = 0;
function own() {
  if (!system.value || !reached.value || connection.value.kind === 'silent') return;
  const taken = ownership.value.step(system.value, serverNow.value);
  ownership.value = new Ownership(ownership.value.partitions);
  sessionStorage.setItem(keptOwnership, JSON.stringify(ownership.value));
  if (taken.length > 0) {
    say(taken.join(' '), { urgent: true });
    takenAt = Date.now();
  }
  countDown();
}

/** Members whose countdown was read aloud. @type {Set<string>} */
const counted = new Set();
function countDown() {
  const now = new Set(missing.value.map(({ instance }) => instance));
  for (const each of missing.value) {
    if (counted.has(each.instance)) continue;
    counted.add(each.instance);
    const { instance, when, waits } = countdownOf(each, ledger.value);
    announce(`${instance} ${when}; ${waits}.`);
  }
  for (const instance of counted) if (!now.has(instance)) counted.delete(instance);
}

let over = '';
/** After every fault the ledger comes back to where it was; the page says so, with the numbers. */
function recover() {
  if (!system.value || !reached.value) return;
  over = recovery.step(system.value, ledger.value, Date.now()) || over;
  if (!over || Date.now() < takenAt + readMs) return;
  say(over, { urgent: true });
  over = '';
}

export function start() {
  connect(onMessage, { worker: '/js/worker.js', local: async () => new (await import('./worker.js')).Hub() });
  setInterval(() => {
    now.value = Date.now();
    own();
    recover();
    if (system.value && reached.value) samples.value = withSample(samples.value, now.value, system.value, reportOf(modules.value, 'analytics'));
  }, 500);
}
