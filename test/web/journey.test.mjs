import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chartOf } from '../../web/js/chart.js';
import { journeyOf, microseconds } from '../../web/js/journey.js';
import { beatsOf, endingOf, lightsOf, pausesOf, play, playTimes, playedAt, summaryOf, wordsFor } from '../../web/js/telling.js';

const begin = '2026-11-28T14:02:35.';
const order = { id: 'o-1', customerName: 'Ana Ribeiro', item: 'Ramen Shoyu', quantity: 2, price: 11.9, status: 'created', createdAt: `${begin}220Z` };

/** A record of the history. `us` counts from 14:02:35.220000. */
function record(topic, partition, offset, us, value, headers = {}) {
  const time = `${begin}${String(220_000 + us).padStart(6, '0')}Z`;
  const all = { ce_time: time, ...headers };
  return { topic, partition, offset, timestamp: `${time.slice(0, 23)}Z`, key: 'o-1', value,
    headers: Object.entries(all).filter(([, text]) => text !== undefined).map(([name, text]) => ({ name, value: text })) };
}

const placed = (offset, us = 0, id = 'e-1', action = 'created') =>
  record('orders', 2, offset, us, { action, order }, { ce_id: id, ce_source: 'order-service' });

/** A retry keeps its ce_time: `us` is when it was written, which its RETRY tells. */
function retried(offset, us, count, id = 'e-1') {
  const written = record('orders', 2, offset, us, { action: 'created', order });
  const kept = record('orders', 2, offset, 0, {}, { ce_id: id, ce_source: 'order-service', retryCount: String(count) });
  return { ...written, headers: kept.headers };
}

const audit = (offset, us, source, action, more = {}, id = 'e-1') =>
  record('audit', 0, offset, us, { source, action, orderId: 'o-1', ...more }, { ce_id: `${source}-${action}-${more.retryCount ?? 0}`, ce_source: source, ce_causationid: id });

const notification = (offset, us, action, retryCount) =>
  audit(offset, us, 'notification-service', action, { instanceId: 'notification-2', retryCount });

const first = [
  placed(90),
  audit(883, 412, 'notification-service', 'NOTIFIED', { instanceId: 'notification-1', retryCount: 0 }),
  audit(884, 896, 'order-service', 'created'),
  record('order-status', 2, 74, 1240, { status: 'created' }, { ce_id: 's', ce_source: 'order-service', ce_causationid: 'e-1' }),
  audit(885, 2118, 'analytics-service', 'STATS_UPDATED'),
  audit(886, 52_306, 'fraud-service', 'FRAUD_CHECK_PASSED', { alerts: [], windowStats: { customerOrdersInWindow: 3 } }),
];

const retriedTwice = [
  ...first.filter(({ value }) => value.action !== 'NOTIFIED'),
  retried(93, 200_461, 1), notification(901, 200_461, 'RETRY', 1),
  retried(97, 600_915, 2), notification(917, 600_915, 'RETRY', 2),
  notification(918, 601_334, 'NOTIFIED', 2),
];

const titles = (journey) => journey.attempts.map(({ title }) => title);

test('a time is read to the microsecond', () => {
  assert.equal(microseconds('2026-11-28T14:02:35.220118Z'), Date.parse('2026-11-28T14:02:35Z') * 1000 + 220_118);
  assert.equal(microseconds('2026-11-28T14:02:35Z'), Date.parse('2026-11-28T14:02:35Z') * 1000);
  for (const text of ['', 'today', '2026-11-28', '2026-13-28T14:02:35Z']) assert.ok(Number.isNaN(microseconds(text)), text);
});

test('a retry stands where its RETRY record does, though it keeps its ce_time', () => {
  const { steps, attempts } = journeyOf(retriedTwice);
  assert.deepEqual(steps.map(({ us }) => us), [0, 896, 1240, 2118, 52_306, 200_461, 200_461, 600_915, 600_915, 601_334]);
  assert.deepEqual(attempts.map(({ title, steps: own }) => [title, own.map(({ place }) => place)]), [
    ['First delivery', ['orders p2@90', 'audit p0@884', 'order-status p2@74', 'audit p0@885', 'audit p0@886']],
    ['retryCount 1', ['orders p2@93', 'audit p0@901']],
    ['retryCount 2', ['orders p2@97', 'audit p0@917', 'audit p0@918']],
  ]);
  assert.equal(steps[5].writer, 'notification-2');
  assert.deepEqual(steps.map(({ cause }) => cause.replace('orders ', '')),
    ['', 'p2@90', 'p2@90', 'p2@90', 'p2@90', 'p2@90', 'p2@90', 'p2@93', 'p2@93', 'p2@97']);
});

test('the order in which the pages of the history come does not matter, nor does a record twice', () => {
  const shuffled = [...retriedTwice].reverse().concat(retriedTwice);
  assert.deepEqual(journeyOf(shuffled).steps.map(({ place }) => place), journeyOf(retriedTwice).steps.map(({ place }) => place));
});

test('waiting is what the settings say, the rest was work: a slow delivery does not count as waiting', () => {
  assert.equal(journeyOf(retriedTwice).waitUs, 600_000);
  assert.equal(journeyOf(retriedTwice).tookUs, 601_334);
  assert.equal(journeyOf(retriedTwice, { retryBackoffMs: 100 }).waitUs, 300_000);
  assert.equal(journeyOf(retriedTwice, { retryBackoffMs: 5000 }).waitUs, 200_461 + 400_454, 'no longer than the time there was');
  assert.equal(journeyOf(retriedTwice, { retryBackoffMaxMs: 150 }).waitUs, 300_000);
});

test('a retry whose RETRY is not there yet stands where it was written', () => {
  const { steps } = journeyOf(retriedTwice.slice(0, 6));
  assert.equal(steps.at(-1).us, 200_000);
});

test('a dead letter belongs to the delivery that its headers name', () => {
  const dead = record('orders-dlq', 0, 4, 601_400, { reason: 'Max retries exceeded', instanceId: 'notification-2' },
    { ce_id: 'd', ce_causationid: 'e-1', 'kafka_dlt-original-partition': '2', 'kafka_dlt-original-offset': '97' });
  const journey = journeyOf([...retriedTwice.slice(0, -1), dead, notification(918, 601_401, 'DLQ', 2)]);
  assert.deepEqual(journey.attempts[2].steps.map(({ place }) => place), ['orders p2@97', 'audit p0@917', 'orders-dlq p0@4', 'audit p0@918']);
  assert.equal(journey.steps.find(({ place }) => place === 'orders-dlq p0@4').what, 'Max retries exceeded');
  assert.equal(journey.outcome, 'dead');
  assert.match(summaryOf(journey), /^Three deliveries failed\. The order went to orders-dlq, 601 ms after it was accepted\.$/);
});

test('each change of an order has deliveries of its own, and the newest decides how it went', () => {
  const changed = [...first, placed(99, 900_000 - 220_000, 'e-2', 'updated')];
  const journey = journeyOf(changed);
  assert.deepEqual(titles(journey), ['First delivery, created', 'First delivery, updated']);
  assert.equal(journey.outcome, undefined);
  assert.equal(summaryOf(journey), 'The delivery has no outcome yet.');
});

test('work that was done twice is shown twice and counts once', () => {
  const twice = [...first, { ...notification(999, 9000, 'NOTIFIED', 0), offset: 999 }];
  twice.at(-1).headers = first[1].headers.map((each) => (each.name === 'ce_time' ? { ...each, value: `${begin}229000Z` } : each));
  const journey = journeyOf(twice);
  assert.deepEqual(journey.steps.filter(({ again }) => again).map(({ place }) => place), ['audit p0@999']);
  assert.equal(journey.tookUs, 412, 'until the first of them');
  assert.ok(beatsOf(journey).some(({ sentence }) => /did it again: same ce_id/.test(sentence)));
});

test('the same retry done twice has two places', () => {
  const twice = [...retriedTwice, retried(95, 300_000, 1), notification(910, 300_500, 'RETRY', 1)];
  const at = journeyOf(twice).steps.filter(({ record: { topic } }) => topic === 'orders').map(({ us, place }) => [place, us]);
  assert.deepEqual(at, [['orders p2@90', 0], ['orders p2@93', 200_461], ['orders p2@95', 300_500], ['orders p2@97', 600_915]]);
});

test('a beginning that retention removed is missed, not made up', () => {
  const journey = journeyOf(retriedTwice.slice(5));
  assert.equal(journey.isCut, true);
  assert.equal(journey.tookUs, undefined);
  assert.match(summaryOf(journey), /Its beginning is no longer on the log/);
  assert.equal(journeyOf(first).isCut, false);
  assert.equal(journeyOf([]), undefined);
  assert.equal(journeyOf(first.slice(2)).isCut, true);
});

test('an action that is a name that every object has is no outcome', () => {
  const journey = journeyOf([placed(90), ...['constructor', '__proto__'].map((action, n) => notification(883 + n, 400 + n, action, 0))]);
  assert.deepEqual([journey.outcome, journey.tookUs, summaryOf(journey)], [undefined, undefined, summaryOf(journeyOf([placed(90)]))]);
});

test('records of strangers have a place: no headers, no cause, any value', () => {
  const strange = { topic: 'audit', partition: 0, offset: 7, timestamp: `${begin}225Z`, key: 'o-1', headers: [], value: [1, null] };
  const broken = { topic: 'orders', partition: 0, offset: 3, timestamp: 'never', key: 'o-1', headers: [{ name: 'retryCount', value: 'x' }], value: 'AA==', base64: true };
  const none = { topic: 'order-status', partition: 2, offset: 9, timestamp: `${begin}226Z`, key: 'o-1', headers: [], value: null };
  const journey = journeyOf([strange, broken, none, ...first]);
  assert.equal(journey.steps.length, 9);
  assert.equal(journey.steps.find(({ place }) => place === 'order-status p2@9').what, 'tombstone');
  assert.ok(journey.steps.every(({ us }) => Number.isFinite(us) && us >= 0));
  assert.ok(beatsOf(journey).every(({ sentence }) => sentence.endsWith('.')));
  assert.ok(chartOf(journey, 488, 116).rows.every(({ marks }) => marks.every(({ x }) => x >= 116 && x <= 488)));
});

test('the first order is told in five sentences', () => {
  assert.deepEqual(beatsOf(journeyOf(first), 50).map(({ sentence }) => sentence.replace(/[\u2068\u2069]/g, '')), [
    'The order service wrote the order to orders p2@90: the hash of its key picked p2.',
    'notification-1 read orders p2@90, told the customer and wrote NOTIFIED to audit.',
    'The order service read its own record back, as order-group, and reported created on audit and wrote created to order-status.',
    'Analytics read the same record and counted it: no group takes a record away from another.',
    'Fraud waited 50 ms for late records, on purpose, then judged: the order passed.',
  ]);
});

/** As tables have it: RETRY is written when the delivery failed, and no record comes to orders again. */
const inTables = [
  placed(7), audit(7, 1, 'order-service', 'created'), audit(8, 2, 'fraud-service', 'FRAUD_CHECK_PASSED'),
  record('order-status', 2, 7, 3, { status: 'created' }, { ce_id: 's', ce_source: 'order-service', ce_causationid: 'e-1' }),
  notification(9, 973, 'RETRY', 1), notification(20, 201_296, 'RETRY', 2), notification(23, 601_728, 'DLQ', 2),
  record('orders-dlq', 0, 23, 601_729, { action: 'created', order, reason: 'Max retries exceeded', instanceId: 'notification-2' },
    { ce_id: 'd', ce_source: 'notification-service', ce_causationid: 'e-1' }),
];

test('a journey through tables is told in the words of its architecture', () => {
  const journey = journeyOf(inTables);
  const told = (architecture) => beatsOf(journey, undefined, wordsFor(architecture)).map(({ sentence }) => sentence.replace(/[\u2068\u2069]/g, ''));
  assert.deepEqual(told('monolith'), [
    'One transaction counted the orders of the last minute, judged FRAUD_CHECK_PASSED, stored the order, wrote 2 rows to audit and a job to the queue.',
    'notification-2 failed: one transaction wrote RETRY to audit and made the job due again later, with retryCount 1.',
    'notification-2 failed: one transaction wrote RETRY to audit and made the job due again later, with retryCount 2.',
    'notification-2 failed for the last time: one transaction wrote DLQ to audit and made the job a dead job.',
  ]);
  assert.deepEqual(told('rest'), [
    'The order service wrote the order to its own file: created; then it told notification and audit.',
    'The fraud service had been asked first, by POST /check: it counted the order in its own file, and the order passed.',
    'notification-2 failed: it made the job due again later, with retryCount 1, and told the audit service RETRY.',
    'notification-2 failed: it made the job due again later, with retryCount 2, and told the audit service RETRY.',
    'notification-2 failed for the last time: it made the job a dead job, and told the audit service DLQ.',
  ]);
  assert.deepEqual([journey.outcome, journey.deliveries, journey.waitUs], ['dead', 3, 600_000]);
  assert.equal(summaryOf(journey), 'Three deliveries failed. The order went to orders-dlq, 602 ms after it was accepted.');
  assert.deepEqual(pausesOf(journey.steps, wordsFor('monolith')).map(({ why }) => why), ['the job waits for retry 1', 'the job waits for retry 2']);
});

test('it ends with what it took in truth', () => {
  assert.equal(endingOf(journeyOf(first), 50), '2.1 ms of work; fraud waits 50 ms on purpose.');
  assert.equal(endingOf(journeyOf(retriedTwice), 50), '2.5 ms of work; retries waited 600 ms on purpose, fraud waits 50 ms on purpose.');
  const slow = journeyOf([placed(7), notification(9, 23_841, 'NOTIFIED', 0)]);
  assert.equal(endingOf(slow, undefined, wordsFor('rest')), '23.8 ms of work.', 'nobody waited on purpose');
  assert.equal(summaryOf(journeyOf(first)), 'The customer was told, 412 µs after it was accepted.');
  assert.equal(summaryOf(journeyOf(retriedTwice)), 'Two deliveries failed, the third told the customer, 601 ms after it was accepted.');
});

test('a journey plays in 6 s, its pauses take 1 s at most and are named', () => {
  const { steps } = journeyOf(retriedTwice);
  const times = playTimes(steps);
  assert.deepEqual(pausesOf(steps).map(({ before, why }) => [before, why]), [[4, 'fraud waits for late records'], [5, 'retry 1 waits'], [7, 'retry 2 waits']]);
  for (const { before } of pausesOf(steps)) assert.ok(times[before] - times[before - 1] <= play.pauseMaxMs);
  assert.ok(times.every((time, n) => n === 0 || time > times[n - 1]));
  assert.ok(times.at(-1) < play.totalMs);
  const many = journeyOf(Array.from({ length: 40 }, (_, n) => audit(n, n * 19_000 + (n > 20 ? 30_000 : 0), 'others', `A${n}`)));
  assert.ok(playTimes(many.steps).at(-1) < play.totalMs);
  assert.deepEqual(playTimes(journeyOf([first[0]]).steps), [0]);
});

test('the clock shows the time of the log, which never runs backwards', () => {
  const { steps } = journeyOf(retriedTwice);
  const times = playTimes(steps);
  let last = -1;
  for (let ms = 0; ms <= play.totalMs; ms += 10) {
    const { index, us } = playedAt(steps, times, ms);
    assert.ok(us >= last && us >= steps[index].us && us <= (steps[index + 1] ?? steps[index]).us);
    last = us;
  }
  times.forEach((ms, index) => assert.deepEqual(playedAt(steps, times, ms), { index, us: steps[index].us }));
  assert.deepEqual(playedAt(steps, times, play.totalMs), { index: 9, us: 601_334 });
});

test('the picture is true to scale, in rows by log and writer', () => {
  const { rows, ticks, cuts } = chartOf(journeyOf(retriedTwice), 690, 118);
  assert.deepEqual(rows.map(({ name }) => name), ['orders p2', 'order-status p2', 'audit: order', 'audit: analytics', 'audit: fraud', 'audit: notification']);
  const [a, b, c] = rows[0].marks.map(({ x }) => x);
  assert.ok(Math.abs((b - a) / (c - a) - 200_461 / 600_915) < 1e-9);
  assert.deepEqual(rows[0].waits.map(({ text }) => text), ['waits 200 ms', 'waits 400 ms']);
  assert.deepEqual(ticks.map(({ text }) => text), ['0', '200 ms', '400 ms', '600 ms']);
  assert.deepEqual(cuts, []);
  for (const { labels } of rows) assert.ok(labels.every(({ x, text, atEnd }) => (atEnd ? x - text.length * 6.7 >= 118 : x + text.length * 6.7 <= 690)));
});

test('where the order rested for long the axis is cut, and says by how much', () => {
  const later = placed(99, 0, 'e-2', 'updated');
  later.headers.find(({ name }) => name === 'ce_time').value = '2026-11-28T16:07:35.220000Z';
  const { rows, cuts, ticks } = chartOf(journeyOf([...first, later]), 690, 118);
  assert.deepEqual(cuts.map(({ text }) => text), ['2 h 4 min']);
  assert.deepEqual(ticks, []);
  assert.ok(rows.find(({ name }) => name === 'audit: fraud').marks[0].x > 400, 'the first second keeps its room');
});

test('the map lights the records that were played, and who wrote the last of them', () => {
  const { steps } = journeyOf(first);
  assert.deepEqual(lightsOf({ played: steps.slice(0, 2), together: [steps[1]], step: steps[1] }),
    { played: ['orders/2/90', 'audit/0/883'], together: ['audit/0/883'], members: ['notification-1'], groups: [],
      wires: ['track 2 notification-group', 'rail 2', 'own notification-group notification-1', 'report notification-1'] });
  assert.deepEqual(lightsOf({ played: steps.slice(0, 3), together: steps.slice(2, 4), step: steps[2] }),
    { played: ['orders/2/90', 'audit/0/883', 'audit/0/884'], together: ['audit/0/884'], members: [], groups: ['order-group'],
      wires: ['read back', 'derived'] });
});
