// What the page shows of services that call each other, by what /events/system says of their arrows: pure.

import { grouped } from './text.js';

/** @import { Arrow, Fault, Rest, UnheardArrow } from './types.js' */

/** Rates are of the last so many milliseconds, breakers of the last five minutes. */
const rateMs = 10_000;
export const breakersMs = 5 * 60_000;
const segmentsMax = 200;

/** Those that have figures. @param {(Arrow | UnheardArrow)[]} arrows */
export const countedOf = (arrows) => arrows.filter((each) => each.calls !== undefined);

/** @typedef {Arrow['breaker'] | 'unknown'} State  unknown: another process counts its calls, and does not answer */

/** @param {Arrow | UnheardArrow} arrow  @returns {State} */
export const stateOf = (arrow) => (arrow.calls === undefined || arrow.trouble ? 'unknown' : arrow.breaker);

/** How often each arrow had been called by then. @typedef {{at: number, calls: Map<string, number>}} Sample  `at`: ms, server time */

/**
 * The samples that rates are made of, after one more. Counts that went back are those of another process.
 * @param {Sample[]} samples  @param {Arrow[]} arrows  @param {number} at  @returns {Sample[]}
 */
export function withCalls(samples, arrows, at) {
  const next = { at, calls: new Map(arrows.map(({ arrow, calls }) => [arrow, calls])) };
  const last = samples.at(-1);
  if (last && (at < last.at || [...next.calls].some(([arrow, calls]) => calls < (last.calls.get(arrow) ?? 0)))) return [next];
  const first = samples.findLastIndex((each) => at - each.at >= rateMs);
  return [...samples.slice(Math.max(0, first)), next];
}

/**
 * Calls a second along an arrow. The server is silent while nothing changes, so the last count holds until now.
 * @param {Sample[]} samples  @param {string} arrow  @param {number} now  ms, server time
 * @returns {number | undefined} nothing while this page has looked for less than a second
 */
export function callsPerSecond(samples, arrow, now) {
  if (samples.length === 0 || now - samples[0].at < 1000) return undefined;
  const first = samples.findLast(({ at }) => now - at >= rateMs) ?? samples[0];
  const count = (samples.at(-1)?.calls.get(arrow) ?? 0) - (first.calls.get(arrow) ?? 0);
  return (1000 * count) / Math.min(rateMs, now - first.at);
}

/** @typedef {{from: number, state: State}} Segment  until the next one begins */

/**
 * What the breakers were over the last five minutes, by arrow, after one more look.
 * @param {Map<string, Segment[]>} history  @param {(Arrow | UnheardArrow)[]} arrows  @param {number} at  ms, server time
 */
export function withBreakers(history, arrows, at) {
  return new Map(arrows.map((each) => {
    const { arrow } = each;
    const state = stateOf(each);
    const known = history.get(arrow) ?? [];
    const segments = known.at(-1)?.state === state ? known : [...known, { from: at, state }];
    return [arrow, segments.filter((_, n) => (segments[n + 1]?.from ?? at) > at - breakersMs || n === segments.length - 1).slice(-segmentsMax)];
  }));
}

/** @type {Record<Arrow['breaker'], (arrow: Arrow) => string>} */
const breakerSentences = {
  open: ({ arrow, refusedBy }) => `The breaker of ${arrow} is open: most calls failed or were slow. ${grouped(refusedBy.breaker)} calls were refused by it so far.`,
  'half-open': ({ arrow, bounds }) => `The breaker of ${arrow} is half-open: ${bounds.probes} probes, of which all must pass.`,
  closed: ({ arrow }) => `The breaker of ${arrow} is closed again.`,
};

/** What a fault does, in words; empty: there is none. @param {Fault} fault */
export function faultWords({ refuse, delayMs, failRate }) {
  const does = [refuse && 'refuses', delayMs > 0 && `delays ${grouped(delayMs)} ms`, failRate > 0 && `loses ${Math.round(100 * failRate)} % of the answers`];
  return does.filter(Boolean).join(', ');
}

/**
 * What changed on the arrows, in sentences.
 * @param {(Arrow | UnheardArrow)[]} before  @param {(Arrow | UnheardArrow)[]} after  @returns {string[]}
 */
export function changesOfCalls(before, after) {
  return after.flatMap((arrow) => {
    const was = before.find((each) => each.arrow === arrow.arrow);
    if (!was) return [];
    if (arrow.trouble) return was.trouble ? [] : [`${arrow.arrow} is not known: ${arrow.trouble}.`];
    if (was.trouble) return [`${arrow.arrow} is known again.`];
    if (was.calls === undefined || arrow.calls === undefined) return [];
    const told = [];
    if (faultWords(was.fault) !== faultWords(arrow.fault)) told.push(`${arrow.arrow} ${faultWords(arrow.fault) || 'is back to normal'}.`);
    if (was.breaker !== arrow.breaker) told.push(breakerSentences[arrow.breaker](arrow));
    return told;
  });
}

/** @param {Arrow[]} arrows */
export const gapsOf = (arrows) => arrows.reduce((sum, { gaps }) => sum + gaps, 0);

/** Gaps that came since, in a sentence; empty: none. @param {Map<string, number>} told  gaps by arrow  @param {Arrow[]} arrows */
export function gapSentence(told, arrows) {
  const more = arrows.filter(({ arrow, gaps }) => gaps > (told.get(arrow) ?? gaps));
  return more.map(({ arrow, to, gaps }) => {
    const n = gaps - (told.get(arrow) ?? gaps);
    return `${n === 1 ? 'A gap' : `${grouped(n)} gaps`} on ${arrow}: ${to} does not know what was done. ${grouped(gaps)} in all.`;
  }).join(' ');
}

/**
 * How long the calls make a client wait, typically: the check before the order, and the slower of the two behind it.
 * @param {Rest} of  @returns {{check: number, behind: number} | undefined} ms; nothing before the first order
 */
export function addedMs({ calls, outbox }) {
  const p50 = (/** @type {string} */ name) => countedOf(calls).find(({ arrow }) => arrow === name)?.p50Ms ?? undefined;
  const check = p50('order-fraud-check');
  if (check === undefined) return undefined;
  const behind = outbox === 'on' ? 0 : Math.max(p50('order-notification-notify') ?? 0, p50('order-audit-audit') ?? 0);
  return { check, behind };
}

/** "300 ms", "1 s". @param {number} ms */
export const boundText = (ms) => (ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`);

/** @param {State} state */
export const stateWord = (state) => (state === 'unknown' ? 'not known' : state);

/** "1 open, 1 half-open". @param {(Arrow | UnheardArrow)[]} arrows */
export function breakerWords(arrows) {
  const words = /** @type {const} */ (['open', 'half-open', 'unknown']).map((state) => [arrows.filter((each) => stateOf(each) === state).length, stateWord(state)]);
  return words.filter(([n]) => n).map(([n, word]) => `${n} ${word}`).join(', ') || 'all closed';
}

/** @param {Arrow | UnheardArrow} arrow */
function summaryOfArrow(arrow) {
  if (arrow.calls === undefined || arrow.trouble) return `${arrow.arrow}: not known: ${arrow.trouble}.`;
  return `${arrow.arrow}: ${arrow.breaker}, ${grouped(arrow.gaps)} gaps${faultWords(arrow.fault) && `; a fault is set: ${faultWords(arrow.fault)}`}.`;
}

/** The map in sentences, for those who do not see it. @param {Rest} of  @returns {string[]} */
export function summaryOf({ calls, outbox }) {
  return [
    `${calls.length} arrows between four services, each with a database of its own; the breakers: ${breakerWords(calls)}.`,
    ...calls.map(summaryOfArrow),
    outbox === 'on' ? 'The outbox is on: what was not told waits and is told later.' : 'The outbox is off: what was not told is a gap.',
  ];
}
