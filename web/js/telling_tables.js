// The words in which a journey is told where the log is tables that several records of one transaction went into. Pure.

import { quoted } from './text.js';

/** @import { Step, Words } from './types.js' */

/** @param {Step} step */
const actionOf = ({ record }) => record.value?.action;

/** @param {Step} step */
const isDead = (step) => step.record.topic === 'orders-dlq' || actionOf(step) === 'DLQ';

/** @param {Step} step */
const who = ({ writer }) => quoted(writer);

/** @param {Step[]} steps  @returns {string} */
const changeOf = (steps) => steps.find(({ record }) => record.topic === 'orders')?.record.value?.action ?? 'created';

/** @param {Step[]} steps  of notification  @param {string} queue  @param {(result: string, job: string) => string} wrote */
function resultSentence(steps, queue, wrote) {
  const [step] = steps;
  if (steps.some(isDead)) return `${who(step)} failed for the last time: ${wrote('DLQ', 'made the job a dead job')}.`;
  switch (actionOf(step)) {
    case 'NOTIFIED':
      return `${who(step)} took the job from ${queue} and told the customer: ${wrote('NOTIFIED', 'ended the job')}.`;
    case 'DROPPED':
      return `${who(step)} failed for the last time: ${wrote('DROPPED', 'ended the job')}.`;
    default:
      return `${who(step)} failed: ${wrote('RETRY', `made the job due again later, with retryCount ${step.retryCount}`)}.`;
  }
}

/** @param {Step} step */
const deliveryKey = (step) => `${step.chapter} notification ${isDead(step) ? 'dead' : `${actionOf(step)} ${step.retryCount}`}`;

/** @param {Step} step */
function reasonOf(step) {
  const failed = step.retryCount - (actionOf(step) === 'RETRY' ? 1 : 0);
  return step.kind === 'notification' && failed > 0 ? `the job waits for retry ${failed}` : unwritten;
}

/** Why nothing was written where nobody waited on purpose. */
export const unwritten = 'nothing is written';

const deeds = new Map(Object.entries({ created: 'stored the order', updated: 'changed the order', deleted: 'deleted the order' }));

/** @type {Words} One database: what was written together is one sentence. */
export const monolithWords = {
  keyOf: (step) => (step.kind === 'notification' ? deliveryKey(step) : `${step.chapter} transaction`),
  sentenceOf(steps) {
    if (steps[0].kind === 'notification') {
      return resultSentence(steps, 'the queue', (result, job) => `one transaction wrote ${result} to audit and ${job}`);
    }
    const stored = deeds.get(changeOf(steps)) ?? 'wrote the order';
    const verdict = steps.find(({ kind }) => kind === 'fraud');
    const counted = verdict ? `counted the orders of the last minute, judged ${actionOf(verdict)}, ` : '';
    const audited = steps.filter(({ record }) => record.topic === 'audit').length;
    return `One transaction ${counted}${stored}, wrote ${audited} ${audited === 1 ? 'row' : 'rows'} to audit and a job to the queue.`;
  },
  reasonOf,
};

/** @type {Words} A database for each service: what one service wrote at once is one sentence. */
export const restWords = {
  keyOf: (step) => (step.kind === 'notification' ? deliveryKey(step) : `${step.chapter} ${step.kind}`),
  sentenceOf(steps) {
    const [step] = steps;
    if (step.kind === 'notification') {
      return resultSentence(steps, 'its own file', (result, job) => `it ${job}, and told the audit service ${result}`);
    }
    if (step.kind === 'fraud') return `The fraud service had been asked first, by POST /check: it counted the order in its own file, and ${actionOf(step) === 'FRAUD_CHECK_PASSED' ? 'the order passed' : `judged ${quoted(step.what)}`}.`;
    const change = changeOf(steps);
    return `The order service wrote the order to its own file: ${change}; then it told notification and audit.`;
  },
  reasonOf,
};
