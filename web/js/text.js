// Numbers and times as people read them.

/** @param {string} id */
export const shortId = (id) => id.slice(0, 8);

/** @param {number} amount */
export const money = (amount) => amount.toFixed(2);

/** "84 ms", "3.19 s". @param {number} ms */
export const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** @param {number} n */
const two = (n) => String(n).padStart(2, '0');

/** "14:02:38", local time. @param {number} ms */
export function clock(ms) {
  const time = new Date(ms);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** For a tooltip. @param {number} ms */
export const exactly = (ms) => (ms ? new Date(ms).toISOString() : '');

/** "5 480". @param {number} n */
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f');
