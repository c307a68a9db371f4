// What the page's URL opens: #order/<id>, the journey of an order. It survives a reload, and back and forward walk it.

import { signal } from '/vendor/preact-signals.js';

import { endStory } from './stage.js';

/** @param {string} hash  @returns {string} empty: it opens nothing */
export function orderOf(hash) {
  const id = /^#order\/(.+)$/.exec(hash)?.[1] ?? '';
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** The order whose journey is open; empty: none. */
export const opened = signal(orderOf(location.hash));

/** @param {string} id */
export const linkOf = (id) => `#order/${encodeURIComponent(id)}`;

/** @param {string} id */
export function openJourney(id) {
  endStory();
  if (id === opened.value) return;
  history.pushState(null, '', linkOf(id));
  opened.value = id;
}

export function closeJourney() {
  if (!opened.value) return;
  history.pushState(null, '', location.pathname + location.search);
  opened.value = '';
}

function follow() {
  if (orderOf(location.hash) === opened.value) return;
  endStory();
  opened.value = orderOf(location.hash);
}
addEventListener('popstate', follow);
addEventListener('hashchange', follow);
