// Fraud alerts as they go on: one row for each type and customer, whose count moves, not one for each record.

/** @import { Alert } from './types.js' */

const rowsMax = 200;
/** An alert that was not raised again for this long has ended; the next one is another. What SPEC's windows last. */
const windowMs = 60_000;

/** @param {unknown} value */
const word = (value) => (typeof value === 'string' ? value : '');

/** @param {unknown} value */
const count = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : -1);

/** The amount that a reason names, where the order is not known. @param {string} reason */
const amountIn = (reason) => Number(/\$(\d+(?:\.\d+)?)/.exec(reason)?.[1] ?? -1);

/**
 * What the alert measures: orders of the customer, orders of all, or the order's total. -1: unknown.
 * @param {string} type  @param {any} stats  @param {string} reason  @param {number} total
 */
function measured(type, stats, reason, total) {
  if (type === 'VELOCITY') return count(stats?.customerOrdersInWindow);
  if (type === 'BURST') return count(stats?.globalOrdersInWindow);
  if (type !== 'AMOUNT') return -1;
  return total >= 0 ? total : amountIn(reason);
}

/**
 * The rows after one more FRAUD_ALERT; newest beginning first.
 * @param {Alert[]} rows
 * @param {{at: number, orderId: string, data: any, total: number, nextKey: () => number}} record
 * @returns {Alert[]}
 */
export function withAlerts(rows, { at, orderId, data, total, nextKey }) {
  let next = rows;
  for (const alert of Array.isArray(data.alerts) ? data.alerts : []) {
    const type = word(alert?.type);
    const customerName = type === 'BURST' ? '' : word(data.customerName);
    const reason = word(alert?.reason);
    const found = next.findIndex((row) => row.type === type && row.customerName === customerName && at - row.at <= windowMs);
    const before = next[found];
    const row = {
      key: before?.key ?? nextKey(),
      since: before?.since ?? at,
      at: Math.max(at, before?.at ?? 0),
      orderId,
      customerName,
      type,
      severity: word(alert?.severity),
      reason,
      measured: measured(type, data.windowStats, reason, total),
      records: (before?.records ?? 0) + 1,
      blocked: data.blocked === true,
    };
    next = before ? next.with(found, row) : [row, ...next].slice(0, rowsMax);
  }
  return next;
}

/** Whether it was raised within the window. @param {Alert} alert  @param {number} now  ms */
export const goesOn = (alert, now) => now - alert.at <= windowMs;

/**
 * The limit that an alert is measured against, by the settings in force. Not known without a fraud instance.
 * @param {string} type  @param {Record<string, any> | undefined} settings
 * @returns {number | undefined}
 */
export function limitOf(type, settings) {
  const name = { VELOCITY: 'velocityLimit', BURST: 'burstLimit', AMOUNT: 'amountLimit' }[type];
  const limit = name && settings?.[name];
  return typeof limit === 'number' ? limit : undefined;
}
