// What the first minute breaks where services speak through a log: a notifier crashes, and another one takes over.

import { computed, signal } from '/vendor/preact-signals.js';

import { command } from './api.js';
import { crashNow, ownedBy, victimOf } from './crash.js';
import { ledger, missing, serverNow, system } from './state.js';

/** @import { Crash } from './crash.js' */

/** @type {import('/vendor/preact-signals.js').Signal<Crash | undefined>} */
const crash = signal(undefined);

/** Crashes the last notifier that owns a partition. @returns {Promise<string>} as Break says */
export async function begin() {
  const instance = system.value ? victimOf(system.value) : '';
  if (!system.value || !instance) return 'No notification instance runs that owns a partition: start one first.';
  const known = { instance, at: serverNow.value, owned: ownedBy(system.value, instance), ledger: ledger.value };
  const { error } = await command(instance, 'crash');
  if (error) return `${instance} was not crashed: ${error}`;
  crash.value = known;
  return '';
}

export function end() {
  crash.value = undefined;
}

export const now = computed(() => (crash.value && system.value ? crashNow(crash.value, system.value, ledger.value, missing.value) : undefined));
