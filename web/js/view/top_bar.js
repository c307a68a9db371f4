import { signal } from '/vendor/preact-signals.js';

import { startAgain } from '../actions.js';
import { html } from '../html.js';
import { send } from '../link.js';
import { chartsOpen, connection, figures, helpOpen, life, presenting, system } from '../state.js';
import { duration } from '../text.js';
import { Icon } from './icon.js';

const dark = signal(document.documentElement.dataset.theme === 'dark');
addEventListener('theme', (event) => (dark.value = /** @type {CustomEvent} */ (event).detail === 'dark'));

export const toggleTheme = () => dispatchEvent(new Event('theme-toggle'));

function Connection() {
  const { look, text, stopped } = life.value;
  const { kind } = connection.value;
  return html`<div class="conn" id="connection" data-state=${kind} data-look=${look}>
    <span class="dot"></span><span>${text}</span>
    ${stopped && html`<button class="btn small" id="start-orders" onClick=${() => startAgain(stopped)}>Start</button>`}
    ${kind === 'lost' && !stopped && html`<button class="btn small" onClick=${() => send({ kind: 'retry' })}>Retry now</button>`}
  </div>`;
}

/** A figure and its unit, or a dash: unknown is not zero. @param {{of: string | undefined}} props */
function Figure({ of }) {
  if (of === undefined) return html`<span class="quiet">–</span>`;
  const [number, unit] = of.split(' ');
  return html`${number}${unit && html` <small>${unit}</small>`}`;
}

/** @param {number | undefined} value  @param {(value: number) => string} format */
const shown = (value, format) => (value === undefined ? undefined : format(value));

function Figures() {
  const { ordersPerMinute, meanMs, p99Ms, successRate } = figures.value;
  return html`<dl class="kpis">
    <div><dt>orders / min</dt><dd id="kpi-rate"><${Figure} of=${shown(ordersPerMinute, (n) => String(Math.round(n)))} /></dd></div>
    <div><dt>time to notified</dt><dd id="kpi-time">
      <small>mean </small><${Figure} of=${shown(meanMs, duration)} />
      <small class="next">p99 </small><${Figure} of=${shown(p99Ms, duration)} /></dd></div>
    <div><dt>success</dt><dd id="kpi-success"><${Figure} of=${shown(successRate, (n) => `${(100 * n).toFixed(1)} %`)} /></dd></div>
  </dl>`;
}

/** Where the log is. */
function Bus() {
  if (!system.value) return null;
  const { bus, architecture: { name, file, folder = file, durability } } = system.value;
  if (folder) return html`<p class="bus"><span>${name} <b>${folder}</b></span><span class="quiet">durability ${durability}</span></p>`;
  return html`<p class="bus"><span>bus <b>${bus}</b></span>${bus === 'memory' && html`<span class="quiet">kept until this program ends</span>`}</p>`;
}

export const TopBar = () => html`<header class="topbar">
  <a class="brand" href="/" aria-label="foodorder">
    <svg viewBox="0 0 20 20" aria-hidden="true"><use href="#i-brand" /></svg><h1>foodorder</h1>
  </a>
  <nav class="pages" aria-label="Pages"><a href=${location.pathname} aria-current="page">Flow</a><a href="/inspector.html">Inspector</a></nav>
  <${Bus} />
  <${Connection} />
  <${Figures} />
  <div class="tools">
    <button class="icon wide-only" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)"
      onClick=${() => (helpOpen.value = true)}><${Icon} name="keys" /></button>
    <button class="icon wide-only" id="charts" aria-label="Charts" title="Charts (c)" onClick=${() => (chartsOpen.value = true)}><${Icon} name="chart" /></button>
    <button class="icon wide-only" id="present" aria-label="Presenter mode" aria-pressed=${String(presenting.value)} title="Presenter mode (p)"
      onClick=${() => (presenting.value = !presenting.value)}><${Icon} name="present" /></button>
    <button class="icon" id="theme" aria-label="Dark theme" aria-pressed=${String(dark.value)} title="Theme (t)"
      onClick=${toggleTheme}><${Icon} name="theme" /></button>
  </div>
</header>`;
