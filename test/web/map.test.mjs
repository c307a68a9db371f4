// What the map shows, from what the server tells: pure.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { cellsOf, mapOf, stateWords, summaryOf } from '../../web/js/map.js';
import { Sampler, flightsOf, ordersPerSecond } from '../../web/js/map_flights.js';
import { nextCell, reachable } from '../../web/js/map_walk.js';
import { pathOf, patchesOf, wiresOf } from '../../web/js/map_wires.js';
import { parsePosition, stepOf } from '../../web/js/position.js';
import { hasUnknown, learn, learnMessage } from '../../web/js/records.js';

const at = (orders, audit = 0, dlq = 0) => parsePosition(`log:orders=${orders};audit=${audit};orders-dlq=${dlq}`);

const module = (instance, kind, more = {}) => ({ instance, kind, state: 'running', ready: true, report: {}, ...more });
const member = (clientId, ...partitions) => ({ memberId: clientId, clientId, assignment: partitions.map((partition) => ({ topic: 'orders', partition })) });
const group = (name, members, committed) => ({ group: name, state: 'Stable', lag: committed.reduce((sum, each) => sum + 10 - each, 0), members,
  partitions: committed.map((committedOffset, partition) => ({ topic: 'orders', partition, committedOffset, endOffset: 10, lag: 10 - committedOffset })) });
const topic = (name, count, end) => ({ name, cleanupPolicy: 'delete', records: end,
  partitions: Array.from({ length: count }, (_, partition) => ({ partition, startOffset: 0, endOffset: end, records: end })) });

const system = (changes = {}) => ({
  bus: 'memory',
  topics: [topic('audit', 1, 4), topic('module-status', 1, 9), topic('order-status', 3, 4), topic('orders', 3, 10), topic('orders-dlq', 1, 0)],
  groups: [group('fraud-group', [member('fraud-1', 0, 1, 2)], [10, 10, 10]),
    group('notification-group', [member('notification-1', 0, 1), member('notification-2', 2)], [10, 9, 4]),
    group('order-group', [member('order-1', 0, 1, 2)], [10, 10, 10])],
  modules: [module('order-1', 'order'), module('notification-1', 'notification'), module('notification-2', 'notification'), module('fraud-1', 'fraud')],
  ...changes,
});

describe('the place of an event', () => {
  test('is where its id has gone on', () => {
    assert.deepEqual(stepOf(at('3,1,2'), at('3,2,2'), 'orders'), { partition: 1, offset: 1 });
    assert.deepEqual(stepOf(at('3,1,2', 7), at('3,1,2', 8), 'audit'), { partition: 0, offset: 7 });
    assert.deepEqual(stepOf(at('3,1,2', 7, 4), at('3,1,2', 7, 5), 'orders-dlq'), { partition: 0, offset: 4 });
  });

  test('is found beside the topics of plugins', () => {
    const id = 'log:orders=3,1,2;audit=7;orders-dlq=4;shelves=1,2;tables=9';
    assert.deepEqual(parsePosition(id), { log: 'log', orders: [3, 1, 2], audit: 7, dlq: 4 });
  });

  test('is the last that the step passed in one partition', () => {
    assert.deepEqual(stepOf(at('3,1,2'), at('3,4,2'), 'orders'), { partition: 1, offset: 3 });
  });

  test('is not known where the step leaves more than one', () => {
    assert.equal(stepOf(at('3,1,2'), at('4,2,2'), 'orders'), undefined);
    assert.equal(stepOf(undefined, at('4,2,2'), 'orders'), undefined);
    assert.equal(stepOf(at('4,2,2'), undefined, 'orders'), undefined);
  });
});

describe('what is known of records', () => {
  test('is sorted, counts each offset once and is bounded', () => {
    const records = new Map();
    for (const offset of [3, 1, 2, 3]) learn(records, 'orders', 0, { offset, orderId: `o${offset}`, retryCount: 0, tombstone: false });
    assert.deepEqual(records.get('orders/0').map((each) => each.offset), [1, 2, 3]);
    for (let offset = 4; offset < 500; offset += 1) learn(records, 'orders', 0, { offset, orderId: '', retryCount: 0, tombstone: false });
    assert.ok(records.get('orders/0').length < 100);
  });

  test('says which newest records were told by nobody', () => {
    const records = new Map();
    learn(records, 'orders', 0, { offset: 0, orderId: 'a', retryCount: 0, tombstone: false });
    assert.equal(hasUnknown(records, 'orders/0', 0, 1), false);
    assert.equal(hasUnknown(records, 'orders/0', 0, 2), true);
    assert.equal(hasUnknown(records, 'orders/0', 2, 2), false, 'the log was read up to there');
  });

  test('tells a retry and a tombstone by the record itself', () => {
    const records = new Map();
    const retryCount = { name: 'retryCount', value: { encoding: 'utf-8', text: '2' } };
    learnMessage(records, { topic: 'orders', partition: 1, offset: 5, key: { encoding: 'utf-8', text: 'k' }, value: { encoding: 'utf-8', text: '{}' },
      json: { order: { id: 'a' } }, headers: [retryCount] });
    learnMessage(records, { topic: 'order-status', partition: 0, offset: 6, key: { encoding: 'utf-8', text: 'a' }, value: null });
    assert.deepEqual(records.get('orders/1'), [{ offset: 5, orderId: 'a', retryCount: 2, tombstone: false }]);
    assert.deepEqual(records.get('order-status/0'), [{ offset: 6, orderId: 'a', retryCount: 0, tombstone: true }]);
  });
});

describe('the map', () => {
  test('has the topics of orders in reading order, with the partitions that they have', () => {
    const { topics } = mapOf(system(), undefined);
    assert.deepEqual(topics.map(({ name, lanes }) => [name, lanes.length]), [['orders', 3], ['orders-dlq', 1], ['order-status', 3], ['audit', 1]]);
  });

  test('shows each group where it stands, and a lag as the way to the end', () => {
    const [orders] = mapOf(system(), undefined).topics;
    assert.deepEqual(orders.lanes[2].tracks.map(({ kind, committed, lag }) => [kind, committed, lag]), [['notification', 4, 6], ['fraud', 10, 0], ['order', 10, 0]]);
  });

  test('knows a record by the stream before the system tells of it', () => {
    const [orders] = mapOf(system(), at('10,12,10')).topics;
    assert.equal(orders.lanes[1].end, 12);
    assert.equal(orders.lanes[1].tracks[0].lag, 3);
  });

  test('marks the cells that some group has not committed', () => {
    const [orders] = mapOf(system(), undefined).topics;
    const cells = cellsOf(orders.lanes[2], new Map(), 8);
    assert.deepEqual(cells.map(({ offset, unreadBy }) => [offset, unreadBy.length]), [[2, 0], [3, 0], [4, 1], [5, 1], [6, 1], [7, 1], [8, 1], [9, 1]]);
  });

  test('strikes a status that a newer one of the same order follows', () => {
    const records = new Map();
    for (const [offset, orderId] of [[0, 'a'], [1, 'b'], [2, 'a']]) learn(records, 'order-status', 0, { offset, orderId, retryCount: 0, tombstone: false });
    const status = mapOf(system(), undefined).topics[2];
    assert.deepEqual(cellsOf(status.lanes[0], records, 8).map(({ superseded }) => superseded), [true, false, false, false]);
  });

  test('says of each member what it owns, how far behind it is, and why it owns nothing', () => {
    const more = system();
    more.modules.push(module('notification-3', 'notification'), module('notification-4', 'notification', { state: 'crashed' }));
    more.groups[1].members = [member('notification-1', 0), member('notification-4', 1), member('notification-2', 2), member('notification-3')];
    const [notification] = mapOf(more, undefined).groups;
    assert.deepEqual(notification.members.map((each) => [each.instance, stateWords(each, notification), each.partitions.join(), each.lag]), [
      ['notification-1', 'running', '0', 0], ['notification-2', 'running', '2', 6],
      ['notification-3', 'idle: 3 partitions feed at most 3 of its group', '', 0], ['notification-4', 'crashed, still owns', '1', 1]]);
    assert.deepEqual(notification.unread, [1], 'nobody reads what a crashed member owns');
    assert.deepEqual(mapOf(system({ groups: [group('notification-group', [], [0, 0, 0])] }), undefined).groups[0].unread, [0, 1, 2]);
  });

  test('gives a plugin, a member of another make and a module without a group a card of their own', () => {
    const more = system();
    more.modules.push(module('loyalty-1', 'loyalty', { report: { points: 3 } }), module('printer-1', 'printer'));
    more.groups.push(group('loyalty-group', [member('loyalty-1', 0, 1, 2)], [10, 10, 10]), group('console', [member('kcat', 0)], [1, 1, 1]),
      group('left-alone', [], [1, 1, 1]));
    const { groups } = mapOf(more, undefined);
    assert.deepEqual(groups.map((each) => [each.kind, each.group]), [['notification', 'notification-group'], ['fraud', 'fraud-group'],
      ['printer', ''], ['foreign', 'console'], ['loyalty', 'loyalty-group'], ['order', 'order-group']]);
    assert.equal(groups.find(({ group: name }) => name === 'console').members[0].instance, 'kcat');
  });

  test('has a limit of groups and counts those beyond it', () => {
    const more = system();
    for (let n = 0; n < 30; n += 1) more.groups.push(group(`console-${n}`, [member(`kcat-${n}`, 0)], [1, 1, 1]));
    const { groups, more: left } = mapOf(more, undefined);
    assert.equal(groups.length + left, 33);
    assert.ok(groups.length <= 8 && groups.some(({ kind }) => kind === 'order'));
  });

  test('reads as sentences', () => {
    const sentences = summaryOf(mapOf(system(), undefined));
    assert.ok(sentences.includes('orders: p0 holds offsets 0 to 9, p1 holds offsets 0 to 9, p2 holds offsets 0 to 9.'));
    assert.ok(sentences.includes('orders-dlq: p0 is empty.'));
    assert.ok(sentences.includes('notification-group, lag 7: notification-1 is running p0 p1, notification-2 is running p2.'));
  });
});

describe('the arrows', () => {
  const lanes = [['a1', 'a2', 'a3'], [], ['b1', 'b2']];
  test('walk a lane and change it at the same distance from its end', () => {
    assert.equal(nextCell(lanes, 'a2', 'ArrowLeft'), 'a1');
    assert.equal(nextCell(lanes, 'a3', 'ArrowRight'), undefined);
    assert.equal(nextCell(lanes, 'a3', 'ArrowDown'), 'b2');
    assert.equal(nextCell(lanes, 'a1', 'ArrowDown'), 'b1');
    assert.equal(nextCell(lanes, 'b1', 'ArrowUp'), 'a2');
    assert.equal(nextCell(lanes, 'a2', 'Home'), 'a1');
    assert.equal(nextCell(lanes, 'a2', 'End'), 'a3');
    assert.equal(nextCell(lanes, 'gone', 'ArrowLeft'), undefined);
    assert.equal(nextCell(lanes, 'a2', 'x'), undefined);
  });
});

describe('the cell that Tab reaches', () => {
  const of = mapOf(system(), undefined);
  test('is the newest first, then the one walked to, and the oldest of its lane when that one has left', () => {
    assert.equal(reachable(of, '', 8), 'orders/0/9');
    assert.equal(reachable(of, 'orders/1/5', 8), 'orders/1/5');
    assert.equal(reachable(of, 'orders/1/1', 8), 'orders/1/3');
    assert.equal(reachable(of, 'orders/1/77', 8), 'orders/1/9', 'of a log that has begun again');
    assert.equal(reachable({ ...of, topics: [] }, 'orders/1/1', 8), '');
  });
});

describe('wires and flights', () => {
  const tracks = { 'notification-group': 30, 'fraud-group': 40, 'order-group': 50 };
  const geometry = { unit: 16, left: 20, right: 400, cell: 36, groups: 500, groupsRight: 900, writer: { left: 100, right: 250, y: 10 },
    lanes: Object.fromEntries([...[0, 1, 2].map((p) => [`orders/${p}`, { y: 20 + 90 * p, tracks }]), ...[0, 1, 2].map((p) => [`order-status/${p}`, { y: 400 + p, tracks: {} }]),
      ['orders-dlq/0', { y: 350, tracks: {} }], ['audit/0', { y: 500, tracks: {} }]]),
    members: { 'notification-1': 60, 'notification-2': 100, 'fraud-1': 200, 'order-1': 10 },
    cards: { 'notification-group': { top: 40, bottom: 120 }, 'fraud-group': { top: 180, bottom: 220 } } };
  const of = mapOf(system(), undefined);
  const order = (id) => ({ type: 'order', data: { action: 'created', order: { id } } });

  test('a path goes through its points with round corners', () => {
    assert.equal(pathOf([[0, 0], [10, 0]]), 'M0,0L10,0');
    assert.match(pathOf([[0, 0], [10, 0], [10, 10]]), /^M0,0L5,0Q10,0 10,5L10,10$/);
  });

  test('one mark on each rail for each group is its owner, hollow when it is away', () => {
    const gone = mapOf(system({ modules: system().modules.map((each) => (each.instance === 'notification-2' ? { ...each, state: 'crashed' } : each)) }), undefined);
    const marks = patchesOf(gone, geometry).filter(({ hue }) => hue === 'notification');
    assert.deepEqual(marks.map(({ key, hollow }) => [key, hollow]), [['notification-group notification-1 0', false],
      ['notification-group notification-1 1', false], ['notification-group notification-2 2', true]]);
    assert.equal(wiresOf(gone, geometry).find(({ key }) => key === 'own notification-group notification-2').kind, 'away');
    assert.equal(wiresOf(of, geometry).find(({ key }) => key === 'own notification-group notification-2').kind, 'own');
  });

  test('a record flies to the partition where it is, and a retry back to the log', () => {
    const sampler = new Sampler();
    const [write] = flightsOf(of, geometry, sampler, order('a'), { partition: 2, offset: 10 }, 1000);
    assert.deepEqual(write.points.at(-1), [382, 200]);
    const retry = { type: 'audit', data: { source: 'notification-service', action: 'RETRY', orderId: 'a', instanceId: 'notification-2', retryCount: 1 } };
    assert.deepEqual(flightsOf(of, geometry, sampler, retry, undefined, 1000).map(({ kind, text }) => [kind, text]), [['retry', '1']]);
    const other = { ...retry, data: { ...retry.data, orderId: 'never flew' } };
    assert.deepEqual(flightsOf(of, geometry, sampler, other, undefined, 1000), []);
  });

  test('above what an eye can follow they are sampled', () => {
    const sampler = new Sampler();
    let flown = 0;
    for (let ms = 0; ms < 10_000; ms += 2) flown += flightsOf(of, geometry, sampler, order(`o${ms}`), { partition: 0, offset: ms }, ms).length;
    assert.ok(flown <= 11 * ordersPerSecond && flown >= 9 * ordersPerSecond, `${flown} of 5,000`);
  });
});
