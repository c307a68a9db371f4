// The map of the monolith: an order is one transaction, whose COMMIT enters all tables at once; workers take jobs from one of
// them. Loaded where the server says that it is this architecture.

import { effect, signal } from '/vendor/preact-signals.js';

import { control } from '../api.js';
import { add, adding } from '../commands.js';
import { limitOf } from '../fraud.js';
import { html } from '../html.js';
import { lastBlocked, leasesOf, leftMs, summaryOf, waitMs, withWork, workOf } from '../monolith.js';
import { alerts, audit, fraud, modules, picked, rows, say, serverNow, system } from '../state.js';
import { duration, grouped, shortId } from '../text.js';
import { TokenField, whyNot } from './control_access.js';
import { Icon, Shape } from './icon.js';
import { Command, Slider, shownActions } from './members.js';

/** @import { Entry, Instance, Job, Monolith, Row } from '../types.js' */

const rowsShown = 4;
const auditShown = 7;
const workersMax = 16;

const sheet = document.createElement('link');
sheet.rel = 'stylesheet';
sheet.href = '/monolith.css';
document.head.append(sheet);

const own = () => /** @type {Monolith} */ (system.value?.architecture);

/** @type {import('/vendor/preact-signals.js').Signal<import('../monolith.js').Sample[]>} */
const samples = signal([]);
effect(() => {
  const at = system.value?.at ?? 0;
  const now = own()?.transactions;
  if (now && samples.peek().at(-1)?.at !== at) samples.value = withWork(samples.peek(), { at, ...now });
});

/** @param {string} kind */
const instancesOf = (kind) => modules.value.filter((each) => each.kind === kind);

/** @param {number | undefined} n  unknown is not zero */
const shown = (n) => (n === undefined ? '–' : grouped(n));

/** @param {number} n */
const short = (n) => (n < 9.95 ? n.toFixed(1) : grouped(Math.round(n)));

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param {{of: Instance}} props */
const Commands = ({ of: { instance, state } }) => html`<div class="acts">${shownActions(state).map((action) =>
  html`<${Command} key=${action} instance=${instance} action=${action} state=${state} />`)}</div>`;

/** @param {Instance} of */
const wordOf = ({ state, ready }) => (state === 'running' && !ready ? 'running, not ready' : state);

/** @param {{of: Instance, facts: string[]}} props */
const Service = ({ of, facts }) => html`<li class=${`service g-${of.kind} is-${of.state}`} data-instance=${of.instance} data-member=${of.instance}>
  <${Shape} of=${of.kind} /><b>${of.instance}</b> <span class="state">${wordOf(of)}</span>
  ${of.error && html`<span class="bad"><bdi>${of.error}</bdi></span>`}
  ${facts.map((fact) => html`<span class="quiet" key=${fact}>${fact}</span>`)}<${Commands} of=${of} /></li>`;

function Top() {
  const { transactions, walBytes } = own();
  const facts = transactions && [`${grouped(transactions.waiting)} of 4\u202f096 wait for the database`,
    ...(transactions.refused > 0 ? [`${grouped(transactions.refused)} refused`] : []), `WAL ${megabytes(walBytes ?? 0)}`];
  return html`<div class="mono-top"><span class="mono quiet">POST /api/orders</span>
    <ul aria-label="Order service">${instancesOf('order').map((each) => html`<${Service} key=${each.instance} of=${each} facts=${facts ?? []} />`)}</ul></div>`;
}

// ---- the transaction

/** The offset of its row on audit, as far as this page has it. @param {string} id */
const refusalOf = (id) => audit.value.find((entry) => entry.orderId === id && entry.action === 'FRAUD_ALERT');

/** Where the last order was stopped. */
function Gate() {
  const count = own().blocked ?? 0;
  const last = lastBlocked(alerts.value);
  if (count === 0 || !last) return html`<li class="gate"><p class="quiet">${count === 0 ? 'no order was stopped here' : `stopped here: ${grouped(count)} in all`}</p></li>`;
  const limit = limitOf(last.type, fraud.value?.settings);
  const row = refusalOf(last.orderId);
  return html`<li class="gate g-fraud"><div class="blocked" id="blocked" data-order=${last.orderId}>
    <p><${Shape} of="fraud" /><b>stopped here: 422 fraud-alert</b> <span class="end">${grouped(count)} in all</span></p>
    <p><span class="mono">${shortId(last.orderId)}</span> <bdi>${last.customerName}</bdi>, ${last.type} ${last.severity}${limit === undefined ? '' : `, limit ${limit}`}</p>
    <p class="quiet"><bdi>${last.reason}</bdi></p>
    <p class="quiet">no order, no job; one row of audit${row && row.offset >= 0 ? `, ${grouped(row.offset)}` : ''}</p></div></li>`;
}

/** @param {{n: number, what: unknown, end: unknown, children?: unknown}} props */
const Step = ({ n, what, end, children }) => html`<li><i>${n}</i><div>${what}<span class="end">${end}</span>${children}</div></li>`;

/** @param {string} table */
const insert = (table) => html`<b>insert</b> into <span class="mono">${table}</span>`;

function Commit() {
  const work = workOf(samples.value);
  const { transactions } = own();
  return html`<div class="commit" id="commit"><p><b>COMMIT ${shown(transactions?.commits)}</b><b class="end">${work ? `${short(work.commitMs)} ms` : 'at rest'}</b></p>
    <p>${work ? `${short(work.commitsPerSecond)} a second, ${short(work.writesPerCommit)} writes share one, a savepoint each` : 'all that waits shares one, a savepoint each'}</p></div>
    ${work && html`<svg class="spent" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width=${(100 * work.writeMs) / (work.writeMs + work.commitMs)} height="8" /></svg>
    <p class="spent-words"><span>statements ${short(work.writeMs)} ms</span><span>COMMIT ${short(work.commitMs)} ms</span></p>`}`;
}

function Transaction() {
  const { rows: counts, fraudQuery, durability } = own();
  const { report, settings } = fraud.value ?? {};
  const newest = rows.value[0]?.order;
  const window = report?.windows;
  return html`<section class="mono-tx" aria-labelledby="h-tx">
    <header><h2 id="h-tx">One transaction</h2><span class="mono quiet">BEGIN IMMEDIATE</span></header>
    <p class="quiet">${newest ? html`the last that was placed: <span class="mono">${shortId(newest.id)}</span> <bdi>${newest.customerName}</bdi>` : 'no order yet'}</p>
    <ol class="steps">
      <${Step} n=${1} what=${html`<b>count</b> the last ${Math.round((settings?.windowMs ?? 60_000) / 1000)} s`} end=${fraudQuery}>
        <p>${window ? `${grouped(window.orders)} orders of ${grouped(window.customers)} customers` : 'no fraud instance shows the counts'}</p><//>
      <${Step} n=${2} what=${html`<b>decide</b> by the pure fraud rule`} end=${settings?.blockOn && `stops ${settings.blockOn}`} />
      <${Gate} />
      <${Step} n=${3} what=${insert('orders')} end=${shown(counts?.orders)} />
      <${Step} n=${4} what=${insert('audit')} end=${shown(counts?.audit)} />
      <${Step} n=${5} what=${insert('jobs')} end=${shown(counts?.jobs)} />
      <${Step} n=${6} what=${insert('idempotency_keys')} end=${shown(counts?.idempotency_keys)} />
    </ol>
    <${Commit} /><p class="quiet">an acknowledgement survives ${durability === 'power' ? 'a loss of power' : 'kill -9'}</p></section>`;
}

// ---- the tables

/** @param {{name: string, note: unknown, children?: unknown, count?: number}} props */
const Table = ({ name, note, count, children }) => html`<section class=${`mono-table t-${name}`} aria-labelledby=${`h-table-${name}`}>
  <h2 id=${`h-table-${name}`}><b class="mono">${name}</b> <span data-count=${name}>${shown(count)}</span> <span class="quiet">${note}</span></h2>${children}</section>`;

/** @param {Job} job */
const retryMarks = ({ retryCount }) => (retryCount > 0 ? ` r${Math.min(2, retryCount)}` : '');

/** @param {{of: Job, kind: string, why: string}} props */
const JobCell = ({ of: job, kind, why }) => html`<span class=${`cell ${kind}${retryMarks(job)}${job.orderId === picked.value ? ' picked' : ''}`} title=${`job ${job.id}, order ${shortId(job.orderId)}, retryCount ${job.retryCount}, ${why}`}>${job.id}</span>`;

/** @param {Job[]} ready */
function nextWords(ready) {
  const due = ready.find((job) => waitMs(job, serverNow.value) > 0);
  return due && ready[0] === due ? `the next runs in ${duration(waitMs(due, serverNow.value))}` : '';
}

/** The jobs of one lease, and how long it lasts yet. @param {{worker: string, jobs: Job[]}} props */
function Lease({ worker, jobs }) {
  const holder = modules.value.find(({ instance }) => instance === worker);
  const left = Math.min(...jobs.map((job) => leftMs(job, serverNow.value)));
  const whole = holder?.settings?.leaseMs ?? 10_000;
  const isGone = ['crashed', 'lost', 'failed', 'stopped'].includes(holder?.state ?? '');
  return html`<div class=${`lease${isGone ? ' gone' : ''}`} data-lease=${worker}><div class="cells">${jobs.map((job) => html`<${JobCell} key=${job.id} of=${job} kind="leased" why=${`leased by ${worker}`} />`)}</div>
    <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width=${Math.min(100, (100 * left) / whole)} height="4" /></svg>
    <span class="quiet"><b class=${isGone ? 'bad' : ''}>${worker}</b>${left === 0 ? ' its lease is over: the next worker takes them' : isGone ? ` ${holder?.state}: ready again in ${duration(left)}` : ` ${duration(left)}`}</span></div>`;
}

function Jobs() {
  const { jobs = [], ready, leased, rows: counts } = own();
  const waiting = jobs.filter(({ state }) => state === 'ready');
  return html`<${Table} name="jobs" count=${counts?.jobs} note="a table as a queue: finished rows are deleted">
    <div class="queue"><div><span class="quiet">ready ${shown(ready)} ${nextWords(waiting)}</span>
      <div class="cells">${waiting.map((job) => html`<${JobCell} key=${job.id} of=${job} kind="unread" why="ready" />`)}</div></div>
    <div><span class="quiet">leased ${shown(leased)}</span>
      ${[...leasesOf(jobs)].map(([worker, held]) => html`<${Lease} key=${worker} worker=${worker} jobs=${held} />`)}</div></div><//>`;
}

/** @param {Job} job */
async function again(job) {
  const { error } = await control('POST', `/api/jobs/${job.id}/retry`);
  say(error ? `Job ${job.id} was not started again. ${error}` : `Job ${job.id} starts again, with its first delivery.`, { urgent: true });
}

function DeadJobs() {
  const { jobs = [], rows: counts } = own();
  const why = whyNot();
  return html`<${Table} name="dead_jobs" count=${counts?.dead_jobs} note="what gave up; press one, and it starts again">
    <div class="cells">${jobs.filter(({ state }) => state === 'dead').map((job) => html`<button class="cell dead" key=${job.id} data-job=${job.id} aria-disabled=${why ? 'true' : undefined}
      title=${why || job.reason} aria-label=${`Start job ${job.id} again, of order ${shortId(job.orderId)}: ${job.reason}`} onClick=${() => !why && void again(job)}>${job.id}</button>`)}</div><//>`;
}

/** @param {Row} row */
const orderRow = ({ order, goneAt }) => html`<li key=${order.id} class=${goneAt ? 'gone' : ''}><span class="mono">${shortId(order.id)}</span><bdi>${order.customerName}</bdi>
  <span class="num">${order.quantity} × <bdi>${order.item}</bdi></span></li>`;

/** @param {Entry} entry */
const isBlocked = ({ action, orderId }) => action === 'FRAUD_ALERT' && alerts.value.some((each) => each.blocked && each.orderId === orderId);

/** @param {Entry} entry */
const auditRow = (entry) => html`<li key=${entry.key} class=${isBlocked(entry) ? 'stopped g-fraud' : ''}><span class="mono">${entry.offset < 0 ? '' : grouped(entry.offset)}</span>
  <span class="mono">${shortId(entry.orderId)}</span><span>${entry.action}${isBlocked(entry) ? ', blocked' : ''}</span><span class="num quiet">${entry.detail || entry.source.replace('-service', '')}</span></li>`;

/** @param {{label: string, children?: unknown}} props */
const Rows = ({ label, children }) => html`<ol class="rows" aria-label=${label}>${children}</ol>`;

const Tables = () => html`<div class="mono-tables">
  <${Jobs} /><${DeadJobs} />
  <${Table} name="orders" count=${own().rows?.orders} note="that live; the newest below"><${Rows} label="The newest orders">${rows.value.slice(0, rowsShown).toReversed().map(orderRow)}<//><//>
  <${Table} name="audit" count=${own().rows?.audit} note="only appended; it feeds this page"><${Rows} label="The newest rows of audit">${audit.value.slice(0, auditShown).toReversed().map(auditRow)}<//><//>
  <${Table} name="idempotency_keys" count=${own().rows?.idempotency_keys} note="the first answer is kept for 24 h" />
</div>`;

// ---- the workers

/** @param {{of: Instance}} props */
function Worker({ of: module }) {
  const { instance, state, settings = {}, report = {} } = module;
  const member = { module, owns: [], lag: 0, idle: '' };
  const facts = [`${grouped(report.notified ?? 0)} notified`, `${grouped(report.retried ?? 0)} retries, ${grouped(report.deadLettered ?? 0)} gave up`];
  return html`<li class=${`member g-notification is-${state}`} data-instance=${instance} data-member=${instance}>
    <div class="who"><b>${instance}</b><span class="state">${wordOf(module)}</span>${module.error && html`<span class="state bad"><bdi>${module.error}</bdi></span>`}</div>
    <div class="lag"><b>${grouped(report.leased ?? 0)}</b><span>leased</span></div>
    <div class="report">${facts.map((fact) => html`<span key=${fact}>${fact}</span>`)}${report.fenced > 0 && html`<span class="bad" title="A finish with a lost lease is refused">${grouped(report.fenced)} fenced</span>`}</div>
    ${'failRate' in settings && html`<div class="sliders"><${Slider} of=${member} name="failRate" label="fails" max=${1} step=${0.05} scale=${100} unit="%" />
      <${Slider} of=${member} name="workMs" label="works" max=${1000} step=${10} scale=${1} unit="ms" /></div>`}
    <${Commands} of=${module} /></li>`;
}

/** Workers of other processes on the same file, as their leases tell. */
function foreign() {
  const ours = new Set(modules.value.map(({ instance }) => instance));
  return [...leasesOf(own().jobs ?? [])].filter(([worker]) => !ours.has(worker));
}

function Workers() {
  const workers = instancesOf('notification');
  const settings = workers[0]?.settings ?? {};
  const why = whyNot() || (workers.length < workersMax ? '' : `${workersMax} workers are enough`);
  const busy = adding.value === 'notification';
  return html`<section class="team g-notification t-notification" aria-labelledby="h-workers">
    <header><h2 id="h-workers"><${Shape} of="notification" />workers</h2><span class="quiet">${workers.length}, lease ${duration(settings.leaseMs ?? 10_000)}, ${settings.deliveriesMax ?? 5} deliveries</span>
      <button class=${`btn small${busy ? ' pressed' : ''}`} data-action="add" title=${why || 'One more worker on the same queue'} aria-disabled=${why || busy ? 'true' : undefined}
        onClick=${() => !why && void add('notification', settings)}>+ worker</button></header>
    <ul>${workers.map((each) => html`<${Worker} key=${each.instance} of=${each} />`)}
      ${foreign().map(([worker, jobs]) => html`<li key=${worker} class="member foreign"><div class="who"><b><bdi>${worker}</bdi></b><span class="state">another process, ${jobs.length} leased</span></div></li>`)}</ul>
    <p class="quiet">a result, its audit row and the next state of the job: one transaction</p></section>`;
}

/** @param {Instance} module */
const lessOf = ({ kind }) => ({ fraud: ['a part of the transaction; it has the settings'], analytics: ['SQL, not a consumer'], audit: ['a table, not a consumer'] }[kind] ?? []);

const Rest = () => html`<section class="mono-rest" aria-labelledby="h-rest"><h2 id="h-rest">Services that are no consumers here</h2>
  <ul>${['fraud', 'analytics', 'audit'].flatMap(instancesOf).map((each) => html`<${Service} key=${each.instance} of=${each} facts=${lessOf(each)} />`)}</ul></section>`;

function FlowMap() {
  return html`<section class="map" id="map" aria-label="Map of the transaction, the tables and the workers">
    <div class="mono-map"><${Top} /><${Transaction} /><${Tables} />
      <div class="mono-work"><${TokenField} /><${Workers} /><${Rest} />
        <p class="quiet lacks">Not here: replay by another group, a consumer of its own. Everybody who needs the orders asks this database.</p></div></div>
    <ul class="sr" id="map-summary">${summaryOf(own()).map((text) => html`<li key=${text}>${text}</li>`)}</ul></section>`;
}

/** Stands where the events architecture shows who owned which partition. */
const Panel = () => html`<section class="panel p-owners" aria-labelledby="h-owners"><h2 id="h-owners">Who owned which partition <span class="end">not here</span></h2>
  <p class="empty">Workers take jobs from one table. There is no group, no partition and no lag; a lease says whose a job is.</p>
  <p class="empty"><${Icon} name="ok" /> ${shown(own().transactions?.commits)} commits for ${shown(own().transactions?.writes)} writes since the start.</p></section>`;

/** @param {{part: 'map' | 'panel'}} props */
const Part = ({ part }) => (part === 'map' ? html`<${FlowMap} />` : html`<${Panel} />`);

/** Nothing is drawn before its style is there. */
export const part = new Promise((done) => sheet.addEventListener('load', () => done(Part), { once: true }));
