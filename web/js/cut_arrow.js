// An arrow that carries nothing for a while, as the first minute tells it: what the other service does not know, and whether it
// will. Pure.

import { grouped } from './text.js';

/** @import { Arrow, Broken, Rest } from './types.js' */

export const cutArrow = 'order-notification-notify';
export const cutMs = 10_000;
/** The server shows a fault at most so long after it was set. */
const seenMs = 1000;

/**
 * What is known when it begins.
 * @typedef {{at: number, orders: number, gaps: number, spared: number}} Cut  at: ms, server time; spared: calls that the breaker refused
 */

/**
 * The arrow that is cut, and how many orders have come: each is checked first, and both are of the same moment.
 * @param {Rest} of  @returns {{arrow: Arrow | undefined, orders: number}} no arrow: another process makes these calls
 */
export function cutOf({ calls }) {
  const named = (/** @type {string} */ name) => {
    const arrow = calls.find((each) => each.arrow === name);
    return arrow?.calls === undefined ? undefined : arrow;
  };
  return { arrow: named(cutArrow), orders: named('order-fraud-check')?.calls ?? 0 };
}

/** "1 order", "14 orders". @param {number} n  @param {string} one */
const some = (n, one) => `${grouped(n)} ${one}${n === 1 ? '' : 's'}`;

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** @param {Cut} cut  @param {Rest} of  @param {Arrow} arrow */
function meanwhileOf(cut, { outbox, untold }, { gaps, breaker, refusedBy }) {
  const unknown = outbox === 'on' ? { who: some(untold.order ?? 0, 'row'), more: 'in the outbox, to be told later' } : { who: some(gaps - cut.gaps, 'gap'), more: 'counted, told by nobody' };
  const spared = refusedBy.breaker - cut.spared;
  return [{ what: 'notification does not know of', ...unknown },
    { what: 'its breaker', who: breaker, more: spared > 0 ? `${some(spared, 'call')} not even tried` : 'each call is tried twice' },
    { what: 'new orders', who: '201', more: 'they are stored before it is called' }];
}

/** @param {string} outbox  @param {number} orders  @param {number} gaps */
function overSentence(outbox, orders, gaps) {
  const taken = `Calls reach notification again. ${some(orders, 'order')} came meanwhile`;
  if (outbox === 'on') return `${taken}, and it knows all of them: ${some(gaps, 'gap')}. The outbox kept what was not told: a delay, and nothing lost.`;
  if (gaps === 0) return `${taken}, and it missed none of them: 0 gaps this time.`;
  return `${taken}, and it will never know of ${grouped(gaps)}: ${some(gaps, 'gap')}, and as many customers who hear nothing. The order service counts them and tells it nothing again: the outbox is off. With --outbox=on a gap is a delay.`;
}

/** Calls may pass again, and do not yet; empty: they do. @param {Arrow} arrow  @param {number} waits  rows  @param {number} now */
function mendingSentence({ breaker, probesAt, probesPassed = 0, bounds }, waits, now) {
  const left = Math.max(0, Date.parse(probesAt ?? '') - now || 0);
  if (breaker === 'open') return `Calls may pass again, and the breaker does not know it yet: ${left > 0 ? `it lets a probe through in ${seconds(left)}` : 'the next call is a probe'}.`;
  if (breaker === 'half-open') return `The breaker is half-open: ${probesPassed} of ${bounds.probes} probes have passed.`;
  return waits > 0 ? `Calls pass again, and the outbox tells what it has kept: ${some(waits, 'row')} to go.` : '';
}

const why = {
  off: 'The order is stored before notification is called, so its customer gets 201. What fails behind that answer is a gap.',
  on: 'What is to be told is a row in the same transaction as the order. A relay tells it until it is taken.',
};

/**
 * @param {Cut} cut  @param {Rest} of  @param {number} now  ms, server time
 * @returns {Broken | undefined} nothing where the arrow is not known
 */
export function cutNow(cut, of, now) {
  const { arrow, orders: all } = cutOf(of);
  if (!arrow) return undefined;
  const orders = all - cut.orders;
  const waits = of.outbox === 'on' ? of.untold.order ?? 0 : 0;
  if (arrow.fault.refuse || now < cut.at + seenMs) {
    const leftMs = Math.max(0, cut.at + cutMs - now);
    const when = `${seconds(leftMs)} more`;
    return { phase: 'broken', when, countdown: { leftMs, sessionMs: cutMs }, meanwhile: meanwhileOf(cut, of, arrow), why: why[of.outbox === 'on' ? 'on' : 'off'],
      sentence: `Nothing reaches notification for ${when}. ${some(orders, 'order')} came meanwhile.` };
  }
  const sentence = mendingSentence(arrow, waits, now);
  return sentence ? { phase: 'mending', sentence } : { phase: 'over', sentence: overSentence(of.outbox, orders, arrow.gaps - cut.gaps) };
}
