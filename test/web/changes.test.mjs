import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changesBetween } from '../../web/js/changes.js';

const instance = (name, state = 'running', more = {}) => ({ instance: name, kind: name.replace(/-\d+$/, ''), state, ready: true, ...more });

/** Who reads which partitions of `orders`. */
const group = (owned) => ({ group: 'notification-group', state: 'Stable', lag: 0, partitions: [],
  members: Object.entries(owned).map(([clientId, partitions]) => ({ memberId: `${clientId}-1`, clientId,
    assignment: partitions.map((partition) => ({ topic: 'orders', partition })) })) });

const system = (modules = [], groups = []) => ({ bus: 'memory', topics: [], groups, modules });

const changes = (before, after) => changesBetween(system(before), system(after));

test('the first snapshot and one like it tell nothing', () => {
  const one = system([instance('fraud-1')], [group({ 'notification-1': [0, 1, 2] })]);
  assert.deepEqual(changesBetween(undefined, one), []);
  assert.deepEqual(changesBetween(one, structuredClone(one)), []);
});

test('every change of an instance is a sentence', () => {
  const was = [instance('notification-2')];
  assert.deepEqual(changes(was, [instance('notification-2', 'stopped')]), ['notification-2 is stopped.']);
  const crashed = (...groups) => changesBetween(system(was, groups), system([instance('notification-2', 'crashed')], groups));
  assert.deepEqual(crashed(group({})), ['notification-2 has crashed: it has not committed and not left its group.']);
  assert.deepEqual(crashed(), ['notification-2 has crashed: it has not ended what it had begun.'], 'where there is no group');
  assert.deepEqual(changes(was, [instance('notification-2', 'lost')]), ['notification-2 is lost: no sign of life for 3 s.']);
  assert.deepEqual(changes([instance('notification-2', 'paused')], was), ['notification-2 goes on.']);
  assert.deepEqual(changes([instance('notification-2', 'stopped')], was), ['notification-2 is running.']);
  assert.deepEqual(changes(was, []), ['notification-2 is gone.']);
  assert.deepEqual(changes([], was), ['notification-2 is new and is running.']);
  assert.deepEqual(changes(was, [instance('notification-2', 'odd')]), ['notification-2 is odd.']);
});

test('a setting that changed is named with its value', () => {
  assert.deepEqual(changes([instance('fraud-1', 'running', { settings: { burstLimit: 20, windowMs: 1 } })],
    [instance('fraud-1', 'running', { settings: { burstLimit: 5, windowMs: 1 } })]), ['fraud-1: burstLimit is now 5.']);
});

test('a rebalance says who reads what, and what nobody reads', () => {
  const told = (before, after) => changesBetween(system([], [group(before)]), system([], [group(after)]));
  assert.deepEqual(told({ 'notification-1': [0, 1], 'notification-2': [2] }, { 'notification-1': [0, 1, 2] }),
    ['Rebalance in notification-group: notification-1 reads orders p0 p1 p2.']);
  assert.deepEqual(told({ 'notification-1': [0, 1, 2] }, { 'notification-1': [0], 'notification-2': [2] }),
    ['Rebalance in notification-group: notification-1 reads orders p0, nobody reads orders p1, notification-2 reads orders p2.']);
});

test('a replay is told when it begins and when it is done', () => {
  const replaying = (replay) => [instance('fraud-1', 'running', { report: { replay } })];
  const reading = replaying({ group: 'g1', state: 'reading', done: 0, total: 9 });
  const done = replaying({ group: 'g1', state: 'done', done: 9, total: 9, summary: { orders: 9, alerts: 2, differenceCount: 0 } });
  assert.deepEqual(changes([instance('fraud-1')], reading), ['fraud-1 replays the orders from the beginning: reading, 0 of 9.']);
  assert.deepEqual(changes(reading, replaying({ group: 'g1', state: 'reading', done: 5, total: 9 })), []);
  assert.deepEqual(changes(reading, done), ['The replay on fraud-1 is done: 9 orders, 2 alerts, no difference.']);
  assert.deepEqual(changes(reading, replaying({ group: 'g1', state: 'failed' })), ['The replay on fraud-1 has failed.']);
});
