import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Ownership, keptMs, missingOf, spanOf } from '../../web/js/ownership.js';

/** Who owns p0, p1, ..., and how the instances are. */
function system(owners, states = {}) {
  const ids = [...new Set([...owners.filter(Boolean), ...Object.keys(states)])];
  const members = ids.map((clientId) => ({ memberId: clientId, clientId,
    assignment: owners.flatMap((owner, partition) => (owner === clientId ? [{ topic: 'orders', partition }] : [])) }));
  const modules = ids.map((instance) => ({ instance, kind: 'notification', ready: true, sessionTimeoutMs: 10_000,
    since: '1970-01-01T00:00:01.000Z', ...(typeof states[instance] === 'object' ? states[instance] : { state: states[instance] ?? 'running' }) }));
  const partitions = owners.map((_, partition) => ({ topic: 'orders', partition, committedOffset: 0, endOffset: 0, lag: 0 }));
  return { bus: 'memory', topics: [], modules, groups: [{ group: 'notification-group', state: 'Stable', lag: 0, members, partitions }] };
}

describe('the history', () => {
  test('tells who took over, and how long nobody read', () => {
    const ownership = new Ownership();
    assert.deepEqual(ownership.step(system(['n-1', 'n-1', 'n-2']), 0), []);
    assert.deepEqual(ownership.step(system(['n-1', 'n-1', 'n-2'], { 'n-2': 'crashed' }), 1000), []);
    assert.deepEqual(ownership.step(system(['n-1', 'n-1', ''], { 'n-2': 'crashed' }), 10_500), []);
    assert.deepEqual(ownership.step(system(['n-1', 'n-1', 'n-1'], { 'n-2': 'crashed' }), 10_600), ['n-1 took over p2: nobody read it for 9.6 s.']);
    assert.deepEqual(ownership.partitions[2].map(({ from, to, owner, how }) => [from, to, owner, how]), [
      [0, 1000, 'n-2', 'reads'], [1000, 10_500, 'n-2', 'gone'], [10_500, 10_600, '', 'nobody'], [10_600, 10_600, 'n-1', 'reads']]);
    assert.equal(ownership.partitions[0].length, 1);
  });

  test('names one that came back before it was missed, and partitions that went together', () => {
    const ownership = new Ownership();
    ownership.step(system(['n-2', 'n-2']), 0);
    ownership.step(system(['n-2', 'n-2'], { 'n-2': 'crashed' }), 1000);
    assert.deepEqual(ownership.step(system(['n-2', 'n-2']), 3000), ['n-2 reads p0 p1 again: nobody read them for 2.0 s.']);
  });

  test('counts from the crash, however late this page has looked', () => {
    const ownership = new Ownership();
    ownership.step(system(['n-1', 'n-2']), 0);
    ownership.step(system(['n-1', 'n-2'], { 'n-2': 'crashed' }), 8000);
    assert.deepEqual(ownership.step(system(['n-1', 'n-1'], { 'n-2': 'crashed' }), 11_000), ['n-1 took over p1: nobody read it for 10.0 s.']);
  });

  test('tells nothing of a rebalance among members that work', () => {
    const ownership = new Ownership();
    ownership.step(system(['n-1']), 0);
    ownership.step(system([''], { 'n-1': 'running' }), 100);
    assert.deepEqual(ownership.step(system(['n-2']), 200), []);
  });

  test('invents nothing for the time in which nobody looked', () => {
    const ownership = new Ownership();
    ownership.step(system(['n-1']), 0);
    ownership.step(system(['n-1']), 60_000);
    assert.deepEqual(ownership.partitions[0].map(({ from, to }) => [from, to]), [[0, 0], [60_000, 60_000]]);
  });

  test('fills a chart of one, two or five minutes', () => {
    const since = (from) => spanOf([[{ from, to: from, owner: 'n-1', how: 'reads' }], []], keptMs);
    assert.deepEqual([keptMs, keptMs - 30_000, keptMs - 60_000, keptMs - 60_001, 100_000, 0, -5].map(since), [30_000, 30_000, 60_000, 120_000, keptMs, keptMs, keptMs]);
    assert.equal(spanOf([], 0), 30_000);
  });

  test('is kept for five minutes, over a reload', () => {
    const ownership = new Ownership();
    for (let at = 0; at <= keptMs + 20_000; at += 10_000) ownership.step(system([at % 20_000 ? 'n-1' : 'n-2']), at);
    assert.equal(ownership.partitions[0][0].to, 30_000);
    const again = new Ownership(JSON.parse(JSON.stringify(ownership)));
    assert.deepEqual(again.partitions, ownership.partitions);
  });
});

describe('a member that will be missed', () => {
  const of = (state, now, since = 0) => {
    const ownership = new Ownership();
    ownership.step(system(['n-1', 'n-2'], { 'n-2': state }), since);
    return missingOf(system(['n-1', 'n-2'], { 'n-2': state }), ownership, now);
  };

  test('is counted down from its crash', () => {
    assert.deepEqual(of('crashed', 4000), [{ instance: 'n-2', owns: ['p1'], leftMs: 7000, sessionMs: 10_000 }]);
    assert.equal(of('crashed', 40_000)[0].leftMs, 0);
  });

  test('is counted from its last sign of life if its process is gone', () => {
    assert.equal(of({ state: 'lost', since: '1970-01-01T00:00:00.500Z' }, 20_000, 20_000)[0].leftMs, 7000);
  });

  test('is none that runs, is paused, or owns nothing', () => {
    assert.deepEqual(of('running', 0), []);
    assert.deepEqual(of('paused', 0), []);
    assert.deepEqual(missingOf(system(['n-1'], { 'n-2': 'crashed' }), new Ownership(), 0), []);
    assert.deepEqual(missingOf(undefined, new Ownership(), 0), []);
  });
});
