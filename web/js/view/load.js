import { effect, signal } from '/vendor/preact-signals.js';

import * as api from '../api.js';
import { html } from '../html.js';
import { loadText, placeOf, rateText, rates, scenarios } from '../load.js';
import { say, serverNow, system } from '../state.js';
import { whyNot } from './control_access.js';

/** @import { LoadRequest } from '../types.js' */

/** What was asked for and is not answered yet. @type {import('/vendor/preact-signals.js').Signal<LoadRequest | undefined>} */
const asked = signal(undefined);
/** The place of the slider while it is moved. @type {import('/vendor/preact-signals.js').Signal<number | undefined>} */
const moved = signal(undefined);
/** The scenario that the next start takes. */
const chosen = signal('steady');

const running = () => (system.value?.load?.running ? system.value.load : undefined);

/** The system's stream shows a load at most this long after it was set. */
const shownWithinMs = 3000;
let sending = false;

/** The load of before goes on with other figures; a rate of 0 ends it. One request at a time: the last wish counts. @param {Partial<LoadRequest>} change */
export async function setLoad(change) {
  const before = asked.value ?? running();
  const next = { rate: before?.rate ?? 0, scenario: before?.scenario ?? chosen.value, seed: before?.seed ?? 0, ...change };
  chosen.value = next.scenario;
  if (next.rate === 0 && !before) return;
  asked.value = next;
  if (sending) return;
  sending = true;
  /** @type {LoadRequest | undefined} */
  let sent;
  let error = '';
  while (asked.value && asked.value !== sent && !error) {
    sent = asked.value;
    ({ error } = sent.rate === 0 ? await api.endLoad() : await api.setLoad(sent));
  }
  sending = false;
  if (error) {
    asked.value = undefined;
    say(`The load was not changed: ${error}`, { urgent: true });
  } else {
    setTimeout(() => asked.value === sent && (asked.value = undefined), shownWithinMs);
  }
}

/** What was asked for is what the server shows. */
effect(() => {
  const wish = asked.value;
  const load = running();
  if (!wish || sending) return;
  if (wish.rate === (load?.rate ?? 0) && (wish.rate === 0 || wish.scenario === load?.scenario)) asked.value = undefined;
});

/** @param {Event} event */
const placeIn = (event) => Number(/** @type {HTMLInputElement} */ (event.target).value);

export function LoadPanel() {
  const load = running();
  const why = whyNot();
  const scenario = asked.value?.scenario ?? load?.scenario ?? chosen.value;
  const rate = asked.value?.rate ?? load?.rate ?? 0;
  const place = moved.value ?? placeOf(rate);
  const shown = moved.value === undefined ? rate : rates[moved.value];
  return html`<section class="load" aria-labelledby="h-load">
    <h2 id="h-load">Load <span id="load-rate">${rateText(load)}</span></h2>
    <div class=${`seg wide${asked.value ? ' waits' : ''}`} role="group" aria-label="Scenario">
      ${scenarios.map(([name, label]) => html`<button key=${name} aria-pressed=${String(scenario === name)} aria-disabled=${why ? 'true' : undefined}
        title=${why} data-scenario=${name} onClick=${() => !why && void setLoad({ scenario: name })}>${label}</button>`)}
    </div>
    <label class=${`slider${asked.value ? ' waits' : ''}`} title=${why}><span class="sr">Orders a second</span>
      <input type="range" id="load" min="0" max=${rates.length - 1} step="1" value=${place} disabled=${Boolean(why)} aria-valuetext=${`${shown} orders a second`}
        onInput=${(/** @type {Event} */ event) => (moved.value = placeIn(event))}
        onChange=${(/** @type {Event} */ event) => {
          moved.value = undefined;
          void setLoad({ rate: rates[placeIn(event)] });
        }} /><output>${shown} / s</output>
      <button class="btn small" type="button" id="load-stop" aria-disabled=${why || !load ? 'true' : undefined}
        onClick=${() => !why && load && void setLoad({ rate: 0 })}>Stop</button></label>
    <p class="quiet" id="load-text">${loadText(system.value?.load, serverNow.value)}</p>
  </section>`;
}
