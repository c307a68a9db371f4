// What the page shows of the monolith, by what /events/system says of its database: pure.

import { grouped } from './text.js';

/** @import { Alert, Job, Monolith } from './types.js' */

/** Rates are of the last so many milliseconds. */
const lookMs = 5000;

/**
 * @typedef {{at: number, commits: number, writes: number, writeSeconds: number, commitSeconds: number}} Sample
 * `at`: ms
 */

/**
 * The samples that rates are made of, after one more. Counters that went back are those of another process.
 * @param {Sample[]} samples  @param {Sample} next  @returns {Sample[]}
 */
export function withWork(samples, next) {
  const last = samples.at(-1);
  if (last && (next.commits < last.commits || next.at < last.at)) return [next];
  const first = samples.findLastIndex(({ at }) => next.at - at >= lookMs);
  return [...samples.slice(Math.max(0, first)), next];
}

/**
 * What the database has done over the samples; nothing where nothing was committed.
 * @param {Sample[]} samples
 * @returns {{commitsPerSecond: number, writesPerCommit: number, writeMs: number, commitMs: number} | undefined}
 * `writeMs`: statements of one commit; `commitMs`: its COMMIT
 */
export function workOf(samples) {
  const [first, last] = [samples[0], samples.at(-1)];
  const commits = last ? last.commits - first.commits : 0;
  if (!last || commits === 0) return undefined;
  return {
    commitsPerSecond: (1000 * commits) / (last.at - first.at),
    writesPerCommit: (last.writes - first.writes) / commits,
    writeMs: (1000 * (last.writeSeconds - first.writeSeconds)) / commits,
    commitMs: (1000 * (last.commitSeconds - first.commitSeconds)) / commits,
  };
}

/**
 * Leased jobs, by the worker that has them.
 * @param {Job[]} jobs  @returns {Map<string, Job[]>}
 */
export function leasesOf(jobs) {
  /** @type {Map<string, Job[]>} */
  const leases = new Map();
  for (const job of jobs) {
    if (job.state !== 'leased') continue;
    leases.set(job.worker ?? '', [...(leases.get(job.worker ?? '') ?? []), job]);
  }
  return leases;
}

/** How long a lease lasts yet, in ms; 0: it is over. @param {Job} job  @param {number} now  ms, of the server */
export const leftMs = (job, now) => Math.max(0, (Date.parse(job.leasedUntil ?? '') || now) - now);

/** How long a job waits yet, in ms. @param {Job} job  @param {number} now  ms, of the server */
export const waitMs = (job, now) => Math.max(0, Date.parse(job.runAt) - now);

/** That of the order that was stopped last. @param {Alert[]} alerts  @returns {Alert | undefined} */
export const lastBlocked = (alerts) => alerts.filter(({ blocked }) => blocked).toSorted((a, b) => b.at - a.at)[0];

/** The map in sentences, for those who do not see it. @param {Monolith} of  @returns {string[]} */
export function summaryOf({ rows, blocked = 0, ready = 0, leased = 0 }) {
  if (!rows) return ['The database does not answer.'];
  return [
    `An order is one transaction: ${grouped(rows.orders)} rows in orders, ${grouped(rows.audit)} in audit, ${grouped(rows.idempotency_keys)} in idempotency_keys.`,
    `The fraud check stopped ${grouped(blocked)} orders inside it.`,
    `Jobs: ${grouped(ready)} ready, ${grouped(leased)} leased, ${grouped(rows.dead_jobs)} dead.`,
  ];
}
