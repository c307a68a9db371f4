// What the first minute breaks in the monolith and over REST, as it is told: pure. crash.test.mjs has that of the events.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { cutNow, cutOf } from '../../web/js/cut_arrow.js';
import { heldBy, leaseNow, victimOf } from '../../web/js/lost_lease.js';

const [one, two] = ['notification-1', 'notification-2'];
const worker = (instance, state = 'running') => ({ instance, kind: 'notification', state, ready: true });

describe('a worker that crashes with a job in its hands', () => {
  const job = (id, of, until) => ({ id, orderId: `order-${id}`, state: of ? 'leased' : 'ready', worker: of, leasedUntil: new Date(until ?? 0).toISOString() });
  const modules = [worker(one), worker(two, 'crashed')];
  const lost = { instance: two, at: 2000, jobs: [job(57, two, 11_000)], ledger: { waiting: 1 } };
  const told = (jobs, { ledger, taker = '', now, known = lost }) => leaseNow(known, { jobs }, modules, ledger, taker, now, 10_000);

  test('is the last one that runs, and never the only one', () => {
    assert.equal(victimOf([worker(two), worker(one), { ...worker('fraud-1'), kind: 'fraud' }]), two);
    assert.equal(victimOf([worker(one), worker(two, 'stopped')]), '');
    assert.equal(victimOf([]), '');
  });

  test('is crashed as soon as it has a job', () => {
    assert.deepEqual(heldBy({ jobs: [job(56), job(57, two), job(58, one)] }, two).map(({ id }) => id), [57]);
    assert.deepEqual(heldBy({}, two), [], 'the database does not answer');
    const { phase, sentence } = told([], { now: 1000, known: { ...lost, at: 0, jobs: [] } });
    assert.deepEqual([phase, sentence], ['broken', 'notification-2 is slow now, so that it is seen at work. It crashes as soon as it has a job.']);
  });

  test('keeps it until its lease ends; the others go on', () => {
    const now = told([job(57, two, 11_000), job(60, one, 13_000)], { now: 3500 });
    assert.deepEqual([now.phase, now.when, now.countdown], ['broken', '7.5 s more', { leftMs: 7500, sessionMs: 10_000 }]);
    assert.equal(now.sentence, 'notification-2 has crashed, and job 57 is its own for 7.5 s more: nobody else may touch it.');
    assert.deepEqual(now.meanwhile.map(({ what, who, more }) => `${what}: ${who} ${more}`),
      ['who works on job 57: nobody for 1.5 s', 'all other jobs: notification-1 as before', 'new orders: accepted one transaction each']);
    const both = [job(57, two, 11_000), job(58, two, 11_000)];
    assert.equal(told(both, { now: 3500, known: { ...lost, jobs: both } }).sentence,
      'notification-2 has crashed, and jobs 57 and 58 are its own for 7.5 s more: nobody else may touch them.');
  });

  test('is followed by another one, and it ends with the ledger', () => {
    const after = (taker, waiting) => told([job(57, taker || two, 11_000)], { taker, now: 11_500, ledger: { accepted: 91, waiting, lost: 0 } });
    assert.deepEqual([after('', 1).phase, after('', 1).sentence], ['mending', 'The lease is over: the next worker that looks takes job 57.']);
    assert.deepEqual([after(one, 3).phase, after(one, 3).sentence], ['mending', 'notification-1 took job 57 and catches up.']);
    assert.deepEqual([after(one, 1).phase, after(one, 1).sentence], ['over',
      'The lease ended, and notification-1 took job 57: 90 of 91 orders have their outcome, lost 0. What a worker did and did not commit is done again: that is at-least-once, here too.']);
    assert.doesNotMatch(told([], { taker: one, now: 11_500 }).sentence, /outcome/, 'no analytics instance counts');
  });
});

describe('an arrow that carries nothing for a while', () => {
  const arrow = (more) => ({ arrow: 'order-notification-notify', calls: 40, gaps: 2, breaker: 'closed', refusedBy: { breaker: 5 }, bounds: { probes: 3 }, fault: { refuse: false }, ...more });
  const rest = (of, orders, outbox = 'off', rows = undefined) => ({ outbox, untold: rows === undefined ? {} : { order: rows }, calls: [{ arrow: 'order-fraud-check', calls: orders }, arrow(of)] });
  const cut = { at: 1000, orders: 40, gaps: 2, spared: 5 };
  const refuse = { fault: { refuse: true } };
  const meanwhile = ({ meanwhile: facts }) => facts.map(({ what, who, more }) => `${what}: ${who} ${more}`);

  test('leaves gaps, counted, while orders are accepted', () => {
    const now = cutNow(cut, rest({ ...refuse, gaps: 16, breaker: 'open', refusedBy: { breaker: 14 } }, 55), 4300);
    assert.deepEqual([now.phase, now.when, now.countdown], ['broken', '6.7 s more', { leftMs: 6700, sessionMs: 10_000 }]);
    assert.equal(now.sentence, 'Nothing reaches notification for 6.7 s more. 15 orders came meanwhile.');
    assert.deepEqual(meanwhile(now), ['notification does not know of: 14 gaps counted, told by nobody', 'its breaker: open 9 calls not even tried',
      'new orders: 201 they are stored before it is called']);
    assert.equal(cutNow(cut, { outbox: 'off', untold: {}, calls: [] }, 4300), undefined, 'another process makes the calls');
    assert.equal(cutNow(cut, rest({}, 41), 1500).phase, 'broken', 'the server has not shown the fault yet');
    assert.match(cutNow(cut, rest(refuse, 41), 30_000).sentence, /for 0\.0 s more\. 1 order came/, 'it could not be mended yet');
  });

  test('is not told of while its process has not been heard', () => {
    const unheard = { outbox: 'off', untold: {}, calls: [{ arrow: 'order-notification-notify', trouble: 'no answer' }] };
    assert.equal(cutOf(unheard).arrow, undefined);
    assert.equal(cutNow(cut, unheard, 5000), undefined);
  });

  test('leaves rows in an outbox', () => {
    const now = cutNow(cut, rest(refuse, 55, 'on', 14), 4300);
    assert.deepEqual(meanwhile(now).slice(0, 2), ['notification does not know of: 14 rows in the outbox, to be told later', 'its breaker: closed each call is tried twice']);
    assert.match(now.why, /same transaction/);
  });

  test('is whole again when its breaker is closed, and the outbox empty', () => {
    const at = (of, ...more) => {
      const { phase, sentence } = cutNow(cut, rest(of, 55, ...more), 12_000);
      return [phase, sentence];
    };
    const open = { breaker: 'open', probesAt: new Date(14_100).toISOString() };
    assert.deepEqual(at(open), ['mending', 'Calls may pass again, and the breaker does not know it yet: it lets a probe through in 2.1 s.']);
    assert.match(at({ breaker: 'open' })[1], /the next call is a probe/);
    assert.deepEqual(at({ breaker: 'half-open', probesPassed: 1 }), ['mending', 'The breaker is half-open: 1 of 3 probes have passed.']);
    assert.deepEqual(at({}, 'on', 12), ['mending', 'Calls pass again, and the outbox tells what it has kept: 12 rows to go.']);
    assert.equal(at({}, 'on', 0)[0], 'over');
  });

  test('ends with the truth: what is lost, or late', () => {
    const end = (gaps, outbox = 'off') => cutNow(cut, rest({ gaps }, 85, outbox, 0), 14_000).sentence;
    const taken = 'Calls reach notification again. 45 orders came meanwhile, and it';
    assert.equal(end(43), `${taken} will never know of 41: 41 gaps, and as many customers who hear nothing. The order service counts them and tells it nothing again: the outbox is off. With --outbox=on a gap is a delay.`);
    assert.equal(end(2), `${taken} missed none of them: 0 gaps this time.`);
    assert.equal(end(2, 'on'), `${taken} knows all of them: 0 gaps. The outbox kept what was not told: a delay, and nothing lost.`);
  });
});
