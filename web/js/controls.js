// The members of the consumer groups, and what a host may do with each: pure.

/** @import { Group, Instance, System } from './types.js' */

/** A fourth member of a group over three partitions is there to be seen idle; a fifth shows nothing new. */
export const membersMax = 4;

/**
 * @typedef {object} Member
 * @property {Instance} module
 * @property {string[]} owns  "p0"
 * @property {number} lag  records that its partitions hold and its group has not committed
 * @property {string} idle  why it reads nothing, or empty
 */

/**
 * A consumer group and its members here.
 * @typedef {object} Team
 * @property {string} kind  of its modules
 * @property {string} group
 * @property {string} topic  that it reads; empty: not known yet
 * @property {number} lag
 * @property {Member[]} members
 * @property {string[]} foreign  client ids of members that are no instances of ours
 */

/** @param {Group | undefined} group  @param {string} clientId */
const assignmentOf = (group, clientId) => group?.members.find((each) => each.clientId === clientId)?.assignment ?? [];

/** @param {System | undefined} system  @param {string} kind  @returns {Group | undefined} */
function groupOf(system, kind) {
  const named = system?.groups.find((each) => each.group === `${kind}-group`);
  if (named) return named;
  const instances = system?.modules.filter((each) => each.kind === kind).map((each) => each.instance) ?? [];
  return system?.groups.find((each) => each.members.some(({ clientId }) => instances.includes(clientId)));
}

/** @param {Group | undefined} group  @param {Instance} module  @param {string[]} owns */
function idleReason(group, module, owns) {
  if (!group || owns.length > 0 || group.state !== 'Stable' || !['running', 'paused'].includes(module.state)) return '';
  if (!group.members.some(({ clientId }) => clientId === module.instance)) return '';
  const partitions = group.partitions.length;
  return `idle: ${partitions} ${partitions === 1 ? 'partition feeds' : 'partitions feed'} at most ${partitions} of its group`;
}

/**
 * @param {System | undefined} system  @param {Instance[]} modules  as the page shows them, sorted
 * @returns {Team[]}
 */
export function teamsOf(system, modules) {
  const kinds = [...new Set(modules.map((each) => each.kind))];
  return kinds.map((kind) => {
    const group = groupOf(system, kind);
    const ours = modules.filter((each) => each.kind === kind);
    const members = ours.map((module) => {
      const assignment = assignmentOf(group, module.instance);
      const owns = assignment.map(({ partition }) => `p${partition}`);
      const reads = (/** @type {{topic: string, partition: number}} */ each) =>
        assignment.some(({ topic, partition }) => topic === each.topic && partition === each.partition);
      const lag = group?.partitions.filter(reads).reduce((sum, each) => sum + each.lag, 0) ?? 0;
      return { module, owns, lag, idle: idleReason(group, module, owns) };
    });
    const ids = ours.map((each) => each.instance);
    const foreign = (group?.members ?? []).map(({ clientId }) => clientId).filter((id) => !ids.includes(id));
    return { kind, group: group?.group ?? '', topic: group?.partitions[0]?.topic ?? '', lag: group?.lag ?? 0, members, foreign };
  });
}

/** @type {Record<string, string[]>} */
const allowed = {
  starting: ['stop', 'crash'],
  running: ['pause', 'stop', 'crash'],
  paused: ['resume', 'stop', 'crash'],
  stopping: ['crash'],
  stopped: ['start'],
  crashed: ['start'],
  failed: ['start', 'stop'],
};

/** What may be asked of an instance in that state; nothing where no process would answer. @param {string} state */
export const actionsOf = (state) => (Object.hasOwn(allowed, state) ? allowed[state] : []);

/** @type {Record<string, string[]>} */
const states = {
  pause: ['paused'],
  resume: ['running'],
  stop: ['stopping', 'stopped'],
  crash: ['crashed'],
  start: ['starting', 'running'],
};

/**
 * Whether what was asked for is what `module-status` shows.
 * @param {{action: string, settings?: Record<string, number | string>}} asked  @param {Instance | undefined} module
 */
export function isDone({ action, settings = {} }, module) {
  if (!module) return false;
  if (action === 'configure') return Object.entries(settings).every(([name, value]) => module.settings?.[name] === value);
  return states[action]?.includes(module.state) ?? false;
}

/** Why there cannot be one more member of that kind, or empty. @param {Team} team */
export const whyFull = ({ members }) =>
  (members.length < membersMax ? '' : `${membersMax} members are enough to see one idle`);

/** The value that all running members of a team have in common, or undefined. @param {Team} team  @param {string} setting */
export function commonSetting({ members }, setting) {
  const values = new Set(members.map(({ module }) => module.settings?.[setting]));
  return values.size === 1 ? [...values][0] : undefined;
}
