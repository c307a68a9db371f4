// The crash of a member, as the first minute tells it: who owns its partitions, what waits there, who takes over. Pure.

import { waitText } from './ledger.js';
import { countdownOf } from './ownership.js';
import { grouped } from './text.js';

/** @import { Missing } from './ownership.js' */
/** @import { Broken, Ledger, System } from './types.js' */

const groupName = 'notification-group';

/**
 * What is known when it begins.
 * @typedef {{instance: string, at: number, owned: number[], ledger: Ledger | undefined}} Crash  at: ms, server time
 */

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

/** "31 records wait", "1 record waits". @param {number} n */
const recordsWait = (n) => (n === 1 ? '1 record waits' : `${grouped(n)} records wait`);

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

/**
 * What goes on while a member is missing: who reads what, and for how long nobody has read.
 * @param {Missing} missing  @param {System} system
 */
function meanwhileOf({ instance, owns, leftMs, sessionMs }, system) {
  const members = system.groups.find(({ group }) => group === groupName)?.members ?? [];
  const others = members.filter(({ clientId, assignment }) => clientId !== instance && assignment.length > 0)
    .map(({ clientId, assignment }) => ({ what: names(assignment.map(({ partition }) => partition).sort((a, b) => a - b)), who: clientId, more: 'as before' }));
  return [{ what: `who reads ${owns.join(' ')}`, who: 'nobody', more: `for ${((sessionMs - leftMs) / 1000).toFixed(1)} s` }, ...others,
    { what: 'new orders', who: 'accepted', more: `${owns.join(' ')} ${owns.length === 1 ? 'keeps' : 'keep'} them` }];
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
 * @param {Crash} crash  @param {System} system
 * @param {Ledger | undefined} ledger  @param {Missing[]} missing  by the same system
 * @returns {Broken}
 */
export function crashNow(crash, system, ledger, missing) {
  const { instance, owned } = crash;
  const mine = missing.find((each) => each.instance === instance);
  if (mine) {
    const { when, waits } = countdownOf(mine, ledger);
    return { phase: 'broken', instance, sentence: `${instance} ${when}; ${waits}, and nobody reads there.`, when, countdown: mine, meanwhile: meanwhileOf(mine, system),
      why: 'The group waits for a heartbeat until the session of the member ends. Then it gives its partitions to another.' };
  }
  const module = system.modules.find((each) => each.instance === instance);
  if (module?.state === 'running' && Date.parse(module.since ?? '') < crash.at) {
    return { phase: 'broken', instance, sentence: `${instance} has crashed, and its group does not know it yet.` };
  }
  const takers = takersOf(system, owned);
  if (takers.length === 0) return { phase: 'broken', instance, sentence: `Nobody reads ${names(owned)}: the group is giving it to another member.` };
  const lag = lagOf(system, owned);
  if (lag > 0 || (ledger && ledger.waiting > (crash.ledger?.waiting ?? 0))) {
    const waits = lag > 0 || !ledger ? recordsWait(lag) : waitText(ledger.waiting);
    return { phase: 'mending', instance, sentence: `${takers.join(' and ')} took over ${names(owned)} and catches up: ${waits}.` };
  }
  return { phase: 'over', instance, sentence: overSentence(crash, ledger, takers.join(' and ')) };
}
