// A worker that crashes with jobs in its hands, as the first minute tells it: until when they are its own, who takes them. Pure.

import { grouped } from './text.js';

/** @import { Broken, Instance, Job, Ledger, Monolith } from './types.js' */

/**
 * What is known of it. `jobs` are those that it held when it crashed; none: it has not yet.
 * @typedef {{instance: string, at: number, jobs: Job[], ledger: Ledger | undefined}} Lost  at: ms, server time, of the crash
 */

/** @param {Instance[]} modules */
const workers = (modules) => modules.filter(({ kind, state }) => kind === 'notification' && state === 'running').map(({ instance }) => instance).sort();

/** The last worker, where another one can take its jobs. @param {Instance[]} modules  @returns {string} empty: none */
export const victimOf = (modules) => (workers(modules).length > 1 ? workers(modules).at(-1) ?? '' : '');

/** The jobs that a worker has. @param {Monolith} of  @param {string} instance */
export const heldBy = ({ jobs = [] }, instance) => jobs.filter(({ state, worker }) => state === 'leased' && worker === instance);

/** "job 57", "jobs 57 and 58". @param {Job[]} jobs */
const named = (jobs) => `${jobs.length === 1 ? 'job' : 'jobs'} ${jobs.map(({ id }) => grouped(id)).join(' and ')}`;

/** How long a lease lasts yet, in ms. @param {Job} job  @param {number} now */
const leftMs = ({ leasedUntil = '' }, now) => Date.parse(leasedUntil) - now || 0;

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** @param {string} taker  @param {Job[]} jobs  @param {Ledger | undefined} ledger */
function overSentence(taker, jobs, ledger) {
  const took = `The lease ended, and ${taker} took ${named(jobs)}`;
  const count = ledger ? `: ${grouped(ledger.accepted - ledger.waiting)} of ${grouped(ledger.accepted)} orders have their outcome, lost ${ledger.lost}` : '';
  return `${took}${count}. What a worker did and did not commit is done again: that is at-least-once, here too.`;
}

/**
 * @param {Lost} lost  @param {Monolith} of  @param {Instance[]} modules  @param {Ledger | undefined} ledger
 * @param {string} taker  who has worked on its jobs since; empty: nobody
 * @param {number} now  ms, server time  @param {number} leaseMs
 * @returns {Broken}
 */
export function leaseNow({ instance, at, jobs, ledger: before }, of, modules, ledger, taker, now, leaseMs) {
  if (jobs.length === 0) return { phase: 'broken', instance, sentence: `${instance} is slow now, so that it is seen at work. It crashes as soon as it has a job.` };
  const held = heldBy(of, instance).filter(({ id }) => jobs.some((job) => job.id === id));
  const left = Math.max(0, ...held.map((job) => leftMs(job, now)));
  const others = workers(modules).filter((each) => each !== instance).join(' and ');
  if (left > 0) {
    const when = `${seconds(left)} more`;
    return { phase: 'broken', instance, when, countdown: { leftMs: left, sessionMs: leaseMs },
      sentence: `${instance} has crashed, and ${named(held)} ${held.length === 1 ? 'is' : 'are'} its own for ${when}: nobody else may touch ${held.length === 1 ? 'it' : 'them'}.`,
      meanwhile: [{ what: `who works on ${named(held)}`, who: 'nobody', more: `for ${seconds(now - at)}` }, { what: 'all other jobs', who: others, more: 'as before' },
        { what: 'new orders', who: 'accepted', more: 'one transaction each' }],
      why: 'A lease is written in the row of the job: who has it, and until when. When it ends, any worker may take the job.' };
  }
  if (!taker) return { phase: 'mending', instance, sentence: `The lease is over: the next worker that looks takes ${named(jobs)}.` };
  if (ledger && ledger.waiting > (before?.waiting ?? 0)) return { phase: 'mending', instance, sentence: `${taker} took ${named(jobs)} and catches up.` };
  return { phase: 'over', instance, sentence: overSentence(taker, jobs, ledger) };
}
