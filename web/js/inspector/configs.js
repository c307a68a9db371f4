// The settings of the topics: /events/system leaves them out, for they hardly ever change.

import { effect, signal } from '/vendor/preact-signals.js';

import { readTopics } from './api.js';
import { line, system } from './state.js';

/** @import { Topic } from './types.js' */

/** @type {import('/vendor/preact-signals.js').Signal<Map<string, Record<string, string>>>} by topic */
export const configs = signal(new Map());

let known = '';

export function startConfigs() {
  effect(() => {
    const names = (system.value?.topics ?? []).map(({ name }) => name).join();
    if (line.value.kind !== 'live' || names === known) return;
    known = names;
    void readTopics().then(({ error, body }) => {
      if (error) known = '';
      else configs.value = new Map(body.map((/** @type {Topic} */ { name, config }) => [name, config ?? {}]));
    });
  });
}
