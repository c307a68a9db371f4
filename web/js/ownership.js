// Who read which partition of a group over the last minutes, and who will be missed: pure. Made of what /events/system says
// and nothing else: times before this page looked are not known, and stay empty.

import { waitText, waitingOn } from './ledger.js';

/** @import { Group, Instance, Ledger, System } from './types.js' */

export const keptMs = 5 * 60_000;
const segmentsMax = 500;
/** A process that is silent for this long is called lost. */
const lostAfterMs = 3000;
/** Longer than the time between two snapshots by far: in between nobody looked. */
const blindMs = 20_000;

/**
 * @typedef {object} Segment
 * @property {number} from  ms, server time
 * @property {number} to
 * @property {string} owner  empty: no member has it
 * @property {'reads' | 'paused' | 'gone' | 'nobody'} how  gone: the owner cannot read any more, and its group does not know yet
 */

/** @typedef {{partition: number, owner: string, how: Segment['how'], since: number}} Now  `since`: of the owner's state, ms, as its process says */

const silent = ['crashed', 'lost', 'failed', 'stopped'];

/** @param {Group} group  @param {Instance[]} modules  @returns {Now[]} */
function ownersOf(group, modules) {
  return group.partitions.map(({ topic, partition }) => {
    const owner = group.members.find(({ assignment }) =>
      assignment.some((each) => each.topic === topic && each.partition === partition))?.clientId ?? '';
    const { state = 'running', since = '' } = modules.find(({ instance }) => instance === owner) ?? {};
    const how = !owner ? 'nobody' : silent.includes(state) ? 'gone' : state === 'paused' ? 'paused' : 'reads';
    return { partition, owner, how, since: Date.parse(since) || 0 };
  });
}

/** @param {Pick<Segment, 'owner' | 'how'>} a  @param {Pick<Segment, 'owner' | 'how'>} b */
const same = (a, b) => a.owner === b.owner && a.how === b.how;

/** @param {Segment['how']} how  nobody reads then */
const unread = (how) => how === 'gone' || how === 'nobody';

export class Ownership {
  /** @param {Segment[][]} [kept]  by partition, as toJSON() gave it */
  constructor(kept = []) {
    /** @type {Segment[][]} */
    this.partitions = kept;
  }

  /**
   * @param {System} system  @param {number} at  ms, server time
   * @param {string} [name]  of the group
   * @returns {string[]} a sentence for each partition that someone reads again
   */
  step(system, at, name = 'notification-group') {
    const group = system.groups.find((each) => each.group === name);
    if (!group) return [];
    /** @type {Map<string, {partitions: string[], ms: number, from: string}>} */
    const taken = new Map();
    for (const now of ownersOf(group, system.modules)) {
      const segments = (this.partitions[now.partition] ??= []);
      const last = segments.at(-1);
      if (last && at - last.to > blindMs) segments.push({ from: at, to: at, owner: now.owner, how: now.how });
      else if (last && same(last, now)) last.to = Math.max(last.to, at);
      else {
        const from = last && now.how === 'gone' && now.since > last.from ? Math.min(now.since, at) : at;  // this page may look late
        if (last) last.to = from;
        const gap = unread(now.how) ? undefined : gapBefore(segments);
        if (gap) add(taken, now, gap, at);
        segments.push({ from, to: at, owner: now.owner, how: now.how });
      }
      this.partitions[now.partition] = segments.filter(({ to }) => to > at - keptMs).slice(-segmentsMax);
    }
    return [...taken].map(([owner, { partitions, ms, from }]) =>
      `${owner} ${owner === from ? 'reads' : 'took over'} ${partitions.join(' ')}${owner === from ? ' again' : ''}: nobody read ${partitions.length === 1 ? 'it' : 'them'} for ${(ms / 1000).toFixed(1)} s.`);
  }

  toJSON() {
    return this.partitions;
  }
}

/** When nobody read, at the end of what is known. @param {Segment[]} segments */
function gapBefore(segments) {
  let first = segments.length;
  while (first > 0 && unread(segments[first - 1].how)) first -= 1;
  const gap = segments.slice(first);
  // A rebalance of a group that works takes an instant; that is nothing to tell.
  return gap.some(({ how }) => how === 'gone') ? { from: gap[0].from, owner: gap.find(({ owner }) => owner)?.owner ?? '' } : undefined;
}

/**
 * @param {Map<string, {partitions: string[], ms: number, from: string}>} taken  @param {Now} now
 * @param {{from: number, owner: string}} gap  @param {number} at
 */
function add(taken, now, gap, at) {
  const entry = taken.get(now.owner) ?? { partitions: [], ms: 0, from: gap.owner };
  entry.partitions.push(`p${now.partition}`);
  entry.ms = Math.max(entry.ms, at - gap.from);
  taken.set(now.owner, entry);
}

/** Times that the chart shows: what is known fills it well. */
const spans = [30_000, 60_000, 120_000, keptMs];

/** @param {Segment[][]} partitions  @param {number} end  ms, server time  @returns {number} ms */
export function spanOf(partitions, end) {
  const begin = Math.min(end, ...partitions.flatMap((segments) => segments.slice(0, 1).map(({ from }) => from)));
  return spans.find((ms) => end - begin <= ms) ?? keptMs;
}

/**
 * A member that still owns partitions and will read no more.
 * @typedef {object} Missing
 * @property {string} instance
 * @property {string[]} owns  "p2"
 * @property {number} leftMs  at most, until its group takes it out
 * @property {number} sessionMs
 */

/**
 * @param {System | undefined} system  @param {Ownership} ownership  @param {number} now  ms, server time
 * @param {string} [name]  of the group
 * @returns {Missing[]}
 */
export function missingOf(system, ownership, now, name = 'notification-group') {
  const group = system?.groups.find((each) => each.group === name);
  if (!system || !group) return [];
  const owners = ownersOf(group, system.modules).filter(({ how }) => how === 'gone');
  return [...new Set(owners.map(({ owner }) => owner))].map((instance) => {
    const module = /** @type {Instance} */ (system.modules.find((each) => each.instance === instance));
    const mine = owners.filter(({ owner }) => owner === instance).map(({ partition }) => partition);
    const sessionMs = module.sessionTimeoutMs ?? 10_000;
    const seen = ownership.partitions[mine[0]]?.at(-1)?.from ?? now;
    const since = module.state === 'lost' ? seen - lostAfterMs : Date.parse(module.since ?? '') || seen;
    return { instance, owns: mine.map((partition) => `p${partition}`), leftMs: Math.max(0, Math.min(sessionMs, since + sessionMs - now)), sessionMs };
  });
}

/**
 * The countdown in words: who, when, and what waits meanwhile.
 * @param {Missing} missing  @param {Ledger | undefined} ledger  nothing: nobody counts what waits
 */
export function countdownOf({ instance, owns, leftMs }, ledger) {
  const seconds = Math.ceil(leftMs / 1000);
  const waits = `${ledger ? waitText(waitingOn(ledger.waitingByPartition, owns)) : 'records wait'} on ${owns.join(' ')}`;
  return { instance, when: seconds > 0 ? `will be missed in ${seconds} s` : 'is missed now', waits };
}

/** The ten parts of a session, true for each that has passed. @param {Pick<Missing, 'leftMs' | 'sessionMs'>} missing */
export const passedOf = ({ leftMs, sessionMs }) => Array.from({ length: 10 }, (_, n) => n < Math.round(10 * (1 - leftMs / sessionMs)));
