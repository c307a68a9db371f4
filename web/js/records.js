// What is known of the newest records of each partition, beyond their offsets: whose they are, and which are retries.

/**
 * @typedef {object} Known
 * @property {number} offset
 * @property {string} orderId
 * @property {number} retryCount  0: a first delivery
 * @property {boolean} tombstone
 */

/** By "topic/partition", each sorted by offset. @typedef {Map<string, Known[]>} Records */

/** Records of a partition that a lane shows at most. */
export const newestRecords = 24;
const recordsMax = 2 * newestRecords;

/** @param {string} topic  @param {number} partition */
export const laneKey = (topic, partition) => `${topic}/${partition}`;

/** @param {Records} records  @param {string} topic  @param {number} partition  @param {Known} known */
export function learn(records, topic, partition, known) {
  const key = laneKey(topic, partition);
  const lane = records.get(key) ?? [];
  let at = lane.length;
  while (at > 0 && lane[at - 1].offset >= known.offset) at -= 1;
  lane.splice(at, lane[at]?.offset === known.offset ? 1 : 0, known);
  if (lane.length > recordsMax) lane.splice(0, lane.length - recordsMax);
  records.set(key, lane);
}

/** Whose a record is, by its body or its key; empty: nobody's. @param {any} message  @returns {string} */
export function orderIdOf({ json, key }) {
  const id = json?.orderId ?? json?.order?.id ?? (key?.encoding === 'utf-8' ? key.text : '');
  return typeof id === 'string' ? id : '';
}

/** A record as GET .../messages gives it. @param {Records} records  @param {any} message */
export function learnMessage(records, message) {
  const { topic, partition, offset, value, headers } = message;
  const retry = (headers ?? []).find((/** @type {any} */ each) => each.name === 'retryCount')?.value?.text;
  learn(records, topic, partition, {
    offset,
    orderId: orderIdOf(message),
    retryCount: Number.parseInt(retry ?? '0', 10) || 0,
    tombstone: value === null,
  });
}

/**
 * Some of the newest records of a partition are not known: no event of the stream told of them.
 * @param {Records} records  @param {string} key  @param {number} from  @param {number} end  next offset
 */
export function hasUnknown(records, key, from, end) {
  const first = Math.max(from, end - newestRecords);
  const known = (records.get(key) ?? []).filter(({ offset }) => offset >= first && offset < end);
  return known.length < end - first;
}
