import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { lifeOfOrder, sinceText, waitingText } from '../../web/js/phone.js';
import { chartsOf, perMinute, withSample } from '../../web/js/samples.js';
import { tokenIn } from '../../web/js/token.js';

const record = (topic, value, { partition = 0, offset = 1, retryCount = 0, at = 0 } = {}) => ({ topic, partition, offset, key: 'id', value,
  timestamp: new Date(at).toISOString(), headers: retryCount ? [{ name: 'retryCount', value: String(retryCount) }] : [] });
const told = (action, retryCount, at) => record('audit', { source: 'notification-service', action, retryCount }, { at });

describe('the life of an order', () => {
  test('is told in words, each once, and ends as it ended', () => {
    const created = record('orders', { action: 'created' }, { partition: 2, offset: 97 });
    const retry = record('orders', { action: 'created' }, { partition: 2, offset: 99, retryCount: 1, at: 200 });
    const life = lifeOfOrder([created, told('RETRY', 1, 200), retry, told('NOTIFIED', 1, 201), told('NOTIFIED', 1, 900)]);
    assert.equal(life.word, 'notified');
    assert.deepEqual(life.steps.map(({ text }) => text), ['Accepted: partition p2, record 97.',
      'The first try to tell you failed, so it stands in the log again: partition p2, record 99.', 'The second try told you.']);
    assert.equal(lifeOfOrder([created, told('DLQ', 2)]).word, 'gave up');
    assert.equal(lifeOfOrder([created, told('DROPPED', 2)]).word, 'dropped');
  });

  test('believes no stranger, and reads records without a body', () => {
    const life = lifeOfOrder([record('audit', null), record('audit', { source: 'x', action: 'NOTIFIED' }), record('orders', null), told('constructor', 0)]);
    assert.equal(life.word, 'waiting');
    assert.equal(lifeOfOrder([]).steps.length, 0);
  });

  test('that waits says why, as far as it is known', () => {
    const records = [record('orders', { action: 'created' }, { partition: 2 })];
    const system = (state, owner = 'n-2') => ({ topics: [], bus: '', modules: [{ instance: 'n-2', kind: 'notification', ready: true, state, sessionTimeoutMs: 6000 }],
      groups: [{ group: 'notification-group', members: [{ clientId: owner, assignment: [{ topic: 'orders', partition: owner ? 2 : 0 }] }] }] });
    assert.match(waitingText(records, system('crashed')), /n-2, who reads p2, has crashed\. Another takes over within 6 s\.$/);
    assert.match(waitingText(records, system('paused')), /is paused/);
    assert.match(waitingText(records, system('running')), /until n-2 has read it/);
    assert.match(waitingText(records, system('running', '')), /nobody reads p2/);
    assert.equal(waitingText(records, undefined), 'It waits in the log.');
    assert.deepEqual([0, 200, 1500].map(sinceText), ['+<1 ms', '+200 ms', '+1.5 s']);
  });
});

describe('the charts', () => {
  const system = (lag) => ({ groups: [{ group: 'notification-group', lag }] });
  const report = (accepted) => ({ ledger: { accepted, notified: accepted, gaveUp: 0, dropped: 0 }, lastMinute: { count: accepted, p50Ms: 1, p99Ms: 9 } });

  test('have one sample a second, for ten minutes', () => {
    let samples = [];
    for (let at = 0; at < 700_000; at += 500) samples = withSample(samples, at, system(at), report(at / 1000));
    assert.equal(samples.length, 600);
    assert.equal(perMinute(samples, 'accepted').at(-1), 60);
    const charts = chartsOf(samples);
    assert.equal(charts.length, 4);
    assert.deepEqual(charts[1].series.map(({ values }) => values.at(-1)), [1, 9]);
    assert.equal(charts[2].series[0].label, 'notification-group');
  });

  test('show nothing where nobody counted or the log began again', () => {
    let samples = withSample([], 0, system(0), undefined);
    samples = withSample(samples, 1000, system(0), report(50));
    samples = withSample(samples, 2000, system(0), report(0));
    assert.deepEqual(perMinute(samples, 'accepted'), [null, null, null]);
    assert.equal(chartsOf(samples)[1].series[0].values.at(-1), null);
  });
});

test("the token is that of the host's link, and of no other fragment", () => {
  assert.equal(tokenIn('#token=a%2Bb'), 'a+b');
  assert.equal(tokenIn('#token=%'), '%');
  assert.equal(tokenIn('#order/token=1'), '');
  assert.equal(tokenIn(''), '');
});
