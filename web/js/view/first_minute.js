import { useEffect, useLayoutEffect, useRef } from '/vendor/preact-hooks.js';

import { crashed, done, fold, loadRate, runStep, steps, waitingFor } from '../first_minute.js';
import { html } from '../html.js';
import { opened } from '../route.js';
import { story } from '../stage.js';
import { sentence } from '../state.js';
import { whyNot } from './control_access.js';
import { Session } from './ownership.js';

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target instanceof HTMLElement ? event.target : undefined;
  if (target?.matches('input, textarea, select') || document.querySelector('dialog[open]')) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key in steps && (event.key === '1' || !whyNot())) runStep(event.key);
  else if (event.key === 'Escape' && !story.value && !opened.value) fold();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {{name: string, title: string, about: string, isFirst?: boolean, waits: boolean, why?: string}} props  why: it cannot be done */
function Step({ name, title, about, isFirst, waits, why }) {
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (isFirst && document.activeElement === document.body) button.current?.focus({ preventScroll: true });
  }, []);
  return html`<button class=${`big${isFirst ? ' first' : ''}`} ref=${button} aria-disabled=${waits || why ? 'true' : undefined} aria-keyshortcuts=${name} onClick=${() => !why && runStep(name)}>
    <span class="cap" aria-hidden="true">${name}</span><span><b>${title}</b> <i>${waits ? 'asked, no answer yet' : why || about}</i></span>
    ${isFirst && html`<kbd aria-hidden="true">Enter</kbd>`}</button>`;
}

function Three() {
  const waits = waitingFor.value;
  const why = whyNot();
  const { text, urgent } = sentence.value;
  return html`<div class="line"><p>${urgent ? text : done.value.order ? 'Go on: give it work, then break it.'
      : html`<b>Nothing has happened yet.</b> This is the whole system at rest<span class="wide-text">: who writes stands above, the log in the middle, who reads it on the right</span>.`}</p>
      <button class="btn small fold" onClick=${fold}><span class="wide-only"><kbd>Esc</kbd> folds this row into <kbd>?</kbd></span><span class="phone-only">Not now</span></button></div>
    <div class="three">
      <${Step} name="1" title="Place an order" isFirst=${!done.value.order} waits=${waits === 'order'}
        about=${done.value.told ? 'Another one. It does not play by itself again.' : 'It plays in slow motion, told sentence by sentence.'} />
      <${Step} name="2" title="Four orders a second" waits=${waits === 'load'} why=${why}
        about=${loadRate.value > 0 ? `On: ${loadRate.value} a second.` : 'Keys spread over three partitions; lag comes and goes.'} />
      <${Step} name="3" title="Crash a notifier" waits=${waits === 'crash'} why=${why} about="It dies without a goodbye. Nothing is lost." />
    </div>`;
}

function Crash() {
  const { phase, sentence, missing } = /** @type {NonNullable<typeof crashed.value>} */ (crashed.value);
  return html`<p class="line large" id="crash-line">${sentence}</p>
    ${missing && html`<${Session} of=${missing} />
      <p class="quiet">The group waits for a heartbeat until the session of the member ends. Then it gives its partitions to another.</p>`}
    ${phase === 'over' && html`<button class="btn primary" onClick=${fold}>Done</button>`}`;
}

/** The stage while no story is told on it. */
export function FirstMinute() {
  useEffect(() => {
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, []);
  if (story.value) return null;
  return html`<section class=${`stage${crashed.value ? ' crash' : ''}`} aria-label="The first minute">${crashed.value ? html`<${Crash} />` : html`<${Three} />`}</section>`;
}
