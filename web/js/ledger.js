// What the ledger says, and when a fault is over: pure.

/** @import { Instance, Ledger, System } from './types.js' */

/** The figures in the order of the sentence "accepted = notified + gave up + dropped + waiting". */
export const parts = /** @type {const} */ ([['notified', 'notified'], ['gaveUp', 'gave up'], ['dropped', 'dropped'], ['waiting', 'waiting']]);

/** @param {number} n  @param {string} one  @param {string} [many] */
export const counted = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** @param {number[] | undefined} byPartition  @param {string[]} partitions  "p2"  @returns {number} */
export const waitingOn = (byPartition, partitions) =>
  partitions.reduce((sum, name) => sum + (byPartition?.[Number(name.slice(1))] ?? 0), 0);

/** "31 orders wait", "1 order waits", "nothing waits". @param {number} n */
export const waitText = (n) => (n === 0 ? 'nothing waits' : n === 1 ? '1 order waits' : `${n} orders wait`);

/**
 * A fault of the notification service that is not over.
 * @typedef {object} Fault
 * @property {string} what  "notification-2 crashed"
 * @property {number} before  orders that waited when it began
 * @property {number} most  orders that waited, at most
 * @property {number} accepted  when it began
 * @property {number} twice  done twice when it began
 * @property {number} at  ms
 */

/** A report of the ledger is at most this old, so an earlier one may be of before the fault. */
const reportMs = 2000;

/** States in which an instance does no work. */
export const faulty = ['paused', 'stopped', 'stopping', 'crashed', 'failed', 'lost'];

/** @type {Record<string, string>} */
const words = { paused: 'was paused', stopped: 'was stopped', stopping: 'was stopped', crashed: 'crashed', failed: 'failed', lost: 'was lost' };

/** Watches for faults, and says when the last one has left nothing behind. */
export class Recovery {
  /** @type {Map<string, string>} */
  #states = new Map();
  /** @type {Fault | undefined} */
  #fault;

  /** @returns {Fault | undefined} */
  get fault() {
    return this.#fault;
  }

  /**
   * @param {System} system  @param {Ledger | undefined} ledger  @param {number} now  ms
   * @returns {string} the sentence once it is over, else empty
   */
  step(system, ledger, now) {
    const members = system.modules.filter((each) => each.kind === 'notification');
    const first = this.#states.size === 0;
    for (const { instance, state } of members) {
      const was = this.#states.get(instance);
      this.#states.set(instance, state);
      if (ledger && !first && was !== state && faulty.includes(state) && !faulty.includes(was ?? '')) this.#begin(`${instance} ${words[state]}`, ledger, now);
    }
    if (!this.#fault || !ledger) return '';
    this.#fault.most = Math.max(this.#fault.most, ledger.waiting);
    if (now < this.#fault.at + reportMs || !isOver(system, members, ledger, this.#fault)) return '';
    const sentence = overText(this.#fault, ledger);
    this.#fault = undefined;
    return sentence;
  }

  /** @param {string} what  @param {Ledger} ledger  @param {number} at */
  #begin(what, ledger, at) {
    if (this.#fault) Object.assign(this.#fault, { what, at });
    else this.#fault = { what, before: ledger.waiting, most: ledger.waiting, accepted: ledger.accepted, twice: ledger.doneTwice, at };
  }
}

/**
 * Every partition has a member that reads it, and no more orders wait than before.
 * @param {System} system  @param {Instance[]} members  @param {Ledger} ledger  @param {Fault} fault
 */
function isOver(system, members, ledger, fault) {
  const group = system.groups.find((each) => each.group === 'notification-group');
  if (!group || ledger.waiting > fault.before) return false;
  const reads = (/** @type {string} */ id) => members.some(({ instance, state }) => instance === id && state === 'running')
    || !members.some(({ instance }) => instance === id);
  return group.partitions.every(({ topic, partition }) => group.members.some(({ clientId, assignment }) =>
    reads(clientId) && assignment.some((each) => each.topic === topic && each.partition === partition)));
}

/** @param {Fault} fault  @param {Ledger} ledger */
function overText(fault, ledger) {
  const twice = ledger.doneTwice - fault.twice;
  const again = twice === 0 ? 'none was done twice' : `${twice} ${twice === 1 ? 'was' : 'were'} done twice and folded`;
  const since = ledger.accepted - fault.accepted + fault.before;
  const ended = since - ledger.waiting;
  const waits = ledger.waiting === 0 ? '' : ` ${waitText(ledger.waiting)}, as before.`;
  return `${fault.what}, and that is over: ${ended} of ${since} orders have their outcome, lost ${ledger.lost}, ${again}.${waits}`;
}
