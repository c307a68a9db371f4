import assert from 'node:assert/strict';
import { test } from 'node:test';

import { crashNow, ownedBy, victimOf } from '../../web/js/crash.js';
import { Ownership, missingOf } from '../../web/js/ownership.js';

/** Two notifiers: who owns p0 p1 p2, what waits on each, how the second is. */
function system(owners, lags = [0, 0, 0], state = 'crashed') {
  const member = (clientId) => ({ memberId: clientId, clientId,
    assignment: owners.flatMap((owner, partition) => (owner === clientId ? [{ topic: 'orders', partition }] : [])) });
  return { bus: 'memory', topics: [],
    groups: [{ group: 'notification-group', state: 'stable', lag: 0, members: [...new Set(owners.filter(Boolean))].map(member),
      partitions: lags.map((lag, partition) => ({ topic: 'orders', partition, committedOffset: 0, endOffset: lag, lag })) }],
    modules: [['notification-1', 'running'], ['notification-2', state]].map(([instance, each]) => ({ instance, kind: 'notification', state: each, ready: true,
      sessionTimeoutMs: 10_000, since: new Date(each === 'crashed' ? 1200 : 0).toISOString() })) };
}

/** As the page counts it down. @param {number} now  ms */
function phaseOf(of, ledger, now) {
  const ownership = new Ownership();
  ownership.step(of, now);
  return crashNow(crash, of, ledger, missingOf(of, ownership, now));
}

const [one, two] = ['notification-1', 'notification-2'];
const crash = { instance: two, at: 1000, owned: [2], ledger: { accepted: 90, waiting: 0, lost: 0, doneTwice: 1 } };

test('the last notifier that owns a partition is crashed', () => {
  assert.equal(victimOf(system([one, one, two], [0, 0, 0], 'running')), two);
  assert.equal(victimOf(system([one, one, one], [0, 0, 0], 'running')), one, 'the other one owns nothing');
  assert.equal(victimOf(system([one, one, two])), one, 'the other one has crashed already');
  assert.equal(victimOf({ ...system([]), groups: [] }), '');
  assert.deepEqual(ownedBy(system([two, one, two]), two), [0, 2]);
});

test('until its session ends nobody reads, and the sentence counts what waits', () => {
  const ledger = { accepted: 90, waiting: 31, waitingByPartition: [0, 0, 31] };
  const at = (now, of) => phaseOf(system([one, one, two]), of, now);
  assert.equal(at(4500, ledger).sentence, 'notification-2 will be missed in 7 s; 31 orders wait on p2, and nobody reads there.');
  assert.equal(at(1300, { ...ledger, waitingByPartition: [0, 4, 1] }).sentence, 'notification-2 will be missed in 10 s; 1 order waits on p2, and nobody reads there.');
  assert.equal(at(20_000, { ...ledger, waitingByPartition: [] }).sentence, 'notification-2 is missed now; nothing waits on p2, and nobody reads there.');
  assert.equal(at(4500, undefined).sentence, 'notification-2 will be missed in 7 s; records wait on p2, and nobody reads there.');
  assert.deepEqual(at(4500, ledger).countdown, { instance: two, owns: ['p2'], leftMs: 6700, sessionMs: 10_000 });
  assert.equal(at(4500, ledger).when, 'will be missed in 7 s');
});

test('meanwhile nobody reads its partitions, the others go on, and new orders are accepted', () => {
  const told = (owners) => phaseOf(system(owners), undefined, 4500).meanwhile.map(({ what, who, more }) => `${what}: ${who} ${more}`);
  assert.deepEqual(told([one, one, two]), ['who reads p2: nobody for 3.3 s', 'p0 p1: notification-1 as before', 'new orders: accepted p2 keeps them']);
  assert.equal(told([one, two, two]).at(-1), 'new orders: accepted p1 p2 keep them');
});

test('before its status says so it has crashed all the same', () => {
  const now = phaseOf(system([one, one, two], [0, 0, 0], 'running'), undefined, 1100);
  assert.deepEqual([now.phase, now.sentence], ['broken', 'notification-2 has crashed, and its group does not know it yet.']);
});

test('in the middle of the rebalance nobody owns it', () => {
  const now = phaseOf(system([one, one, undefined]), undefined, 12_000);
  assert.deepEqual([now.phase, now.sentence, now.countdown], ['broken', 'Nobody reads p2: the group is giving it to another member.', undefined]);
});

test('who takes over catches up first', () => {
  const now = phaseOf(system([one, one, one], [0, 0, 31]), undefined, 11_500);
  assert.deepEqual([now.phase, now.sentence], ['mending', 'notification-1 took over p2 and catches up: 31 records wait.']);
  const waiting = { accepted: 130, waiting: 4, lost: 0, doneTwice: 1 };
  assert.equal(phaseOf(system([one, one, one]), waiting, 11_500).sentence, 'notification-1 took over p2 and catches up: 4 orders wait.', 'retries of it');
});

test('it ends with the ledger, and says what at-least-once is', () => {
  const end = (ledger) => phaseOf(system([one, one, one]), ledger, 12_000).sentence;
  const lesson = 'What was done and not committed is done again: that is at-least-once.';
  assert.equal(end({ accepted: 131, waiting: 0, lost: 0, doneTwice: 3 }),
    `notification-1 took over p2: 131 of 131 orders have their outcome, lost 0, 2 were done twice and folded. ${lesson}`);
  assert.match(end({ accepted: 131, waiting: 0, lost: 0, doneTwice: 2 }), /1 was done twice/);
  assert.match(end({ accepted: 131, waiting: 0, lost: 0, doneTwice: 1 }), /none was done twice this time/);
  assert.equal(end(undefined), `notification-1 took over p2 and read on where the last commit was. ${lesson}`);
});

test('a member that is started again takes its partition back', () => {
  const again = system([one, one, two], [0, 0, 0], 'running');
  again.modules[1].since = new Date(5000).toISOString();
  const now = phaseOf(again, undefined, 6000);
  assert.deepEqual([now.phase, now.sentence.split(' took')[0]], ['over', 'notification-2']);
});
