// The map of services that call each other: each arrow with its figures, its breaker and what is made to go wrong on it. Loaded where the
// server says that it is this architecture.

import { effect, signal } from '/vendor/preact-signals.js';
import { useState } from '/vendor/preact-hooks.js';

import { control } from '../api.js';
import { add, adding } from '../commands.js';
import { html } from '../html.js';
import { addedMs, boundText, breakersMs, breakerWords, callsPerSecond, changesOfCalls, countedOf, faultWords, gapSentence, gapsOf, stateOf as stateOfArrow, stateWord, summaryOf, withBreakers, withCalls } from '../rest.js';
import { fraud, modules, now, say, serverNow, system, total } from '../state.js';
import { duration, grouped } from '../text.js';
import { TokenField, whyNot } from './control_access.js';
import { Icon, Shape, hueOf } from './icon.js';
import { Command, shownActions } from './members.js';

/** @import { Arrow, Fault, Instance, Rest, UnheardArrow } from '../types.js' */

const workersMax = 16;
/** Gaps are said at most this often. */
const gapsSaidMs = 5000;

const sheet = document.createElement('link');
sheet.rel = 'stylesheet';
sheet.href = '/rest.css';
document.head.append(sheet);

const own = () => /** @type {Rest} */ (system.value?.architecture);
/** @param {string} name */
const arrowOf = (name) => countedOf(own().calls).find(({ arrow }) => arrow === name);

/** @type {import('/vendor/preact-signals.js').Signal<import('../rest.js').Sample[]>} */
const samples = signal([]);
/** @type {import('/vendor/preact-signals.js').Signal<Map<string, import('../rest.js').Segment[]>>} */
const history = signal(new Map());
/** @type {(Arrow | UnheardArrow)[]} */
let before = [];
effect(() => {
  const at = system.value?.at ?? 0;
  const calls = own()?.calls;
  if (!calls || samples.peek().at(-1)?.at === at) return;
  samples.value = withCalls(samples.peek(), countedOf(calls), at);
  history.value = withBreakers(history.peek(), calls, at);
  const changes = changesOfCalls(before, calls);
  before = calls;
  if (changes.length > 0) say(changes.join(' '), { urgent: true });
});

/** Gaps that were said, by arrow. @type {Map<string, number>} */
let told = new Map();
let toldAt = 0;
effect(() => {
  const calls = countedOf(own()?.calls ?? []);
  if (now.value < toldAt + gapsSaidMs) return;
  const sentence = gapSentence(told, calls);
  told = new Map(calls.map(({ arrow, gaps }) => [arrow, gaps]));
  if (!sentence) return;
  toldAt = now.value;
  say(sentence, { urgent: true });
});

/** @param {string} kind */
const instancesOf = (kind) => modules.value.filter((each) => each.kind === kind);

/** @param {number | null | undefined} ms  unknown is not zero */
const millis = (ms) => (ms === null || ms === undefined ? '–' : ms < 9.95 ? ms.toFixed(1) : grouped(Math.round(ms)));

/** @param {number | undefined} n */
const rate = (n) => (n === undefined ? '–' : n < 99.95 ? n.toFixed(1) : grouped(Math.round(n)));

/** Where a service of another process is, as far as this one knows. @param {string} service */
function placeOf(service) {
  const url = own().services?.find((each) => each.service === service)?.url;
  return url ? `: ${url}` : '';
}

// ---- an arrow

/** What was asked of an arrow and is not answered yet. @type {import('/vendor/preact-signals.js').Signal<Map<string, Partial<Fault>>>} */
const asked = signal(new Map());

/** @param {Arrow} arrow  @param {Partial<Fault>} fault */
async function disturb({ arrow }, fault) {
  asked.value = new Map(asked.value).set(arrow, fault);
  const { error } = await control('PATCH', `/api/calls/${encodeURIComponent(arrow)}`, fault);
  const left = new Map(asked.value);
  if (left.get(arrow) === fault) left.delete(arrow);
  asked.value = left;
  if (error) say(`${arrow} was not changed. ${error}`, { urgent: true });
}

const normal = { refuse: false, delayMs: 0, failRate: 0 };

/** @param {{of: Arrow, name: 'delayMs' | 'failRate', label: string, max: number, step: number, scale: number, unit: string}} props */
function FaultSlider({ of, name, label, max, step, scale, unit }) {
  const [moved, setMoved] = useState(/** @type {number | undefined} */ (undefined));
  const value = Math.round(scale * (moved ?? asked.value.get(of.arrow)?.[name] ?? of.fault[name]));
  const why = whyNot();
  const read = (/** @type {Event} */ event) => Number(/** @type {HTMLInputElement} */ (event.target).value) / scale;
  return html`<label class="slider" title=${why}><span>${label}</span><output>${grouped(value)} ${unit}</output>
    <input type="range" min="0" max=${Math.max(max * scale, value)} step=${step} value=${value} disabled=${Boolean(why)} data-fault=${name}
      aria-label=${`${label} on ${of.arrow}`} aria-valuetext=${`${value} ${unit}`} onInput=${(/** @type {Event} */ event) => setMoved(read(event))}
      onChange=${(/** @type {Event} */ event) => {
        setMoved(undefined);
        void disturb(of, { [name]: read(event) });
      }} /></label>`;
}

/** What can be made to go wrong on an arrow. @param {{of: Arrow, close: () => void}} props */
function Faults({ of, close }) {
  const why = whyNot();
  const waits = asked.value.has(of.arrow);
  const refuse = asked.value.get(of.arrow)?.refuse ?? of.fault.refuse;
  /** @param {Partial<Fault>} fault */
  const press = (fault) => () => !why && void disturb(of, fault);
  return html`<div class=${`faults${waits ? ' waits' : ''}`} id=${`faults-${of.arrow}`} role="group" aria-label=${`What goes wrong on ${of.arrow}`}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && (event.stopPropagation(), close())}>
    <div class="row"><button class=${`btn small${refuse ? ' pressed' : ''}`} data-fault="refuse" aria-pressed=${String(refuse)} aria-disabled=${why ? 'true' : undefined}
      title=${why || 'Nothing arrives'} onClick=${press({ refuse: !refuse })}>Refuse</button>
    <button class="btn small" data-fault="normal" aria-disabled=${why || !faultWords(of.fault) ? 'true' : undefined}
      title=${why || 'No refusal, no delay, nothing lost'} onClick=${press(normal)}>Back to normal</button></div>
    <${FaultSlider} of=${of} name="delayMs" label="delays" max=${1000} step=${20} scale=${1} unit="ms" />
    <${FaultSlider} of=${of} name="failRate" label="loses answers" max=${1} step=${5} scale=${100} unit="%" /></div>`;
}

/** The lever of a switch: closed, up, or half way. */
const levers = { closed: 'M6 8h16', open: 'M6 8 19 1', 'half-open': 'M6 8 20.500 4.500' };

/** Of an arrow whose process does not answer. @param {{of: Arrow}} props */
const Silent = ({ of: { trouble, heardAt } }) => html`<p class="breaker is-unknown"><b>not known</b><span>for ${duration(Math.max(0, serverNow.value - Date.parse(heardAt ?? '')) || 0)}: the figures are of then</span></p>
  <p class="quiet last" title=${trouble}><bdi>${trouble}</bdi></p>`;

/** @param {{of: Arrow}} props */
function Breaker({ of: { breaker, probesAt, probesPassed = 0, bounds } }) {
  const left = Math.max(0, Date.parse(probesAt ?? '') - serverNow.value || 0);
  return html`<p class=${`breaker is-${breaker}`}><svg viewBox="0 0 28 12" aria-hidden="true"><path d="M0 8h6M22 8h6" /><path class="lever" d=${levers[breaker]} /><circle cx="6" cy="8" r="2" /><circle cx="22" cy="8" r="2" /></svg>
    <b>${breaker}</b>${breaker === 'open' && html`<span>${left > 0 ? `probes in ${(left / 1000).toFixed(1)} s` : 'the next call is a probe'}</span>`}
    ${breaker === 'half-open' && html`<span>${probesPassed} of ${bounds.probes} probes</span>`}</p>`;
}

/** @type {[string, string, (arrow: Arrow) => unknown][]} */
const figures = [
  ['calls/s', 'Over the last 10 s', ({ arrow, trouble }) => rate(trouble ? undefined : callsPerSecond(samples.value, arrow, serverNow.value))],
  ['p50 ms', 'Of the newest 512 calls', ({ p50Ms }) => millis(p50Ms)],
  ['p99 ms', 'Of the newest 512 calls', ({ p99Ms }) => millis(p99Ms)],
  ['calls', 'Since the start', ({ calls }) => grouped(calls)],
  ['errors', 'Calls that were tried and failed', ({ errors }) => grouped(errors)],
  ['retries', 'Second tries', ({ retries }) => grouped(retries)],
  ['refused', 'Calls of which nothing was sent', ({ refused }) => grouped(refused)],
  ['gaps', 'What the other service does not know', ({ gaps }) => html`<span class=${gaps > 0 ? 'bad' : ''}>${grouped(gaps)}</span>`],
];

/** An arrow that another process counts, and of which this one knows nothing. @param {{name: string, area: string}} props */
function Unheard({ name, area }) {
  const trouble = own().calls.find(({ arrow }) => arrow === name)?.trouble;
  return html`<article class=${`arrow a-${area} is-unknown`} data-arrow=${name} aria-label=${`Arrow ${name}`}><header><h3 class="mono">${name}</h3></header>
    ${trouble && html`<p class="breaker is-unknown"><b>not known</b></p>`}
    <p class="quiet">Another process makes these calls and counts them${placeOf(name.split('-')[0])}. <bdi>${trouble}</bdi></p></article>`;
}

/** @param {{name: string, area: string}} props */
function ArrowCard({ name, area }) {
  const [isOpen, setOpen] = useState(false);
  const arrow = arrowOf(name);
  if (!arrow) return html`<${Unheard} name=${name} area=${area} />`;
  const { path, bounds, fault, lastError, trouble } = arrow;
  const words = faultWords(fault);
  return html`<article class=${`arrow a-${area} is-${stateOfArrow(arrow)}${words ? ' disturbed' : ''}`} data-arrow=${name} aria-label=${`Arrow ${name}`}>
    <header><h3 class="mono">${name}</h3>
      <button class=${`icon${isOpen ? ' pressed' : ''}`} data-action="disturb" aria-expanded=${String(isOpen)} aria-controls=${isOpen ? `faults-${name}` : undefined}
        aria-label=${`Refuse, delay or fail ${name}`} title="Refuse, delay or fail" onClick=${() => setOpen(!isOpen)}><${Icon} name="crash" /></button></header>
    ${words && html`<p class="fault bad">set by hand: ${words}</p>`}
    ${isOpen && html`<${Faults} of=${arrow} close=${() => setOpen(false)} />`}
    ${trouble ? html`<${Silent} of=${arrow} />` : html`<${Breaker} of=${arrow} />`}
    <dl>${figures.map(([label, title, value]) => html`<div key=${label} title=${title} data-figure=${label}><dt>${label}</dt><dd>${value(arrow)}</dd></div>`)}</dl>
    <p class="quiet foot"><span class="mono">${path}</span> <span>${boundText(bounds.tryMs)} a try, ${boundText(bounds.callMs)} in all</span></p>
    ${lastError && !trouble && arrow.breaker !== 'closed' && html`<p class="quiet last" title=${lastError}>last error: <bdi>${lastError}</bdi></p>`}</article>`;
}

// ---- a service

/** Its state, and where it listens. @param {Instance} of */
function stateOf({ state, ready, report }) {
  const { address, requests } = report?.service ?? {};
  return [state === 'running' && !ready ? 'running, not ready' : state, ...(address ? [address.replace('127.0.0.1', ''), `${grouped(requests)} requests`] : [])].join(', ');
}

/** @param {{of: Instance}} props */
const InstanceRow = ({ of }) => html`<li class=${`instance is-${of.state}`} data-instance=${of.instance} data-member=${of.instance}>
  <b>${of.instance}</b>
  <span class="acts">${shownActions(of.state).map((action) => html`<${Command} key=${action} instance=${of.instance} action=${action} state=${of.state} />`)}</span>
  <span class="state" title=${stateOf(of)}>${stateOf(of)}</span>${of.error && html`<span class="bad"><bdi>${of.error}</bdi></span>`}</li>`;

/** @param {{kind: string, about: string, action?: unknown, children?: unknown}} props */
function Service({ kind, about, action, children }) {
  const instances = instancesOf(kind);
  return html`<section class=${`rest-service s-${kind} ${hueOf(kind)} t-${kind}`} aria-label=${`Service ${kind}`}>
    <h2><${Shape} of=${kind} />${kind}${action}</h2>
    <ul aria-label=${`Instances of ${kind}`}>${instances.map((each) => html`<${InstanceRow} key=${each.instance} of=${each} />`)}</ul>
    ${instances.length === 0 && html`<p class="quiet">no instance in this process${placeOf(kind)}</p>`}
    <p class="quiet"><span class="mono" title=${`${own().folder}/${kind}.db`}>${kind}.db</span>: ${about}</p>${children}</section>`;
}

/** What a service has still to tell. @param {{of: string}} props */
function Untold({ of }) {
  const { untold, outbox } = own();
  const left = untold[of];
  if (left === undefined) return html`<p class="outbox">${of === 'order' ? 'outbox off: told at once' : 'what waits to be told is not known'}</p>`;
  return html`<p class="outbox" data-untold=${of}>outbox ${outbox}: ${left === 0 ? 'nothing waits' : html`<b>${grouped(left)}</b> ${left === 1 ? 'row waits' : 'rows wait'}`}</p>`;
}

/** @param {{n: number, what: string, name?: string, children?: unknown}} props */
const Step = ({ n, what, name, children }) => html`<li><i>${n}</i><div><b>${what}</b>${name && html`<span class="end">${millis(arrowOf(name)?.p50Ms)} ms</span>`}<p class="quiet">${children}</p></div></li>`;

function OrderService() {
  const { onFraudDown, outbox } = own();
  const behind = outbox === 'on' ? 'later, from the outbox' : 'the client waits';
  return html`<${Service} kind="order" about=${`${grouped(total.value)} orders`}>
    <ol class="steps">
      <${Step} n=${1} what="check" name="order-fraud-check">before the insert; without a verdict ${onFraudDown === 'accept' ? 'it is placed unchecked' : '503'}<//>
      <${Step} n=${2} what="insert">in its own database: from here on the answer is 201<//>
      <${Step} n=${3} what="audit" name="order-audit-audit">${behind}<//>
      <${Step} n=${3} what="notify" name="order-notification-notify">${outbox === 'on' ? behind : 'at the same time'}<//>
      <${Step} n=${4} what="201" />
    </ol><${Untold} of="order" /><//>`;
}

function FraudService() {
  const { report, settings } = fraud.value ?? {};
  return html`<${Service} kind="fraud" about=${report?.windows ? `${grouped(report.windows.orders)} copies in ${Math.round((settings?.windowMs ?? 60_000) / 1000)} s` : 'copies, to count them'}>
    ${report && html`<p>${grouped(report.blocked ?? 0)} stopped${settings?.blockOn && `, from ${settings.blockOn} on`}</p>`}<${Untold} of="fraud" /><//>`;
}

function NotificationService() {
  const workers = instancesOf('notification');
  const sum = (/** @type {string} */ name) => grouped(workers.reduce((all, { report }) => all + (report?.[name] ?? 0), 0));
  const why = whyNot() || (workers.length < workersMax ? '' : `${workersMax} instances are enough`);
  const busy = adding.value === 'notification';
  const more = html`<button class=${`btn small${busy ? ' pressed' : ''}`} data-action="add" title=${why || 'One more instance on the same queue'} aria-disabled=${why || busy ? 'true' : undefined}
    onClick=${() => !why && void add('notification', workers[0]?.settings ?? {})}>+ instance</button>`;
  return html`<${Service} kind="notification" about="copies, as jobs" action=${more}>
    <p>${sum('notified')} notified, ${sum('retried')} retries, ${sum('deadLettered')} gave up</p><${Untold} of="notification" /><//>`;
}

/** @param {{name: string, what: string}} props */
function Told({ name, what }) {
  const arrow = arrowOf(name);
  const untold = own().untold[arrow?.from ?? ''];
  return html`<li><${Shape} of=${arrow?.from ?? ''} />${what}<span class=${arrow?.gaps ? 'bad' : 'quiet'}>${arrow ? `${grouped(arrow.gaps)} missing` : 'not counted here'}</span>${
    untold > 0 && html`<span class="quiet">${grouped(untold)} on the way</span>`}</li>`;
}

function AuditService() {
  const rows = instancesOf('audit').find(({ report }) => report?.rows !== undefined)?.report?.rows;
  return html`<${Service} kind="audit" about=${rows === undefined ? 'copies' : `${grouped(rows)} rows`}>
    <ul class="told-by"><${Told} name="fraud-audit-audit" what="verdicts, from fraud" /><${Told} name="order-audit-audit" what="orders, from order" />
      <${Told} name="notification-audit-audit" what="outcomes, from notification" /></ul><//>`;
}

/** What the other services do not know, and what becomes of it. */
function Gaps() {
  const { calls, outbox, untold } = own();
  const counted = countedOf(calls);
  const gaps = gapsOf(counted);
  const waits = Object.values(untold).reduce((sum, n) => sum + n, 0);
  const withGaps = counted.filter((each) => each.gaps > 0);
  return html`<section class=${`gaps${gaps > 0 ? ' some' : ''}`} aria-labelledby="h-gaps" id="gaps">
    <h2 id="h-gaps"><b data-figure="gaps">${grouped(gaps)}</b> ${gaps === 1 ? 'gap' : 'gaps'}${waits > 0 && html`, <b>${grouped(waits)}</b> ${waits === 1 ? 'row' : 'rows'} on the way`}</h2>
    ${withGaps.length > 0 && html`<p>${withGaps.map(({ arrow, gaps: n }) => `${arrow} ${grouped(n)}`).join(', ')}</p>`}
    <p class="quiet">${outbox === 'on' ? 'The outbox is on: a gap becomes a delay.' : gaps > 0 ? 'Nobody will send them again: the outbox is off.' : 'A gap: the order stands, and another service does not know of it.'}</p></section>`;
}

function Tax() {
  const { calls } = own();
  const added = addedMs(own());
  return html`<dl class="tax"><div><dt>The coordination tax</dt><dd class="quiet">what an order costs here, and nowhere else</dd></div>
    <div><dt>arrows</dt><dd><b>${calls.length}</b> <span id="breakers">${breakerWords(calls)}</span></dd></div>
    <div><dt>timeouts to choose</dt><dd><b>${2 * calls.length}</b> one a try, one in all</dd></div>
    <div><dt>copies of an order</dt><dd><b>4</b> in 4 databases</dd></div>
    <div><dt>time added, p50</dt><dd id="added">${added ? html`<b>${millis(added.check + added.behind)}</b> ms: check ${millis(added.check)}, behind it ${millis(added.behind)}` : html`<b>–</b> no order yet`}</dd></div></dl>`;
}

function FlowMap() {
  const { onFraudDown } = own();
  return html`<section class="map" id="map" aria-label="Map of the services and the calls between them">
    <div class="rest-map"><${Tax} /><${OrderService} />
      <${ArrowCard} name="order-fraud-check" area="check" /><${FraudService} /><${ArrowCard} name="fraud-audit-audit" area="verdict" />
      <${ArrowCard} name="order-audit-audit" area="audit" /><${Gaps} />
      <${ArrowCard} name="order-notification-notify" area="notify" /><${NotificationService} /><${ArrowCard} name="notification-audit-audit" area="outcome" />
      <${AuditService} /></div>
    <div class="rest-foot"><${TokenField} /><ul class="others">${instancesOf('analytics').map((each) => html`<${InstanceRow} key=${each.instance} of=${each} />`)}</ul>
      <p class="quiet lacks">Click an order: its calls as a waterfall. When fraud is down: ${onFraudDown}. Not here: a log to replay, a consumer of one's own.</p></div>
    <ul class="sr" id="map-summary">${summaryOf(own()).map((text) => html`<li key=${text}>${text}</li>`)}</ul></section>`;
}

/** @param {{arrow: string, end: number, spanMs: number}} props */
function Strip({ arrow, end, spanMs }) {
  const segments = history.value.get(arrow) ?? [];
  const at = (/** @type {number} */ time) => Math.max(0, 100 * (1 - (end - time) / spanMs));
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${segments.map(({ from, state }, n) =>
    html`<rect key=${from} class=${`is-${state}`} x=${at(from)} width=${Math.max(0, at(segments[n + 1]?.from ?? end) - at(from))} height="10" />`)}</svg>`;
}

/** @param {Arrow | UnheardArrow} arrow */
function titleOf(arrow) {
  if (arrow.calls === undefined || arrow.trouble) return `${arrow.arrow}: ${arrow.trouble}`;
  return `${arrow.arrow}: opened ${grouped(arrow.breakerOpenings)} ${arrow.breakerOpenings === 1 ? 'time' : 'times'}`;
}

/** Stands where the events architecture shows who owned which partition. */
function Panel() {
  const end = serverNow.value;
  const begin = Math.min(end, ...[...history.value.values()].map((segments) => segments[0].from));
  const spanMs = Math.max(30_000, Math.min(breakersMs, end - begin));
  return html`<section class="panel p-owners p-breakers" aria-labelledby="h-owners"><h2 id="h-owners">Breakers <span class="end">red: open</span></h2>
    <ul class="breakers" tabindex="0" aria-label="The breakers over the last minutes">${own().calls.map((each) => html`<li key=${each.arrow} title=${titleOf(each)}><span class="mono">${each.arrow}</span><${Strip} arrow=${each.arrow} end=${end} spanMs=${spanMs} />
      <span class=${stateOfArrow(each) === 'open' ? 'bad' : ''}>${stateWord(stateOfArrow(each))}</span></li>`)}</ul>
    <p class="empty">The last ${duration(spanMs).replace('.00', '')}. No group, no partition, no lag here; what waits in the ledger for ever is a gap.</p></section>`;
}

/** @param {{part: 'map' | 'panel'}} props */
const Part = ({ part }) => (part === 'map' ? html`<${FlowMap} />` : html`<${Panel} />`);

/** Nothing is drawn before its style is there. */
export const part = new Promise((done) => sheet.addEventListener('load', () => done(Part), { once: true }));
