// A journey as it is told: in sentences, one for each thing that somebody did, and played at the speed of a person. Pure.

import { pauseMinUs } from './journey.js';
import { monolithWords, restWords, unwritten } from './telling_tables.js';
import { durationUs, quoted, spelled } from './text.js';

/** @import { Beat, Journey, Pause, Step, Words } from './types.js' */

/** How long a journey plays in all, and a pause in it at most. */
export const play = Object.freeze({ totalMs: 6000, pauseMaxMs: 1000, stillMs: 1200 });

/** @param {Step} step */
const isOrders = ({ record }) => record.topic === 'orders';

/** Both records that bring a delivery again: on orders, and the RETRY on audit. @param {Step} step */
const isRetry = (step) => (isOrders(step) ? step.retryCount > 0 : step.kind === 'notification' && step.record.value?.action === 'RETRY');

/** @param {Step} step */
const who = ({ writer }) => (writer === 'order-service' ? 'The order service' : quoted(writer));

/** @param {Step} step */
function deliverySentence(step) {
  switch (step.record.value?.action) {
    case 'NOTIFIED':
      return `${who(step)} read ${step.cause || 'the record'}, told the customer and wrote NOTIFIED to audit.`;
    case 'DROPPED':
      return `${who(step)} failed for the last time: the order was dropped, and audit says so.`;
    default:
      return `${who(step)} failed for the last time: the order went to orders-dlq, and audit says so.`;
  }
}

/** @param {Step[]} steps */
function ordersSentence([step]) {
  const { partition, value } = step.record;
  if (value?.action === 'updated' || value?.action === 'deleted') {
    return `${who(step)} wrote to ${step.place} that the order is ${value.action}: same key, so partition p${partition} again.`;
  }
  return `${who(step)} wrote the order to ${step.place}: the hash of its key picked p${partition}.`;
}

/** @param {Step[]} steps */
function retrySentence(steps) {
  const [step] = steps;
  const orders = steps.find(isOrders);
  const where = orders ? ` to ${orders.place}` : '';
  return `${who(step)} had failed, waited and produced the order again${where}, with retryCount ${step.retryCount}.`;
}

/** @param {Step[]} steps */
function readBackSentence(steps) {
  const did = steps.map((step) => (step.record.topic === 'audit' ? `reported ${quoted(step.what)} on audit`
    : `wrote ${step.what === 'tombstone' ? 'a tombstone' : quoted(step.what)} to order-status`));
  return `The order service read its own record back, as order-group, and ${did.join(' and ')}.`;
}

/** @param {Step} step  @param {number | undefined} graceMs */
function fraudSentence(step, graceMs) {
  const waited = graceMs === undefined ? 'waited for late records' : `waited ${graceMs} ms for late records, on purpose`;
  const verdict = step.record.value?.action === 'FRAUD_CHECK_PASSED' ? 'the order passed' : quoted(step.what);
  return `Fraud ${graceMs === 0 ? 'judged at once' : `${waited}, then judged`}: ${verdict}.`;
}

/** @param {Step[]} steps  what one writer did in one delivery  @param {number | undefined} graceMs */
function sentenceOf(steps, graceMs) {
  const [step] = steps;
  if (step.again) return `${who(step)} did it again: same ce_id, so it counts once.`;
  if (isRetry(step)) return retrySentence(steps);
  if (isOrders(step)) return ordersSentence(steps);
  if (step.kind === 'notification') return deliverySentence(step);
  if (step.writer.endsWith('as order-group')) return readBackSentence(steps);
  if (step.kind === 'fraud') return fraudSentence(step, graceMs);
  if (step.kind === 'analytics') return 'Analytics read the same record and counted it: no group takes a record away from another.';
  return `${who(step)} wrote ${quoted(step.what)} to ${step.place}.`;
}

/** Why nothing was written before a step. @param {Step} step */
function reasonOf(step) {
  if (isRetry(step)) return `retry ${step.retryCount} waits`;
  if (step.kind === 'fraud') return 'fraud waits for late records';
  return isOrders(step) ? 'the order rests' : unwritten;
}

/** @type {Words} */
const logWords = {
  keyOf: (step) => [step.chapter, step.retryCount, step.writer, isRetry(step), step.again].join(' '),
  sentenceOf,
  reasonOf,
};

/** The words for an architecture. @param {string} architecture  @returns {Words} */
export function wordsFor(architecture) {
  if (architecture === 'monolith') return monolithWords;
  return architecture === 'rest' ? restWords : logWords;
}

/**
 * What is told, in order: records that one writer wrote in one delivery are one sentence.
 * @param {Journey} journey  @param {number} [graceMs]  how long fraud waits; undefined: not known  @param {Words} [words]
 * @returns {Beat[]}
 */
export function beatsOf({ steps }, graceMs, words = logWords) {
  /** @type {Map<string, number[]>} */
  const beats = new Map();
  steps.forEach((step, index) => {
    const key = words.keyOf(step);
    beats.set(key, [...(beats.get(key) ?? []), index]);
  });
  return [...beats.values()].map((indexes) => ({ indexes, sentence: words.sentenceOf(indexes.map((index) => steps[index]), graceMs) }));
}

/** @param {Step[]} steps  @param {Words} [words]  @returns {Pause[]} */
export function pausesOf(steps, words = logWords) {
  return steps.flatMap((step, n) => {
    const us = n > 0 ? step.us - steps[n - 1].us : 0;
    return us >= pauseMinUs ? [{ before: n, us, why: words.reasonOf(step) }] : [];
  });
}

/**
 * When each record is played: 6 s in all, of which a pause takes 1 s at most, and less where there are many.
 * @param {Step[]} steps  @returns {number[]} ms since the play began
 */
export function playTimes(steps) {
  const pauses = new Set(pausesOf(steps).map(({ before }) => before));
  const work = steps.length - pauses.size;  // the last record is to be seen as well
  const pauseMs = pauses.size ? Math.min(play.pauseMaxMs, play.totalMs / 2 / pauses.size) : 0;
  const workMs = (play.totalMs - pauseMs * pauses.size) / Math.max(work, 1);
  let at = 0;
  return steps.map((_, n) => (n === 0 ? 0 : (at += pauses.has(n) ? pauseMs : workMs)));
}

/**
 * What is played at a moment.
 * @param {Step[]} steps  @param {number[]} times  of playTimes()  @param {number} ms  since the play began
 * @returns {{index: number, us: number}} the last record, and the time of the log in µs
 */
export function playedAt(steps, times, ms) {
  const index = Math.max(0, times.findLastIndex((time) => time <= ms));
  const next = steps[index + 1];
  const part = next ? (ms - times[index]) / (times[index + 1] - times[index]) : 0;
  return { index, us: Math.round(steps[index].us + (next ? (next.us - steps[index].us) * part : 0)) };
}

/** @param {Journey} journey */
const whatBegan = ({ changes, attempts }) => {
  if (changes === 0) return 'it was accepted';
  const latest = attempts.find((each) => each.chapter === changes)?.steps.find(isOrders);
  return latest?.record.value?.action === 'deleted' ? 'it was deleted' : 'it was changed';
};

/** @param {string} text */
const sentence = (text) => text[0].toUpperCase() + text.slice(1);

const ordinals = ['first', 'second', 'third', 'fourth'];

/** How it went, in one sentence. @param {Journey} journey */
export function summaryOf(journey) {
  const { outcome, deliveries, tookUs, isCut } = journey;
  const after = tookUs === undefined ? '' : `, ${durationUs(tookUs)} after ${whatBegan(journey)}`;
  const failed = outcome === 'notified' ? deliveries - 1 : outcome ? deliveries : Math.max(0, deliveries - 1);
  const failures = `${spelled(failed)} ${failed === 1 ? 'delivery' : 'deliveries'} failed`;
  const rest = isCut ? ' Its beginning is no longer on the log: retention removed it.' : '';
  if (outcome === 'notified') return `${sentence(failed > 0 ? `${failures}, the ${ordinals[failed] ?? 'last'} told the customer` : 'The customer was told')}${after}.${rest}`;
  if (outcome === 'dead') return `${sentence(failures)}. The order went to orders-dlq${after}.${rest}`;
  if (outcome === 'dropped') return `${sentence(failures)}. The order was dropped${after}.${rest}`;
  if (deliveries === 0) return `No record on orders tells of it any more: retention removed it.`;
  return `${failed > 0 ? `${sentence(failures)}; the next one` : 'The delivery'} has no outcome yet.${rest}`;
}

/** What it took in truth: all but the pauses that somebody made on purpose. @param {Journey} journey  @param {number} [graceMs]  @param {Words} [words] */
export function endingOf({ steps, attempts }, graceMs, words = logWords) {
  const paused = pausesOf(steps, words).reduce((sum, { us, why }) => sum + (why === unwritten ? 0 : us), 0);
  const waits = [];
  const retriesUs = attempts.reduce((sum, { waitUs }) => sum + waitUs, 0);
  if (retriesUs > 0) waits.push(`retries waited ${durationUs(retriesUs)} on purpose`);
  if (graceMs && steps.some(({ kind }) => kind === 'fraud')) waits.push(`fraud waits ${graceMs} ms on purpose`);
  return `${durationUs((steps.at(-1)?.us ?? 0) - paused)} of work${waits.length ? `; ${waits.join(', ')}` : ''}.`;
}

/**
 * What the map lights while a sentence is told: cells as "topic/partition/offset", the member that wrote, or its group where
 * the record does not name the member.
 * @param {{played: Step[], together: Step[], step: Step}} current
 */
export function lightsOf({ played, together, step }) {
  const cell = (/** @type {Step} */ { record }) => `${record.topic}/${record.partition}/${record.offset}`;
  const service = /^(.+)-service\b/.exec(step.writer)?.[1];
  return { played: played.map(cell), together: together.filter((each) => played.includes(each)).map(cell),
    members: service ? [] : [step.writer], groups: service ? [`${service}-group`] : [], wires: wiresTo(step) };
}

/** The wires on which a record came about, by the first words of their names. @param {Step} step  @returns {string[]} */
function wiresTo(step) {
  if (isOrders(step)) return step.retryCount > 0 ? ['retry'] : ['request', 'write'];
  if (step.record.topic === 'orders-dlq') return ['dead'];
  if (step.kind === 'order') return ['read back', 'derived'];
  const partition = /^orders p(\d+)@/.exec(step.cause)?.[1];
  if (partition === undefined || step.record.topic !== 'audit') return [];
  const member = step.writer.endsWith('-service') ? '' : step.writer;
  return [`track ${partition} ${step.kind}-group`, `rail ${partition}`, `own ${step.kind}-group ${member}`, `report ${member || step.kind}`];
}
