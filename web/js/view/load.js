import { signal } from '/vendor/preact-signals.js';

import * as api from '../api.js';
import { html } from '../html.js';
import { loadText, placeOf, rateText, rates, scenarios } from '../load.js';
import { say, serverNow, system } from '../state.js';
import { whyNot } from './members.js';

/** @import { LoadRequest } from '../types.js' */

/** What was asked for and is not answered yet. @type {import('/vendor/preact-signals.js').Signal<LoadRequest | undefined>} */
const asked = signal(undefined);
/** The place of the slider while it is moved. @type {import('/vendor/preact-signals.js').Signal<number | undefined>} */
const moved = signal(undefined);
/** The scenario that the next start takes. */
const chosen = signal('steady');

const running = () => (system.value?.load?.running ? system.value.load : undefined);

/** The load of before goes on with other figures; a rate of 0 ends it. @param {Partial<LoadRequest>} change */
export async function setLoad(change) {
  const now = running();
  const next = { rate: now?.rate ?? 0, scenario: now?.scenario ?? chosen.value, seed: now?.seed ?? 0, ...change };
  chosen.value = next.scenario;
  if (next.rate === 0 && !now) return;
  asked.value = next;
  const { error } = next.rate === 0 ? await api.endLoad() : await api.setLoad(next);
  asked.value = undefined;
  if (error) say(`The load was not changed: ${error}`, { urgent: true });
}

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
