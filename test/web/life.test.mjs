import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lifeOf } from '../../web/js/life.js';

const system = (...states) => ({ bus: 'memory', topics: [], groups: [],
  modules: states.map((state, n) => ({ instance: `order-${n + 1}`, kind: 'order', state, ready: true })) });

const lost = { kind: 'lost', since: 1000, retryAt: 4000 };

test('while it is live the page tells of the orders', () => {
  assert.deepEqual(lifeOf({ kind: 'live' }, system('running'), true, 0), { look: 'good', text: 'live', sentence: '', stopped: '' });
});

test('a lost stream without a server claims nothing about the services', () => {
  const life = lifeOf(lost, system('stopped'), false, 1500);
  assert.equal(life.text, 'no server answers, retrying in 3 s');
  assert.match(life.sentence, /What happens meanwhile is not known/);
  assert.equal(life.stopped, '');
  assert.equal(lifeOf(lost, undefined, false, 4000).text, 'no server answers, retrying now');
});

test('a stopped or crashed order service is named, and can be started', () => {
  for (const [state, words] of [['stopped', 'is stopped'], ['crashed', 'has crashed'], ['failed', 'has failed']]) {
    const life = lifeOf(lost, system(state), true, 0);
    assert.equal(life.text, `the order service ${words}`);
    assert.equal(life.stopped, 'order-1');
  }
});

test('while one order service runs, the others are not why there is no stream', () => {
  const life = lifeOf(lost, system('stopped', 'running'), true, 1500);
  assert.equal(life.text, 'no stream, retrying in 3 s');
  assert.equal(life.stopped, '');
});

test('an open connection without a sign of life says since when', () => {
  const life = lifeOf({ kind: 'silent', since: new Date(2026, 1, 5, 14, 2, 38).getTime() }, system('running'), true, 0);
  assert.equal(life.text, 'no sign of life since 14:02:38');
  assert.equal(life.look, 'bad');
});
