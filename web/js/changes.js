// What changed between two snapshots of the system, in sentences: instances, rebalances, replays.

/** @import { Group, Instance, System } from './types.js' */

/** @type {Record<string, string>} */
const states = {
  starting: 'is starting',
  running: 'is running',
  stopping: 'is stopping: it finishes what it has begun',
  stopped: 'is stopped',
  paused: 'is paused',
  crashed: 'has crashed: it has not committed and not left its group',
  failed: 'has failed',
  lost: 'is lost: no sign of life for 3 s',
};

/**
 * @param {System | undefined} before  @param {System} after
 * @returns {string[]} nothing for the first snapshot
 */
export function changesBetween(before, after) {
  if (!before) return [];
  return [...instanceChanges(before.modules, after.modules, after.groups.length > 0), ...groupChanges(before.groups, after.groups),
    ...replayChanges(before.modules, after.modules)];
}

/** @param {string} state  @param {boolean} hasGroups */
const words = (state, hasGroups) => (state === 'crashed' && !hasGroups ? 'has crashed: it has not ended what it had begun' : states[state] ?? `is ${state}`);

/** @param {Instance[]} before  @param {Instance[]} after  @param {boolean} hasGroups */
function instanceChanges(before, after, hasGroups) {
  const known = new Map(before.map((each) => [each.instance, each]));
  const sentences = [];
  for (const each of after) {
    const was = known.get(each.instance);
    known.delete(each.instance);
    if (!was) {
      sentences.push(`${each.instance} is new and ${words(each.state, hasGroups)}.`);
      continue;
    }
    if (was.state !== each.state) {
      const goesOn = was.state === 'paused' && each.state === 'running';
      sentences.push(`${each.instance} ${goesOn ? 'goes on' : words(each.state, hasGroups)}.`);
    }
    sentences.push(...settingChanges(was, each));
  }
  for (const instance of known.keys()) sentences.push(`${instance} is gone.`);
  return sentences;
}

/** @param {Instance} before  @param {Instance} after */
function settingChanges(before, after) {
  const old = before.settings ?? {};
  return Object.entries(after.settings ?? {})
    .filter(([name, value]) => name in old && old[name] !== value)
    .map(([name, value]) => `${after.instance}: ${name} is now ${value}.`);
}

/** Who reads what: "orders p0" to "notification-1". @param {Group | undefined} group  @returns {Map<string, string>} */
function ownersOf(group) {
  const owners = new Map();
  for (const { clientId, assignment } of group?.members ?? []) {
    for (const { topic, partition } of assignment) owners.set(`${topic} p${partition}`, clientId);
  }
  return owners;
}

/** @param {Group[]} before  @param {Group[]} after */
function groupChanges(before, after) {
  const sentences = [];
  for (const group of after) {
    const was = before.find((each) => each.group === group.group);
    if (!was) continue;
    const owners = ownersOf(group);
    const old = ownersOf(was);
    const places = [...new Set([...old.keys(), ...owners.keys()])].sort();
    if (places.every((place) => owners.get(place) === old.get(place))) continue;
    sentences.push(`Rebalance in ${group.group}: ${whoReads(owners, places)}.`);
  }
  return sentences;
}

/** @param {Map<string, string>} owners  @param {string[]} places */
function whoReads(owners, places) {
  /** @type {Map<string, string[]>} */
  const byOwner = new Map();
  for (const place of places) {
    const owner = owners.get(place) ?? 'nobody';
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), place]);
  }
  return [...byOwner].map(([owner, read]) => `${owner} reads ${shortened(read)}`).join(', ');
}

/** "orders p0 p1": the topic stands once. @param {string[]} places */
function shortened(places) {
  let last = '';
  const words = [];
  for (const [topic, partition] of places.map((place) => place.split(' '))) {
    words.push(topic === last ? partition : `${topic} ${partition}`);
    last = topic;
  }
  return words.join(' ');
}

/** @param {Instance[]} before  @param {Instance[]} after */
function replayChanges(before, after) {
  const sentences = [];
  for (const { instance, report } of after) {
    const replay = report?.replay;
    const was = before.find((each) => each.instance === instance)?.report?.replay;
    if (!replay || (was?.group === replay.group && was?.state === replay.state)) continue;
    sentences.push(replaySentence(instance, replay));
  }
  return sentences;
}

/** @param {string} instance  @param {any} replay */
function replaySentence(instance, { state, done, total, summary }) {
  if (state === 'failed') return `The replay on ${instance} has failed.`;
  if (state !== 'done') return `${instance} replays the orders from the beginning: ${state}, ${done} of ${total}.`;
  const { orders = done, alerts = 0, differenceCount = 0 } = summary ?? {};
  const differences = differenceCount === 0 ? 'no difference' : `${differenceCount} differences`;
  return `The replay on ${instance} is done: ${orders} orders, ${alerts} alerts, ${differences}.`;
}
