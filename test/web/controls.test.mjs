import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actionsOf, commonSetting, isDone, teamsOf, whyFull } from '../../web/js/controls.js';

const instance = (name, state = 'running', settings = {}) => ({ instance: name, kind: name.replace(/-\d+$/, ''), state, ready: true, settings });
const partition = (n, lag = 0, topic = 'orders') => ({ topic, partition: n, committedOffset: 0, endOffset: lag, lag });
const member = (clientId, ...owned) => ({ memberId: clientId, clientId, assignment: owned.map((n) => ({ topic: 'orders', partition: n })) });

function system(modules, members, lags = [1, 20, 300], state = 'Stable') {
  return { bus: 'memory', topics: [], modules, groups: [
    { group: 'notification-group', state, lag: lags.reduce((a, b) => a + b, 0), members, partitions: lags.map((lag, n) => partition(n, lag)) }] };
}

test('a member shows the partitions it owns and their lag', () => {
  const modules = [instance('notification-1'), instance('notification-2')];
  const [team] = teamsOf(system(modules, [member('notification-1', 0, 1), member('notification-2', 2)]), modules);
  assert.deepEqual([team.group, team.topic, team.lag], ['notification-group', 'orders', 321]);
  assert.deepEqual(team.members.map(({ owns, lag, idle }) => [owns, lag, idle]), [[['p0', 'p1'], 21, ''], [['p2'], 300, '']]);
});

test('a fourth member is idle, and says why; not while the group rebalances or it has not joined', () => {
  const modules = [1, 2, 3, 4].map((n) => instance(`notification-${n}`));
  const members = [member('notification-1', 0), member('notification-2', 1), member('notification-3', 2), member('notification-4')];
  const idle = (all) => teamsOf(all, modules)[0].members[3].idle;
  assert.equal(idle(system(modules, members)), 'idle: 3 partitions feed at most 3 of its group');
  assert.equal(idle(system(modules, members, [0], 'Stable')), 'idle: 1 partition feeds at most 1 of its group');
  assert.equal(idle(system(modules, members, [0, 0, 0], 'PreparingRebalance')), '');
  assert.equal(idle(system(modules, members.slice(0, 3))), '');
});

test('a group that a plugin named itself is found by its members; those of others are named', () => {
  const modules = [instance('kitchen-1')];
  const groups = [{ group: 'cooks', state: 'Stable', lag: 0, members: [member('kitchen-1', 0), member('console-consumer', 1)], partitions: [partition(0), partition(1)] }];
  const [team] = teamsOf({ bus: 'kafka', topics: [], groups, modules }, modules);
  assert.deepEqual([team.group, team.foreign], ['cooks', ['console-consumer']]);
});

test('without a group or a system there are members all the same', () => {
  const [team] = teamsOf(undefined, [instance('audit-1')]);
  assert.deepEqual([team.group, team.members[0].owns, team.members[0].lag], ['', [], 0]);
});

test('what may be asked follows from the state, and nothing of an instance that is lost', () => {
  assert.deepEqual(actionsOf('running'), ['pause', 'stop', 'crash']);
  assert.deepEqual(actionsOf('paused'), ['resume', 'stop', 'crash']);
  assert.deepEqual(actionsOf('crashed'), ['start']);
  assert.deepEqual(actionsOf('lost'), []);
  assert.deepEqual(actionsOf('constructor'), []);
});

test('a command is done when the status shows it', () => {
  const done = (action, state, settings) => isDone({ action, settings }, instance('n-1', state, { failRate: 0.3 }));
  assert.equal(done('pause', 'running'), false);
  assert.equal(done('pause', 'paused'), true);
  assert.equal(done('stop', 'stopping'), true);
  assert.equal(done('start', 'running'), true);
  assert.equal(done('configure', 'running', { failRate: 0.3 }), true);
  assert.equal(done('configure', 'running', { failRate: 0.5 }), false);
  assert.equal(isDone({ action: 'pause' }, undefined), false);
});

test('one more member there may be up to four, and a setting is common if all have it', () => {
  const team = (n, failMode = () => 'dlq') => ({ kind: 'notification', group: '', topic: '', lag: 0, foreign: [],
    members: Array.from({ length: n }, (_, i) => ({ module: instance(`n-${i}`, 'running', { failMode: failMode(i) }), owns: [], lag: 0, idle: '' })) });
  assert.equal(whyFull(team(3)), '');
  assert.match(whyFull(team(4)), /4 members/);
  assert.equal(commonSetting(team(2), 'failMode'), 'dlq');
  assert.equal(commonSetting(team(2, (i) => (i ? 'drop' : 'dlq')), 'failMode'), undefined);
});
