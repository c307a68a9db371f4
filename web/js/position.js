// A position in the log as the `id` of an event carries it: `<log>:orders=12,9,30;audit=77;orders-dlq=3`. The numbers are
// next offsets.

/** @typedef {{log: string, orders: number[], audit: number, dlq: number}} Position */

/** The log's identity. @param {string} id */
export const logOf = (id) => id.split(':', 1)[0];

/** @param {string} id  @returns {Position | undefined} */
export function parsePosition(id) {
  const parts = /^(.+):orders=([\d,]+);audit=(\d+);orders-dlq=(\d+)$/.exec(id);
  if (!parts) return undefined;
  return { log: parts[1], orders: parts[2].split(',').map(Number), audit: Number(parts[3]), dlq: Number(parts[4]) };
}
