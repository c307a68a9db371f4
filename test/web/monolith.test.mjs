// The page of the monolith: what it works out, and the whole of it in a real Chromium on the real program.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { lastBlocked, leasesOf, leftMs, summaryOf, withWork, workOf } from '../../web/js/monolith.js';
import { comesTrue, command, post, postMany, rowOf, says, stage, violations } from './support.mjs';

const { program, open, proxy } = stage();
const folder = mkdtempSync(join(tmpdir(), 'monolith-page-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
const monolith = (environment = {}) => program({ environment, flags: ['--architecture=monolith', `--database=sqlite:${join(folder, `${(files += 1)}.db`)}`] });
const json = (url, path) => fetch(`${url}${path}`).then((response) => response.json());
const count = (page, table) => page.locator(`[data-count=${table}]`).innerText().then((text) => Number(text.replace(/\s/g, '')));
/** Waits until the page shows so many rows. */
const counts = (page, wanted) => comesTrue(async () => {
  const found = Object.fromEntries(await Promise.all(Object.keys(wanted).map(async (table) => [table, await count(page, table)])));
  assert.deepEqual(found, wanted);
});
const workers = ['notification-1', 'notification-2'];

describe('what the database did', () => {
  const sample = (at, commits, writes, writeSeconds, commitSeconds) => ({ at, commits, writes, writeSeconds, commitSeconds });

  test('is told by the counters of the last five seconds', () => {
    let samples = [];
    for (const next of [sample(0, 0, 0, 0, 0), sample(4000, 100, 100, 1, 1), sample(9000, 110, 150, 1.02, 1.03)]) samples = withWork(samples, next);
    assert.equal(samples.length, 2);
    assert.deepEqual(workOf(samples), { commitsPerSecond: 2, writesPerCommit: 5, writeMs: 2.0000000000000018, commitMs: 3.0000000000000027 });
  });

  test('is unknown where nothing was committed, and after a new start', () => {
    assert.equal(workOf([]), undefined);
    assert.equal(workOf([sample(0, 5, 5, 0, 0), sample(1000, 5, 5, 0, 0)]), undefined);
    assert.deepEqual(withWork([sample(0, 5, 5, 0, 0)], sample(1000, 1, 1, 0, 0)), [sample(1000, 1, 1, 0, 0)]);
  });

  test('leases stand by their workers, and end', () => {
    const job = (id, worker) => ({ id, state: worker ? 'leased' : 'ready', worker, leasedUntil: '1970-01-01T00:00:05.000Z' });
    const leases = leasesOf([job(1, 'a'), job(2), job(3, 'b'), job(4, 'a')]);
    assert.deepEqual([...leases].map(([worker, jobs]) => [worker, jobs.map(({ id }) => id)]), [['a', [1, 4]], ['b', [3]]]);
    assert.equal(leftMs(job(1, 'a'), 3000), 2000);
    assert.equal(leftMs(job(1, 'a'), 6000), 0);
  });

  test('the order that was stopped last stands at the gate, whatever alerts came after it', () => {
    const alert = (at, blocked) => ({ at, blocked, orderId: `order-${at}` });
    assert.equal(lastBlocked([alert(9, false), alert(3, true), alert(7, true), alert(8, false)]).orderId, 'order-7');
    assert.equal(lastBlocked([alert(9, false)]), undefined);
  });

  test('without an answer of the database no row is made up', () => {
    assert.deepEqual(summaryOf({ name: 'monolith' }), ['The database does not answer.']);
  });
});

describe('the page of the monolith', () => {
  test('shows the tables with their counts, and an order that is on its way', async () => {
    const { url } = await monolith();
    const page = await open(url);
    await postMany(url, 5, (n) => ({ customerName: `Guest ${n}` }));
    await counts(page, { orders: 5, audit: 15, jobs: 0, dead_jobs: 0, idempotency_keys: 0 });
    await says(page, '.bus', 'monolith');
    await says(page, '#commit', /COMMIT \d+/);
    for (const worker of workers) await command(url, worker, 'pause');
    await page.locator('[data-member=notification-2]').getByText('paused').waitFor();
    await page.locator('#order-form').getByText('Place order').click();
    await counts(page, { orders: 6, audit: 17, jobs: 1, idempotency_keys: 1 });
    await says(page, '.t-jobs', 'ready 1');
    const [{ id }] = await json(url, '/api/jobs');
    await says(page, '.t-jobs .cell', String(id));
    for (const worker of workers) await command(url, worker, 'resume');
    await rowOf(page, 'Ana Ribeiro').getByText('notified').waitFor();
    await counts(page, { audit: 18, jobs: 0 });
    await page.reload();
    await counts(page, { orders: 6, audit: 18, jobs: 0 });
    assert.deepEqual(page.mishaps, []);
  });

  test('shows a blocked order where it was stopped, and nowhere else', async () => {
    const { url } = await monolith();
    const page = await open(url);
    await says(page, '.gate', 'no order was stopped here');
    for (let n = 0; n < 6; n += 1) {
      await page.locator('#order-form').getByText('Place order').click();
      await comesTrue(async () => assert.equal(await count(page, 'idempotency_keys'), Math.min(n + 1, 5)));
    }
    await says(page, '#blocked', 'stopped here: 422 fraud-alert');
    await says(page, '#blocked', '1 in all');
    await says(page, '#blocked', 'Ana Ribeiro, VELOCITY HIGH, limit 5');
    await says(page, '#form-error', /fraud/i);
    await says(page, '.p-fraud', '1 stopped');
    const stopped = await page.locator('#blocked').getAttribute('data-order');
    await says(page, '.t-audit .stopped', new RegExp(`${stopped.slice(0, 8)}\\s*FRAUD_ALERT, blocked`));
    assert.equal((await fetch(`${url}/api/orders/${stopped}`)).status, 404);
    assert.equal(await page.locator(`#orders [data-key="${stopped}"]`).count(), 0);
    await counts(page, { orders: 5, jobs: 0 });
  });

  test('a worker that crashes keeps its jobs until its lease is over; then another has them', async () => {
    const { url } = await monolith();
    const page = await open(url);
    await command(url, 'notification-1', 'pause');
    await fetch(`${url}/api/modules/notification-2`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"settings": {"workMs": 10000, "leaseMs": 4000}}' });
    await post(url, {});
    await page.locator('[data-lease=notification-2] .cell').waitFor();
    const counted = says(page, '[data-lease=notification-2]', 'crashed: ready again in');  // for as long as is left of the lease
    await command(url, 'notification-2', 'crash');
    await counted;
    await says(page, '[data-lease=notification-2]', 'its lease is over');
    await command(url, 'notification-1', 'resume');
    await rowOf(page, 'Mei Tanaka').getByText('notified').waitFor();
    assert.deepEqual(page.mishaps, []);
  });

  test('a dead job starts again when it is pressed', async () => {
    const { url } = await monolith({ FAIL_RATE: '1' });
    const page = await open(url);
    await post(url, {});
    const dead = page.locator('.t-dead_jobs button');
    await dead.waitFor();
    for (const worker of workers) {
      await fetch(`${url}/api/modules/${worker}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"settings": {"failRate": 0}}' });
    }
    await says(page, '#sentence', 'notification-2: failRate is now 0.'); // told each second, and must not cover what follows
    await dead.click();
    await says(page, '#sentence', 'starts again');
    await rowOf(page, 'Mei Tanaka').getByText('notified').waitFor();
    await counts(page, { dead_jobs: 0, jobs: 0 });
  });

  test('a further worker is one press away, and what has no source here says why', async () => {
    const { url } = await monolith();
    const page = await open(url);
    await page.locator('.t-notification [data-action=add]').click();
    await page.locator('[data-member=notification-3]').getByText('running').waitFor();
    await says(page, '.p-owners', 'There is no group, no partition and no lag');
    await says(page, '.mono-rest', 'SQL, not a consumer');
  });

  test('the first frame is whole after at most 12 requests, and the events architecture loads none of it', async () => {
    for (const [start, asks] of [[monolith, true], [program, false]]) {
      const { port } = await start();
      const { url, asked } = await proxy(port);
      const page = await open(url);
      await page.locator(asks ? '.mono-map' : '.map-sheet .wires').waitFor();
      const requests = asked.map(({ what }) => what).filter((what) => !/favicon|\/api\/access/.test(what));
      assert.ok(requests.length <= 12, requests.join('\n'));
      assert.equal(requests.some((what) => what.includes('monolith')), asks);
    }
  });

  for (const [width, height, colorScheme] of [[1920, 1080, 'dark'], [1440, 900, 'light'], [1440, 900, 'dark'], [390, 844, 'light']]) {
    test(`fits ${width} x ${height} in the ${colorScheme} theme, with a picture, and axe finds nothing`, async () => {
      const { url } = await monolith({ FAIL_RATE: '0.3' });
      await postMany(url, 40, (n) => ({ customerName: `Guest ${n % 9}`, price: 8 + n }));
      for (let n = 0; n < 6; n += 1) await fetch(`${url}/api/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customerName: 'Omar Haddad', item: 'Bao, three', quantity: 1, price: 8.4 }) });
      const page = await open(url, { viewport: { width, height }, colorScheme });
      if (width < 720) await page.locator('.tabs-phone').getByText('Map').click();
      await page.locator('#blocked').waitFor();
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      assert.deepEqual(await violations(page), []);
      mkdirSync('test-results', { recursive: true });
      await page.screenshot({ path: `test-results/monolith-${width}-${colorScheme}.png` });
      assert.deepEqual(page.mishaps, []);
    });
  }
});
