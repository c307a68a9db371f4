// The first minute: an empty page shows what can be done in three steps. The first order plays in slow motion by itself,
// once. The third step breaks something that its architecture has, and tells how that goes on.

import { computed, effect, signal } from '/vendor/preact-signals.js';

import { placeOrder, setLoad } from './api.js';
import { newKey } from './key.js';
import { faulty } from './ledger.js';
import { endStory, story } from './stage.js';
import { architecture, audit, loaded, modules, placed, rows, say, system } from './state.js';

/** @import { Break, Broken, Journey } from './types.js' */

/** A journey is told when it is whole: it is read again so often, this far apart. In the second half an outcome is enough. */
const triesMax = 200;
const tryMs = 150;
/** Who writes of each order, besides the order service and notification. @type {Record<string, string[]>} */
const writers = { events: ['fraud', 'analytics'], monolith: ['fraud'], rest: ['fraud'] };
const firstLoad = Object.freeze({ rate: 4, scenario: 'steady', seed: 0 });

/** What is broken, loaded when it is. @type {Record<string, () => Promise<Break>>} */
const breaks = {
  events: () => import('./break_crash.js'),
  monolith: () => import('./break_lease.js'),
  rest: () => import('./break_arrow.js'),
};

/** The row of the three steps is on the page. */
export const isShown = signal(false);
/** What was done of it. */
export const done = signal({ order: false, told: false });
/** @type {import('/vendor/preact-signals.js').Signal<Break | undefined>} */
const begun = signal(undefined);
/** A break that is over stays to be read. */
const over = signal(/** @type {Broken | undefined} */ (undefined));
const asked = signal('');

/** Orders a second that the server places; 0: none. */
export const loadRate = computed(() => (system.value?.load?.running ? system.value.load.rate ?? 0 : 0));

/** How the break goes on; nothing: there was none. */
export const broken = computed(() => over.value ?? begun.value?.now.value);

/** Which of the steps is asked for and not answered yet. */
export const waitingFor = computed(() => asked.value);

/** @param {string} step  @param {() => Promise<string>} run  gives what went wrong; empty: nothing */
async function ask(step, run) {
  if (asked.value) return false;
  asked.value = step;
  const trouble = await run();
  asked.value = '';
  if (trouble) say(trouble, { urgent: true });
  return !trouble;
}

const first = { customerName: 'Ana Ribeiro', item: 'Ramen Shoyu', quantity: 1, price: 11.9 };
let key = newKey();

const placeFirst = () => ask('order', async () => {
  const { error, body } = await placeOrder(first, key);
  if (error) return `The order was not placed: ${error}`;
  placed(body.id);
  key = newKey();
  return '';
});

async function load() {
  const { error } = await setLoad(firstLoad);
  return error && `The load was not started: ${error}`;
}

const startLoad = () => ask('load', load);

/** Load comes first, or there would be nothing to see. Its first order is not told: the stage is taken from here on. */
async function breakIt() {
  if (broken.value && !over.value) return;
  await ask('break', async () => {
    const noLoad = loadRate.value === 0 && await load();
    if (noLoad) return noLoad;
    const next = await breaks[architecture.value]().catch(() => undefined);
    if (!next) return 'A part of the page could not be loaded: the server does not answer. Try it again.';
    const trouble = await next.begin();
    if (trouble) return trouble;
    if (isShown.value) begun.value = next;
    else next.end();  // it was folded meanwhile
    over.value = undefined;
    return '';
  });
}

/** The row goes; the help brings it back. */
export function fold() {
  isShown.value = false;
  begun.value?.end();
  begun.value = undefined;
  over.value = undefined;
}

export function unfold() {
  isShown.value = architecture.value in breaks;
}

/** The stage is for something else. */
const isTaken = () => !isShown.value || story.value || broken.value || asked.value === 'break';

/** All that write of an order, but for those that do no work, have written of this one. @param {Journey} journey */
function isWhole({ steps }) {
  const awaited = writers[architecture.value].filter((writer) => modules.value.some(({ kind, state }) => kind === writer && !faulty.includes(state)));
  return steps.some(({ record }) => record.topic === 'order-status') && awaited.every((writer) => steps.some(({ kind }) => kind === writer));
}

/** Tells the first order once its journey is whole. @param {string} id */
async function tellFirst(id) {
  done.value = { ...done.value, order: true };
  if (isTaken()) return;
  const told = await import('./journeys.js').catch(() => undefined);
  if (!told) return;  // no server answers: the page says so
  const { graceMs, journeyNow, tellStory } = told;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const journey = await journeyNow(id);
    if (isTaken()) return;
    if (journey?.outcome && (isWhole(journey) || tries > triesMax / 2)) return tellStory(journey, graceMs.value);
    await new Promise((next) => setTimeout(next, tryMs));
  }
}

/** The row shows where the page opens on an empty log, and the first order that comes then is told. */
export function startFirstMinute() {
  let isDecided = false;
  let isTold = false;
  effect(() => {
    if (!loaded.value || !architecture.value) return;
    const isEmpty = architecture.value in breaks && rows.value.length === 0 && audit.value.length === 0;
    if (!isDecided) {
      isDecided = true;
      isTold = !isEmpty;
      isShown.value = isEmpty;
    } else if (!isTold && rows.value.length > 0) {
      isTold = true;
      void tellFirst(rows.value[rows.value.length - 1].order.id);
    }
  });
  effect(() => {
    if (story.value) done.value = { order: true, told: true };
  });
  effect(() => {
    if (broken.value?.phase !== 'over' || over.value) return;
    over.value = broken.value;
    say(broken.value.sentence, { aloud: true });
  });
}

/** What the keys do while the row shows. @type {Record<string, () => unknown>} */
export const steps = {
  1: placeFirst,
  2: startLoad,
  3: breakIt,
};

/** @param {string} name */
export function runStep(name) {
  if (story.value) endStory();
  void steps[name]();
}
