// Where the marks of a journey stand in its picture: a row for each log and writer, time from left to right, true to scale.
// Only where the order rested for long is the axis cut. Pure.

import { pauseMinUs } from './journey.js';
import { durationUs } from './text.js';

/** @import { Journey, Step } from './types.js' */

/** Rests longer than this are cut out of the axis, µs. */
const cutUs = 10e6;
const rowPx = 22;
const charPx = 6.7;
/** Marks nearer than this share their label. */
const nearPx = 10;
/** The room of a tick's text, and ticks at most. */
const tickPx = 62;
const ticksMax = 6;

/**
 * @typedef {{x: number, step: Step, index: number}} Mark
 * @typedef {{x: number, text: string, atEnd: boolean}} Label
 * @typedef {{from: number, to: number, text: string, middle: number | undefined}} Wait  middle: of the text, where it has room
 * @typedef {{name: string, y: number, marks: Mark[], labels: Label[], waits: Wait[]}} ChartRow
 * @typedef {{rows: ChartRow[], ticks: {x: number, text: string}[], cuts: {x: number, text: string}[], left: number, height: number}} Chart
 */

/** @param {Step} step */
function rowOf({ record, writer, kind }) {
  if (record.topic !== 'audit') return `${record.topic} p${record.partition}`;
  return `audit: ${kind === 'order' && writer.startsWith('order-service') ? 'order' : kind === 'order' ? 'others' : kind}`;
}

/**
 * Places of times on the axis.
 * @param {Step[]} steps  @param {number} left  @param {number} right
 */
function axis(steps, left, right) {
  /** @type {{at: number, us: number}[]} where something was cut, and how much */
  const cuts = [];
  steps.forEach(({ us }, n) => {
    const gap = n > 0 ? us - steps[n - 1].us : 0;
    if (gap > cutUs) cuts.push({ at: us, us: gap });
  });
  const last = steps.at(-1)?.us ?? 0;
  const shown = last - cuts.reduce((sum, { us }) => sum + us, 0);
  const restUs = Math.max(shown / 8, 1);  // what a cut still takes
  const total = Math.max(shown + cuts.length * restUs, 1);
  const x = (/** @type {number} */ us) => {
    const before = cuts.filter(({ at }) => at <= us);
    const kept = us - before.reduce((sum, each) => sum + each.us - restUs, 0);
    return left + ((right - left) * kept) / total;
  };
  const marks = cuts.map(({ at, us }) => ({ x: x(at) - ((right - left) * restUs) / total / 2, text: durationUs(us) }));
  return { x, cuts: marks, ticks: cuts.length > 0 ? [] : ticksOf(last, (right - left) / tickPx).map((us) => ({ x: x(us), text: us === 0 ? '0' : durationUs(us) })) };
}

/** Round numbers from 0 to `last`. @param {number} last  @param {number} room  of so many */
function ticksOf(last, room) {
  const rough = Math.max(last, 1) / (Math.max(2, Math.min(Math.floor(room), ticksMax)) - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, n) => n * step);
}

/** @param {Step} step  @param {boolean} full */
function textOf({ record, what, retryCount }, full) {
  const offset = `@${record.offset}`;
  if (!full) return offset;
  if (record.topic === 'orders') return retryCount > 0 ? `${offset} retryCount ${retryCount}` : offset;
  return `${offset} ${what.split(',')[0].slice(0, 24)}`;
}

/** What fits: the whole text, or offsets, right of the mark, or left of the last one. @param {Mark[]} marks  @param {number} right */
function labelsOf(marks, right) {
  /** @type {Mark[][]} */
  const groups = [];
  for (const mark of marks) {
    const group = groups.at(-1);
    if (group && mark.x - group[group.length - 1].x < nearPx) group.push(mark);
    else groups.push([mark]);
  }
  /** @type {Label[]} */
  const labels = [];
  let used = 0;
  groups.forEach((group, n) => {
    const [begin, end] = [group[0].x, group[group.length - 1].x];
    const next = groups[n + 1]?.[0].x ?? right + 8;
    for (const full of [true, false]) {
      const text = group.map(({ step }) => textOf(step, full)).join(', ');
      const width = text.length * charPx;
      const atEnd = end + 8 + width > next - 8 && begin - 8 - width > used;
      if (!atEnd && end + 8 + width > next - 8) continue;
      labels.push({ x: atEnd ? begin - 8 : end + 8, text, atEnd });
      used = atEnd ? end : end + 8 + width;
      return;
    }
    used = end;
  });
  return labels;
}

/**
 * The middle of the room that the labels of a row leave for a text; none: there is too little.
 * @param {number} from  @param {number} to  @param {string} text  @param {Label[]} labels
 */
function middleOf(from, to, text, labels) {
  for (const label of labels) {
    const width = label.text.length * charPx;
    const [begin, end] = label.atEnd ? [label.x - width, label.x] : [label.x, label.x + width];
    if (begin <= from + 8 && end > from) from = end + 4;
    else if (begin < to && end > from) to = begin - 4;
  }
  return to - from > text.length * charPx ? (from + to) / 2 : undefined;
}

/** @param {Journey} journey  @param {(us: number) => number} x  @param {string} name  @param {Label[]} labels */
function waitsOf({ attempts }, x, name, labels) {
  /** @type {Wait[]} */
  const waits = [];
  for (const attempt of attempts) {
    for (const step of attempt.steps) {
      const cause = attempts.flatMap((each) => each.steps).find(({ place }) => place === step.cause);
      if (rowOf(step) !== name || !cause || step.us - cause.us < pauseMinUs) continue;
      const isRetry = step.record.topic === 'orders' && attempt.waitUs > 0;
      if (!isRetry && step.kind !== 'fraud') continue;
      const [from, to] = [x(cause.us) + 8, x(step.us) - 8];
      const text = `waits ${durationUs(isRetry ? attempt.waitUs : step.us - cause.us)}`;
      const middle = isRetry ? middleOf(from, to, text, labels) : undefined;
      if (to > from) waits.push({ from, to, text, middle });
    }
  }
  return waits;
}

/** @param {Journey} journey  @param {number} width  px  @param {number} left  where the axis begins  @returns {Chart} */
export function chartOf(journey, width, left) {
  const right = width - 8;
  const { x, cuts, ticks } = axis(journey.steps, left + 6, right);
  /** @type {Map<string, Mark[]>} */
  const marks = new Map();
  journey.steps.forEach((step, index) => {
    const name = rowOf(step);
    marks.set(name, [...(marks.get(name) ?? []), { x: x(step.us), step, index }]);
  });
  const topics = ['orders', 'order-status', 'audit', 'orders-dlq'];
  const rank = (/** @type {string} */ name) => topics.findIndex((each) => name.startsWith(`${each} `) || name.startsWith(`${each}:`));
  const names = [...marks.keys()].sort((a, b) => rank(a) - rank(b));
  const rows = names.map((name, n) => {
    const own = marks.get(name) ?? [];
    const labels = labelsOf(own, right);
    return { name, y: 14 + n * rowPx, marks: own, labels, waits: waitsOf(journey, x, name, labels) };
  });
  return { rows, ticks, cuts, left, height: 14 + rows.length * rowPx + 18 };
}
