// The calls of an order as a waterfall: pure. Made of what GET /api/orders/{id}/calls says.

import { grouped } from './text.js';

/** @import { CallTree, OrderCall, CallStep, CallTry } from './types.js' */

/**
 * One bar. `service`: whose colour it has, the service that was asked.
 * @typedef {{key: string, kind: 'request' | 'insert' | 'try' | 'lost' | 'wait' | 'skipped', service: string, label: string, note: string,
 *   from: number, to: number, until?: number, says: string, isBad: boolean, call?: OrderCall}} Bar  times: ms since the order began
 */

/**
 * A request of a client, and all that followed from it.
 * @typedef {{key: string, title: string, answeredAt: number | undefined, before: Bar[], after: Bar[]}} Chapter
 */

/** "4.4 ms", "0.08 ms", "353 ms", "1.2 s". @param {number} ms */
export function shortMs(ms) {
  if (ms === 0) return '0 ms';
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 0.95 ? ms.toFixed(2) : ms < 99.5 ? ms.toFixed(1) : grouped(Math.round(ms))} ms`;
}

/** @type {Record<string, string>} */
const refusedBy = { breaker: 'the breaker is open', bulkhead: 'too many calls are under way', deadline: 'the deadline is past' };
/** @type {Record<string, string>} */
const notRetried = { breaker: 'the breaker has opened', budget: 'the retry budget is spent', deadline: 'the deadline is too near' };

/** @param {OrderCall} call */
const isTelling = ({ path }) => path !== '/check';

/** Whether a call left a gap: nobody makes it again. @param {OrderCall} call  @param {boolean} hasOutbox */
export const isGap = (call, hasOutbox) => call.outcome !== 'answered' && isTelling(call) && !hasOutbox;

/** @param {OrderCall} call  @param {boolean} hasOutbox */
function endOf(call, hasOutbox) {
  if (call.outcome === 'answered') return '';
  if (call.path === '/check') return '; no verdict';
  return hasOutbox ? '; told again from the outbox' : '; a gap';
}

/** The order service goes without saying. @param {OrderCall} call */
const callerOf = ({ from }) => (from === 'order' ? '' : `by ${from}, `);

/** @param {OrderCall} call  @param {boolean} hasOutbox  @returns {Bar} */
function skipped(call, hasOutbox) {
  const times = call.repeated ? `, ${grouped(call.repeated + 1)} times in ${shortMs(call.tookMs)}` : '';
  return { ...common(call), kind: 'skipped', label: call.path, note: `${callerOf(call)}${call.event}`, from: call.startMs, to: call.startMs + call.tookMs,
    says: `skipped: ${refusedBy[call.refusedBy ?? '']}${times}${endOf(call, hasOutbox)}`, isBad: true };
}

/** @param {OrderCall} call */
const common = (call) => ({ key: `${call.arrow} ${call.traceparent} ${call.startMs}`, service: call.to, call });

/** @param {OrderCall} call  @param {CallTry} tried  @param {boolean} isLast  @param {boolean} hasOutbox */
function outcomeOf(call, tried, isLast, hasOutbox) {
  if (!tried.error) return `${call.status} in ${shortMs(tried.tookMs)}: ${call.event}`;
  const why = isLast && call.notRetried ? `; no further try: ${notRetried[call.notRetried]}` : '';
  return `${tried.error}, after ${shortMs(tried.tookMs)}${isLast ? `${why}${endOf(call, hasOutbox)}` : ''}`;
}

/** The tries of a call, and the pauses between them. @param {OrderCall} call  @param {boolean} hasOutbox  @returns {Bar[]} */
function barsOf(call, hasOutbox) {
  if (call.outcome === 'refused') return [skipped(call, hasOutbox)];
  return call.tries.flatMap((tried, n) => {
    const base = common(call);
    const end = tried.startMs + tried.tookMs;
    const next = call.tries[n + 1];
    /** @type {Bar} */
    const bar = { ...base, key: `${base.key} ${n}`, kind: tried.error ? 'lost' : 'try', label: `${call.path}, try ${n + 1}`,
      note: `${callerOf(call)}${tried.probe ? 'a probe, ' : ''}X-Deadline-Ms ${Math.ceil(tried.deadlineMs)}`,
      from: tried.startMs, to: end, until: tried.startMs + tried.deadlineMs, says: outcomeOf(call, tried, !next, hasOutbox), isBad: Boolean(tried.error) };
    if (!next) return [bar];
    /** @type {Bar} */
    const wait = { ...base, key: `${base.key} ${n} wait`, kind: 'wait', service: call.from, label: 'waits', note: 'full jitter',
      from: end, to: next.startMs, says: `${shortMs(next.startMs - end)}, inside the retry budget`, isBad: false };
    return [bar, wait];
  });
}

/** @type {Record<string, string>} */
const answers = { placed: '201', known: '201, placed before under this key', blocked: '422: the fraud check blocks it', refused: '503: nobody could check it',
  failed: '503: the database did not take it', updated: '200: updated', deleted: '200: deleted' };

/** @param {CallStep} step  @returns {Bar} */
function barOf(step) {
  const isInsert = step.step === 'insert';
  const isBad = ['blocked', 'refused', 'failed'].includes(step.outcome);
  return { key: `${step.traceId} ${step.step}`, kind: isInsert ? 'insert' : 'request', service: 'order',
    label: isInsert ? 'insert' : step.step === 'place' ? 'POST /api/orders' : 'change', note: isInsert ? 'order.db' : 'of the client',
    from: step.startMs, to: step.startMs + step.tookMs, isBad,
    says: isInsert ? `${shortMs(step.tookMs)}, ${step.outcome}` : `${answers[step.outcome] ?? step.outcome}, after ${shortMs(step.tookMs)}` };
}

/** @param {string} traceparent */
const traceOf = (traceparent) => traceparent.split('-')[1] ?? '';

/**
 * Each request of a client with what followed from it, in the order of their beginnings. The client waited for what the order service
 * began before it answered; all else came behind that.
 * @param {CallTree} tree  @param {boolean} hasOutbox  @returns {Chapter[]}
 */
export function chaptersOf(tree, hasOutbox) {
  const traces = [...new Set([...tree.steps.map(({ traceId }) => traceId), ...tree.calls.map(({ traceparent }) => traceOf(traceparent))])];
  return traces.map((trace) => {
    const steps = tree.steps.filter(({ traceId }) => traceId === trace);
    const request = steps.find(({ step }) => step !== 'insert');
    const answeredAt = request && request.startMs + request.tookMs;
    const bars = tree.calls.filter(({ traceparent }) => traceOf(traceparent) === trace).flatMap((call) => barsOf(call, hasOutbox));
    const all = [...steps.map(barOf), ...bars].toSorted((a, b) => a.from - b.from || rank(a) - rank(b));
    const isAwaited = (/** @type {Bar} */ bar) => !bar.call || (bar.call.from === 'order' && answeredAt !== undefined && bar.call.startMs < answeredAt);
    const title = !request ? 'Told later' : request.step === 'place' ? 'The order' : `The change: ${request.outcome}`;
    return { key: trace, title, answeredAt, before: all.filter(isAwaited), after: all.filter((bar) => !isAwaited(bar)) };
  }).toSorted((a, b) => beginOf(a) - beginOf(b));
}

/** @param {Bar} bar */
const rank = ({ kind }) => ['request', 'insert'].indexOf(kind) + (kind === 'request' ? 0 : 2);

/** @param {Chapter} chapter */
export const beginOf = ({ before, after }) => Math.min(...[...before, ...after].map(({ from }) => from));

/** A stretch is cut from this length on, ms, where it is so many times as long as all shorter ones together. */
const cutFromMs = 20;
const cutTimes = 4;

/**
 * An axis on which short calls can be seen beside long waits: a stretch in which nothing begins or ends is cut, where it is much longer than
 * the others. All else has one scale.
 * @param {Chapter} chapter
 * @returns {{at: (ms: number) => number, end: number, cuts: {from: number, to: number}[], ticks: number[]}} `at`: from 0 to 1; `end`: what is later is not on it
 */
export function axisOf({ before, after }) {
  const bars = [...before, ...after];
  const points = [...new Set(bars.flatMap(({ from, to }) => [from, to]))].toSorted((a, b) => a - b);
  const lengths = points.slice(1).map((to, n) => to - points[n]);
  const drawn = [...lengths];
  let shorter = 0;
  for (const n of lengths.map((_, each) => each).toSorted((a, b) => lengths[a] - lengths[b])) {
    if (lengths[n] >= cutFromMs && shorter > 0 && lengths[n] > cutTimes * shorter) drawn[n] = shorter / 2;
    shorter += drawn[n];
  }
  const places = drawn.reduce((sums, length) => [...sums, /** @type {number} */ (sums.at(-1)) + length], [0]);
  const whole = places.at(-1) || 1;
  const at = (/** @type {number} */ ms) => {
    const n = Math.max(0, points.findLastIndex((point) => point <= ms));
    if (n >= lengths.length) return 1;
    return Math.max(0, (places[n] + (places[n + 1] - places[n]) * ((ms - points[n]) / lengths[n])) / whole);
  };
  const cuts = lengths.flatMap((length, n) => (drawn[n] < length ? [{ from: points[n], to: points[n + 1] }] : []));
  return { at, end: points.at(-1) ?? 0, cuts, ticks: ticksOf(points, at) };
}

/** Beginnings and ends that stand far enough from each other to be read. @param {number[]} points  @param {(ms: number) => number} at */
function ticksOf(points, at) {
  /** @type {number[]} */
  const ticks = [];
  for (const point of points) if (ticks.length === 0 || at(point) - at(/** @type {number} */ (ticks.at(-1))) > 0.14) ticks.push(point);
  return ticks;
}

/**
 * What it cost, in figures.
 * @param {CallTree} tree  @param {boolean} hasOutbox
 */
export function figuresOf({ steps, calls }, hasOutbox) {
  const placed = steps.find(({ step }) => step === 'place');
  const lost = calls.flatMap(({ tries }) => tries.filter(({ error }) => error));
  const told = calls.find(({ event, outcome, from }) => from === 'notification' && event === 'NOTIFIED' && outcome === 'answered');
  const begin = placed?.startMs ?? 0;
  return {
    answer: placed && (answers[placed.outcome] ?? placed.outcome).slice(0, 3),
    answeredMs: placed?.tookMs,
    calls: calls.length,
    arrows: new Set(calls.map(({ arrow }) => arrow)).size,
    lost: lost.length,
    lostMs: lost.reduce((sum, { tookMs }) => sum + tookMs, 0),
    skipped: calls.filter(({ outcome }) => outcome === 'refused').length,
    gaps: calls.filter((call) => isGap(call, hasOutbox)).length,
    notifiedMs: told && told.startMs + told.tookMs - begin,
  };
}

/** @param {number} n  @param {string} one  @param {string} [many] */
const count = (n, one, many = `${one}s`) => `${grouped(n)} ${n === 1 ? one : many}`;

/** What became of it, in one sentence. @param {ReturnType<typeof figuresOf>} figures */
export function sentenceOf({ answer, answeredMs, calls, arrows, lost, skipped: refused, gaps }) {
  const parts = [`${count(calls, 'call')} along ${count(arrows, 'arrow')}`];
  if (lost > 0) parts.push(`${count(lost, 'try was', 'tries were')} lost`);
  if (refused > 0) parts.push(`${count(refused, 'call was', 'calls were')} skipped`);
  parts.push(gaps > 0 ? count(gaps, 'gap') : 'no gap');
  const begun = answeredMs === undefined ? '' : `Answered ${answer} in ${shortMs(answeredMs)}: `;
  return `${begun}${parts.join(', ')}.`;
}
