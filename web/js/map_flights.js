// Which records are seen to fly, and on which way. Above what an eye can follow they are sampled; cells and numbers are not. Pure.

import { laneKey } from './records.js';
import { deadWay, readWay, reportWay, retryWay, writeWay } from './map_wires.js';

/** @import { FlowMap, MapGroup, MapMember } from './map.js' */
/** @import { Geometry, Point } from './map_wires.js' */
/** @import { Envelope, Place } from './types.js' */

/** Orders of a second that fly; the others only appear. */
export const ordersPerSecond = 14;
/** In the air at the same time. */
export const flightsMax = 70;
const chosenMax = 500;

/**
 * `then` follows where it lands.
 * @typedef {{points: Point[], kind: 'write' | 'retry' | 'dead' | 'read', hue: string, text: string, then?: Flight}} Flight
 */

/** Chooses the orders that fly: as many a second as an eye can follow. */
export class Sampler {
  #tokens = ordersPerSecond;
  #filledAt = 0;
  /** @type {Map<string, number>} the partition of each chosen order; bounded */
  #chosen = new Map();

  /** @param {string} id  @param {number} partition  @param {number} now  ms  @returns {boolean} */
  choose(id, partition, now) {
    this.#tokens = Math.min(ordersPerSecond, this.#tokens + ((now - this.#filledAt) / 1000) * ordersPerSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    this.#chosen.set(id, partition);
    if (this.#chosen.size > chosenMax) this.#chosen.delete(this.#chosen.keys().next().value ?? '');
    return true;
  }

  /** The partition of an order that flies; nothing: it was not chosen. @param {string} id */
  partitionOf(id) {
    return this.#chosen.get(id);
  }
}

/** @param {FlowMap} of  @param {Envelope} envelope  who reported it  @returns {{group: MapGroup, member: MapMember} | undefined} */
function authorOf({ groups }, { data }, /** @type {number} */ partition) {
  const kind = String(data?.source ?? '').replace(/-service$/, '');
  const group = groups.find((each) => each.kind === kind);
  const member = group?.members.find(({ instance, partitions }) => (data?.instanceId ? instance === data.instanceId : partitions.includes(partition)));
  return group && member && { group, member };
}

/**
 * @param {FlowMap} of  @param {Geometry} at  @param {Sampler} sampler
 * @param {Envelope} envelope  @param {Place | undefined} place  @param {number} now  ms
 * @returns {Flight[]}
 */
export function flightsOf(of, at, sampler, envelope, place, now) {
  const { type, data } = envelope;
  const id = String(data?.orderId ?? data?.order?.id ?? '');
  if (type === 'order') {
    if (!place || !at.lanes[laneKey('orders', place.partition)] || !sampler.choose(id, place.partition, now)) return [];
    return [{ points: writeWay(at, laneKey('orders', place.partition)), kind: 'write', hue: 'order', text: '' }];
  }
  const partition = sampler.partitionOf(id);
  if (partition === undefined) return [];
  const lane = laneKey('orders', partition);
  const notification = of.groups.find(({ kind }) => kind === 'notification');
  if (type === 'dlq') {
    return notification && at.lanes['orders-dlq/0'] ? [{ points: deadWay(at, notification.group, 'orders-dlq/0'), kind: 'dead', hue: 'bad', text: '×' }] : [];
  }
  const author = authorOf(of, envelope, partition);
  if (!author || author.group.kind === 'order') return [];
  const { group, member } = author;
  if (data.action === 'RETRY') return [{ points: retryWay(at, group.group, lane), kind: 'retry', hue: 'bad', text: String(data.retryCount ?? '') }];
  const audit = of.groups.find(({ kind }) => kind === 'audit');
  if (!audit || !at.lanes['audit/0'] || at.lanes[lane]?.tracks[group.group] === undefined) return [];
  /** @type {Flight} */
  const report = { points: reportWay(at, member.instance, audit.group, 'audit/0'), kind: 'read', hue: 'audit', text: '' };
  return [{ points: readWay(at, lane, partition, group.group, member.instance), kind: 'read', hue: group.kind, text: '', then: report }];
}
