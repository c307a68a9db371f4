// The page of services that call each other: what it works out, and the whole of it in a real Chromium on the real program.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { addedMs, breakerWords, callsPerSecond, changesOfCalls, countedOf, faultWords, gapSentence, summaryOf, withBreakers, withCalls } from '../../web/js/rest.js';
import { axisOf, chaptersOf, figuresOf, sentenceOf } from '../../web/js/waterfall.js';
import { comesTrue, command, listen, post, postMany, rowOf, says, stage, violations } from './support.mjs';

const { program, open, proxy } = stage();
const folder = mkdtempSync(join(tmpdir(), 'rest-page-'));
after(() => rmSync(folder, { recursive: true }));

let folders = 0;
const rest = ({ environment = {}, flags = [] } = {}) => program({ environment, flags: ['--architecture=rest', `--database=sqlite:${join(folder, String((folders += 1)))}`, ...flags] });
const disturb = async (url, arrow, fault) => {
  const { status } = await fetch(`${url}/api/calls/${arrow}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) });
  assert.equal(status, 200);
};
const tryPost = (url, fields = {}) => fetch(`${url}/api/orders`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customerName: 'Omar Haddad', item: 'Bao, three', quantity: 1, price: 8.4, ...fields }) });
const treeOf = (url, id) => fetch(`${url}/api/orders/${id}/calls`).then((response) => response.json());
const figure = (page, arrow, name) => page.locator(`[data-arrow=${arrow}] [data-figure="${name}"] dd`).innerText();
/** Waits until the page shows these figures of an arrow. */
const shows = (page, arrow, wanted) => comesTrue(async () => {
  const found = Object.fromEntries(await Promise.all(Object.keys(wanted).map(async (name) => [name, Number(await figure(page, arrow, name))])));
  assert.deepEqual(found, wanted);
});
const bars = (page) => page.locator('.bar-line').evaluateAll((lines) => lines.map(({ dataset }) => `${dataset.kind} ${dataset.arrow ?? ''}`.trim()));
const card = (page, arrow) => page.locator(`[data-arrow=${arrow}]`);

/** An arrow as /api/calls shows it. */
const arrowOf = (arrow, more = {}) => ({ arrow, from: arrow.split('-')[0], to: arrow.split('-')[1], path: `/${arrow.split('-')[2]}`, calls: 0, gaps: 0, p50Ms: null, breaker: 'closed',
  refusedBy: { breaker: 0, bulkhead: 0, deadline: 0 }, fault: { refuse: false, delayMs: 0, failRate: 0 }, bounds: { callMs: 1000, tryMs: 300, tries: 2, probes: 3 }, ...more });

describe('what the arrows did', () => {
  const check = 'order-fraud-check';

  test('calls a second are those of the last ten seconds, and fall to zero where no more come', () => {
    let samples = [];
    for (const [at, calls] of [[0, 0], [4000, 100], [15_000, 120]]) samples = withCalls(samples, [arrowOf(check, { calls })], at);
    assert.equal(callsPerSecond(samples, check, 15_000), 2);
    assert.equal(callsPerSecond(samples, check, 26_000), 0);
    assert.equal(callsPerSecond(withCalls([], [arrowOf(check)], 0), check, 500), undefined);
    assert.equal(withCalls(samples, [arrowOf(check, { calls: 1 })], 16_000).length, 1, 'another process counts from the beginning');
  });

  test('a breaker has a history, as far as the page has looked', () => {
    let history = new Map();
    for (const [at, breaker] of [[0, 'closed'], [1000, 'closed'], [2000, 'open'], [7000, 'half-open'], [310_000, 'closed']]) history = withBreakers(history, [arrowOf(check, { breaker })], at);
    assert.deepEqual(history.get(check), [{ from: 7000, state: 'half-open' }, { from: 310_000, state: 'closed' }]);
  });

  test('changes of a breaker and a fault are told, and gaps with their count', () => {
    const was = [arrowOf(check), arrowOf('order-audit-audit')];
    const now = [arrowOf(check, { breaker: 'open' }), arrowOf('order-audit-audit', { gaps: 2, fault: { refuse: false, delayMs: 400, failRate: 0.5 } })];
    assert.deepEqual(changesOfCalls([], now), []);
    assert.match(changesOfCalls(was, now).join(' '), /breaker of order-fraud-check is open.*order-audit-audit delays 400 ms, loses 50 % of the answers\./);
    assert.match(changesOfCalls(now, was).join(' '), /closed again\. order-audit-audit is back to normal\./);
    assert.match(gapSentence(new Map([['order-audit-audit', 0], [check, 0]]), now), /^2 gaps on order-audit-audit: audit does not know/);
    assert.equal(gapSentence(new Map(), now), '', 'what was there before is not news');
    assert.equal(faultWords(was[0].fault), '');
    assert.equal(breakerWords(now), '1 open');
    assert.match(summaryOf({ calls: now, outbox: 'off' }).join(' '), /a fault is set: delays 400 ms/);
  });

  test('an arrow whose process does not answer is not known: no breaker, no change, until it is heard again', () => {
    const silent = arrowOf('fraud-audit-audit', { trouble: 'the fraud service does not answer', heardAt: '2026-01-01T00:00:00.000Z', breaker: 'open' });
    const { arrow, from, to, path } = silent;
    const unheard = { arrow, from, to, path, url: 'http://fraud:3001', trouble: 'it was not asked yet' };
    const live = arrowOf('fraud-audit-audit', { breaker: 'open' });
    for (const lost of [silent, unheard]) {
      assert.equal(breakerWords([arrowOf(check), lost]), '1 not known');
      assert.match(summaryOf({ calls: [lost], outbox: 'off' }).join(' '), new RegExp(`fraud-audit-audit: not known: ${lost.trouble}\\.`));
      assert.deepEqual(changesOfCalls([live], [lost]), [`fraud-audit-audit is not known: ${lost.trouble}.`]);
      assert.deepEqual(changesOfCalls([lost], [live]), ['fraud-audit-audit is known again.']);
      assert.deepEqual(changesOfCalls([lost], [lost]), []);
      assert.deepEqual(withBreakers(new Map(), [lost], 0).get(arrow), [{ from: 0, state: 'unknown' }]);
      assert.equal(addedMs({ calls: [arrowOf(check, { p50Ms: 4 }), lost], outbox: 'off' }).check, 4);
    }
    assert.deepEqual(countedOf([silent, unheard]), [silent]);
  });

  test('the time that calls add is that of the check and of the slower one behind; with an outbox only the check', () => {
    const calls = [arrowOf(check, { p50Ms: 4 }), arrowOf('order-audit-audit', { p50Ms: 3 }), arrowOf('order-notification-notify', { p50Ms: 5 })];
    assert.deepEqual(addedMs({ calls, outbox: 'off' }), { check: 4, behind: 5 });
    assert.deepEqual(addedMs({ calls, outbox: 'on' }), { check: 4, behind: 0 });
    assert.equal(addedMs({ calls: [arrowOf(check)], outbox: 'on' }), undefined);
  });
});

describe('the calls of an order', () => {
  const call = (arrow, startMs, tookMs, more = {}) => ({ ...arrowOf(arrow), event: 'created', traceparent: '00-a-1-01', outcome: 'answered', status: 200, startMs, tookMs, deadlineMs: 600,
    tries: [{ startMs, tookMs, deadlineMs: 250, probe: false }], ...more });
  const lost = { startMs: 0, tookMs: 300, deadlineMs: 300, probe: false, error: 'no whole answer in time' };
  const tree = {
    orderId: 'x', leftOut: 0,
    steps: [{ step: 'place', traceId: 'a', outcome: 'placed', startMs: 0, tookMs: 352 }, { step: 'insert', traceId: 'a', outcome: 'inserted', startMs: 345, tookMs: 3 }],
    calls: [
      call('order-fraud-check', 0, 345, { tries: [lost, { startMs: 341, tookMs: 4, deadlineMs: 300, probe: true }] }),
      call('order-audit-audit', 348, 0, { outcome: 'refused', refusedBy: 'breaker', tries: [], error: 'x' }),
      call('order-notification-notify', 348, 4),
      call('fraud-audit-audit', 346, 4),
      call('notification-audit-audit', 356, 4, { event: 'NOTIFIED' }),
    ],
  };

  test('stand in the order of their beginnings: tries, waits, what was skipped; behind the answer what came later', () => {
    const [{ before, after: later, answeredAt }] = chaptersOf(tree, false);
    assert.deepEqual(before.map(({ kind, label }) => `${kind} ${label}`), ['request POST /api/orders', 'lost /check, try 1', 'wait waits', 'try /check, try 2', 'insert insert',
      'skipped /audit', 'try /notify, try 1']);
    assert.deepEqual(later.map(({ label, note }) => `${label} ${note.split(',')[0]}`), ['/audit, try 1 by fraud', '/audit, try 1 by notification']);
    assert.equal(answeredAt, 352);
    assert.match(before[3].note, /a probe/);
    assert.match(before[5].says, /^skipped: the breaker is open; a gap$/);
    assert.equal(before[5].note, 'created');
    assert.match(chaptersOf(tree, true)[0].before[5].says, /told again from the outbox$/);
  });

  test('add up to one sentence', () => {
    assert.equal(sentenceOf(figuresOf(tree, false)), 'Answered 201 in 352 ms: 5 calls along 5 arrows, 1 try was lost, 1 call was skipped, 1 gap.');
    assert.equal(figuresOf(tree, false).notifiedMs, 360);
    assert.equal(figuresOf(tree, true).gaps, 0);
  });

  test('have one scale, but for a long wait, which is cut', () => {
    const [chapter] = chaptersOf(tree, false);
    const { at, cuts, end } = axisOf(chapter);
    assert.equal(end, 360);
    assert.deepEqual(cuts, [{ from: 0, to: 300 }]);
    assert.equal(at(0), 0);
    assert.equal(at(360), 1);
    assert.ok(Math.abs((at(349.5) - at(348.5)) - (at(358.5) - at(357.5))) < 1e-9);
  });

  test('of a change later on stand by themselves', () => {
    const change = { ...tree, steps: [...tree.steps, { step: 'change', traceId: 'b', outcome: 'deleted', startMs: 90_000, tookMs: 8 }],
      calls: [...tree.calls, call('order-audit-audit', 90_003, 4, { traceparent: '00-b-2-01', event: 'deleted' })] };
    assert.deepEqual(chaptersOf(change, false).map(({ title }) => title), ['The order', 'The change: deleted']);
  });
});

describe('the page of services that call each other', () => {
  test('shows services and arrows, and their figures move', async () => {
    const { url } = await rest();
    const page = await open(url);
    await says(page, '.bus', /rest .*rest-page/);
    await says(page, '#added', 'no order yet');
    await shows(page, 'order-fraud-check', { calls: 0, errors: 0, refused: 0, gaps: 0 });
    await page.locator('#order-form').getByText('Place order').click();
    await postMany(url, 4, (n) => ({ customerName: `Guest ${n}` }));
    for (const arrow of ['order-fraud-check', 'order-notification-notify', 'order-audit-audit', 'fraud-audit-audit', 'notification-audit-audit']) await shows(page, arrow, { calls: 5, errors: 0, gaps: 0 });
    assert.match(await figure(page, 'order-fraud-check', 'p50 ms'), /^\d/);
    await says(page, '#added', /check [\d.]+, behind it [\d.]+/);
    await comesTrue(async () => assert.ok(Number(await figure(page, 'order-fraud-check', 'calls/s')) > 0));
    await says(page, '.s-audit', '15 rows');
    for (const member of ['order-1', 'fraud-1', 'notification-1', 'notification-2', 'audit-1', 'analytics-1']) assert.equal(await page.locator(`[data-member=${member}]`).count(), 1, member);
    await says(page, '[data-member=fraud-1]', /running, :\d+, 5 requests/);
    await says(page, '.p-owners', 'No group, no partition, no lag');
    assert.deepEqual(page.mishaps, []);
  });

  test('shows a service that is down: its breaker opens, and closes by probes once it is back', async () => {
    const { url } = await rest({ flags: ['--on-fraud-down=reject'] });
    const page = await open(url);
    const heard = await listen(page);
    await post(url, {});
    await command(url, 'fraud-1', 'stop');
    for (let n = 0; n < 12; n += 1) assert.equal((await tryPost(url, { customerName: `Guest ${n}` })).status, 503);
    await says(page, '[data-arrow=order-fraud-check] .breaker', /open\s*(probes in \d|the next call)/);
    await says(page, '#breakers', '1 open');
    await page.locator('.p-breakers li[title="order-fraud-check: opened 1 time"]').getByText('open', { exact: true }).waitFor();
    await comesTrue(async () => assert.ok(Number(await figure(page, 'order-fraud-check', 'refused')) > 0));
    await says(page, '[data-member=fraud-1]', 'stopped');
    await page.locator('[data-member=fraud-1]').getByText('Start').click();
    await says(page, '[data-arrow=order-fraud-check] .breaker', 'half-open');
    await says(page, '[data-arrow=order-fraud-check] .breaker', '0 of 3 probes');
    await postMany(url, 3, (n) => ({ customerName: `Probe ${n}` }));
    await says(page, '[data-arrow=order-fraud-check] .breaker', /^closed$/);
    await says(page, '#breakers', 'all closed');
    await comesTrue(async () => assert.match((await heard()).join(' '), /breaker of order-fraud-check is open.*half-open.*closed again/));
    assert.deepEqual(page.mishaps, []);
  });

  test('counts a gap, and with an outbox what is on the way', async () => {
    const { url } = await rest();
    const page = await open(url);
    await disturb(url, 'order-audit-audit', { refuse: true });
    await post(url, {});
    await says(page, '#gaps', '1 gap');
    await says(page, '#gaps', 'order-audit-audit 1');
    await says(page, '.s-audit', '1 missing');
    await shows(page, 'order-audit-audit', { gaps: 1, errors: 1, retries: 1 });

    const late = await rest({ flags: ['--outbox=on'] });
    const other = await open(late.url);
    await disturb(late.url, 'order-audit-audit', { refuse: true });
    await post(late.url, {});
    await says(other, '#gaps', /0 gaps, \d rows? on the way/);
    await says(other, '[data-untold=order]', '1 row waits');
    await disturb(late.url, 'order-audit-audit', { refuse: false });
    await says(other, '[data-untold=order]', 'nothing waits');
  });

  test('an arrow is made to refuse, to be slow and to lose answers, and back to normal; what the server refuses is told', async () => {
    const { url } = await rest();
    const page = await open(url);
    const arrow = card(page, 'order-audit-audit');
    await arrow.locator('[data-action=disturb]').focus();
    await page.keyboard.press('Enter');
    await arrow.getByText('Refuse', { exact: true }).click();
    await says(page, '[data-arrow=order-audit-audit] .fault', 'set by hand: refuses');
    await says(page, '#sentence', 'order-audit-audit refuses.');
    await page.locator('#order-form').getByText('Place order').click();
    await says(page, '#gaps', '1 gap');
    await arrow.locator('input[data-fault=delayMs]').focus();
    await page.keyboard.press('ArrowRight');
    await says(page, '[data-arrow=order-audit-audit] .fault', 'refuses, delays 20 ms');
    await arrow.locator('input[data-fault=failRate]').focus();
    await page.keyboard.press('End');
    await says(page, '[data-arrow=order-audit-audit] .fault', 'loses 100 % of the answers');
    await arrow.getByText('Back to normal').click();
    await arrow.locator('.fault').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await arrow.locator('.faults').waitFor({ state: 'detached' });
    await page.route('**/api/calls/order-audit-audit', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"detail": "It has other things to do."}' }));
    await arrow.locator('[data-action=disturb]').click();
    await arrow.getByText('Refuse', { exact: true }).click();
    await says(page, '#sentence', 'order-audit-audit was not changed. It has other things to do.');
    assert.equal(await arrow.locator('[data-fault=refuse]').getAttribute('aria-pressed'), 'false');
    assert.deepEqual(page.mishaps, []);
  });

  test('a click on an order shows its calls: a lost try and its retry, what was skipped, and what came later', async () => {
    const { url } = await rest();
    const page = await open(url);
    await disturb(url, 'order-audit-audit', { refuse: true });
    for (let n = 0; n < 6; n += 1) await post(url, { customerName: `Before ${n}` });
    await says(page, '[data-arrow=order-audit-audit] .breaker', 'open');
    await disturb(url, 'order-notification-notify', { failRate: 1 });
    await post(url, { customerName: 'Ana Ribeiro' });
    await disturb(url, 'order-notification-notify', { failRate: 0 });
    await rowOf(page, 'Ana Ribeiro').click();
    await says(page, '.falls .summary', '2 tries were lost, 1 call was skipped, 2 gaps');
    const wanted = ['insert', 'lost order-notification-notify', 'lost order-notification-notify', 'request', 'skipped order-audit-audit', 'try fraud-audit-audit', 'try notification-audit-audit',
      'try order-fraud-check', 'wait order-notification-notify'];
    await comesTrue(async () => assert.deepEqual((await bars(page)).toSorted(), wanted));
    await says(page, '.k-skipped .says', 'skipped: the breaker is open; a gap');
    await says(page, '.k-lost .says', 'its answer was lost, as a fault was set');
    await says(page, '.falls .ordered', 'Ana Ribeiro, 1 × Pad Thai');
    const { orderId } = await treeOf(url, (await page.locator('.falls .full').innerText()).trim());
    assert.equal(await page.evaluate(() => location.hash), `#order/${orderId}`);

    await page.locator('.k-skipped .call').click();
    await says(page, '.falls .detail', 'order-audit-audit');
    await says(page, '.falls .detail', '--outbox=on');
    await says(page, '.falls .detail', /traceparent\s*00-[0-9a-f]{32}-[0-9a-f]{16}-01/);
    await page.keyboard.press('Home');
    await says(page, '.falls .detail', 'POST /api/orders');
    await page.keyboard.press('End');
    await says(page, '.falls .detail', 'notification-audit-audit');
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.locator('.drawer').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => location.hash), '');

    await page.goto(`${url}/#order/6f1d0c2a-b3e9-4475-a8c0-d91e55b7f302`);
    await says(page, '.falls .trouble', 'No calls of this order are here');
    assert.deepEqual(page.mishaps, []);
  });

  test('the calls of an order that is open grow while they are made', async () => {
    const { url } = await rest();
    const page = await open(url);
    for (const worker of ['notification-1', 'notification-2']) await command(url, worker, 'pause');
    await disturb(url, 'order-notification-notify', { refuse: true });
    const { id } = await post(url, { customerName: 'Ana Ribeiro' });
    await page.goto(`${url}/#order/${id}`);
    await says(page, '.falls .summary', '1 gap');
    await disturb(url, 'order-notification-notify', { refuse: false });
    for (const worker of ['notification-1', 'notification-2']) await command(url, worker, 'resume');
    await fetch(`${url}/api/orders/${id}`, { method: 'DELETE' });
    await says(page, '.falls .chapter', 'The change: deleted');
    await comesTrue(async () => assert.ok((await bars(page)).includes('try notification-audit-audit')));
  });

  test('the first frame is whole after at most 12 requests, and the events architecture loads none of it', async () => {
    for (const [start, asks] of [[rest, true], [program, false]]) {
      const { port } = await start();
      const { url, asked } = await proxy(port);
      const page = await open(url);
      await page.locator(asks ? '.rest-map' : '.map-sheet .wires').waitFor();
      const requests = asked.map(({ what }) => what).filter((what) => !/favicon|\/api\/access/.test(what));
      assert.ok(requests.length <= 12, requests.join('\n'));
      assert.equal(requests.some((what) => /rest\.(js|css)/.test(what)), asks);
      assert.ok(!requests.some((what) => /waterfall|journey/.test(what)), requests.join('\n'));
    }
  });

  for (const [width, height, colorScheme] of [[1920, 1080, 'dark'], [1440, 900, 'light'], [1440, 900, 'dark'], [1280, 800, 'light'], [1024, 768, 'dark'], [768, 1024, 'light'], [390, 844, 'light'], [390, 844, 'dark']]) {
    test(`fits ${width} x ${height} in the ${colorScheme} theme, with pictures, and axe finds nothing`, async () => {
      const { url } = await rest({ environment: { FAIL_RATE: '0.3' } });
      await postMany(url, 30, (n) => ({ customerName: `Guest ${n % 9}`, price: 8 + n }));
      await disturb(url, 'order-audit-audit', { refuse: true });
      for (let n = 0; n < 12; n += 1) await post(url, { customerName: `Late ${n}` });
      const page = await open(url, { viewport: { width, height }, colorScheme });
      if (width < 720) await page.locator('.tabs-phone').getByText('Map').click();
      await says(page, '[data-arrow=order-audit-audit] .breaker', 'open');
      await card(page, 'order-audit-audit').locator('[data-action=disturb]').click();
      mkdirSync('test-results', { recursive: true });
      const fits = async (name) => {
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
        assert.deepEqual(await violations(page), []);
        await page.screenshot({ path: `test-results/rest-${name}${width}-${colorScheme}.png` });
      };
      await fits('');
      await page.evaluate(() => document.querySelector('.dash').setAttribute('data-tab', 'order'));
      await page.locator('#orders .order').first().click();
      await page.locator('.k-skipped').first().waitFor();
      await fits('waterfall-');
      assert.deepEqual(page.mishaps, []);
    });
  }
});
