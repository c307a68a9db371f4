import { useLayoutEffect, useRef } from '/vendor/preact-hooks.js';

import { startAgain } from '../actions.js';
import { broken, done, fold, loadRate, runStep, steps, waitingFor } from '../first_minute.js';
import { html } from '../html.js';
import { opened } from '../route.js';
import { story } from '../stage.js';
import { architecture, modules, sentence, system } from '../state.js';
import { whyNot } from './control_access.js';
import { Session } from './ownership.js';

/** @import { Broken } from '../types.js' */

const keptOrLost = () => (system.value?.architecture.outbox === 'on' ? 'What it should hear waits in the outbox.' : 'What it does not hear is lost, and counted.');

/** What the steps say. @type {Record<string, {map: string, load: string, broken: string, about: () => string}>} */
const words = {
  events: { map: 'who writes stands above, the log in the middle, who reads it on the right', load: 'Keys spread over three partitions; lag comes and goes.',
    broken: 'Crash a notifier', about: () => 'It dies without a goodbye. Nothing is lost.' },
  monolith: { map: 'an order is one transaction, its tables are in the middle, the workers on the right', load: 'One COMMIT for all tables; workers take the jobs.',
    broken: 'Crash a worker', about: () => 'It dies with a job in its hands. Nothing is lost.' },
  rest: { map: 'four services, each with a database of its own, and the arrows along which they call each other', load: 'Each order is five calls: watch the arrows.',
    broken: 'Cut off notification', about: keptOrLost },
};

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
  const { map, load, broken: title, about } = words[architecture.value];
  return html`<div class="line"><p>${urgent ? text : done.value.order ? 'Go on: give it work, then break it.'
      : html`<b>Nothing has happened yet.</b> This is the whole system at rest<span class="wide-text">: ${map}</span>.`}</p>
      <button class="btn small fold" onClick=${fold}><span class="wide-only"><kbd>Esc</kbd> folds this row into <kbd>?</kbd></span><span class="phone-only">Not now</span></button></div>
    <div class="three">
      <${Step} name="1" title="Place an order" isFirst=${!done.value.order} waits=${waits === 'order'}
        about=${done.value.told ? 'Another one. It does not play by itself again.' : 'It plays in slow motion, told sentence by sentence.'} />
      <${Step} name="2" title="Four orders a second" waits=${waits === 'load'} why=${why}
        about=${loadRate.value > 0 ? `On: ${loadRate.value} a second.` : load} />
      <${Step} name="3" title=${title} waits=${waits === 'break'} why=${why} about=${about()} />
    </div>`;
}

/** @param {{of: Broken}} props */
function Trouble({ of: { phase, sentence: text, when, countdown, meanwhile = [], why, instance } }) {
  const victim = modules.value.find((each) => each.instance === instance && each.state === 'crashed')?.instance;
  const [before, after] = when ? text.split(when) : [text];
  return html`<p class="line large" id="broken">${before}${when && html`<b class="bad">${when}</b>`}${after}</p>
    ${meanwhile.length > 0 && html`<div class="meanwhile">${countdown && html`<${Session} of=${countdown} />`}
      <dl>${meanwhile.map(({ what, who, more }, n) => html`<div key=${what}><dt>${what}</dt><dd class=${n === 0 ? 'bad' : ''}><b>${who}</b> ${more}</dd></div>`)}</dl></div>`}
    ${why && html`<p class="quiet">${why}</p>`}
    ${phase === 'over' && html`<p class="go">${victim && html`<button class="btn primary" onClick=${() => startAgain(victim)}>Start ${victim} again</button>`}
      <button class=${`btn${victim ? '' : ' primary'}`} onClick=${fold}>Done</button></p>`}`;
}

/** The stage while no story is told on it. */
export function FirstMinute() {
  useLayoutEffect(() => {  // a useEffect waits for the next frame: a key before that would be lost
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, []);
  if (story.value) return null;
  const now = broken.value;
  return html`<section class=${`stage${now ? ' trouble-told' : ''}${now?.phase === 'broken' ? ' unread' : ''}`} aria-label="The first minute">${now ? html`<${Trouble} of=${now} />` : html`<${Three} />`}</section>`;
}
