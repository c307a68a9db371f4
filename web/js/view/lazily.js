import { effect, signal } from '/vendor/preact-signals.js';

import { html } from '../html.js';
import { say } from '../state.js';

/**
 * A part of the page whose modules are loaded when it is first needed.
 * @param {() => unknown} isNeeded  reads signals  @param {() => Promise<any>} load  gives the component
 */
export function lazily(isNeeded, load) {
  /** @type {import('/vendor/preact-signals.js').Signal<any>} */
  const part = signal(undefined);
  let isAsked = false;
  async function ask() {
    try {
      part.value = { component: await load() };
    } catch {
      isAsked = false;
      say('A part of the page could not be loaded: the server does not answer. Try it again, or reload the page.', { urgent: true });
    }
  }
  effect(() => {
    if (!isNeeded() || isAsked) return;
    isAsked = true;
    void ask();
  });
  return (/** @type {any} */ props) => (isNeeded() && part.value ? html`<${part.value.component} ...${props} />` : null);
}
