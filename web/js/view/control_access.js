// Whether this page may control the system: why not, and the field that changes it.

import { access, setToken } from '../access.js';
import { html } from '../html.js';

/** @type {Record<string, string>} */
const refusals = {
  unknown: 'whether this page may control the system is not known yet',
  'needs-token': 'needs the token that was printed at the start',
  'wrong-token': 'needs the token that was printed at the start; the one given is another',
};

/** Why no control works, or empty. */
export const whyNot = () => refusals[access.value] ?? '';

/** @param {SubmitEvent} event */
function give(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  void setToken(String(new FormData(form).get('token') ?? ''));
}

/** Why the controls are disabled, and the field that changes it. */
export const TokenField = () => (access.value === 'needs-token' || access.value === 'wrong-token') && html`
  <form class="token" id="token-form" onSubmit=${give}>
    <label for="token">To control the system, give the token that the program printed at its start.</label>
    <input id="token" name="token" type="password" autocomplete="off" required
      aria-invalid=${access.value === 'wrong-token' ? 'true' : undefined} aria-describedby="token-wrong" />
    <button class="btn small">Use it</button>
    <span class="bad" id="token-wrong" role="status">${access.value === 'wrong-token' ? 'This is another token.' : ''}</span>
  </form>`;
