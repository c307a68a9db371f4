// The crash of a member, as the first minute tells it: who owns its partitions, what waits there, who takes over. Pure.

import { grouped } from './text.js';

/** @import { Instance, System } from './types.js' */

/** What became of all orders, where an analytics instance counts it. @typedef {{accepted: number, waiting: number, lost: number, doneTwice: number}} Ledger */

const groupName = 'notification-group';
const sessionUsualMs = 10_000;
const silent = ['crashed', 'lost'];

/**
 * What is known when it begins.
 * @typedef {{instance: string, at: number, owned: number[], ledger: Ledger | undefined}} Crash
 */

/** @typedef {{phase: 'missing' | 'catching-up' | 'over', sentence: string, secondsLeft: number}} CrashNow */

/** @param {System} system  @param {string} instance  @returns {number[]} partitions of `orders` */
export function ownedBy(system, instance) {
  const members = system.groups.find(({ group }) => group === groupName)?.members ?? [];
  return members.filter(({ clientId }) => clientId === instance)
    .flatMap(({ assignment }) => assignment.map(({ partition }) => partition)).sort((a, b) => a - b);
}

/** Whom a crash teaches the most: the last member that owns something. @param {System} system  @returns {string} empty: none */
export function victimOf(system) {
  const running = system.modules.filter(({ kind, state }) => kind === 'notification' && state === 'running').map(({ instance }) => instance);
  return running.filter((instance) => ownedBy(system, instance).length > 0).sort().at(-1) ?? '';
}

/** @param {number[]} partitions */
const names = (partitions) => partitions.map((each) => `p${each}`).join(' ');

/** "31 records wait", "1 record waits", "nothing waits". @param {number} n */
const waits = (n) => (n === 0 ? 'nothing waits' : n === 1 ? '1 record waits' : `${grouped(n)} records wait`);

/** @param {System} system  @param {number[]} partitions */
function lagOf(system, partitions) {
  const group = system.groups.find((each) => each.group === groupName);
  return group?.partitions.filter(({ partition }) => partitions.includes(partition)).reduce((sum, { lag }) => sum + lag, 0) ?? 0;
}

/** Who reads the partitions now. @param {System} system  @param {number[]} partitions */
function takersOf(system, partitions) {
  const members = system.groups.find(({ group }) => group === groupName)?.members ?? [];
  const owners = partitions.map((partition) => members.find(({ assignment }) => assignment.some((each) => each.partition === partition))?.clientId);
  return owners.every(Boolean) ? [...new Set(/** @type {string[]} */ (owners))] : [];
}

/** @param {Crash} crash  @param {Ledger | undefined} ledger  @param {string} takers */
function overSentence({ owned, ledger: before }, ledger, takers) {
  const lesson = 'What was done and not committed is done again: that is at-least-once.';
  const took = `${takers} took over ${names(owned)}`;
  if (!ledger) return `${took} and read on where the last commit was. ${lesson}`;
  const twice = ledger.doneTwice - (before?.doneTwice ?? 0);
  const again = twice === 0 ? 'none was done twice this time' : `${grouped(twice)} ${twice === 1 ? 'was' : 'were'} done twice and folded`;
  return `${took}: ${grouped(ledger.accepted - ledger.waiting)} of ${grouped(ledger.accepted)} orders have their outcome, lost ${ledger.lost}, ${again}. ${lesson}`;
}

/**
 * @param {Crash} crash  @param {System} system  @param {Ledger | undefined} ledger  @param {number} now  ms, as `crash.at`
 * @returns {CrashNow}
 */
export function crashNow(crash, system, ledger, now) {
  const { instance, owned } = crash;
  const module = /** @type {Instance & {sessionTimeoutMs?: number} | undefined} */ (system.modules.find((each) => each.instance === instance));
  const sessionMs = module?.sessionTimeoutMs ?? sessionUsualMs;
  const secondsLeft = Math.max(0, Math.ceil((crash.at + sessionMs - now) / 1000));
  const takers = takersOf(system, owned);
  const isSilent = module ? silent.includes(module.state) : true;
  if (takers.length === 0 || takers.includes(instance) && (isSilent || now - crash.at < sessionMs)) {
    const soon = secondsLeft > 0 ? `will be missed in ${secondsLeft} s` : 'is missed now';
    return { phase: 'missing', secondsLeft, sentence: `${instance} ${soon}; ${waits(lagOf(system, owned))} on ${names(owned)}, and nobody reads there.` };
  }
  const isBehind = lagOf(system, owned) > 0 || (ledger && ledger.waiting > (crash.ledger?.waiting ?? 0));
  if (isBehind) return { phase: 'catching-up', secondsLeft: 0, sentence: `${takers.join(' and ')} took over ${names(owned)} and catches up: ${waits(lagOf(system, owned))}.` };
  return { phase: 'over', secondsLeft: 0, sentence: overSentence(crash, ledger, takers.join(' and ')) };
}
