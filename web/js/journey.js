// The journey of one order, made from the records of the log that are about it: who wrote what, when, because of which
// record. Pure: no DOM, no clock.

/** @import { Attempt, Journey, LogRecord, Step } from './types.js' */

/** Times closer than this are work; nothing written for longer is a pause. µs */
export const pauseMinUs = 20_000;

/** What the notification module does with a retry, where its settings are not known. */
const usual = { retryBackoffMs: 200, retryBackoffMaxMs: 5000 };

/** Records of the same time stand in the order of cause and effect. */
const ranks = ['orders', 'order-status', 'audit', 'orders-dlq'];

/** @type {Map<unknown, Journey['outcome']>} */
const outcomes = new Map(Object.entries({ NOTIFIED: 'notified', DLQ: 'dead', DROPPED: 'dropped' }));

/** @param {{topic: string, partition: number, offset: number}} record */
export const placeOf = ({ topic, partition, offset }) => `${topic} p${partition}@${offset}`;

/** @param {LogRecord} record  @param {string} name  @returns {string} empty: it has none that is text */
export function headerOf(record, name) {
  const header = record.headers.find((each) => each.name === name && !each.base64);
  return header?.value ?? '';
}

/** @param {string} text  @returns {number} µs since the epoch; NaN: it is no time */
export function microseconds(text) {
  const seconds = /^(.+T\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const whole = seconds ? Date.parse(`${seconds[1]}${seconds[3]}`) : NaN;
  return whole * 1000 + Number((seconds?.[2] ?? '').padEnd(6, '0').slice(0, 6));
}

/** When a record says it was made; else when it was written. @param {LogRecord} record */
const madeAt = (record) => microseconds(headerOf(record, 'ce_time')) || microseconds(record.timestamp) || 0;

/** @param {LogRecord} record  of `orders` */
const retryCountOf = (record) => (/^\d{1,9}$/.test(headerOf(record, 'retryCount')) ? Number(headerOf(record, 'retryCount')) : 0);

/** A record of a stranger has no ce_id: its place is its identity. @param {LogRecord} record */
const identityOf = (record) => headerOf(record, 'ce_id') || placeOf(record);

/** @param {any} value  @returns {string} */
const word = (value) => (typeof value === 'string' ? value : '');

/** @param {LogRecord} record */
const isNotification = ({ topic, value }) => topic === 'audit' && value?.source === 'notification-service';

/**
 * A retry keeps its ce_time, so its place is that of its RETRY record on audit; the same work done twice has two of each.
 * @param {LogRecord[]} records
 */
function timesOf(records) {
  /** @type {Map<string, LogRecord[]>} */
  const retries = new Map();
  for (const record of records) {
    if (!isNotification(record) || record.value.action !== 'RETRY') continue;
    const key = `${headerOf(record, 'ce_causationid')} ${record.value.retryCount}`;
    retries.set(key, [...(retries.get(key) ?? []), record]);
  }
  /** @type {Map<LogRecord, {at: number, by: string}>} */
  const times = new Map();
  for (const record of records) {
    const count = record.topic === 'orders' ? retryCountOf(record) : 0;
    const retry = count > 0 ? retries.get(`${identityOf(record)} ${count}`)?.shift() : undefined;
    const at = count === 0 ? madeAt(record) : retry ? madeAt(retry) : microseconds(record.timestamp) || 0;
    times.set(record, { at, by: word(retry?.value.instanceId) });
  }
  return times;
}

/** @param {LogRecord} record */
function whatOf({ topic, value, ...record }) {
  if (topic === 'order-status') return value === null ? 'tombstone' : word(value?.status);
  if (topic === 'orders-dlq') return word(value?.reason) || headerOf({ topic, value, ...record }, 'kafka_dlt-exception-message');
  if (topic === 'orders') return retryCountOf({ topic, value, ...record }) > 0 ? 'same key, value and ce_id' : word(value?.action) || 'not an order';
  const action = word(value?.action) || 'not an event';
  const window = value?.windowStats?.customerOrdersInWindow;
  const types = Array.isArray(value?.alerts) ? value.alerts.map((/** @type {any} */ each) => word(each?.type)).filter(Boolean) : [];
  if (types.length > 0) return `${action}, ${types.join(' ')}`;
  return Number.isInteger(window) ? `${action}, ${window} in the window` : action;
}

/** Who wrote it: the instance where the record says so, else the service. @param {LogRecord} record  @param {string} by */
function writerOf(record, by) {
  const source = headerOf(record, 'ce_source') || word(record.value?.source);
  const reads = source === 'order-service' && ['audit', 'order-status'].includes(record.topic);
  return by || word(record.value?.instanceId) || (reads ? 'order-service, as order-group' : source) || 'a stranger';
}

/** Whose shape a record has. @param {LogRecord} record  @returns {Step['kind']} */
function kindOf(record) {
  const source = (word(record.value?.source) || headerOf(record, 'ce_source')).replace(/-service$/, '');
  const known = /** @type {const} */ (['notification', 'fraud', 'analytics', 'audit']);
  return (record.topic === 'orders' ? undefined : known.find((each) => each === source)) ?? 'order';
}

/** The attempt of a record that is not on `orders`. @param {LogRecord} record  @param {Map<string, string>} attemptAt */
function attemptOf(record, attemptAt) {
  const { value } = record;
  if (record.topic === 'orders-dlq') {
    const at = `orders p${headerOf(record, 'kafka_dlt-original-partition')}@${headerOf(record, 'kafka_dlt-original-offset')}`;
    const attempt = attemptAt.get(at);
    if (attempt) return attempt;
  }
  const count = isNotification(record) && Number.isInteger(value.retryCount) ? value.retryCount : 0;
  return `${headerOf(record, 'ce_causationid')} ${count}`;
}

/** @param {LogRecord[]} records  @returns {(LogRecord & {at: number, by: string})[]} in the order of their times, each once */
function inOrder(records) {
  const unique = [...new Map(records.map((record) => [placeOf(record), record])).values()];
  const times = timesOf(unique);
  const timed = unique.map((record) => ({ ...record, ...(times.get(record) ?? { at: 0, by: '' }) }));
  return timed.sort((a, b) => a.at - b.at || ranks.indexOf(a.topic) - ranks.indexOf(b.topic));
}

/** @param {LogRecord[]} records  @returns {Step[]} */
function stepsOf(records) {
  const timed = inOrder(records);
  const first = timed[0]?.at ?? 0;
  /** @type {Map<string, string>} places of orders records to their attempts */
  const attemptAt = new Map();
  /** @type {Map<string, string>} attempts to the place of their record on orders */
  const causes = new Map();
  for (const record of timed) {
    if (record.topic !== 'orders') continue;
    const attempt = `${identityOf(record)} ${retryCountOf(record)}`;
    attemptAt.set(placeOf(record), attempt);
    if (!causes.has(attempt)) causes.set(attempt, placeOf(record));
  }
  /** @type {Set<string>} */
  const seen = new Set();
  let latest = '';
  return timed.map((record) => {
    const place = placeOf(record);
    let attempt = attemptAt.get(place) ?? attemptOf(record, attemptAt);
    if (attempt.startsWith(' ')) attempt = latest || attempt;  // it names no cause: it stands where its time puts it
    if (record.topic === 'orders') latest = attempt;
    const [chapter, count] = [attempt.slice(0, attempt.lastIndexOf(' ')), Number(attempt.slice(attempt.lastIndexOf(' ') + 1))];
    const isRetry = record.topic === 'orders' ? count > 0 : record.value?.action === 'RETRY';
    const cause = record.topic === 'orders' && count === 0 ? '' : causes.get(isRetry ? `${chapter} ${count - 1}` : attempt) ?? causes.get(`${chapter} 0`) ?? '';
    const identity = `${record.topic} ${identityOf(record)} ${count}`;
    const again = seen.has(identity);
    seen.add(identity);
    return { record, place, us: record.at - first, at: record.at, kind: kindOf(record), writer: writerOf(record, record.by),
      what: whatOf(record), retryCount: count, chapter, cause, again };
  });
}

/** @param {Step[]} steps  @returns {Attempt[]} */
function attemptsOf(steps) {
  /** @type {Map<string, Attempt>} */
  const attempts = new Map();
  const chapters = [...new Set(steps.map(({ chapter }) => chapter))];
  for (const step of steps) {
    const key = `${step.chapter} ${step.retryCount}`;
    let attempt = attempts.get(key);
    if (!attempt) {
      const chapter = chapters.indexOf(step.chapter);
      attempt = { key, chapter, retryCount: step.retryCount, title: '', us: step.us, steps: [], outcome: undefined, waitUs: 0, failedOn: '' };
      attempts.set(key, attempt);
    }
    attempt.steps.push(step);
    if (isNotification(step.record)) attempt.outcome ??= outcomes.get(step.record.value.action);
  }
  for (const attempt of attempts.values()) attempt.title = titleOf(attempt, chapters.length > 1);
  return [...attempts.values()];
}

/** A retry is a record of its own on orders, or, where the log is tables, a RETRY on audit alone. @param {Step} step */
const isBegun = ({ record }) => record.topic === 'orders' || record.value?.action === 'RETRY';

/** @param {Attempt} attempt */
const isDelivery = ({ steps }) => steps.some(isBegun);

/** @param {Attempt} attempt  @param {boolean} many  the order was changed: each change has deliveries of its own */
function titleOf({ retryCount, steps }, many) {
  const begun = steps.find(({ record }) => record.topic === 'orders');
  const count = retryCount === 0 ? 'First delivery' : `retryCount ${retryCount}`;
  const action = word(begun?.record.value?.action);
  return many && action ? `${count}, ${action}` : count;
}

/**
 * A log has a retry when it has waited; tables have it when the delivery failed, and what follows has waited.
 * @param {Step} retry  @param {Attempt[]} attempts
 */
function timeAfter({ us, chapter }, attempts) {
  const later = attempts.flatMap(({ steps }) => steps).filter((step) => step.chapter === chapter && step.us > us);
  return later.length > 0 ? Math.min(...later.map((step) => step.us)) - us : 0;
}

/**
 * How long each retry waited on purpose. No record tells when a delivery failed: the settings say how long it then waits.
 * @param {Attempt[]} attempts  @param {{retryBackoffMs: number, retryBackoffMaxMs: number}} settings
 */
function addWaits(attempts, { retryBackoffMs, retryBackoffMaxMs }) {
  for (const attempt of attempts) {
    const before = attempts.find((each) => each.chapter === attempt.chapter && each.retryCount === attempt.retryCount - 1);
    const from = before?.steps.find(isBegun);
    const retry = attempt.steps.find(isBegun);
    if (!from || !retry || attempt.retryCount === 0) continue;
    const backoffUs = 1000 * Math.min(retryBackoffMs * 2 ** (attempt.retryCount - 1), retryBackoffMaxMs);
    attempt.waitUs = Math.min(retry.record.topic === 'orders' ? retry.us - from.us : timeAfter(retry, attempts), backoffUs);
    attempt.failedOn = retry.writer;
  }
}

/**
 * @param {LogRecord[]} records  as GET /api/orders/{id}/history gives them
 * @param {Partial<typeof usual>} [settings]  of the notification module
 * @returns {Journey | undefined} none without a record
 */
export function journeyOf(records, settings = {}) {
  if (records.length === 0) return undefined;
  const steps = stepsOf(records);
  const attempts = attemptsOf(steps);
  addWaits(attempts, { ...usual, ...settings });
  const orders = steps.filter(({ record }) => record.topic === 'orders');
  const chapter = Math.max(...attempts.map((each) => each.chapter));
  const latest = attempts.filter((each) => each.chapter === chapter);
  const ended = latest.findLast((each) => each.outcome);
  const end = ended?.steps.find(({ record }) => isNotification(record) && outcomes.has(record.value.action));
  const begin = latest.flatMap((each) => each.steps).find(({ record }) => record.topic === 'orders' && retryCountOf(record) === 0);
  const newest = orders.findLast(({ record }) => record.value?.order);
  return {
    id: word(records[0].key),
    order: newest?.record.value.order,
    steps,
    attempts,
    outcome: ended?.outcome,
    changes: chapter,
    /** The record that everything followed from is not there. */
    isCut: attempts.some((each) => each.retryCount === 0 && each.steps.every(({ record }) => record.topic !== 'orders'))
      || attempts.some((each) => each.retryCount > 0 && !attempts.some((other) => other.chapter === each.chapter && other.retryCount === 0)),
    deliveries: latest.filter(isDelivery).length,
    tookUs: begin && end ? end.us - begin.us : undefined,
    waitUs: latest.reduce((sum, each) => sum + each.waitUs, 0),
    topics: new Set(steps.map(({ record }) => record.topic)).size,
    partitions: [...new Set(orders.map(({ record }) => record.partition))].sort((a, b) => a - b),
  };
}
