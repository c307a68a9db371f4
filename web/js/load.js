// The load generator of the server in words: pure.

/** @import { Load } from './types.js' */

export const rateMax = 2000;
export const scenarios = [['steady', 'steady'], ['burst', 'burst'], ['greedy', 'one greedy']];

/** Places of the slider: fine where a workshop is, coarse where a machine is measured. */
export const rates = [0, 1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000];

/** The place of the slider for a rate that anyone may have set. @param {number} rate */
export function placeOf(rate) {
  const next = rates.findIndex((each) => each >= rate);
  return next < 0 ? rates.length - 1 : next;
}

/** "4 / s", and that it is a mean where it is. @param {Load | undefined} load */
export function rateText(load) {
  if (!load?.running) return 'off';
  return `${load.rate} / s${load.scenario === 'burst' ? ' on average' : ''}`;
}

/**
 * How it goes: what was sent and refused, and when it ends by itself.
 * @param {Load | undefined} load  @param {number} now  the server's time, ms
 */
export function loadText(load, now) {
  if (!load?.running && !load?.sent) return 'The server places orders by itself, also when no page is open.';
  const parts = [`${load.accepted ?? 0} of ${load.sent ?? 0} accepted`];
  if (load.refused) parts.push(`${load.refused} refused`);
  if (load.notSent) parts.push(`${load.notSent} not sent: too many were unanswered`);
  if (load.running && load.endsAt) parts.push(endText(Date.parse(load.endsAt) - now));
  return parts.join(', ');
}

/** @param {number} ms */
function endText(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return seconds > 60 ? `ends in ${Math.ceil(seconds / 60)} min` : `ends in ${seconds} s`;
}
