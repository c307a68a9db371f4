// Whether this page may control the system. Beyond loopback that needs the token that the program printed at its start: from
// the fragment of the host's link, which no server and no log sees, or typed in.

import { signal } from '/vendor/preact-signals.js';

import * as api from './api.js';
import { tokenIn } from './token.js';

/** @typedef {'unknown' | 'allowed' | 'needs-token' | 'wrong-token'} Access */

const stored = 'foodorder-token';

/** @type {import('@preact/signals').Signal<Access>} */
export const access = signal('unknown');

/** Of the dashboard, as other machines reach it. @type {import('/vendor/preact-signals.js').Signal<string[]>} */
export const links = signal([]);

/** Asks the server. It stays unknown where none answers. */
export async function checkAccess() {
  const given = localStorage.getItem(stored) ?? '';
  api.useToken(given);
  const { status, body } = await api.mayControl();
  links.value = body?.links ?? [];
  if (status === 200) access.value = 'allowed';
  if (status === 401) access.value = given ? 'wrong-token' : 'needs-token';
}

/** @param {string} token */
export function setToken(token) {
  localStorage.setItem(stored, token.trim());
  return checkAccess();
}

/** Takes the token out of the address, so that it is neither seen on a projector nor copied with the link. */
export function startAccess() {
  const token = tokenIn(location.hash);
  if (token) {
    localStorage.setItem(stored, token);
    history.replaceState(null, '', location.pathname + location.search);
  }
  addEventListener('storage', ({ key }) => key === stored && void checkAccess());
}
