// Numbers and times as people read them.

/** @param {string} id */
export const shortId = (id) => id.slice(0, 8);

/** @param {number} amount */
export const money = (amount) => amount.toFixed(2);

/** "84 ms", "3.19 s"; "<1 ms", for the events' times are whole milliseconds. @param {number} ms */
export function duration(ms) {
  if (ms < 1) return '<1 ms';
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** @param {number} n @param {number} [digits] */
const padded = (n, digits = 2) => String(n).padStart(digits, '0');

/** "14:02:38", local time. @param {number} ms */
export function clock(ms) {
  const time = new Date(ms);
  return `${padded(time.getHours())}:${padded(time.getMinutes())}:${padded(time.getSeconds())}`;
}

/** "14:02:38.406", local time. @param {number} ms */
export const clockMs = (ms) => `${clock(ms)}.${padded(new Date(ms).getMilliseconds(), 3)}`;

/** For a tooltip. @param {number} ms */
export const exactly = (ms) => (ms ? new Date(ms).toISOString() : '');

/** "5 480". @param {number} n */
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/**
 * A user's text inside a sentence: its direction stays its own, as <bdi> keeps it in markup. Characters that would end the
 * isolation go.
 * @param {string} text
 */
export const quoted = (text) => `\u2068${text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;

/** "412 µs", "2.1 ms", "601 ms", "3.19 s", "2 min 5 s", "3 h 0 min". @param {number} us */
export function durationUs(us) {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 99_950) return `${(us / 1000).toFixed(1)} ms`;
  if (us < 59_995_000) return duration(us / 1000);
  const minutes = Math.floor(us / 60e6);
  return minutes < 60 ? `${minutes} min ${Math.floor(us / 1e6) % 60} s` : `${grouped(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** "one", "two", "three"; figures from four on. @param {number} n */
export const spelled = (n) => ['no', 'one', 'two', 'three'][n] ?? grouped(n);
