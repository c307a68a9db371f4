// How many records a second each member reads, over the last half minute: pure. Counted by what its group has committed of
// the partitions that it owns.

/** @import { Group, System } from './types.js' */

export const points = 30;
const everyMs = 1000;

/** @param {Group} group  @param {{topic: string, partition: number}} place  @returns {string} empty: nobody */
const ownerOf = ({ members }, { topic, partition }) => members.find(({ assignment }) =>
  assignment.some((each) => each.topic === topic && each.partition === partition))?.clientId ?? '';

export class Rates {
  /** By group, topic and partition. @type {Map<string, number>} */
  #committed = new Map();
  #at = 0;
  /** By instance: records a second, oldest first. @type {Map<string, number[]>} */
  #rates = new Map();

  /**
   * @param {Pick<System, 'groups'>} system  @param {number} at  ms
   * @returns {Map<string, number[]> | undefined} nothing where it is too early for another figure
   */
  step(system, at) {
    const ms = at - this.#at;
    if (ms < everyMs) return undefined;
    this.#at = at;
    const before = this.#committed;
    this.#committed = new Map();
    /** @type {Map<string, number>} */
    const read = new Map(system.groups.flatMap(({ members }) => members.map(({ clientId }) => [clientId, 0])));
    for (const group of system.groups) {
      for (const place of group.partitions) {
        const key = `${group.group} ${place.topic} ${place.partition}`;
        const committed = place.committedOffset ?? 0;
        this.#committed.set(key, committed);
        const owner = ownerOf(group, place);
        const grown = committed - (before.get(key) ?? committed);
        if (owner && grown > 0) read.set(owner, (read.get(owner) ?? 0) + grown);
      }
    }
    this.#rates = new Map([...read].map(([instance, records]) =>
      [instance, [...(this.#rates.get(instance) ?? []), (1000 * records) / ms].slice(-points)]));
    return this.#rates;
  }
}

/** The line of a sparkline in a box of 100 by 24: the newest figure is at the right edge. @param {number[]} rates */
export function lineOf(rates) {
  const top = Math.max(1, ...rates);
  return rates.map((rate, n) => `${(100 * (points - rates.length + n)) / (points - 1)},${(22 - (20 * rate) / top).toFixed(1)}`).join(' ');
}

/** "3.6 / s", of the last five seconds. @param {number[]} rates */
export function rateText(rates) {
  const last = rates.slice(-5);
  const mean = last.length === 0 ? 0 : last.reduce((sum, rate) => sum + rate, 0) / last.length;
  return `${mean < 99.95 ? mean.toFixed(1) : Math.round(mean)} / s`;
}
