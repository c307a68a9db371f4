import { signal } from '/vendor/preact-signals.js';

import { html } from '../../html.js';
import { behind } from '../../inspector/history.js';
import { sizeText } from '../../inspector/bytes.js';
import { helpOpen, history, line, now, serverNow, system } from '../../inspector/state.js';
import { send } from '../../link.js';
import { grouped } from '../../text.js';
import { Icon } from '../icon.js';
import { lagSeconds, seconds } from './parts.js';

const dark = signal(document.documentElement.dataset.theme === 'dark');
addEventListener('theme', (event) => (dark.value = /** @type {CustomEvent} */ (event).detail === 'dark'));

export const toggleTheme = () => dispatchEvent(new Event('theme-toggle'));

/** @type {Record<string, string>} */
const words = { connecting: 'connecting', live: 'live', lost: 'connection lost', silent: 'no sign of life' };

function Connection() {
  const { kind } = line.value;
  const trouble = system.value?.trouble;
  const since = 'since' in line.value ? ` for ${Math.max(0, Math.round((now.value - line.value.since) / 1000))} s` : '';
  const look = kind === 'connecting' ? 'waits' : kind === 'live' && !trouble ? 'good' : 'bad';
  return html`<div class="conn" id="connection" data-state=${kind} data-look=${look} title=${trouble}>
    <span class="dot"></span><span>${kind === 'live' && trouble ? 'cannot reach the broker' : `${words[kind]}${since}`}</span>
    ${(kind === 'lost' || kind === 'silent') && html`<button class="btn small" onClick=${() => send({ kind: 'retry' })}>Retry now</button>`}
  </div>`;
}

/** The group that is most behind: its lag, and for how long. */
function WorstLag() {
  const all = (system.value?.groups ?? []).flatMap(({ partitions }) => partitions);
  const worst = all.reduce((most, each) => (each.lag > most.lag ? each : most), all[0]);
  if (!worst) return html`<span class="quiet">–</span>`;
  const waits = lagSeconds(worst) ?? behind([history.value.recent, history.value.long], worst, serverNow.value);
  return html`${grouped(worst.lag)} <small>${worst.lag === 1 ? 'record' : 'records'}</small>${waits && worst.lag > 0 && html` ${seconds(waits)}`}`;
}

function Figures() {
  const topics = system.value?.topics ?? [];
  const records = topics.reduce((sum, each) => sum + each.records, 0);
  const bytes = topics.reduce((sum, each) => sum + each.sizeBytes, 0);
  const rates = topics.flatMap(({ name, partitions }) => partitions.map(({ partition }) => history.value.recent.rate(`${name}/${partition}`)));
  const rate = rates.every((each) => each === undefined) ? undefined : rates.reduce((/** @type {number} */ sum, each) => sum + (each ?? 0), 0);
  const [size, unit] = sizeText(bytes).split(' ');
  return html`<dl class="kpis">
    <div><dt>records</dt><dd id="kpi-records">${system.value ? grouped(records) : html`<span class="quiet">–</span>`}</dd></div>
    <div><dt>on disk</dt><dd>${system.value ? html`${size} <small>${unit}</small>` : html`<span class="quiet">–</span>`}</dd></div>
    <div><dt>produced</dt><dd>${rate === undefined ? html`<span class="quiet">–</span>` : html`${rate.toFixed(1)} <small>/ s</small>`}</dd></div>
    <div><dt>worst lag</dt><dd id="kpi-lag"><${WorstLag} /></dd></div>
  </dl>`;
}

export const TopBar = () => html`<header class="topbar">
  <a class="brand" href="/dashboard.html" aria-label="foodorder">
    <svg viewBox="0 0 20 20" aria-hidden="true"><use href="#i-brand" /></svg><h1>foodorder</h1>
  </a>
  <nav class="pages" aria-label="Pages"><a href="/dashboard.html">Flow</a><a href="#/" aria-current="page">Inspector</a></nav>
  ${system.value && html`<div class="bus"><span class="quiet">bus</span> <b>${system.value.bus}</b> ${system.value.brokers && html`<span class="mono">${system.value.brokers}</span>`}</div>`}
  <${Connection} />
  <${Figures} />
  <div class="tools">
    <button class="icon wide-only" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick=${() => (helpOpen.value = true)}><${Icon} name="keys" /></button>
    <button class="icon" id="theme" aria-label="Dark theme" aria-pressed=${String(dark.value)} title="Theme (t)" onClick=${toggleTheme}><${Icon} name="theme" /></button>
  </div>
</header>`;
