// A position in the log as the `id` of an event carries it: `<log>:orders=12,9,30;audit=77;orders-dlq=3`. The numbers are
// next offsets. The topics of plugins may follow.

/** @import { Place } from './types.js' */

/** @typedef {{log: string, orders: number[], audit: number, dlq: number}} Position */

/** The log's identity. @param {string} id */
export const logOf = (id) => id.split(':', 1)[0];

/** @param {string} id  @returns {Position | undefined} */
export function parsePosition(id) {
  const parts = /^(.+):orders=([\d,]+);audit=(\d+);orders-dlq=(\d+)(?:;[^;=]+=[\d,]+)*$/.exec(id);
  if (!parts) return undefined;
  return { log: parts[1], orders: parts[2].split(',').map(Number), audit: Number(parts[3]), dlq: Number(parts[4]) };
}

/** @param {Position} position  @param {string} topic  @returns {number[]} the next offset of each partition; empty: it is not in a position */
export function endsOf(position, topic) {
  if (topic === 'orders') return position.orders;
  if (topic === 'audit') return [position.audit];
  return topic === 'orders-dlq' ? [position.dlq] : [];
}

/**
 * The place of the record that an event is about: where its id has gone on. A position may also pass what is no event
 * (retries, transaction markers); if that leaves more than one partition, the place is not known.
 * @param {Position | undefined} before  @param {Position | undefined} after  @param {string} topic
 * @returns {Place | undefined}
 */
export function stepOf(before, after, topic) {
  if (!after) return undefined;
  const ends = endsOf(after, topic);
  if (ends.length === 1) return { partition: 0, offset: ends[0] - 1 };
  const old = before ? endsOf(before, topic) : [];
  const moved = ends.flatMap((end, partition) => (end > (old[partition] ?? end) ? [partition] : []));
  return moved.length === 1 ? { partition: moved[0], offset: ends[moved[0]] - 1 } : undefined;
}
