// What compaction does to the records that the page has: pure.

/** @import { Bytes, Message } from './types.js' */

/** @param {Bytes | null} key */
export const keyText = (key) => (key ? `${key.encoding} ${key.text}` : '');

/**
 * Compaction looks at each partition alone, and keeps the newest record of a key. Records without a key are not here.
 * @param {Message[]} messages
 * @returns {Map<string, number>} "partition/offset" of a record: the offset of the next one of its key
 */
export function supersededBy(messages) {
  const sorted = messages.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  /** @type {Map<string, Message>} */
  const newest = new Map();
  const found = new Map();
  for (const message of sorted) {
    if (message.key === null || message.marker) continue;
    const key = `${message.partition} ${keyText(message.key)}`;
    const before = newest.get(key);
    if (before) found.set(`${before.partition}/${before.offset}`, message.offset);
    newest.set(key, message);
  }
  return found;
}

/** A tombstone goes this long after it was compacted. @param {Record<string, string> | undefined} config  @returns {number | undefined} ms */
export function tombstoneKeptMs(config) {
  const text = config?.['delete.retention.ms'];
  return text && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
