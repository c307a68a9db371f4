// The page on a real broker: what differs there is time, what is kept, and who holds the groups. The log is empty at first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { comesTrue, post, postMany, rowOf, says, stage } from '../support.mjs';

const { program, open } = stage();
const flags = ['--bus=kafka', '--brokers', process.env.KAFKA_BROKER ?? 'localhost:29092'];

const figure = async (page, name) => Number((await page.locator(`#ledger [data-figure="${name}"]`).innerText()).replace(/\D/g, ''));

describe('on a broker', () => {
  test('the first minute: an order that plays by itself, load, a crash, a takeover, and nothing is lost', async () => {
    const { url } = await program({ flags });
    const page = await open(url, { firstMinute: true });
    await says(page, '.bus', 'kafka');
    await page.locator('.big.first:focus').waitFor();
    await page.keyboard.press('Enter');
    await says(page, '#told', /[1-5] of 5/);
    await says(page, '#told', 'Space plays it again');
    await page.keyboard.press('2');
    await says(page, '.three', 'On: 4 a second');
    await says(page, '#orders-total', '5');
    await page.keyboard.press('3');
    await says(page, '#broken', /notification-\d will be missed in \d+ s; .* on p\d/);
    await says(page, '#broken', /took over p\d.*orders have their outcome, lost 0/);
    await page.click('#load-stop');
    await says(page, '#load-rate', 'off');
    await page.locator('#ledger [data-figure="waiting"]', { hasText: /^0$/ }).waitFor();
    await comesTrue(async () => assert.equal(await figure(page, 'accepted'), await figure(page, 'notified')));
    assert.equal(await figure(page, 'lost'), 0);
    await page.locator('.own .unread').first().waitFor();
    assert.deepEqual(page.mishaps, []);
  });

  test('a reload in the middle of load tells no order twice and misses none', async () => {
    const { url } = await program({ flags });
    const page = await open(url);
    const before = await (await fetch(`${url}/api/orders?limit=1`)).headers.get('x-total-count');
    const load = postMany(url, 600, (n) => ({ customerName: `Guest ${n}` }));
    for (let n = 0; n < 3; n += 1) {
      await page.waitForFunction(() => document.querySelectorAll('.p-audit li').length > 4);
      await page.reload();
    }
    await load;
    const all = Number(before) + 600;
    await page.waitForFunction((count) => Number(document.querySelector('#orders-total').innerText.replace(/\D/g, '')) === count, all);
    await page.fill('#filter', 'Guest');
    await page.locator('#orders .order').first().focus();
    const told = new Set();
    for (let n = 0; n < 80; n += 1) {
      const names = await page.locator('#orders .order').evaluateAll((rows) => rows.map((row) => [row.getAttribute('aria-posinset'), row.innerText.match(/Guest \d+/)?.[0]]));
      for (const [at, name] of names) told.add(`${at} ${name}`);
      await page.keyboard.press('PageDown');
    }
    const names = [...told].map((each) => each.replace(/^\d+ /, ''));
    assert.equal(names.length, new Set(names).size, 'no order stands twice');
    assert.deepEqual(page.mishaps, []);
  });

  test('a journey has its records, plays, and is there after the program was started again', async () => {
    const first = await program({ flags, environment: { FAIL_RATE: '1' } });
    const { id } = await post(first.url, { customerName: 'Priya Nair' });
    const page = await open(`${first.url}/#order/${id}`);
    await says(page, '.summary', 'Three deliveries failed');
    assert.equal(await page.locator('.attempt').count(), 3);
    await page.keyboard.press('Space');
    await page.locator('.scrub').waitFor();
    await page.keyboard.press('End');
    await page.locator(`[role=slider][aria-valuenow="${await page.locator('.stop').count()}"]`).waitFor();
    await says(page, '.scrub', 'orders-dlq');
    await first.stop();
    await says(page, '#connection', 'no server answers');
    const again = await program({ flags, port: first.port });
    await says(page, '#connection', /live|resumed, nothing missed/);
    await page.goto(`${again.url}/#order/${id}`);
    await page.reload();
    await says(page, '.summary', 'Three deliveries failed');
    await page.keyboard.press('Escape');
    await rowOf(page, 'Priya Nair').getByText('gave up').waitFor();
    assert.deepEqual(page.mishaps, []);
  });
});
