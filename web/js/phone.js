// The life of one order in words, from the records about it: pure. What the page for phones shows.

/** @import { LogRecord, System } from './types.js' */

/** @typedef {{at: number, text: string}} Step */

/** @typedef {{word: 'waiting' | 'notified' | 'gave up' | 'dropped', steps: Step[]}} Life */

const numbers = ['first', 'second', 'third'];

/** "second", "12th". @param {number} n  from 0 */
const ordinal = (n) => numbers[n] ?? `${n + 1}th`;

/** @param {LogRecord} record */
const bodyOf = ({ value }) => value ?? {};

/** @param {LogRecord} record  @returns {number} of a retry; 0: a first delivery */
const retryCountOf = (record) => Number(record.headers.find(({ name }) => name === 'retryCount')?.value ?? 0) || 0;

/** @param {LogRecord} record  @returns {string} */
function textOf(record) {
  const body = bodyOf(record);
  const place = `partition p${record.partition}, record ${record.offset}`;
  if (record.topic === 'orders') {
    const count = retryCountOf(record);
    if (count > 0) return `The ${ordinal(count - 1)} try to tell you failed, so it stands in the log again: ${place}.`;
    if (body.action === 'created') return `Accepted: ${place}.`;
    return body.action === 'deleted' ? `Deleted: ${place}.` : `Changed: ${place}.`;
  }
  if (record.topic !== 'audit' || body.source !== 'notification-service') return '';
  if (body.action === 'NOTIFIED') return `The ${ordinal(body.retryCount ?? 0)} try told you.`;
  if (body.action === 'DLQ') return 'Gave up after three tries. It is kept as a dead letter.';
  return body.action === 'DROPPED' ? 'Gave up after three tries, and dropped it.' : '';
}

/** @type {Record<string, Life['word']>} */
const ends = { NOTIFIED: 'notified', DLQ: 'gave up', DROPPED: 'dropped' };

/**
 * @param {LogRecord[]} records  in time order
 * @returns {Life} what is done twice is told once
 */
export function lifeOfOrder(records) {
  /** @type {Step[]} */
  const steps = [];
  /** @type {Life['word']} */
  let word = 'waiting';
  for (const record of records) {
    const text = textOf(record);
    const body = bodyOf(record);
    if (record.topic === 'audit' && body.source === 'notification-service' && Object.hasOwn(ends, body.action)) word = ends[body.action];
    if (text && !steps.some((step) => step.text === text)) steps.push({ at: Date.parse(record.timestamp), text });
  }
  return { word, steps };
}

/** The partition that holds its newest delivery. @param {LogRecord[]} records */
const partitionOf = (records) => records.findLast(({ topic }) => topic === 'orders')?.partition;

/**
 * Why an order that waits does so, as far as it is known.
 * @param {LogRecord[]} records  @param {System | undefined} system
 */
export function waitingText(records, system) {
  const partition = partitionOf(records);
  const group = system?.groups.find((each) => each.group === 'notification-group');
  if (!system || !group || partition === undefined) return 'It waits in the log.';
  const owner = group.members.find(({ assignment }) => assignment.some((each) => each.topic === 'orders' && each.partition === partition));
  if (!owner) return `It waits in the log: nobody reads p${partition}.`;
  const module = system.modules.find(({ instance }) => instance === owner.clientId);
  const session = (module?.sessionTimeoutMs ?? 10_000) / 1000;
  if (module && ['crashed', 'lost', 'failed'].includes(module.state)) {
    return `It waits in the log. ${owner.clientId}, who reads p${partition}, has crashed. Another takes over within ${session} s.`;
  }
  if (module?.state === 'paused') return `It waits in the log. ${owner.clientId}, who reads p${partition}, is paused.`;
  return `It waits in the log until ${owner.clientId} has read it.`;
}

/** "+200 ms", since it was accepted. @param {number} ms */
export function sinceText(ms) {
  if (ms < 1) return '+<1 ms';
  return ms < 1000 ? `+${ms} ms` : `+${(ms / 1000).toFixed(1)} s`;
}
