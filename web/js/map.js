// The map: what stands where in the log, who reads it, and how far behind. All of it comes from /events/system and from the
// positions of /events; nothing is worked out that they do not say. Pure.

import { counted } from './ledger.js';
import { endsOf } from './position.js';
import { laneKey } from './records.js';

/** @import { Group, Instance, System } from './types.js' */
/** @import { Known, Records } from './records.js' */
/** @import { Position } from './position.js' */

/**
 * A group's position in a partition.
 * @typedef {{group: string, kind: string, committed: number, lag: number, removed: number}} Track
 */

/**
 * One partition. `committed` of a track and `end` are next offsets.
 * @typedef {{key: string, topic: string, partition: number, start: number, end: number, tracks: Track[]}} Lane
 */

/** @typedef {{name: string, cleanupPolicy: string, records: number, lanes: Lane[]}} MapTopic */

/**
 * @typedef {object} MapMember
 * @property {string} instance
 * @property {Instance | undefined} module  none: a program of another make
 * @property {string} state  as its status says; "idle": it runs, and no partition is left for it
 * @property {number[]} partitions  of the group's topic
 * @property {number} lag  of its partitions
 */

/**
 * @typedef {{group: string, kind: string, topic: string, state: string, partitions: number, lag: number, joined: number,
 *   unread: number[], members: MapMember[]}} MapGroup
 * `joined`: members that the group itself counts; `unread`: partitions that no living member owns
 */

/** @typedef {{topics: MapTopic[], groups: MapGroup[], more: number}} FlowMap */

/** @typedef {{offset: number, known: Known | undefined, superseded: boolean, unreadBy: string[]}} Cell */

const topicNames = ['orders', 'orders-dlq', 'order-status', 'audit'];
/** From top to bottom; groups of plugins and of others stand before audit. */
const kinds = ['notification', 'fraud', 'analytics', 'plugin', 'audit', 'order'];
/** Groups that the map has room for; the others are counted. */
const groupsMax = 8;

/** Where a group or an instance stands among the others. @param {string} kind */
const rankOf = (kind) => kinds.indexOf(kinds.includes(kind) ? kind : 'plugin');

/** @param {Group} group  @param {Instance[]} modules  @returns {string} empty: none of the modules that are known */
function kindOf(group, modules) {
  const member = modules.find((each) => group.members.some(({ clientId }) => clientId === each.instance));
  return member?.kind ?? modules.find((each) => group.group === `${each.kind}-group`)?.kind ?? '';
}

/** @param {Instance} module  @param {boolean} owns */
function stateOf(module, owns) {
  if (module.state === 'running' && module.ready && !owns) return 'idle';
  return module.state;
}

/** A member that reads nothing now. @param {string} state */
export const isAway = (state) => ['crashed', 'lost', 'stopped', 'failed'].includes(state);

/** @param {Group} group  @param {string} topic  @param {MapMember[]} members */
function unreadOf({ partitions }, topic, members) {
  const read = new Set(members.filter(({ state }) => !isAway(state)).flatMap((member) => member.partitions));
  return partitions.filter((each) => each.topic === topic && !read.has(each.partition)).map(({ partition }) => partition);
}

/**
 * @param {Group} group  @param {string} kind  @param {Instance[]} modules
 * @param {boolean} all  with the instances that are not in it now
 * @returns {MapGroup}
 */
function mapGroup(group, kind, modules, all) {
  const topic = group.partitions[0]?.topic ?? group.members[0]?.assignment[0]?.topic ?? '';
  const lagOf = (/** @type {number} */ partition) => group.partitions.find((each) => each.topic === topic && each.partition === partition)?.lag ?? 0;
  const isIn = (/** @type {string} */ instance) => group.members.some(({ clientId }) => clientId === instance);
  const own = modules.filter((each) => each.kind === kind && (all || isIn(each.instance)));
  const foreign = group.members.filter(({ clientId }) => !own.some(({ instance }) => instance === clientId));
  const members = [...own.map((module) => ({ instance: module.instance, module })),
    ...foreign.map(({ clientId }) => ({ instance: clientId, module: undefined }))].map(({ instance, module }) => {
    const partitions = group.members.filter(({ clientId }) => clientId === instance)
      .flatMap(({ assignment }) => assignment.filter((each) => each.topic === topic).map((each) => each.partition)).sort((a, b) => a - b);
    const state = module ? stateOf(module, partitions.length > 0) : 'member';
    return { instance, module, state, partitions, lag: partitions.reduce((sum, each) => sum + lagOf(each), 0) };
  });
  return { group: group.group, kind: kind || 'foreign', topic, state: group.state, partitions: group.partitions.length, lag: group.lag,
    joined: group.members.length, members, unread: unreadOf(group, topic, members) };
}

/** The groups with somebody in them; a kind of module without a group has a card, too. @param {System} system */
function groupsOf({ groups, modules }) {
  const found = groups.map((group) => ({ group, kind: kindOf(group, modules) })).filter(({ group, kind }) => kind || group.members.length > 0);
  // A second group of a kind, as a replay has one, shows those who are in it and no others.
  const isMain = (/** @type {{group: Group, kind: string}} */ { group, kind }) =>
    group.group === `${kind}-group` || !found.some((each) => each.group.group === `${kind}-group`);
  const cards = found.map((each) => mapGroup(each.group, each.kind, modules, isMain(each)));
  const alone = [...new Set(modules.map(({ kind }) => kind))].filter((kind) => !found.some((each) => each.kind === kind));
  const without = alone.map((kind) => mapGroup({ group: '', state: '', lag: 0, members: [], partitions: [] }, kind, modules, true));
  return [...cards, ...without].sort((a, b) => rankOf(a.kind) - rankOf(b.kind) || (a.group < b.group ? -1 : 1));
}

/**
 * @param {System} system  @param {Position | undefined} position  what the stream has told
 * @returns {FlowMap}
 */
export function mapOf(system, position) {
  const all = groupsOf(system);
  const groups = all.length > groupsMax ? [...all.slice(0, groupsMax - 2), ...all.slice(-2)] : all;
  const topics = topicNames.flatMap((name) => {
    const topic = system.topics.find((each) => each.name === name);
    return topic ? [{ name, cleanupPolicy: topic.cleanupPolicy, records: topic.records,
      lanes: topic.partitions.map((each) => laneOf(name, each, groups, system.groups, position)) }] : [];
  });
  return { topics, groups, more: all.length - groups.length };
}

/**
 * @param {string} topic  @param {{partition: number, startOffset: number, endOffset: number}} partition
 * @param {MapGroup[]} groups  @param {Group[]} told  @param {Position | undefined} position
 * @returns {Lane}
 */
function laneOf(topic, { partition, startOffset, endOffset }, groups, told, position) {
  // The stream tells of a record before the next look at the whole system does.
  const end = Math.max(endOffset, (position && endsOf(position, topic)[partition]) ?? 0);
  const tracks = groups.filter((each) => each.group && each.topic === topic).flatMap(({ group, kind }) => {
    const at = told.find((each) => each.group === group)?.partitions.find((each) => each.topic === topic && each.partition === partition);
    if (!at) return [];
    const committed = at.committedOffset ?? at.endOffset - at.lag;
    return [{ group, kind, committed, lag: Math.max(0, end - committed), removed: at.removedBeforeRead ?? 0 }];
  });
  return { key: laneKey(topic, partition), topic, partition, start: startOffset, end, tracks };
}

/**
 * The newest records of a lane, oldest first.
 * @param {Lane} lane  @param {Records} records  @param {number} columns  @returns {Cell[]}
 */
export function cellsOf(lane, records, columns) {
  const known = new Map((records.get(lane.key) ?? []).map((each) => [each.offset, each]));
  const compacted = lane.topic === 'order-status';
  const first = Math.max(lane.start, lane.end - columns);
  const newer = new Set();
  const cells = [];
  for (let offset = lane.end - 1; offset >= first; offset -= 1) {
    const record = known.get(offset);
    const superseded = compacted && record !== undefined && newer.has(record.orderId);
    if (record) newer.add(record.orderId);
    cells.push({ offset, known: record, superseded, unreadBy: lane.tracks.filter(({ committed }) => offset >= committed).map(({ group }) => group) });
  }
  return cells.reverse();
}

/** @param {number[]} partitions */
export const partitionWords = (partitions) => partitions.map((each) => `p${each}`).join(' ');

/** "crashed, still owns p2". @param {MapMember} member  @param {MapGroup} group */
export function stateWords({ state, module, partitions }, { partitions: all }) {
  if (state === 'idle') return all > 0 ? `idle: ${all} ${all === 1 ? 'partition feeds' : 'partitions feed'} at most ${all} of its group` : 'running';
  if (['crashed', 'lost'].includes(state) && partitions.length > 0) return `${state}, still owns`;
  if (state === 'running' && module && !module.ready) return 'running, catching up';
  return state;
}

/**
 * What a member reports of its work, in two short lines.
 * @param {Instance | undefined} module  @returns {string[]}
 */
export function factsOf(module) {
  const report = module?.report;
  if (!report) return [];
  const n = (/** @type {unknown} */ value) => (typeof value === 'number' ? value : 0);
  switch (module.kind) {
    case 'notification':
      return [`${n(report.notified)} notified`, `${counted(n(report.retried), 'retry', 'retries')}, ${n(report.deadLettered)} gave up`];
    case 'fraud':
      return [`${counted(n(report.windows?.orders), 'order')} in window`, counted(n(report.windows?.customers), 'customer')];
    case 'analytics':
      return [`${counted(n(report.orders?.created), 'order')} counted`, `${n(report.revenue).toFixed(2)} revenue`];
    case 'audit':
      return [`${counted(Object.values(report.events ?? {}).reduce((sum, each) => sum + n(each), 0), 'record')} logged`, 'this page reads it too'];
    default:
      return Object.entries(report).filter(([, value]) => typeof value === 'number').slice(0, 2).map(([name, value]) => `${value} ${name}`);
  }
}

/** The map in sentences, for those who do not see it. @param {FlowMap} map  @returns {string[]} */
export function summaryOf({ topics, groups }) {
  const lanes = topics.map(({ name, lanes }) => `${name}: ${lanes.map(({ partition, start, end }) =>
    `p${partition} ${end === start ? 'is empty' : `holds offsets ${start} to ${end - 1}`}`).join(', ')}.`);
  const readers = groups.filter(({ group }) => group).map((group) => `${group.group}, lag ${group.lag}: ${group.members.map((member) =>
    `${member.instance} is ${stateWords(member, group)}${member.partitions.length > 0 ? ` ${partitionWords(member.partitions)}` : ''}`).join(', ') || 'no member'}.`);
  return [...lanes, ...readers];
}
