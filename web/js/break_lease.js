// What the first minute breaks in the monolith: a worker crashes with a job in its hands, and another one takes it when the lease ends.

import { computed, effect, signal } from '/vendor/preact-signals.js';

import { command, configure } from './api.js';
import { heldBy, leaseNow, victimOf } from './lost_lease.js';
import { ledger, modules, notifications, say, serverNow, system } from './state.js';

/** @import { Lost } from './lost_lease.js' */
/** @import { Monolith } from './types.js' */

/** A delivery takes so long that it is seen before it is over. */
const slowMs = 3000;

/** @type {import('/vendor/preact-signals.js').Signal<Lost | undefined>} */
const lost = signal(undefined);
/** What makes the worker as fast as it was; nothing: it is. @type {(() => unknown) | undefined} */
let hasten;

const own = () => /** @type {Monolith} */ (system.value?.architecture);

const isStarting = () => modules.value.some(({ kind, state }) => kind === 'notification' && state === 'starting');

/** A worker that has just been started is told of a moment later. One that does not start is waited for so long. */
const startMs = 10_000;

/** @returns {Promise<void>} */
const allHaveStarted = () => new Promise((resolve) => {
  const end = () => {
    clearTimeout(timer);
    queueMicrotask(() => stop());
    resolve();
  };
  const timer = setTimeout(end, startMs);
  const stop = effect(() => {
    if (!isStarting()) end();
  });
});

/** Makes the last worker slow; it crashes when it is seen to have a job. @returns {Promise<string>} as Break says */
export async function begin() {
  await allHaveStarted();
  const instance = victimOf(modules.value);
  if (!instance) return 'Only one worker runs here: add another one, which can take its jobs.';
  const workMs = modules.value.find((each) => each.instance === instance)?.settings?.workMs ?? 0;
  const { error } = await configure(instance, { workMs: slowMs });
  if (error) return `${instance} was not crashed: ${error}`;
  hasten = () => configure(instance, { workMs });
  lost.value = { instance, at: 0, jobs: [], ledger: undefined };
  return '';
}

let isAsked = false;
effect(() => {
  if (!lost.value || !system.value || lost.value.at > 0 || isAsked) return;
  const { instance } = lost.value;
  const jobs = heldBy(own(), instance);
  if (jobs.length === 0) return;
  isAsked = true;
  void crash({ instance, jobs, at: serverNow.value, ledger: ledger.value }).finally(() => (isAsked = false));
});

/** @param {Lost} known */
async function crash(known) {
  const { error } = await command(known.instance, 'crash');
  if (error) say(`${known.instance} was not crashed: ${error}`, { urgent: true });
  lost.value = error ? undefined : lost.value && known;
  restore();
}

function restore() {
  void hasten?.();
  hasten = undefined;
}

export function end() {
  lost.value = undefined;
  restore();
}

/** Who has worked on its jobs since. @param {Lost} known */
function takerOf({ instance, at: since, jobs }) {
  return notifications.value.find(({ at, orderId, detail }) => at > since && detail !== instance && jobs.some((job) => job.orderId === orderId))?.detail ?? '';
}

export const now = computed(() => {
  if (!lost.value || !system.value) return undefined;
  const leaseMs = modules.value.find(({ instance }) => instance === lost.value?.instance)?.settings?.leaseMs ?? 10_000;
  return leaseNow(lost.value, own(), modules.value, ledger.value, takerOf(lost.value), serverNow.value, leaseMs);
});
