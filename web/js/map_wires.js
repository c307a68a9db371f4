// Where the wires of the map run: from what was measured of the page to paths. Pure.

import { isAway } from './map.js';

/** @import { FlowMap } from './map.js' */

/** @typedef {[number, number]} Point */

/**
 * What the wires join, in px from the corner of the map.
 * @typedef {object} Geometry
 * @property {number} unit  px of one rem
 * @property {number} right  where the lanes end: "now"
 * @property {number} left  where the lanes begin
 * @property {number} cell  the width of a cell
 * @property {number} groups  where the cards begin
 * @property {number} groupsRight
 * @property {{left: number, right: number, y: number}} writer  the order service
 * @property {Record<string, {y: number, tracks: Record<string, number>}>} lanes
 * @property {Record<string, number>} members  y by instance
 * @property {Record<string, {top: number, bottom: number}>} cards  by group
 */

/** @typedef {{d: string, kind: string, hue: string, key: string}} Wire */
/** @typedef {{x: number, y: number, hue: string, hollow: boolean, key: string}} Patch */
/** @typedef {{x: number, y: number, text: string, kind: string}} Label */

/** A path through the points, its corners rounded. @param {Point[]} points  @param {number} [radius] */
export function pathOf(points, radius = 7) {
  let d = `M${points[0].join(',')}`;
  for (let at = 1; at < points.length; at += 1) {
    const [x, y] = points[at];
    const next = points[at + 1];
    if (!next) return `${d}L${x},${y}`;
    const before = points[at - 1];
    const into = Math.hypot(x - before[0], y - before[1]) || 1;
    const out = Math.hypot(next[0] - x, next[1] - y) || 1;
    const r = Math.min(radius, into / 2, out / 2);
    const enter = [x - ((x - before[0]) / into) * r, y - ((y - before[1]) / into) * r];
    const leave = [x + ((next[0] - x) / out) * r, y + ((next[1] - y) / out) * r];
    d += `L${enter.join(',')}Q${x},${y} ${leave.join(',')}`;
  }
  return d;
}

/** Where the rail of a partition stands between the log and the cards. @param {Geometry} at  @param {number} partition */
export const railX = ({ right, groups }, partition) => right + (groups - right) * (0.4 + 0.18 * Math.min(partition, 3));

/** Where what gave up, and what is reported, comes down to its lane. @param {Geometry} at */
const downX = ({ right, groups }) => right + (groups - right) * 0.16;
/** Where the reports of all members run. @param {Geometry} at */
const busX = ({ groupsRight, unit }) => groupsRight + 0.75 * unit;
/** The middle of the next cells: what is written comes down here. @param {Geometry} at */
const writeX = ({ right, cell }) => right - cell / 2;

/** The way of a new order to its partition. @param {Geometry} at  @param {string} lane */
export const writeWay = (at, lane) => /** @type {Point[]} */ ([[at.writer.right, at.writer.y], [writeX(at), at.writer.y], [writeX(at), at.lanes[lane].y]]);

/** The way of a record from its lane to a member that reads it. @param {Geometry} at  @param {string} lane  @param {number} partition  @param {string} group  @param {string} member */
export const readWay = (at, lane, partition, group, member) => /** @type {Point[]} */ ([[at.right - at.cell, at.lanes[lane].tracks[group]],
  [railX(at, partition), at.lanes[lane].tracks[group]], [railX(at, partition), at.members[member]], [at.groups, at.members[member]]]);

/** The way of a retry: back to where orders are written. @param {Geometry} at  @param {string} group  @param {string} lane */
export const retryWay = (at, group, lane) => /** @type {Point[]} */ ([[at.groups + 1.2 * at.unit, at.cards[group].top],
  [at.groups + 1.2 * at.unit, at.writer.y], [writeX(at), at.writer.y], [writeX(at), at.lanes[lane].y]]);

/** The way of what gave up. @param {Geometry} at  @param {string} group  @param {string} lane */
export function deadWay(at, group, lane) {
  const y = at.cards[group].bottom + 0.5 * at.unit;
  return /** @type {Point[]} */ ([[at.groups + 1.2 * at.unit, at.cards[group].bottom - 2], [at.groups + 1.2 * at.unit, y], [downX(at), y],
    [downX(at), at.lanes[lane].y], [at.right, at.lanes[lane].y]]);
}

/** The way of a report to audit. @param {Geometry} at  @param {string} member  @param {string} group  whose card the way runs above  @param {string} lane */
export function reportWay(at, member, group, lane) {
  const y = at.cards[group].top - 0.3 * at.unit;
  return /** @type {Point[]} */ ([[at.groupsRight, at.members[member]], [busX(at), at.members[member]], [busX(at), y], [downX(at), y],
    [downX(at), at.lanes[lane].y], [at.right, at.lanes[lane].y]]);
}

/** @param {Geometry} at  @param {Point} end  the tip  @param {'left' | 'down'} to */
function arrow(at, [x, y], to) {
  const s = 0.28 * at.unit;
  return to === 'left' ? `M${x},${y}l${1.5 * s},${-s}v${2 * s}Z` : `M${x},${y}l${-s},${-1.5 * s}h${2 * s}Z`;
}

/** @param {FlowMap} of  @param {Geometry} at  @returns {Wire[]} those at the back first */
export function wiresOf(of, at) {
  const readers = of.groups.filter(({ kind }) => kind !== 'order');
  return [...reports(of, at), ...rails(of, at), ...readers.flatMap((group) => ownership(group, at)), ...readBack(of, at),
    ...writes(of, at), ...failures(of, at)];
}

/** Those that are in sight. @param {FlowMap} of  @param {string} topic  @param {Geometry} at */
const lanesOf = ({ topics }, topic, { lanes }) => (topics.find(({ name }) => name === topic)?.lanes ?? []).filter(({ key }) => lanes[key]);

/** @param {FlowMap} of  @param {Geometry} at  @returns {Wire[]} */
function reports(of, at) {
  const [lane] = lanesOf(of, 'audit', at);
  const audit = of.groups.find(({ kind }) => kind === 'audit');
  if (!lane || !audit) return [];
  const from = of.groups.filter(({ kind }) => !['order', 'audit', 'foreign'].includes(kind)).flatMap(({ members }) => members)
    .filter(({ state }) => !isAway(state));
  if (from.length === 0) return [];
  const tip = /** @type {Point} */ ([at.right + 1, at.lanes[lane.key].y]);
  return [...from.map(({ instance }) => ({ key: `report ${instance}`, kind: 'report', hue: 'audit', d: pathOf(reportWay(at, instance, audit.group, lane.key)) })),
    { key: 'report tip', kind: 'tip', hue: 'audit', d: arrow(at, tip, 'left') }];
}

/** @param {FlowMap} of  @param {Geometry} at  @returns {Wire[]} */
function rails(of, at) {
  const groups = of.groups.filter(({ kind, topic }) => kind !== 'order' && topic === 'orders');
  const low = Math.max(0, ...groups.flatMap(({ members }) => members.filter(({ partitions }) => partitions.length > 0).map(({ instance }) => at.members[instance])));
  return lanesOf(of, 'orders', at).flatMap(({ key, partition, tracks }) => {
    const read = tracks.filter(({ kind }) => kind !== 'order');
    if (read.length === 0 || low === 0) return [];
    const x = railX(at, partition);
    const top = Math.min(...read.map(({ group }) => at.lanes[key].tracks[group]), ...groups.flatMap(({ members }) =>
      members.filter(({ partitions }) => partitions.includes(partition)).map(({ instance }) => at.members[instance])));
    return [{ key: `rail ${partition}`, kind: 'rail', hue: '', d: `M${x},${top}V${low}` },
      ...read.map(({ group, kind }) => {
        const unread = groups.some((each) => each.group === group && each.unread.includes(partition));
        return { key: `track ${partition} ${group}`, kind: unread ? 'away' : 'track', hue: kind, d: `M${at.right},${at.lanes[key].tracks[group]}H${x}` };
      })];
  });
}

/** @param {import('./map.js').MapGroup} group  @param {Geometry} at  @returns {Wire[]} */
function ownership({ group, kind, topic, members }, at) {
  return members.flatMap(({ instance, partitions, state }) => {
    const y = at.members[instance];
    if (topic === 'orders') {
      const x = partitions.length > 0 ? railX(at, Math.min(...partitions)) : at.groups - 0.8 * at.unit;
      return [{ key: `own ${group} ${instance}`, kind: partitions.length === 0 ? 'idle' : isAway(state) ? 'away' : 'own', hue: kind, d: `M${x},${y}H${at.groups}` }];
    }
    const track = at.lanes[`${topic}/0`]?.tracks[group];
    if (track === undefined || partitions.length === 0) return [];
    return [{ key: `own ${group} ${instance}`, kind: isAway(state) ? 'away' : 'own', hue: kind,
      d: pathOf([[at.right, track], [railX(at, 1), track], [railX(at, 1), y], [at.groups, y]], 5) }];
  });
}

/** The order service reads its own records, to write audit and order-status from them. @param {FlowMap} of  @param {Geometry} at  @returns {Wire[]} */
function readBack(of, at) {
  const ys = lanesOf(of, 'orders', at).flatMap(({ key, tracks }) => tracks.filter(({ kind }) => kind === 'order')
    .flatMap(({ group }) => at.lanes[key].tracks[group] ?? []));
  if (ys.length === 0) return [];
  const x = 0.5 * at.unit;
  const y = at.writer.y + 0.6 * at.unit;
  return [{ key: 'read back', kind: 'back', hue: 'order', d: `${pathOf([[at.left, Math.max(...ys)], [x, Math.max(...ys)], [x, y], [at.writer.left, y]], 5)}${
    ys.map((y) => `M${at.left},${y}H${x}`).join('')}` }];
}

/** @param {FlowMap} of  @param {Geometry} at  @returns {Wire[]} */
function writes(of, at) {
  const lanes = [...lanesOf(of, 'orders', at), ...lanesOf(of, 'order-status', at), ...lanesOf(of, 'audit', at)];
  const last = lanesOf(of, 'orders', at).at(-1);
  if (!last) return [];
  const x = writeX(at);
  const tip = (/** @type {string} */ key) => /** @type {Point} */ ([x, at.lanes[key].y - 0.8 * at.unit]);
  const low = lanes.at(-1)?.key ?? last.key;
  return [{ key: 'derived', kind: 'derived', hue: 'order', d: `M${x},${at.lanes[last.key].y}V${tip(low)[1]}` },
    { key: 'request', kind: 'write', hue: 'order', d: `M0,${at.writer.y - 0.4 * at.unit}H${at.writer.left}` },
    { key: 'write', kind: 'write', hue: 'order', d: pathOf([[at.writer.right, at.writer.y], [x, at.writer.y], tip(last.key)]) },
    ...lanes.map(({ key }) => ({ key: `tip ${key}`, kind: 'tip', hue: 'order', d: arrow(at, tip(key), 'down') }))];
}

/** @param {FlowMap} of  @param {Geometry} at  @returns {Wire[]} */
function failures(of, at) {
  const group = of.groups.find(({ kind }) => kind === 'notification');
  const [lane] = lanesOf(of, 'orders', at);
  const [dead] = lanesOf(of, 'orders-dlq', at);
  if (!group || !lane) return [];
  const back = retryWay(at, group.group, lane.key).slice(0, 3);
  const wires = [{ key: 'retry', kind: 'retry', hue: 'bad', d: pathOf([back[0], back[1], [back[2][0] + 0.6 * at.unit, back[2][1]]]) },
    { key: 'retry tip', kind: 'tip', hue: 'bad', d: arrow(at, [back[2][0] + 0.2 * at.unit, back[2][1]], 'left') }];
  if (!dead) return wires;
  const d = pathOf(deadWay(at, group.group, dead.key));
  return [...wires, { key: 'dead halo', kind: 'halo', hue: 'bad', d }, { key: 'dead', kind: 'dead', hue: 'bad', d },
    { key: 'dead tip', kind: 'tip', hue: 'bad', d: arrow(at, [at.right + 1, at.lanes[dead.key].y], 'left') }];
}

/** The marks where a member's line crosses the rails of its partitions. @param {FlowMap} of  @param {Geometry} at  @returns {Patch[]} */
export function patchesOf(of, at) {
  return of.groups.filter(({ kind, topic }) => kind !== 'order' && topic === 'orders').flatMap(({ group, kind, members }) =>
    members.flatMap(({ instance, partitions, state }) => partitions.map((partition) => (
      { key: `${group} ${instance} ${partition}`, x: railX(at, partition), y: at.members[instance], hue: kind, hollow: isAway(state) }))));
}

/** @param {FlowMap} of  @param {Geometry} at  @returns {Label[]} */
export function labelsOf(of, at) {
  const { unit } = at;
  const notification = of.groups.find(({ kind }) => kind === 'notification');
  const audit = of.groups.find(({ kind }) => kind === 'audit');
  const labels = lanesOf(of, 'orders', at).map(({ partition }) => ({ x: railX(at, partition), y: (notification ? at.cards[notification.group].top : at.writer.y) + unit,
    text: `p${partition}`, kind: 'rail' }));
  labels.push({ x: unit, y: at.writer.y - 0.8 * unit, text: 'POST, PUT, DELETE', kind: 'order' });
  const room = (writeX(at) - at.writer.right) / unit;
  const how = room > 15 ? 'the hash of the key picks the partition' : room > 10 ? 'by the hash of the key' : '';
  if (how) labels.push({ x: at.writer.right + 0.75 * unit, y: at.writer.y - 0.5 * unit, text: how, kind: 'order' });
  if (notification) {
    labels.push({ x: writeX(at) + 1.2 * unit, y: at.writer.y - 0.5 * unit, text: 'a retry is a new record', kind: 'bad' });
    labels.push({ x: at.groups + 1.6 * unit, y: at.cards[notification.group].bottom + 0.8 * unit, text: 'gave up after retryCount 2', kind: 'bad' });
  }
  if (audit) labels.push({ x: at.groups + 1.6 * unit, y: at.cards[audit.group].top - 0.55 * unit, text: 'every service also writes to audit', kind: 'report' });
  return labels;
}
