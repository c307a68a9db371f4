// The calls of one order, beside the page that goes on. Loaded when the first order is opened where services call each other.

import { useRef, useState } from '/vendor/preact-hooks.js';

import { html } from '../html.js';
import { reading, tree } from '../open_calls.js';
import { closeJourney, opened } from '../route.js';
import { rows, system } from '../state.js';
import { grouped, money, shortId } from '../text.js';
import { axisOf, chaptersOf, figuresOf, sentenceOf, shortMs } from '../waterfall.js';
import { copyLink, useDrawer } from './drawer.js';
import { Icon, Shape, hueOf } from './icon.js';

/** @import { Bar, Chapter } from '../waterfall.js' */
/** @import { CallTree } from '../types.js' */

const hasOutbox = () => system.value?.architecture.outbox === 'on';

/** Whose order it is, as far as this page has it. @param {{id: string}} props */
function Ordered({ id }) {
  const order = rows.value.find((row) => row.order.id === id)?.order;
  return order && html`<p class="ordered"><bdi>${order.customerName}</bdi>, ${order.quantity} × <bdi>${order.item}</bdi>, ${money(order.quantity * order.price)}</p>`;
}

/** @param {{of: CallTree}} props */
function Facts({ of }) {
  const { answer, answeredMs, calls, arrows, lost, lostMs, skipped, gaps, notifiedMs } = figuresOf(of, hasOutbox());
  /** @type {[string, string, string][]} */
  const facts = [
    ['answered', answer ?? '–', answeredMs === undefined ? '' : `in ${shortMs(answeredMs)}`],
    ['calls', grouped(calls), `along ${arrows} ${arrows === 1 ? 'arrow' : 'arrows'}`],
    ['tries lost', grouped(lost), lost > 0 ? shortMs(lostMs) : ''],
    ['skipped', grouped(skipped), ''],
    ['gaps', grouped(gaps), ''],
    ['notified', notifiedMs === undefined ? '–' : shortMs(notifiedMs), ''],
  ];
  return html`<dl class="facts">${facts.map(([name, value, more]) => html`<div key=${name} data-fact=${name}>
    <dt>${name}</dt><dd>${value}${more && html` <small>${more}</small>`}</dd></div>`)}</dl>`;
}

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(2)}%`;

/** @param {{of: Bar, axis: ReturnType<typeof axisOf>, answeredAt: number | undefined}} props */
function Drawn({ of: { kind, from, to, until }, axis, answeredAt }) {
  const x = axis.at(from);
  return html`<svg class="drawn" aria-hidden="true">
    ${axis.cuts.map((cut) => html`<line key=${cut.from} class="cut" x1=${percent((axis.at(cut.from) + axis.at(cut.to)) / 2)} x2=${percent((axis.at(cut.from) + axis.at(cut.to)) / 2)} y1="0" y2="100%" />`)}
    ${answeredAt !== undefined && html`<line class="answered" x1=${percent(axis.at(answeredAt))} x2=${percent(axis.at(answeredAt))} y1="0" y2="100%" />`}
    <rect class=${`bar-${kind}`} x=${percent(x)} width=${percent(Math.max(axis.at(to) - x, 0.006))} y="20%" height="60%" />
    ${until !== undefined && until <= axis.end && kind === 'lost' && html`<line class="deadline" x1=${percent(axis.at(until))} x2=${percent(axis.at(until))} y1="5%" y2="95%" />`}</svg>`;
}

/** @param {{of: Bar, chapter: Chapter, axis: ReturnType<typeof axisOf>, chosen: string, first: string, choose: (key: string) => void}} props */
function Line({ of: bar, chapter, axis, chosen, first, choose }) {
  const isChosen = chosen === bar.key;
  return html`<li class=${`bar-line k-${bar.kind} ${hueOf(bar.service)}${isChosen ? ' chosen' : ''}`} data-kind=${bar.kind} data-arrow=${bar.call?.arrow} onClick=${() => choose(bar.key)}>
    <button class="call" tabindex=${isChosen || (!chosen && first === bar.key) ? 0 : -1} aria-current=${isChosen ? 'true' : undefined} data-key=${bar.key}>
      <${Shape} of=${bar.service} /><b>${bar.label}</b><span class="quiet">${bar.note}</span>
      <span class="sr">from ${shortMs(bar.from)} to ${shortMs(bar.to)}: ${bar.says}</span></button>
    <${Drawn} of=${bar} axis=${axis} answeredAt=${chapter.answeredAt} />
    <span class=${`says${bar.isBad ? ' bad' : ''}`} aria-hidden="true"><bdi>${bar.says}</bdi></span></li>`;
}

/** @param {{of: ReturnType<typeof axisOf>, zero: number}} props */
const Axis = ({ of: axis, zero }) => html`<div class="fall-axis" aria-hidden="true"><span class="quiet">call</span><svg>${axis.ticks.map((tick, n) =>
  html`<text key=${tick} x=${percent(axis.at(tick))} y="75%" text-anchor=${n === 0 ? 'start' : axis.at(tick) > 0.95 ? 'end' : 'middle'}>${shortMs(tick - zero)}</text>`)}</svg>
  <span class="quiet">${axis.cuts.length > 0 ? `cut: ${axis.cuts.map(({ from, to }) => shortMs(to - from)).join(', ')}` : 'one scale'}</span></div>`;

/** @param {{of: Chapter, chosen: string, choose: (key: string) => void, first: string}} props */
function ChapterOf({ of: chapter, chosen, choose, first }) {
  const axis = axisOf(chapter);
  const zero = [...chapter.before, ...chapter.after][0]?.from ?? 0;
  /** @type {[string, Bar[]][]} */
  const parts = [[chapter.answeredAt === undefined ? '' : 'The client waits', chapter.before], ['Behind the answer', chapter.after]];
  return html`<section class="chapter" aria-label=${chapter.title}><h3>${chapter.title}</h3><${Axis} of=${axis} zero=${zero} />
    ${parts.map(([title, bars]) => bars.length > 0 && html`<h4 key=${title}>${title}</h4><ol class="fall">${bars.map((bar) =>
      html`<${Line} key=${bar.key} of=${bar} chapter=${chapter} axis=${axis} chosen=${chosen} first=${first} choose=${choose} />`)}</ol>`)}</section>`;
}

/** @param {{of: Bar}} props */
function Detail({ of: { call, label, says } }) {
  if (!call) return html`<section class="detail" aria-label="The chosen row"><h3>${label}</h3><p>${says}: work of the order service itself.</p></section>`;
  const arrow = system.value?.architecture.calls?.find((each) => each.arrow === call.arrow);
  const bounds = arrow?.calls === undefined ? undefined : arrow.bounds;
  const facts = [
    ['event', call.event], ['outcome', says],
    ['deadline', `${shortMs(call.deadlineMs)} in all${bounds ? `, ${bounds.tryMs} ms a try, ${bounds.tries} tries` : ''}`],
    ['tries', String(call.tries.length)], ['error', call.error ?? ''],
    ['would have helped', call.outcome !== 'answered' && call.path !== '/check' && !hasOutbox() ? '--outbox=on: the row waits until it is taken' : ''],
    ['traceparent', call.traceparent],
  ];
  return html`<section class="detail" aria-label="The chosen row"><h3 class="mono">${call.arrow}</h3><dl class="headers">${facts.filter(([, value]) => value).map(([name, value]) =>
    html`<div key=${name}><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`)}</dl></section>`;
}

/** Arrows walk the rows. @param {KeyboardEvent} event  @param {string[]} keys  @param {string} chosen  @param {(key: string) => void} choose */
function walk(event, keys, chosen, choose) {
  const at = keys.indexOf(chosen);
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: keys.length - 1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  choose(keys[Math.min(steps[event.key], keys.length - 1)]);
}

/** @param {{of: CallTree}} props */
function Told({ of }) {
  const [chosen, setChosen] = useState('');
  const body = useRef(/** @type {HTMLElement | null} */ (null));
  const chapters = chaptersOf(of, hasOutbox());
  const bars = chapters.flatMap(({ before, after }) => [...before, ...after]);
  const bar = bars.find(({ key }) => key === chosen);
  /** @param {string} key */
  const choose = (key) => {
    setChosen(key);
    const button = body.current?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (button instanceof HTMLElement) button.focus();
  };
  return html`<div class="falls-body" ref=${body} onKeyDown=${(/** @type {KeyboardEvent} */ event) => walk(event, bars.map(({ key }) => key), chosen, choose)}>
    <${Facts} of=${of} />
    ${chapters.map((chapter) => html`<${ChapterOf} key=${chapter.key} of=${chapter} chosen=${bar ? chosen : ''} choose=${choose} first=${bars[0]?.key} />`)}
    ${of.leftOut > 0 && html`<p class="trouble">${grouped(of.leftOut)} calls in between are left out.</p>`}
    ${of.missing.map(({ service, error }) => html`<p key=${service} class="trouble">The calls that ${service} made are ${error ? html`missing: <bdi>${error}</bdi>` : 'kept by another process'}.</p>`)}
    ${bar && html`<${Detail} of=${bar} />`}</div>`;
}

/** Why there is nothing to see. */
function Trouble() {
  const state = reading.value;
  if (state.kind === 'reading') return !tree.value && html`<p class="trouble">Reading the calls …</p>`;
  if (state.kind === 'gone') return html`<p class="trouble" role="status">No calls of this order are here. The program keeps those of the newest 1,000 orders, in memory, until it ends.</p>`;
  return state.kind === 'failed' && html`<p class="trouble" role="status">${state.error} The page tries again.</p>`;
}

const legend = [['try', 'call, in its service’s colour'], ['lost', 'lost try'], ['wait', 'wait before a retry'], ['skipped', 'not called']];

export function Drawer() {
  const id = opened.value;
  const title = useDrawer(id);
  const told = tree.value?.orderId === id ? tree.value : undefined;
  return html`<aside class="drawer falls" aria-labelledby="falls-title">
    <header><h2 id="falls-title" tabindex="-1" ref=${title}>Order <bdi class="mono">${shortId(id)}</bdi></h2>
      <button class="icon" aria-label="Close the calls" title="Close (Esc)" onClick=${closeJourney}><${Icon} name="x" /></button>
      <p class="full mono"><bdi>${id}</bdi></p><${Ordered} id=${id} />
      ${told && html`<p class="summary" role="status">${sentenceOf(figuresOf(told, hasOutbox()))}</p>`}</header>
    <div class="body" key=${id}><${Trouble} />${told && html`<${Told} of=${told} />`}</div>
    <footer class="on-screen"><button class="btn" onClick=${copyLink}>Copy link</button>
      <a class="btn" href="/inspector.html#audit">The audit in the inspector</a>
      <ul class="legend">${legend.map(([kind, text]) => html`<li key=${kind}><svg viewBox="0 0 16 8" aria-hidden="true"><rect class=${`bar-${kind}`} x="1" y="1" width="14" height="6" /></svg>${text}</li>`)}</ul></footer>
  </aside>`;
}
