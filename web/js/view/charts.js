import uPlot from '/vendor/uplot.js';
import { useEffect, useLayoutEffect, useRef } from '/vendor/preact-hooks.js';

import { html } from '../html.js';
import { chartsOf } from '../samples.js';
import { chartsOpen, samples } from '../state.js';
import { clock } from '../text.js';

const height = 180;
/** The axis of time is at least so long. */
const minuteS = 60;

const sheet = document.createElement('link');
sheet.rel = 'stylesheet';
sheet.href = '/vendor/uplot.css';
document.head.append(sheet);

/** @param {string} name  of a token */
const token = (name) => {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

/** Hue and dash: never hue alone. */
const looks = [['--notification', []], ['--fraud', [8, 3]], ['--analytics', [2, 3]], ['--audit', [8, 3, 2, 3]], ['--ink-2', [14, 4]]];

/** @param {string} title  @param {{label: string}[]} series  @param {number} width  @returns {any} */
function optionsOf(title, series, width) {
  const times = { values: (/** @type {any} */ _, /** @type {number[]} */ seconds) => seconds.map((each) => clock(each * 1000)), space: 80 };
  const axis = { stroke: token('--ink-3'), grid: { stroke: token('--line'), width: 1 }, ticks: { stroke: token('--line') }, font: `11px ${getComputedStyle(document.body).fontFamily}` };
  return { title, width, height, legend: { live: false }, series: [{}, ...series.map(({ label }, n) => ({ label, stroke: token(String(looks[n % looks.length][0])), dash: looks[n % looks.length][1],
    width: 1.5, spanGaps: false }))], axes: [{ ...axis, ...times }, { ...axis, size: 60 }], scales: { x: { range: (/** @type {any} */ _, /** @type {number} */ first, /** @type {number} */ last) => last ? [Math.min(first, last - minuteS), last] : [Date.now() / 1000 - minuteS, Date.now() / 1000] }, y: { range: (/** @type {any} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [0, Math.max(1, high * 1.1)] } } };
}

/** @param {{title: string, series: import('../samples.js').Series[], times: number[]}} props */
function Chart({ title, series, times }) {
  const at = useRef(/** @type {HTMLElement | null} */ (null));
  const plot = useRef(/** @type {any} */ (undefined));
  const names = series.map(({ label }) => label).join();
  const data = [times, ...series.map(({ values }) => values)];
  useEffect(() => {
    if (!at.current) return undefined;
    const box = at.current;
    plot.current = new uPlot(optionsOf(title, series, box.clientWidth), /** @type {any} */ (data), box);
    const sizes = new ResizeObserver(() => plot.current.setSize({ width: box.clientWidth, height }));  // also once the dialog is shown
    sizes.observe(box);
    return () => {
      sizes.disconnect();
      plot.current.destroy();
    };
  }, [names]);
  useEffect(() => plot.current?.setData(data));
  const last = series.map(({ label, values }) => `${label} ${values.at(-1) ?? 'unknown'}`).join(', ');
  return html`<figure class="chart" aria-label=${`${title}: now ${last}`}><div ref=${at}></div></figure>`;
}

/** Four charts of the last ten minutes, as far as this page has seen them. */
export function Charts() {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const times = samples.value.map(({ at }) => at / 1000);
  return html`<dialog class="dialog charts" ref=${dialog} aria-labelledby="h-charts" onClose=${() => (chartsOpen.value = false)}>
    <div class="sheet"><header><h2 id="h-charts">Charts</h2><button class="btn" autofocus onClick=${() => dialog.current?.close()}>Close</button></header>
      <p>The last ten minutes, as far as this page has seen them. Rates are measured over 10 s.</p>
      <div class="grid">${chartsOf(samples.value).map(({ title, series }) => html`<${Chart} key=${title} title=${title} series=${series} times=${times} />`)}</div>
      </div>
  </dialog>`;
}
