// The inspector's facts as signals: the system, its history, the URL, and what is said.

import { computed, signal } from '/vendor/preact-signals.js';

import { connect } from '../link.js';
import { longOf, recentOf } from './history.js';
import { hashOf, routeOf } from './route.js';

/** @import { FromHub, Line, Query, Route, System } from './types.js' */

/** @type {import('/vendor/preact-signals.js').Signal<System | undefined>} */
export const system = signal(undefined);
/** @type {import('/vendor/preact-signals.js').Signal<Line>} */
export const line = signal({ kind: 'connecting' });
/** Offsets over time: a new object after each sample. */
export const history = signal({ recent: recentOf(undefined), long: longOf(undefined) });
/** Milliseconds since the epoch, to the second. */
export const now = signal(Date.now());
/** The server's time, by what it last said: clocks are off. */
export const serverNow = computed(() => now.value + (system.value?.at ?? 0) - (system.value?.heardAt ?? 0));
/** For screen readers. */
export const announcement = signal('');
/** What stays until the user has read it. */
export const notice = signal('');
export const helpOpen = signal(false);
/** Grows when the log began again: what was read before is of no worth. */
export const logs = signal(0);

/** @param {string} text */
export const announce = (text) => (announcement.value = text);

/** @param {string} text */
export function say(text) {
  notice.value = text;
  announce(text);
}

// ---- the URL

/** @type {import('/vendor/preact-signals.js').Signal<Route>} */
export const route = signal(routeOf(location.hash));

/** @param {Partial<Route>} to  @param {{replace?: boolean}} [options]  replace: the back button does not stop here */
export function go(to, { replace = false } = {}) {
  const hash = hashOf(to);
  if (hash === hashOf(route.value)) return;
  if (replace) globalThis.history.replaceState(null, '', hash);
  else globalThis.history.pushState(null, '', hash);
  route.value = routeOf(hash);
}

/** Changes filters of the topic that is open. @param {Partial<Query>} changes  @param {{replace?: boolean}} [options] */
export const ask = (changes, options) => go({ ...route.value, query: { ...route.value.query, ...changes } }, options);

function follow() {
  if (hashOf(routeOf(location.hash)) !== hashOf(route.value)) route.value = routeOf(location.hash);
}
addEventListener('popstate', follow);
addEventListener('hashchange', follow);

// ---- from the hub

/** Takes the sample that the hub took. @param {System} at */
function sample(at) {
  const { recent, long } = history.value;
  const taken = recent.add(at);
  if (long.add(at) || taken) history.value = { recent, long };
}

/** @param {FromHub} message */
function onMessage(message) {
  if (message.kind === 'facts') {
    system.value = message.system;
    line.value = message.line;
    history.value = { recent: recentOf(message.recent), long: longOf(message.long) };
  }
  if (message.kind === 'system') {
    system.value = message.system;
    sample(message.system);
  }
  if (message.kind === 'line') {
    line.value = message.line;
    if (message.line.kind === 'lost') announce('The server does not answer. The page tries again.');
    if (message.line.kind === 'live') announce('Connected.');
  }
  if (message.kind === 'new-log') {
    history.value = { recent: recentOf(undefined), long: longOf(undefined) };
    logs.value += 1;
    say('The log began again: offsets start anew. Rows read before belong to the old log.');
  }
}

export function start() {
  follow();  // a token that stood in the address is gone from it
  connect(onMessage, { worker: '/js/inspector/worker.js', local: async () => new (await import('./worker.js')).InspectorHub() });
  setInterval(() => {
    now.value = Date.now();
    if (system.value && line.value.kind === 'live') sample({ ...system.value, at: serverNow.value });
  }, 1000);
}

// ---- what follows from the facts

/** @param {string} name */
export const topicOf = (name) => system.value?.topics.find((each) => each.name === name);

/** Groups that read a topic. @param {string} name */
export const readersOf = (name) => (system.value?.groups ?? []).filter(({ partitions, members }) =>
  partitions.some(({ topic }) => topic === name) || members.some(({ assignment }) => assignment.some(({ topic }) => topic === name)));

/** Where the tools of a terminal reach the same log. */
export const where = computed(() => ({ bus: system.value?.bus ?? 'memory', brokers: system.value?.brokers || 'localhost:29092', url: location.origin }));
