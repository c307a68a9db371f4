import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goesOn, limitOf, withAlerts } from '../../web/js/fraud.js';

let key = 0;

/** The rows after one more record. */
function raise(rows, at, type, { customerName = 'Ana', customer = 1, global = 1, total = -1, reason = 'r' } = {}) {
  const data = { customerName, alerts: [{ type, severity: 'HIGH', reason }],
    windowStats: { customerOrdersInWindow: customer, globalOrdersInWindow: global } };
  return withAlerts(rows, { at, orderId: `o${at}`, data, total, nextKey: () => (key += 1) });
}

test('an alert that goes on is one row whose count moves', () => {
  let rows = raise([], 1000, 'VELOCITY', { customer: 6 });
  rows = raise(rows, 2000, 'VELOCITY', { customer: 7 });
  assert.equal(rows.length, 1);
  assert.deepEqual([rows[0].measured, rows[0].records, rows[0].since, rows[0].at], [7, 2, 1000, 2000]);
});

test('each type and customer has its own row, and BURST is about all', () => {
  let rows = raise([], 1, 'VELOCITY', { customer: 6 });
  rows = raise(rows, 2, 'VELOCITY', { customer: 6, customerName: 'Omar' });
  rows = raise(rows, 3, 'BURST', { global: 21 });
  rows = raise(rows, 4, 'BURST', { global: 22, customerName: 'Omar' });
  assert.deepEqual(rows.map((row) => [row.type, row.customerName, row.measured]),
    [['BURST', '', 22], ['VELOCITY', 'Omar', 6], ['VELOCITY', 'Ana', 6]]);
});

test('an alert that ended and comes again is another row', () => {
  let rows = raise([], 0, 'VELOCITY', { customer: 6 });
  assert.equal(goesOn(rows[0], 60_000), true);
  assert.equal(goesOn(rows[0], 60_001), false);
  rows = raise(rows, 60_001, 'VELOCITY', { customer: 6 });
  assert.equal(rows.length, 2);
  assert.notEqual(rows[0].key, rows[1].key);
});

test('the amount is that of the order, or the one that the reason names', () => {
  assert.equal(raise([], 1, 'AMOUNT', { total: 214 })[0].measured, 214);
  assert.equal(raise([], 1, 'AMOUNT', { reason: 'Order total $290.50 exceeds threshold' })[0].measured, 290.5);
  assert.equal(raise([], 1, 'AMOUNT', { reason: 'large' })[0].measured, -1);
});

test('rows are bounded, and records that are not what they should be raise none', () => {
  let rows = [];
  for (let n = 0; n < 250; n += 1) rows = raise(rows, n, 'VELOCITY', { customerName: `Guest ${n}` });
  assert.equal(rows.length, 200);
  assert.deepEqual(withAlerts([], { at: 1, orderId: '', data: { alerts: 7 }, total: -1, nextKey: () => 1 }), []);
  assert.equal(withAlerts([], { at: 1, orderId: '', data: { alerts: [null] }, total: -1, nextKey: () => 1 })[0].type, '');
});

test('limits are those in force, or not known', () => {
  assert.equal(limitOf('VELOCITY', { velocityLimit: 9 }), 9);
  assert.equal(limitOf('VELOCITY', undefined), undefined);
  assert.equal(limitOf('NEW', { velocityLimit: 9 }), undefined);
});
