// Offsets over time, and what they say: rates, lag, its trend, and how long the oldest unread record waits. Pure and bounded.

/** @import { Group, System } from './types.js' */

/** Numbers of one sample at most: partitions, and partitions of groups. */
const seriesMax = 4000;

/** @param {string} topic  @param {number} partition */
export const endKey = (topic, partition) => `${topic}/${partition}`;
/** @param {string} group  @param {string} topic  @param {number} partition */
export const groupKey = (group, topic, partition) => `${topic}/${partition} ${group}`;

export class History {
  /** @param {number} everyMs  @param {number} keptMs  @param {any} [kept]  as structured clone gives it */
  constructor(everyMs, keptMs, kept) {
    this.everyMs = everyMs;
    this.keptMs = keptMs;
    /** Server time of each sample, ms. @type {number[]} */
    this.times = kept?.times ?? [];
    /** Next offsets, one a sample; NaN: not known then. @type {Map<string, number[]>} */
    this.series = kept?.series ?? new Map();
  }

  /** @param {System} system  @returns {boolean} a sample was taken */
  add(system) {
    const last = this.times.at(-1);
    if (last !== undefined && system.at < last + this.everyMs) return false;
    const seen = new Map();
    for (const { name, partitions } of system.topics) {
      for (const { partition, endOffset } of partitions) seen.set(endKey(name, partition), endOffset);
    }
    for (const { group, partitions } of system.groups) {
      for (const each of partitions) seen.set(groupKey(group, each.topic, each.partition), each.committedOffset ?? NaN);
    }
    for (const key of this.series.keys()) if (!seen.has(key)) seen.set(key, NaN);
    this.times.push(system.at);
    for (const [key, value] of seen) {
      const values = this.series.get(key) ?? (this.series.size < seriesMax ? Array(this.times.length - 1).fill(NaN) : undefined);
      values?.push(value);
      if (values) this.series.set(key, values);
    }
    this.#forget(system.at);
    return true;
  }

  /** @param {number} now */
  #forget(now) {
    let gone = 0;
    while (gone < this.times.length && this.times[gone] < now - this.keptMs) gone += 1;
    if (gone === 0) return;
    this.times.splice(0, gone);
    for (const [key, values] of this.series) {
      values.splice(0, gone);
      if (values.every(Number.isNaN)) this.series.delete(key);
    }
  }

  /** Records written a second, over the last `windowMs`; undefined: not known yet. @param {string} key  @param {number} [windowMs] */
  rate(key, windowMs = 10_000) {
    const values = this.series.get(key);
    const last = this.times.length - 1;
    if (!values || last < 1) return undefined;
    let first = last;
    while (first > 0 && this.times[last] - this.times[first - 1] <= windowMs && !Number.isNaN(values[first - 1])) first -= 1;
    if (first === last) return undefined;
    return Math.max(0, (values[last] - values[first]) * 1000 / (this.times[last] - this.times[first]));
  }

  /**
   * Lag in records at each sample since `from`; NaN: not known then.
   * @param {string} group  @param {string} topic  @param {number} partition  @param {number} from  ms
   */
  lag(group, topic, partition, from) {
    const ends = this.series.get(endKey(topic, partition)) ?? [];
    const committed = this.series.get(groupKey(group, topic, partition)) ?? [];
    const start = this.times.findIndex((at) => at >= from);
    return start < 0 ? [] : ends.slice(start).map((end, n) => Math.max(0, end - committed[start + n]));
  }

  /** @param {number} from  ms */
  timesFrom(from) {
    return this.times.filter((at) => at >= from);
  }

  /**
   * When the log of a partition passed an offset: when the record at it was written. By the samples around it.
   * @param {string} topic  @param {number} partition  @param {number} offset
   * @returns {number | undefined} ms; undefined: before the samples began, or not yet
   */
  writtenAt(topic, partition, offset) {
    const ends = this.series.get(endKey(topic, partition)) ?? [];
    const after = ends.findIndex((end) => end > offset);
    if (after < 1 || Number.isNaN(ends[after - 1])) return undefined;
    const part = (offset + 1 - ends[after - 1]) / (ends[after] - ends[after - 1]);
    return this.times[after - 1] + part * (this.times[after] - this.times[after - 1]);
  }
}

/** The fine one tells how long the oldest unread record waits, the long one draws half an hour. */
export const recentOf = (/** @type {any} */ kept) => new History(500, 60_000, kept);
export const longOf = (/** @type {any} */ kept) => new History(3000, 30 * 60_000, kept);

/**
 * How long the oldest record waits that a group has not committed.
 * @param {History[]} histories  the finer one first  @param {{topic: string, partition: number, committedOffset: number | null, lag: number}} of
 * @param {number} now  server time, ms
 * @returns {{ms: number, atLeast: boolean} | undefined}  atLeast: it was written before this page looked
 */
export function behind(histories, { topic, partition, committedOffset, lag }, now) {
  if (lag === 0) return { ms: 0, atLeast: false };
  if (committedOffset === null) return undefined;
  for (const history of histories) {
    const at = history.writtenAt(topic, partition, committedOffset);
    if (at !== undefined) return { ms: Math.max(0, now - at), atLeast: false };
  }
  const first = Math.min(...histories.flatMap(({ times }) => times.slice(0, 1)));
  return Number.isFinite(first) && first < now ? { ms: now - first, atLeast: true } : undefined;
}

/** What differs less than this is flat: commits come in steps. */
const flatRecords = 5;
const flatShare = 0.2;

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The trend of a lag, in one word: the last third of the time against the first.
 * @param {number[]} lags  @returns {'flat' | 'rising' | 'falling' | ''} empty: too little is known
 */
export function trendOf(lags) {
  const known = lags.filter((lag) => !Number.isNaN(lag));
  if (known.length < 3) return '';
  const third = Math.ceil(known.length / 3);
  const before = mean(known.slice(0, third));
  const after = mean(known.slice(-third));
  if (Math.abs(after - before) <= Math.max(flatRecords, flatShare * Math.max(before, after))) return 'flat';
  return after > before ? 'rising' : 'falling';
}

/** The log began again: offsets went back, or a topic was made anew. @param {System | undefined} was  @param {System} is */
export function isNewLog(was, is) {
  if (!was) return false;
  return was.topics.some(({ name, partitions }) => {
    const now = is.topics.find((each) => each.name === name);
    return now && partitions.some(({ partition, endOffset }) => (now.partitions.find((each) => each.partition === partition)?.endOffset ?? endOffset) < endOffset);
  });
}

/** @param {Pick<Group, 'partitions'>} group  @returns {string[]} of its partitions */
export const topicsOf = (group) => [...new Set(group.partitions.map(({ topic }) => topic))];
