// The first minute: an empty log shows what can be done in three steps. The first order plays in slow motion by itself, once.

import { computed, effect, signal } from '/vendor/preact-signals.js';

import { command, placeOrder, setLoad } from './api.js';
import { crashNow, ownedBy, victimOf } from './crash.js';
import { newKey } from './key.js';
import { endStory, story } from './stage.js';
import { audit, ledger, loaded, missing, placed, rows, say, serverNow, system } from './state.js';

/** @import { Crash, CrashNow } from './crash.js' */

/** A journey is told when it is whole: it is read again so often, this far apart. */
const triesMax = 40;
const tryMs = 150;
const firstLoad = Object.freeze({ rate: 4, scenario: 'steady', seed: 0 });

/** The row of the three steps is on the page. */
export const isShown = signal(false);
/** What was done of it. */
export const done = signal({ order: false, told: false });
/** @type {import('/vendor/preact-signals.js').Signal<Crash | undefined>} */
const crash = signal(undefined);
/** The crash that is over stays to be read. */
const over = signal('');
const asked = signal('');

/** Orders a second that the server places; 0: none. */
export const loadRate = computed(() => (system.value?.load?.running ? system.value.load.rate ?? 0 : 0));

/** @type {import('/vendor/preact-signals.js').ReadonlySignal<CrashNow | undefined>} */
export const crashed = computed(() => {
  if (over.value) return { phase: 'over', sentence: over.value };
  if (!crash.value || !system.value) return undefined;
  return crashNow(crash.value, system.value, ledger.value, missing.value);
});

/** Which of the steps is asked for and not answered yet. */
export const waitingFor = computed(() => asked.value);

/** @param {string} step  @param {() => Promise<{error: string}>} run  @param {string} what */
async function ask(step, run, what) {
  if (asked.value) return false;
  asked.value = step;
  const { error } = await run();
  asked.value = '';
  if (error) say(`${what}: ${error}`, { urgent: true });
  return !error;
}

const first = { customerName: 'Ana Ribeiro', item: 'Ramen Shoyu', quantity: 1, price: 11.9 };
let key = newKey();

export async function placeFirst() {
  const isPlaced = await ask('order', async () => {
    const answer = await placeOrder(first, key);
    if (!answer.error) placed(answer.body.id);
    return answer;
  }, 'The order was not placed');
  if (isPlaced) key = newKey();
}

export const startLoad = () => ask('load', () => setLoad(firstLoad), 'The load was not started');

/** Crashes the last notifier that owns a partition; load comes first, or there would be nothing to see. */
export async function crashNotifier() {
  if (crash.value && !over.value) return;
  if (loadRate.value === 0 && !(await startLoad())) return;
  const instance = system.value ? victimOf(system.value) : '';
  if (!system.value || !instance) return say('No notification instance runs that owns a partition: start one first.', { urgent: true });
  const owned = ownedBy(system.value, instance);
  const before = ledger.value;
  const at = serverNow.value;
  const isDone = await ask('crash', () => command(instance, 'crash'), `${instance} was not crashed`);
  if (!isDone) return;
  over.value = '';
  crash.value = { instance, at, owned, ledger: before };
}

/** The row goes; the help brings it back. */
export function fold() {
  isShown.value = false;
  crash.value = undefined;
  over.value = '';
}

export function unfold() {
  isShown.value = true;
}

/** Tells the first order once its journey is whole. @param {string} id */
async function tellFirst(id) {
  done.value = { ...done.value, order: true };
  if (!isShown.value) return;
  const told = await import('./journeys.js').catch(() => undefined);
  if (!told) return;  // no server answers: the page says so
  const { graceMs, journeyNow, tellStory } = told;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const journey = await journeyNow(id);
    const isJudged = journey?.steps.some(({ kind }) => kind === 'fraud') || tries > triesMax / 2;
    if (!isShown.value || story.value) return;
    if (journey?.outcome && isJudged) return tellStory(journey, graceMs.value);
    await new Promise((next) => setTimeout(next, tryMs));
  }
}

/** The row shows where the page opens on an empty log, and the first order that comes then is told. */
export function startFirstMinute() {
  let isDecided = false;
  let isTold = false;
  effect(() => {
    if (!loaded.value) return;
    const isEmpty = rows.value.length === 0 && audit.value.length === 0;
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
    const state = crashed.value;
    if (!crash.value || state?.phase !== 'over' || over.value) return;
    over.value = state.sentence;
    say(state.sentence, { aloud: true });
  });
}

/** What the keys do while the row shows. @type {Record<string, () => unknown>} */
export const steps = {
  1: placeFirst,
  2: startLoad,
  3: crashNotifier,
};

/** @param {string} name */
export function runStep(name) {
  if (story.value) endStory();
  void steps[name]();
}
