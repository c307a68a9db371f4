import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Recovery, waitText, waitingOn } from '../../web/js/ledger.js';
import { loadText, placeOf, rateText, rates } from '../../web/js/load.js';

const figures = (waiting, more = {}) => ({ accepted: 10, notified: 10 - waiting, gaveUp: 0, dropped: 0, waiting, waitingByPartition: [0, 0, waiting],
  lost: 0, lostAt: [], doneTwice: 0, uncounted: 0, ...more });

/** notification-1 owns p0, and `owner` p1. */
function system(states, owner = 'notification-2') {
  const modules = states.map((state, n) => ({ instance: `notification-${n + 1}`, kind: 'notification', state, ready: true }));
  const owned = { 'notification-1': [0], 'notification-2': [] };
  owned[owner].push(1);
  const members = Object.entries(owned).map(([clientId, partitions]) => ({ memberId: clientId, clientId,
    assignment: partitions.map((partition) => ({ topic: 'orders', partition })) }));
  const partitions = [0, 1].map((partition) => ({ topic: 'orders', partition, committedOffset: 0, endOffset: 0, lag: 0 }));
  return { bus: 'memory', topics: [], modules, groups: [{ group: 'notification-group', state: 'Stable', lag: 0, members, partitions }] };
}

describe('a fault', () => {
  test('is over when every partition is read and nothing waits, and the sentence has the numbers', () => {
    const recovery = new Recovery();
    assert.equal(recovery.step(system(['running', 'running']), figures(0), 0), '');
    assert.equal(recovery.step(system(['running', 'crashed']), figures(0), 1000), '');
    assert.equal(recovery.step(system(['running', 'crashed']), figures(31, { accepted: 41 }), 9000), '', 'it still owns p1');
    assert.equal(recovery.step(system(['running', 'crashed'], 'notification-1'), figures(31, { accepted: 41 }), 11_000), '', 'orders wait');
    assert.equal(recovery.step(system(['running', 'crashed'], 'notification-1'), figures(0, { accepted: 41, doneTwice: 2 }), 12_000),
      'notification-2 crashed, and that is over: 31 of 31 orders have their outcome, lost 0, 2 were done twice and folded.');
    assert.equal(recovery.step(system(['running', 'crashed'], 'notification-1'), figures(0), 20_000), '', 'it is said once');
  });

  test('is not over by figures of before it', () => {
    const recovery = new Recovery();
    recovery.step(system(['running', 'running']), figures(0), 0);
    assert.equal(recovery.step(system(['running', 'stopped'], 'notification-1'), figures(0), 1000), '');
    assert.equal(recovery.step(system(['running', 'stopped'], 'notification-1'), figures(0), 1500), '');
    assert.match(recovery.step(system(['running', 'stopped'], 'notification-1'), figures(0), 3000), /0 of 0 orders .* none was done twice\.$/);
  });

  test('under load is over when no more orders wait than before it', () => {
    const recovery = new Recovery();
    recovery.step(system(['running', 'running']), figures(3), 0);
    recovery.step(system(['running', 'paused']), figures(3), 1000);
    recovery.step(system(['running', 'paused']), figures(60, { accepted: 100 }), 4000);
    assert.match(recovery.step(system(['running', 'running']), figures(2, { accepted: 150 }), 9000),
      /notification-2 was paused, .* 141 of 143 orders have their outcome, .* 2 orders wait, as before\.$/);
  });

  test('that this page did not see begin is none', () => {
    const recovery = new Recovery();
    recovery.step(system(['running', 'crashed'], 'notification-1'), figures(0), 0);
    assert.equal(recovery.step(system(['running', 'running']), figures(0), 9000), '');
  });
});

test('what waits is counted by partition, and said in words', () => {
  assert.equal(waitingOn([1, 2, 30], ['p0', 'p2']), 31);
  assert.equal(waitingOn(undefined, ['p0']), 0);
  assert.deepEqual([0, 1, 2].map(waitText), ['nothing waits', '1 order waits', '2 orders wait']);
});

describe('the load', () => {
  test('shows its rate, and how it goes', () => {
    const load = { running: true, rate: 4, scenario: 'burst', seed: 0, sent: 12, accepted: 10, refused: 2, notSent: 3, endsAt: '2026-02-05T12:10:00.000Z' };
    assert.equal(rateText(load), '4 / s on average');
    assert.equal(rateText({ running: false }), 'off');
    assert.equal(loadText(load, Date.parse('2026-02-05T12:00:30.000Z')),
      '10 of 12 accepted, 2 refused, 3 not sent: too many were unanswered, ends in 10 min');
    assert.match(loadText(undefined, 0), /^The server places orders/);
  });

  test('any rate has a place on the slider', () => {
    assert.equal(rates[placeOf(4)], 4);
    assert.equal(rates[placeOf(5)], 6);
    assert.equal(placeOf(1e9), rates.length - 1);
    assert.equal(placeOf(0), 0);
  });
});
