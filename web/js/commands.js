// What this page has asked of the instances, until module-status answers.

import { computed, effect, signal } from '/vendor/preact-signals.js';

import * as api from './api.js';
import { isDone } from './controls.js';
import { modules, now, say } from './state.js';

/** An answer that has not come by then is not waited for any more. */
const forgottenAfterMs = 30_000;
/** After an answer the system's stream shows what was done at most this much later. */
const shownWithinMs = 3000;

/**
 * @typedef {object} Asked
 * @property {string} action
 * @property {Record<string, number | string>} settings
 * @property {boolean} unanswered  the server has answered 202
 * @property {boolean} answered  it was done, and the stream will show it
 * @property {number} at  ms
 */

/** By instance and action. @type {import('/vendor/preact-signals.js').Signal<Map<string, Asked>>} */
const asked = signal(new Map());

/** @param {string} key  @param {Asked | undefined} value */
function set(key, value) {
  const next = new Map(asked.value);
  if (value) next.set(key, value);
  else next.delete(key);
  asked.value = next;
}

/** @param {string} instance  @param {string} action  @param {Record<string, any>} settings */
const keyOf = (instance, action, settings) => `${instance} ${action} ${Object.keys(settings).join()}`;

/** What is asked of an instance and not answered. @param {string} instance */
export const askedOf = (instance) =>
  [...asked.value].filter(([key]) => key.startsWith(`${instance} `)).map(([, each]) => each);

/** @param {string} instance  @param {string} action  @param {Record<string, number | string>} [settings] */
export async function ask(instance, action, settings = {}) {
  const key = keyOf(instance, action, settings);
  const mine = { action, settings, unanswered: false, answered: false, at: Date.now() };
  set(key, mine);
  const answer = action === 'configure' ? await api.configure(instance, settings) : await api.command(instance, action);
  if (asked.value.get(key) !== mine) return;
  if (answer.status === 202) return set(key, { ...mine, unanswered: true });
  if (!answer.error) return set(key, { ...mine, answered: true, at: Date.now() });
  set(key, undefined);
  say(`${instance}: ${action === 'configure' ? 'the setting' : action} was refused. ${answer.error}`, { urgent: true });
}

export const adding = signal('');

/** One more instance, with the settings of those that are there. @param {string} kind  @param {Record<string, number | string>} settings */
export async function add(kind, settings) {
  if (adding.value) return;
  adding.value = kind;
  const { error } = await api.addInstance(kind, settings);
  adding.value = '';
  if (error) say(`There is no further ${kind}: ${error}`, { urgent: true });
}

/** What was asked for is shown, or is not waited for any more. */
const over = computed(() =>
  [...asked.value].filter(([key, each]) => (each.unanswered || each.answered)
    && (isDone(each, modules.value.find(({ instance }) => key.startsWith(`${instance} `)))
      || now.value - each.at > (each.answered ? shownWithinMs : forgottenAfterMs))));
effect(() => {
  for (const [key] of over.value) set(key, undefined);
});
