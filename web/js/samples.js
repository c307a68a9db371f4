// A figure each second over the last ten minutes, for the charts: pure and bounded.

/** @import { Ledger, System } from './types.js' */

export const keptMs = 600_000;
const everyMs = 1000;
/** Rates are measured over this long, so that one report a second does not make them jump. */
const rateMs = 10_000;

/**
 * @typedef {object} Sample
 * @property {number} at  ms
 * @property {Ledger | undefined} ledger
 * @property {{count: number, p50Ms: number, p99Ms: number} | undefined} times  to NOTIFIED, of the last minute
 * @property {Map<string, number>} lag  by group
 */

/**
 * @param {Sample[]} samples  @param {number} at  ms  @param {System} system  @param {any} report  of analytics
 * @returns {Sample[]} the same where it is too early for another
 */
export function withSample(samples, at, system, report) {
  const last = samples.at(-1);
  if (last && at < last.at + everyMs) return samples;
  const lag = new Map(system.groups.map((each) => [each.group, each.lag]));
  return [...samples.filter((each) => each.at > at - keptMs), { at, ledger: report?.ledger, times: report?.lastMinute, lag }];
}

/** @typedef {{label: string, values: (number | null)[]}} Series */

/**
 * How fast a figure of the ledger grows, a minute. Nothing where nobody counted, or the log began again.
 * @param {Sample[]} samples  @param {'accepted' | 'notified' | 'gaveUp' | 'dropped'} figure
 */
export function perMinute(samples, figure) {
  return samples.map(({ at, ledger }, n) => {
    const first = samples.find((each) => each.at >= at - rateMs && each.ledger);
    if (!ledger || !first?.ledger || first === samples[n]) return null;
    const grown = ledger[figure] - first.ledger[figure];
    return grown < 0 ? null : Math.round((grown * 60_000) / (at - first.at));
  });
}

/** The four charts: what stands at their sides, and their lines. @param {Sample[]} samples */
export function chartsOf(samples) {
  const groups = [...new Set(samples.flatMap(({ lag }) => [...lag.keys()]))].sort();
  const time = (/** @type {'p50Ms' | 'p99Ms'} */ name) => samples.map(({ times }) => (times && times.count > 0 ? times[name] : null));
  return [
    { title: 'Orders a minute', series: [{ label: 'accepted', values: perMinute(samples, 'accepted') }] },
    { title: 'Time to NOTIFIED, last minute, ms', series: [{ label: 'p50', values: time('p50Ms') }, { label: 'p99', values: time('p99Ms') }] },
    { title: 'Lag, records', series: groups.map((group) => ({ label: group, values: samples.map(({ lag }) => lag.get(group) ?? null) })) },
    { title: 'Outcomes a minute', series: [{ label: 'notified', values: perMinute(samples, 'notified') },
      { label: 'gave up', values: perMinute(samples, 'gaveUp') }, { label: 'dropped', values: perMinute(samples, 'dropped') }] },
  ];
}
