// What the first minute breaks where services call each other: nothing reaches notification for some seconds.

import { computed, signal } from '/vendor/preact-signals.js';

import { control } from './api.js';
import { cutArrow, cutMs, cutNow, cutOf } from './cut_arrow.js';
import { say, serverNow, system } from './state.js';

/** @import { Cut } from './cut_arrow.js' */
/** @import { Rest } from './types.js' */

/** Between two tries to mend it. */
const againMs = 2000;

/** @type {import('/vendor/preact-signals.js').Signal<Cut | undefined>} */
const cut = signal(undefined);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {boolean} refuse */
const disturb = (refuse) => control('PATCH', `/api/calls/${cutArrow}`, { refuse });

const own = () => /** @type {Rest} */ (system.value?.architecture);

/** Cuts the arrow for some seconds. @returns {Promise<string>} as Break says */
export async function begin() {
  const { arrow, orders } = cutOf(own());
  if (!arrow) return 'The order service is not here: its process makes the calls to notification.';
  const known = { at: serverNow.value, orders, gaps: arrow.gaps, spared: arrow.refusedBy.breaker };
  const { error } = await disturb(true);
  if (error) return `${cutArrow} was not changed. ${error}`;
  cut.value = known;
  timer = setTimeout(mend, cutMs);
  document.querySelector(`[data-arrow=${cutArrow}]`)?.scrollIntoView({ block: 'nearest' });
  return '';
}

async function mend() {
  clearTimeout(timer);
  timer = undefined;
  const { error } = await disturb(false);
  if (!error) return;
  say(`${cutArrow} still refuses. ${error}`, { urgent: true });
  timer = setTimeout(mend, againMs);
}

export function end() {
  cut.value = undefined;
  if (timer) void mend();
}

export const now = computed(() => (cut.value && system.value ? cutNow(cut.value, own(), serverNow.value) : undefined));
