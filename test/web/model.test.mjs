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

/** What the log held when a page opened. */
function begun({ orders = [], total = orders.length, audit = [], dlq = [] }) {
  return Model.begin({ id: '', orders, total, audit, dlq }, 1);
}

test('an order that the list already has is not counted again when its event comes', () => {
  const model = begun({ orders: [order(1)] });
  model.apply(orderEvent('created', order(1), 1), start);
  assert.equal(model.total, 1);
});

test('a page that opens knows how its orders went, and when they changed', () => {
  const changed = order(2, { status: 'updated' });
  const model = begun({ orders: [order(3), changed, order(1)], total: 7, audit: [
    { offset: 4, envelope: auditEvent('NOTIFIED', changed, 50) },
    { offset: 5, envelope: auditEvent('updated', changed, 60, { source: 'order-service', order: changed }) },
    { offset: 6, envelope: auditEvent('RETRY', order(3), 70, { retryCount: 1 }) },
  ] });
  assert.deepEqual(model.rows.map((row) => statusOf(row).word), ['retry 1', 'changed', 'created']);
  assert.deepEqual(model.audit.map((entry) => entry.offset), [6, 5, 4]);
  assert.equal(model.notifications.length, 2);
  assert.equal(model.total, 7);
});

test('older records add what newer ones have not said, until every order has its outcome', () => {
  const model = begun({ orders: [order(2), order(1)], audit: [{ offset: 9, envelope: auditEvent('DLQ', order(2), 90, { retryCount: 2 }) }] });
  assert.equal(model.addOlder([{ offset: 7, envelope: auditEvent('RETRY', order(2), 80, { retryCount: 2 }) }]), false);
  assert.equal(model.addOlder([
    { offset: 4, envelope: auditEvent('RETRY', order(1), 30, { retryCount: 1 }) },
    { offset: 5, envelope: auditEvent('NOTIFIED', order(1), 40, { retryCount: 1 }) }]), true);
  assert.deepEqual(model.rows.map((row) => statusOf(row).word), ['gave up', 'notified']);
  assert.equal(model.audit.length, 1, 'the panels hold the newest');
});

test('records from before all orders of the list need no reading', () => {
  const model = begun({ orders: [order(500)] });
  assert.equal(model.addOlder([{ offset: 1, envelope: auditEvent('NOTIFIED', order(1), 20) }]), true);
});

test('a model goes to another thread and on from there', () => {
  const model = begun({ orders: [order(1)], audit: [{ offset: 0, envelope: auditEvent('NOTIFIED', order(1), 5) }] });
  const copy = Model.from(structuredClone(model.toPlain()));
  for (const each of [model, copy]) each.apply(orderEvent('deleted', order(1), 9), start);
  assert.deepEqual(copy, model);
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
  }
  for (const feed of [model.notifications, model.audit, model.dead]) assert.equal(feed.length, limits.entries);
  assert.equal(model.outcomes.size, limits.outcomes);
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

test('a stranger whose action is a name that every object has tells no outcome', () => {
  const model = new Model();
  model.apply(orderEvent('created', order(1), 1), start);
  for (const action of ['constructor', '__proto__', 'toString']) model.apply(auditEvent(action, order(1), 5), start);
  assert.deepEqual([model.notifications, statusOf(model.rows[0]).word, model.audit.length], [[], 'placed', 3]);
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

test('a passed fraud check raises no alert', () => {
  const model = new Model();
  model.apply(auditEvent('FRAUD_CHECK_PASSED', order(1), 1, { source: 'fraud-service', alerts: [] }), start);
  assert.equal(model.alerts.length, 0);
});

test('an alert on the total of an order is measured by the order', () => {
  const model = new Model();
  model.apply(orderEvent('created', order(1, { quantity: 20 }), 1), start);
  const alerts = [{ type: 'AMOUNT', severity: 'LOW', reason: 'too much' }];
  model.apply(auditEvent('FRAUD_ALERT', order(1), 2, { source: 'fraud-service', alerts, customerName: 'Guest 1' }), start);
  assert.equal(model.alerts[0].measured, 190);
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
