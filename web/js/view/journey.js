import { signal } from '/vendor/preact-signals.js';
import { useRef, useState } from '/vendor/preact-hooks.js';

import { startAgain } from '../actions.js';
import { html } from '../html.js';
import { graceMs, journey, readJourney, reading } from '../open_journey.js';
import { closeJourney, linkOf, opened } from '../route.js';
import { tellStory } from '../slow_motion.js';
import { story } from '../stage.js';
import { architecture, life } from '../state.js';
import { pausesOf, summaryOf, wordsFor } from '../telling.js';
import { durationUs, grouped, money, shortId } from '../text.js';
import { copyLink, useDrawer } from './drawer.js';
import { Icon, Shape } from './icon.js';
import { Timeline } from './timeline.js';

/** @import { Attempt, Journey, LogRecord, Step } from '../types.js' */

const valueMax = 4000;
const printedAt = signal('');
addEventListener('beforeprint', () => (printedAt.value = new Date().toISOString().replace('T', ' ').slice(0, 19)));

/** @param {any} order */
function Ordered({ order }) {
  if (!order || typeof order !== 'object') return null;
  const { customerName, item, quantity, price } = order;
  const sum = Number.isFinite(Number(quantity) * Number(price)) ? `, ${money(Number(quantity) * Number(price))}` : '';
  return html`<bdi>${String(customerName)}</bdi>, ${String(quantity)} × <bdi>${String(item)}</bdi>${sum}`;
}

const words = { notified: 'to NOTIFIED', dead: 'to the dead letter', dropped: 'until it was dropped' };

/** @param {{of: Journey}} props */
function Facts({ of: { outcome, tookUs, waitUs, deliveries, steps, topics, partitions } }) {
  /** @type {[string, string, string][]} */
  const facts = [
    [outcome ? words[outcome] : 'so far', tookUs === undefined ? '–' : durationUs(tookUs), ''],
    ['of that, waiting', waitUs > 0 ? durationUs(waitUs) : 'nothing', ''],
    ['deliveries', String(deliveries), ''],
    ['records', grouped(steps.length), `on ${topics} ${topics === 1 ? 'topic' : 'topics'}`],
    ['partition of orders', partitions.map((each) => `p${each}`).join(' ') || '–', deliveries > 1 && partitions.length === 1 ? 'each time' : ''],
  ];
  return html`<dl class="facts">${facts.map(([name, value, more]) => html`<div key=${name}>
    <dt>${name}</dt><dd>${value}${more && html` <small>${more}</small>`}</dd></div>`)}</dl>`;
}

const loud = ['RETRY', 'DLQ', 'DROPPED'];

/**
 * @param {{step: Step, index: number, picked: boolean, isReachable: boolean, pick: (index: number) => void}} props
 */
const Line = ({ step, index, picked: isPicked, isReachable, pick }) => html`<tr class=${isPicked ? 'picked' : ''} onClick=${() => pick(index)}>
  <td class="num">${grouped(step.us)}</td>
  <td><button class="place" tabindex=${isReachable ? 0 : -1} aria-current=${isPicked ? 'true' : undefined} data-index=${index}>
    <${Shape} of=${step.kind} />${step.place}</button></td>
  <td class=${`what${loud.includes(step.record.value?.action) ? ' bad' : ''}`}><bdi>${step.what}</bdi>${step.again && html` <i class="tag">done again</i>`}</td>
  <td class="wide-col"><bdi>${step.writer}</bdi></td>
  <td class="wide-col mono">${step.cause.replace('orders ', '')}</td></tr>`;

/** @param {Attempt} attempt */
const waited = ({ waitUs, failedOn }) => html`A delivery failed on <bdi>${failedOn}</bdi>. It waited ${durationUs(waitUs)} and held up nobody.`;

/** Arrows walk the records. @param {KeyboardEvent} event  @param {number} at  @param {number} last  @param {(index: number) => void} pick */
function walk(event, at, last, pick) {
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last };
  if (!(event.key in steps)) return;
  event.preventDefault();
  pick(Math.max(0, Math.min(last, steps[event.key])));
}

/** @param {{of: Journey, at: number, pick: (index: number) => void}} props */
function Records({ of: { attempts, steps }, at, pick }) {
  const body = useRef(/** @type {HTMLElement | null} */ (null));
  /** @param {number} index */
  const pickAndFocus = (index) => {
    pick(index);
    const button = body.current?.querySelector(`[data-index="${index}"]`);
    if (button instanceof HTMLElement) button.focus();
  };
  return html`<table class="records" ref=${body} onKeyDown=${(/** @type {KeyboardEvent} */ event) => walk(event, at, steps.length - 1, pickAndFocus)}>
    <caption class="sr">Every record that the order caused, by delivery</caption>
    <thead><tr><th scope="col" class="num">µs</th><th scope="col">record</th><th scope="col">what</th><th scope="col" class="wide-col">written by</th>
      <th scope="col" class="wide-col">because of</th></tr></thead>
    ${attempts.map((attempt) => html`<tbody key=${attempt.key}>
      ${attempt.waitUs > 0 && html`<tr class="gap"><td></td><td colspan="4">${waited(attempt)}</td></tr>`}
      <tr class="attempt"><td></td><th scope="rowgroup" colspan="4">${attempt.title}</th></tr>
      ${attempt.steps.map((step) => {
        const index = steps.indexOf(step);
        return html`<${Line} key=${step.place} step=${step} index=${index} picked=${index === at} isReachable=${index === Math.max(at, 0)} pick=${pick} />`;
      })}</tbody>`)}
  </table>`;
}

/** @param {LogRecord} record */
function valueText({ value, base64 }) {
  if (base64) return `${value} (base64: it is no JSON)`;
  const text = value === null ? 'null: a tombstone' : JSON.stringify(value, null, 2);
  return text.length > valueMax ? `${text.slice(0, valueMax)} … ${grouped(text.length - valueMax)} characters more` : text;
}

/** @param {{step: Step, withValue?: boolean}} props */
const Detail = ({ step, withValue }) => html`<section class="detail" aria-label=${`Record ${step.place}`}>
  <h3><span class="mono">${step.place}</span> <small>by <bdi>${step.writer}</bdi>${step.cause && html`, because of <span class="mono">${step.cause}</span>`}
    ${withValue && html`, <a href=${`/inspector.html#${[step.record.topic, step.record.partition, step.record.offset].map(encodeURIComponent).join('/')}`}>in the inspector</a>`}</small></h3>
  <dl class="headers">${step.record.headers.map(({ name, value, base64 }, n) => html`<div key=${n}>
    <dt><bdi>${name}</bdi></dt><dd><bdi>${String(value)}</bdi>${base64 && html` <i class="tag">base64</i>`}</dd></div>`)}
    ${step.record.headers.length === 0 && html`<div><dt>headers</dt><dd>none: it comes from a stranger</dd></div>`}</dl>
  ${withValue && html`<pre tabindex="0" aria-label="Value"><bdi>${valueText(step.record)}</bdi></pre>`}
</section>`;

/** Why there is nothing to see, or not all of it. */
function Trouble() {
  const state = reading.value;
  if (state.kind === 'gone') {
    return html`<p class="trouble" role="status">No record on the log is about this order. Retention removed them, or the log began again, or the id is wrong.</p>`;
  }
  if (state.kind === 'more') return html`<p class="trouble" role="status">These are the first records; there are more.</p>`;
  if (state.kind !== 'failed') return null;
  const { stopped } = life.value;
  if (!stopped) return html`<p class="trouble" role="status">${state.error} The page tries again.</p>`;
  return html`<p class="trouble" role="status">The order service is stopped: it reads the log for this page.
    <button class="btn small" onClick=${() => startAgain(stopped)}>Start ${stopped}</button></p>`;
}

const playIt = () => journey.value && tellStory(journey.value, graceMs.value);

/** Space plays, but where it presses something. @param {KeyboardEvent} event */
function onKey({ key, target }) {
  const isPlay = key === ' ' && !(target instanceof HTMLElement && target.matches('button:not(.place), a, #orders > li'));
  if (isPlay) playIt();
  return isPlay;
}

/** The widths of the picture, px: its letters have one size. @type {[string, number][]} */
const pictures = [['on-screen', 488], ['on-phone', 288], ['on-paper', 690]];

/** @param {{of: Journey}} props */
function Told({ of: told }) {
  const [chosen, choose] = useState('');
  const at = told.steps.findIndex(({ place }) => place === chosen);
  const pick = (/** @type {number} */ index) => choose(told.steps[index].place);
  const orders = told.steps.find(({ record }) => record.topic === 'orders');
  const last = told.steps.findLast(({ record }) => loud.concat('NOTIFIED').includes(record.value?.action));
  const pauses = pausesOf(told.steps, wordsFor(architecture.value));
  return html`<div class="told">
    <${Facts} of=${told} />
    ${pictures.map(([where, width]) => html`<div key=${where} class=${`picture ${where}`}>
      <${Timeline} journey=${told} width=${width} left=${116} at=${where === 'on-paper' ? -1 : at} pick=${pick} /></div>`)}
    <p class="sr">${pauses.map(({ us, why }) => `${why}: ${durationUs(us)}.`).join(' ')}</p>
    <${Records} of=${told} at=${at} pick=${pick} />
    ${at >= 0 && html`<div class="on-screen"><${Detail} step=${told.steps[at]} withValue /></div>`}
    <div class="on-paper two">${[orders, last].map((step) => step && html`<${Detail} key=${step.place} step=${step} />`)}</div>
  </div>`;
}

/** The journey of one order, beside the page that goes on. */
export function JourneyDrawer() {
  const id = opened.value;
  const title = useDrawer(id, onKey);
  const told = journey.value;
  return html`<aside class="drawer" aria-labelledby="journey-title" hidden=${Boolean(story.value)}>
    <header>
      <h2 id="journey-title" tabindex="-1" ref=${title}>Order <bdi class="mono">${shortId(id)}</bdi></h2>
      <button class="icon" aria-label="Close the journey" title="Close (Esc)" onClick=${closeJourney}><${Icon} name="x" /></button>
      <p class="full mono"><bdi>${id}</bdi></p>
      ${told && html`<p class="ordered"><${Ordered} order=${told.order} /></p><p class="summary" role="status">${summaryOf(told)}</p>`}
    </header>
    <div class="body" key=${id}>
      <${Trouble} />
      ${reading.value.kind === 'reading' && !told && html`<p class="trouble">Reading the log …</p>`}
      ${told && html`<${Told} of=${told} />`}
    </div>
    <footer class="on-screen">
      <button class="btn primary" id="play-journey" disabled=${!told} onClick=${playIt}>Slow motion <kbd>Space</kbd></button>
      <button class="btn" disabled=${!told} onClick=${() => print()}>Print</button>
      <button class="btn" onClick=${copyLink}>Copy link</button>
      ${reading.value.kind === 'failed' && html`<button class="btn" onClick=${readJourney}>Read again</button>`}
    </footer>
    <footer class="on-paper"><span class="mono">${location.origin}/${linkOf(id)}</span><span>printed ${printedAt.value} UTC</span>
      <span>Read from the log. Times count from the first record's ce_time; a retry keeps it, so its time is that of its RETRY.</span></footer>
  </aside>`;
}
