import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Model, bytesAsText, limits, statusOf } from '../../web/js/model.js';

const start = Date.parse('2026-02-05T13:00:00.000Z');
const iso = (ms) => new Date(start + ms).toISOString();

function order(n, more = {}) {
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  return { id, customerName: `Guest ${n}`, item: 'Pizza', quantity: 1, price: 9.5, status: 'created', createdAt: iso(n), ...more };
}

function orderEvent(action, of, ms) {
  return { type: 'order', data: { action, order: of, timestamp: iso(ms) }, timestamp: iso(ms) };
}

function auditEvent(action, of, ms, more = {}) {
  const data = { source: 'notification-service', action, orderId: of.id, timestamp: iso(ms), ...more };
  return { type: 'audit', data, timestamp: iso(ms) };
}

const names = (model) => model.rows.map((row) => row.order.customerName);

test('orders stand newest first however they arrive', () => {
  const model = new Model();
  for (const n of [2, 3, 1]) model.apply(orderEvent('created', order(n), n), start);
  assert.deepEqual(names(model), ['Guest 3', 'Guest 2', 'Guest 1']);
});

test('the same event twice changes nothing', () => {
  const model = new Model();
  for (let i = 0; i < 2; i += 1) model.apply(orderEvent('created', order(1), 1), start);
  assert.equal(model.total, 1);
});

test('an event older than what the row shows is ignored', () => {
  const model = new Model();
  model.apply(orderEvent('created', order(1), 1), start);
  model.apply(orderEvent('updated', order(1, { quantity: 7 }), 9), start);
  model.apply(orderEvent('updated', order(1, { quantity: 3 }), 5), start);
  assert.equal(model.rows[0].order.quantity, 7);
});

test('an update of an order that is not there adds none', () => {
  const model = new Model();
  model.apply(orderEvent('updated', order(1), 1), start);
  assert.equal(model.rows.length, 0);
});

test('a deleted order is seen as deleted, is not counted, and then leaves', () => {
  const model = new Model();
  model.apply(orderEvent('created', order(1), 1), start);
  model.apply(orderEvent('deleted', order(1), 2), start);
  assert.equal(statusOf(model.rows[0]).word, 'deleted');
  assert.equal(model.total, 0);
  assert.equal(model.sweep(start + limits.goneMs - 1), false);
  assert.equal(model.sweep(start + limits.goneMs), true);
  assert.equal(model.rows.length, 0);
});

test('what happens while the list is read wins over the list', () => {
  const model = new Model();
  model.beginLoad();
  model.apply(orderEvent('updated', order(1, { quantity: 8 }), 5), start);
  model.apply(orderEvent('created', order(3), 6), start);
  model.apply(orderEvent('deleted', order(2), 7), start);
  model.endLoad([order(1), order(2)], 2);
  assert.deepEqual(names(model), ['Guest 3', 'Guest 1']);
  assert.equal(model.rows[1].order.quantity, 8);
  assert.equal(model.total, 2);
});

test('an order that the list already has is not counted again when its event comes', () => {
  const model = new Model();
  model.beginLoad();
  model.endLoad([order(1)], 1);
  model.apply(orderEvent('created', order(1), 1), start);
  assert.equal(model.total, 1);
});

test('only the newest orders are kept, the others are counted', () => {
  const model = new Model();
  for (let n = 0; n < limits.orders + 3; n += 1) model.apply(orderEvent('created', order(n), n), start);
  assert.equal(model.rows.length, limits.orders);
  assert.equal(model.older, 3);
  assert.equal(model.total, limits.orders + 3);
  assert.equal(model.byId.size, limits.orders);
  model.apply(orderEvent('deleted', order(0), 9999), start);
  assert.equal(model.total, limits.orders + 2);
});

test('every feed and every map has a limit', () => {
  const model = new Model();
  for (let n = 0; n < limits.outcomes + 10; n += 1) {
    model.apply(auditEvent('NOTIFIED', order(n), n), start);
    model.apply({ type: 'dlq', data: { reason: 'r' }, timestamp: iso(n) }, start);
    const alerts = [{ type: 'BURST', severity: 'MEDIUM', reason: 'r' }];
    model.apply(auditEvent('FRAUD_ALERT', order(n), n, { source: 'fraud-service', alerts }), start);
  }
  for (const feed of [model.notifications, model.audit, model.dead, model.alerts]) assert.equal(feed.length, limits.entries);
  assert.equal(model.outcomes.size, limits.outcomes);
  model.beginLoad();
  for (let n = 0; n < limits.duringLoad + 10; n += 1) model.apply(orderEvent('updated', order(n), n), start);
  assert.equal(model.duringLoad.size, limits.duringLoad);
});

test('the last word of the notification service is the status, and how long it took is shown', () => {
  const model = new Model();
  model.apply(orderEvent('created', order(1), 0), start);
  assert.equal(statusOf(model.rows[0]).word, 'placed');
  model.apply(auditEvent('RETRY', order(1), 40, { retryCount: 1 }), start);
  assert.equal(statusOf(model.rows[0]).word, 'retry 1');
  model.apply(auditEvent('NOTIFIED', order(1), 300, { retryCount: 1 }), start);
  assert.equal(statusOf(model.rows[0]).word, 'notified');
  assert.equal(model.notifications[0].tookMs, 300);
  model.apply(auditEvent('DLQ', order(1), 400, { retryCount: 2 }), start);
  assert.equal(statusOf(model.rows[0]).word, 'gave up');
});

test('an outcome that comes before its order is kept for it', () => {
  const model = new Model();
  model.apply(auditEvent('NOTIFIED', order(1), 50), start);
  model.apply(orderEvent('created', order(1), 1), start);
  assert.equal(statusOf(model.rows[0]).word, 'notified');
});

test('an outcome of what the order was before its last change is not its status', () => {
  const model = new Model();
  model.apply(orderEvent('created', order(1), 0), start);
  model.apply(auditEvent('NOTIFIED', order(1), 50), start);
  model.apply(orderEvent('updated', order(1, { status: 'updated' }), 100), start);
  assert.equal(statusOf(model.rows[0]).word, 'changed');
});

test('a passed fraud check is counted and raises no alert', () => {
  const model = new Model();
  model.apply(auditEvent('FRAUD_CHECK_PASSED', order(1), 1, { source: 'fraud-service', alerts: [] }), start);
  assert.equal(model.totals.passed, 1);
  assert.equal(model.alerts.length, 0);
});

test('records that are not what they should be are shown as far as they go, or not at all', () => {
  const model = new Model();
  for (const data of [null, 7, {}, { order: {} }, { action: 'created', order: { ...order(1), price: '12' } }]) {
    for (const type of ['order', 'audit', 'dlq', 'other']) model.apply({ type, data, timestamp: 'no time' }, start);
  }
  assert.equal(model.rows.length, 0);
  const base64 = Buffer.from('{"action":"cre').toString('base64');
  model.apply({ type: 'dlq', data: { base64, reason: 'not JSON' }, timestamp: iso(1) }, start);
  assert.equal(model.dead[0].who, '{"action":"cre');
  assert.equal(model.dead[0].detail, 'not JSON');
  assert.equal(bytesAsText('%'), '%');
});

test('another log begins with nothing', () => {
  const model = new Model();
  model.apply(orderEvent('created', order(1), 1), start);
  model.apply(auditEvent('NOTIFIED', order(1), 2), start);
  const key = model.nextKey;
  model.clear();
  assert.equal(model.total + model.audit.length + model.outcomes.size + model.totals.notified, 0);
  assert.equal(model.nextKey, key);
});
