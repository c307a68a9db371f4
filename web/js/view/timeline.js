import { chartOf } from '../chart.js';
import { html } from '../html.js';

/** @import { Chart, ChartRow, Mark } from '../chart.js' */
/** @import { Journey } from '../types.js' */

/** @param {{of: Mark, y: number, picked: boolean, pick: (index: number) => void}} props */
const Point = ({ of: { x, step, index }, y, picked, pick }) => html`<g class=${`mark g-${step.kind}${picked ? ' picked' : ''}`}
    onClick=${() => pick(index)}>
  <title>${step.place} ${step.what}</title>
  ${picked && html`<circle class="ring" cx=${x} cy=${y} r="9" />`}
  <use href=${`#s-${step.kind}`} x=${x - 5.5} y=${y - 5.5} width="11" height="11" /></g>`;

/** @param {{of: ChartRow, chart: Chart, width: number, at: number, pick: (index: number) => void}} props */
const Line = ({ of: { name, y, marks, labels, waits }, chart, width, at, pick }) => html`<g>
  <text class="name" x="0" y=${y + 4}>${name}</text><path class="log" d=${`M${chart.left} ${y}H${width}`} />
  ${waits.map(({ from, to, text, middle }) => html`<path class="wait" d=${`M${from} ${y}H${to}`} />
    ${middle && html`<text class="why" x=${middle} y=${y + 4} text-anchor="middle">${text}</text>`}`)}
  ${labels.map(({ x, text, atEnd }) => html`<text x=${x} y=${y - 4} text-anchor=${atEnd ? 'end' : 'start'}>${text}</text>`)}
  ${marks.map((mark) => html`<${Point} key=${mark.index} of=${mark} y=${y} picked=${mark.index === at} pick=${pick} />`)}</g>`;

/**
 * The picture of a journey. The table beside it says the same in words, so that it is hidden from screen readers.
 * @param {{journey: Journey, width: number, left: number, at: number, pick: (index: number) => void}} props
 */
export function Timeline({ journey, width, left, at, pick }) {
  const chart = chartOf(journey, width, left);
  const { rows, ticks, cuts, height } = chart;
  const base = height - 18;
  return html`<svg class="timeline" viewBox=${`0 0 ${width} ${height}`} aria-hidden="true">
    ${rows.map((row) => html`<${Line} key=${row.name} of=${row} chart=${chart} width=${width} at=${at} pick=${pick} />`)}
    <path class="axis" d=${`M${left} ${base}H${width}`} />
    ${ticks.map(({ x, text }) => html`<path class="axis" d=${`M${x} ${base}v4`} />
      <text x=${x} y=${base + 15} text-anchor=${x > width - 20 ? 'end' : 'middle'}>${text}</text>`)}
    ${cuts.map(({ x, text }) => html`<path class="cut" d=${`M${x - 4} ${base + 4}l4 -8m2 8l4 -8`} /><text x=${x} y=${base + 15} text-anchor="middle">${text}</text>`)}
  </svg>`;
}
