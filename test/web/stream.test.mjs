// What the page says of its connection, and what it knows after a reload: in a real Chromium against the real program.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { atRest, comesTrue, command, listen, openTab, post, postMany, rowOf, says, stage } from './support.mjs';

const { program, wire, open } = stage();

/** What every panel shows, but for what moves by itself. */
const shown = (page) => page.evaluate(() => Object.fromEntries(
  ['#orders-total', '#orders', '.p-notifications', '.p-audit', '.p-fraud', '.p-dead'].map((selector) =>
    [selector, document.querySelector(selector)?.innerText.replace(/, window.*/, '')])));

/** Waits until all orders are done and the counts have arrived. */
async function counted(page, orders) {
  await page.waitForFunction((count) => document.querySelector('.p-notifications h2').innerText.includes(`${count} notified`), orders);
  await page.waitForFunction((count) => document.querySelector('.p-fraud h2').textContent.includes(`window ${count} orders`), orders);
}

/** Runs in the page: rows are drawn wherever the list is in sight. */
function drawnToItsEnds(selector) {
  const scroller = document.querySelector(selector);
  const { top, bottom } = scroller.getBoundingClientRect();
  const rows = [...scroller.querySelectorAll('li')].map((each) => ({ each, box: each.getBoundingClientRect() }));
  return rows.some(({ box }) => box.top <= top + 1 && box.bottom > top)
    && rows.some(({ each, box }) => box.bottom >= bottom - 1 || each.ariaPosInSet === each.ariaSetSize);
}

describe('a reload', () => {
  test('loses nothing: panels, totals and how each order went', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '0.6' } });
    const page = await open(url);
    await postMany(url, 60, (n) => ({ customerName: `Guest ${n % 7}`, price: 40 }));
    await page.waitForFunction(() => {
      const [, done, gone] = /^(\d+) notified.*\n?[^]*?(\d+) in orders-dlq/.exec(
        `${document.querySelector('.p-notifications .end').innerText}\n${document.querySelector('.p-dead .end').innerText}`) ?? [];
      return Number(done) + Number(gone) === 60;
    });
    await page.waitForFunction(() => document.querySelector('.p-fraud h2').textContent.includes('window 60 orders'));
    // The rows are drawn a frame after the figures.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('#orders .order')].every((row) => /notified|gave up/.test(row.innerText)));
    await atRest(page, url);
    const before = await shown(page);
    await page.reload();
    await says(page, '#connection', 'live');
    await page.waitForFunction(() => document.querySelector('.p-fraud h2').textContent.includes('window 60 orders'));
    await comesTrue(async () => assert.deepEqual(await shown(page), before));
    assert.deepEqual(page.mishaps, []);
  });

  test('knows how orders went whose records are no longer among the newest 200', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '0.3' } });
    await postMany(url, 300, (n) => ({ customerName: `Guest ${n}` }));
    const page = await open(url);
    await page.locator('#orders [aria-setsize="300"]').first().focus();
    await page.keyboard.press('End');
    await page.locator('#orders [aria-posinset="300"]').getByText(/notified|gave up/).waitFor();
  });

  test('in the middle of load tells no order twice and misses none', async () => {
    const { url } = await program();
    const page = await open(url);
    const load = postMany(url, 1500, (n) => ({ customerName: `Guest ${n}` }));
    for (let n = 0; n < 5; n += 1) {
      await page.waitForFunction(() => document.querySelectorAll('.p-audit li').length > 4);
      await page.reload();
    }
    await load;
    await says(page, '#orders-total', '1\u202f500');
    await counted(page, '1\u202f500');
    await atRest(page, url);
    const keys = new Map();
    for (let n = 0; n < 40; n += 1) {  // every row of the audit panel, as far as it reaches
      for (const [offset, text] of await page.locator('.p-audit li').evaluateAll((all) =>
        all.map((each) => [each.querySelector('.num').innerText, each.innerText]))) {
        assert.ok(!keys.has(offset) || keys.get(offset) === text, `${offset} is told once`);
        keys.set(offset, text);
      }
      await page.locator('.p-audit .scroller').evaluate((each) => (each.scrollTop += 200));
      await page.waitForFunction(drawnToItsEnds, '.p-audit .scroller');
    }
    const offsets = [...keys.keys()].map((text) => Number(text.slice(1))).sort((a, b) => a - b);
    assert.equal(offsets.length, 200);
    assert.equal(offsets.at(-1) - offsets[0], 199, 'no record is missing');
    assert.deepEqual(page.mishaps, []);
  });
});

describe('many tabs', () => {
  test('twenty of them hold two streams, and each places an order at once', async () => {
    const { url } = await program();
    const first = await open(url);
    const tabs = [first];
    while (tabs.length < 20) tabs.push(await openTab(first.context(), url));
    for (const tab of tabs) await says(tab, '#connection', 'live');
    const metrics = await (await fetch(`${url}/api/modules/order-1`)).json();
    assert.equal(metrics.report.sseClients, 1);
    for (const [n, tab] of tabs.entries()) {
      await tab.fill('#order-form [name=customerName]', `Tab ${n}`);
      await tab.locator('#order-form .primary').evaluate((button) => button.click());
    }
    for (const tab of tabs) {
      await says(tab, '#orders-total', '20');
      await rowOf(tab, 'Tab 19').getByText('notified').waitFor();
    }
    await first.close();
    await post(url, { customerName: 'After one tab left' });
    await rowOf(tabs[1], 'After one tab left').getByText('notified').waitFor();
  });

  test('without SharedWorker each tab has its own streams', async () => {
    const { url } = await program();
    const page = await open(url);
    const alone = await page.context().newPage();
    await alone.addInitScript(() => delete globalThis.SharedWorker);
    await alone.goto(url);
    await says(alone, '#connection', 'live');
    await post(url, { customerName: 'Anybody' });
    for (const tab of [page, alone]) await rowOf(tab, 'Anybody').getByText('notified').waitFor();
  });

  test('a tab that was hidden has all facts when it is seen again', async () => {
    const { url } = await program();
    const page = await open(url);
    const hide = (hidden) => page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    await hide(true);
    await post(url, { customerName: 'Meanwhile Guest' });
    await hide(false);
    await rowOf(page, 'Meanwhile Guest').getByText('notified').waitFor();
  });
});

describe('the connection', () => {
  test('cut and mended, it resumes with what happened meanwhile', async () => {
    const { port, url } = await program();
    const cable = await wire(port);
    const page = await open(cable.url);
    await post(url, { customerName: 'Before Guest' });
    await rowOf(page, 'Before Guest').getByText('notified').waitFor();

    cable.cut();
    await says(page, '#connection', 'no server answers');
    await says(page, '#sentence', 'What happens meanwhile is not known');
    await says(page, '.teams', 'unknown');
    await post(url, { customerName: 'Meanwhile Guest' });
    assert.equal(await rowOf(page, 'Meanwhile Guest').count(), 0);

    cable.mend();
    await says(page, '#connection', 'resumed, nothing missed');
    await rowOf(page, 'Meanwhile Guest').getByText('notified').waitFor();
    await says(page, '.p-notifications', 'Meanwhile Guest');
    await atRest(page, url);
    assert.equal(await rowOf(page, 'Before Guest').count(), 1);
    assert.equal(await page.locator('.p-audit li', { hasText: 'NOTIFIED' }).count(), 2, 'nothing lost and nothing doubled');
    assert.equal(await page.locator('.notice').count(), 0);
  });

  test('a frozen server is no sign of life, and is live again when it goes on', async () => {
    const { url, freeze, thaw } = await program();
    const page = await open(url);
    await post(url, { customerName: 'Before Guest' });
    await rowOf(page, 'Before Guest').getByText('notified').waitFor();
    freeze();
    await says(page, '#connection', 'no sign of life since');
    await says(page, '#sentence', 'No sign of life since');
    assert.equal(await page.locator('#sentence', { hasText: 'notified' }).count(), 0);
    thaw();
    await says(page, '#connection', 'live');
    await post(url, { customerName: 'After Guest' });
    await rowOf(page, 'After Guest').getByText('notified').waitFor();
    await atRest(page, url);
    assert.equal(await page.locator('.p-audit li', { hasText: 'NOTIFIED' }).count(), 2);
  });

  test('at rest it stays live', async () => {
    const { url } = await program();
    const page = await open(url);
    const kinds = await page.evaluate(() => new Promise((done) => {
      const seen = new Set();
      const look = setInterval(() => seen.add(document.querySelector('#connection').dataset.state), 50);
      setTimeout(() => {
        clearInterval(look);
        done([...seen]);
      }, 14_000);  // longer than silence may last
    }));
    assert.deepEqual(kinds, ['live']);
  });

  test('a stopped order service is told from a server that does not answer, and can be started', async () => {
    const { url } = await program();
    const page = await open(url);
    const heard = await listen(page);
    for (const [verb, words] of [['stop', 'is stopped'], ['crash', 'has crashed']]) {
      await command(url, 'order-1', verb);
      await says(page, '#connection', `the order service ${words}`);
      await says(page, '#sentence', `The order service (order-1) ${words}`);
      await page.click('#start-orders');
      await says(page, '#connection', 'resumed, nothing missed');
      await post(url, { customerName: `After ${verb}` });
      await rowOf(page, `After ${verb}`).getByText('notified').waitFor();
    }
    assert.ok((await heard()).some((text) => text.includes('order-1')));
  });

  test('a page that opens while the order service is stopped says so, and fills when it starts', async () => {
    const { url } = await program();
    await post(url, { customerName: 'Early Guest' });
    const first = await open(url);
    await first.close();
    await command(url, 'order-1', 'stop');
    const page = await openTab(first.context(), url);
    await says(page, '#connection', 'the order service is stopped');
    await page.click('#start-orders');
    await rowOf(page, 'Early Guest').waitFor();
    await says(page, '#connection', 'live');
  });

  test('a server that was started again is told from one that was away, and the sentence is about the new log', async () => {
    const first = await program();
    const page = await open(first.url);
    await post(first.url, { customerName: 'Old Guest' });
    await rowOf(page, 'Old Guest').getByText('notified').waitFor();

    await first.kill();
    await says(page, '#connection', 'no server answers');
    await program({ port: first.port });
    // What stands in the bar and in the sentence gives way to other news after a few seconds.
    await Promise.all([says(page, '#connection', 'the server is new: its log began again'),
      says(page, '.notice', 'its log began again'), says(page, '#sentence', 'its log began again')]);
    await rowOf(page, 'Old Guest').waitFor({ state: 'detached' });
    assert.equal(await page.locator('.p-audit li').count(), 0);

    await post(first.url, { customerName: 'New Guest' });
    await rowOf(page, 'New Guest').getByText('notified').waitFor();
    await says(page, '#orders-total', '1');
    await page.click('.notice >> text=Dismiss');
    assert.equal(await page.locator('.notice').count(), 0);
  });
});
