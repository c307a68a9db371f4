// The page in a real Chromium against the real program.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';

import { openPage, post, rowOf, says, startBrowser, startProgram, startWire } from './support.mjs';

let browser;
const cleanup = [];

before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  while (cleanup.length) await cleanup.pop()();
});

async function program(options) {
  const started = await startProgram(options);
  cleanup.push(started.stop);
  return started;
}

async function wire(port) {
  const started = await startWire(port);
  cleanup.push(started.stop);
  return started;
}

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#order-form [name=${name}]`, value);
}

describe('placing an order', () => {
  test('it appears, is notified, checked, counted and audited', async () => {
    const { url } = await program();
    const page = await openPage(browser, url);
    await fill(page, { customerName: 'Ana Ribeiro', item: 'Ramen Shoyu', quantity: '2', price: '11.90' });
    await page.click('text=Place order');
    await rowOf(page, 'Ana Ribeiro').getByText('notified').waitFor();
    assert.match(await rowOf(page, 'Ana Ribeiro').innerText(), /2 × Ramen Shoyu[\s\S]*23\.80/);
    await says(page, '.p-notifications', 'Ana Ribeiro: Ramen Shoyu');
    for (const action of ['created', 'NOTIFIED', 'FRAUD_CHECK_PASSED', 'STATS_UPDATED']) await says(page, '.p-audit', action);
    await says(page, '.p-fraud', '1 passed');
    await says(page, '#orders-total', '1');
    await says(page, '#announcement', 'was notified');
    assert.deepEqual(page.mishaps, []);
  });

  test('the figures and the services of the running program are shown', async () => {
    const { url } = await program();
    const page = await openPage(browser, url);
    for (const instance of ['order-1', 'notification-1', 'notification-2', 'fraud-1', 'analytics-1', 'audit-1']) {
      await page.locator('.inst', { hasText: instance }).getByText('running').waitFor();
    }
    await post(url, {});
    await says(page, '#kpi-rate', '1');
    await says(page, '#kpi-time', 'ms');
    await says(page, '#kpi-success', '100');
  });

  test('the keyboard alone is enough: place, find, edit, delete', async () => {
    const { url } = await program();
    const page = await openPage(browser, url);
    const { keyboard } = page;
    await keyboard.press('n');
    for (const text of ['Omar Haddad', 'Bao, three', '3', '7.50']) {
      await keyboard.press('Control+A');
      await keyboard.type(text);
      if (text !== '7.50') await keyboard.press('Tab');
    }
    await keyboard.press('Enter');
    await rowOf(page, 'Omar Haddad').waitFor();
    await post(url, { customerName: 'Sofia Lind' });
    await rowOf(page, 'Sofia Lind').waitFor();

    await keyboard.press('Escape');
    await keyboard.press('/');
    await keyboard.type('omar');
    await rowOf(page, 'Sofia Lind').waitFor({ state: 'detached' });
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await keyboard.type('Omar H.');
    await keyboard.press('Enter');
    await rowOf(page, 'Omar H.').waitFor();

    await keyboard.press('Delete');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await rowOf(page, 'Omar H.').getByText('deleted').waitFor();
    await rowOf(page, 'Omar H.').waitFor({ state: 'detached' });
    await keyboard.press('Escape');
    await rowOf(page, 'Sofia Lind').waitFor();
    assert.deepEqual(page.mishaps, []);
  });

  test('what the server refuses stands under the field, and the cursor goes there', async () => {
    const { url } = await program();
    const page = await openPage(browser, url);
    await fill(page, { customerName: '', quantity: 'many', price: '-1' });
    await page.click('text=Place order');
    await page.locator('#new-customerName-error').waitFor();
    await page.locator('#new-quantity-error').waitFor();
    assert.equal(await page.locator('#new-item-error').count(), 0);
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('name'));
    assert.equal(focused, 'customerName');
    assert.equal(await page.locator('#orders .order').count(), 0);

    await fill(page, { customerName: 'Tom Baker', quantity: '1', price: '2' });
    await page.click('text=Place order');
    await rowOf(page, 'Tom Baker').waitFor();
    assert.equal(await page.locator('.wrong').count(), 0);
  });

  test('an edit that the server refuses says why and keeps what was typed', async () => {
    const { url } = await program();
    const page = await openPage(browser, url);
    await post(url, { customerName: 'Luca Conti' });
    await rowOf(page, 'Luca Conti').dblclick();
    await page.fill('.edited [name=quantity]', '0');
    await page.click('.edited >> text=Save');
    await page.locator('#edit-quantity-error').waitFor();
    assert.equal(await page.inputValue('.edited [name=quantity]'), '0');
    await page.keyboard.press('Escape');
    await rowOf(page, 'Luca Conti').getByText('1 × Pad Thai').waitFor();
  });

  test('markup in a name is text, everywhere', async () => {
    const { url } = await program();
    const page = await openPage(browser, url);
    const name = '<img src=x onerror=alert(1)><b>Bobby</b>';
    await post(url, { customerName: name, item: '<script>alert(2)</script>', quantity: 100, price: 10 });
    await rowOf(page, 'Bobby').getByText('notified').waitFor();
    assert.ok((await rowOf(page, 'Bobby').innerText()).includes(name));
    await says(page, '.p-notifications', name);
    await says(page, '.p-fraud', 'AMOUNT');
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.locator('#page script').count(), 0);
    assert.deepEqual(page.mishaps, []);
  });

  test('failures show as retries and end as a dead letter', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await openPage(browser, url);
    await post(url, { customerName: 'Priya Nair' });
    await rowOf(page, 'Priya Nair').getByText('gave up').waitFor();
    for (const text of ['retry 1', 'retry 2', 'gave up']) await says(page, '.p-notifications', text);
    await says(page, '.p-dead', 'Max retries exceeded');
  });

  test('orders that are older than the page are there when it opens', async () => {
    const { url } = await program();
    for (const customerName of ['First Guest', 'Second Guest']) await post(url, { customerName });
    const page = await openPage(browser, url);
    await rowOf(page, 'Second Guest').waitFor();
    const shown = await page.locator('#orders .order b').allInnerTexts();
    assert.deepEqual(shown.map((text) => text.replace(/^\w+\s+/, '')), ['Second Guest', 'First Guest']);
  });
});

describe('the stream', () => {
  test('cut and mended, it resumes with what happened meanwhile', async () => {
    const { port, url } = await program();
    const cable = await wire(port);
    const page = await openPage(browser, cable.url);
    await post(url, { customerName: 'Before Guest' });
    await rowOf(page, 'Before Guest').getByText('notified').waitFor();

    cable.cut();
    await says(page, '#connection', 'connection lost, retrying');
    await post(url, { customerName: 'Meanwhile Guest' });
    assert.equal(await rowOf(page, 'Meanwhile Guest').count(), 0);

    cable.mend();
    await says(page, '#connection', 'resumed, nothing missed');
    await rowOf(page, 'Meanwhile Guest').getByText('notified').waitFor();
    await says(page, '.p-notifications', 'Meanwhile Guest');
    assert.equal(await rowOf(page, 'Before Guest').count(), 1);
    const audited = await page.locator('.p-audit li', { hasText: 'NOTIFIED' }).count();
    assert.equal(audited, 2, 'nothing lost and nothing doubled');
    assert.equal(await page.locator('.notice').count(), 0);
  });

  test('a server that was started again is told from one that was away', async () => {
    const first = await startProgram();
    const page = await openPage(browser, first.url);
    await post(first.url, { customerName: 'Old Guest' });
    await rowOf(page, 'Old Guest').getByText('notified').waitFor();

    await first.kill();
    await says(page, '#connection', 'connection lost');
    await program({ port: first.port });
    await says(page, '#connection', 'the server is new: its log began again');
    await says(page, '.notice', 'its log began again');
    await rowOf(page, 'Old Guest').waitFor({ state: 'detached' });

    await post(first.url, { customerName: 'New Guest' });
    await rowOf(page, 'New Guest').getByText('notified').waitFor();
    await says(page, '#orders-total', '1');
    await page.click('.notice >> text=Dismiss');
    assert.equal(await page.locator('.notice').count(), 0);
  });

  test('thousands of events leave the page usable and bounded', async () => {
    const { url } = await program();
    const page = await openPage(browser, url);
    for (let batch = 0; batch < 20; batch += 1) {
      await Promise.all(Array.from({ length: 40 }, (_, n) => post(url, { customerName: `Guest ${batch * 40 + n}` })));
    }
    await says(page, '#orders-total', '800');
    await says(page, '.more', '300 more');
    assert.equal(await page.locator('#orders .order').count(), 500);
    assert.ok((await page.locator('.p-audit li').count()) <= 200);
    await page.keyboard.press('?');
    await says(page, '.dialog', 'Keyboard shortcuts');
  });
});

describe('looks', () => {
  test('light and dark follow the system until the user says otherwise', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '0.5' } });
    const page = await openPage(browser, url, { colorScheme: 'dark' });
    const isNow = (theme) => page.locator(`html[data-theme=${theme}]`).waitFor();
    await isNow('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await isNow('light');
    await page.keyboard.press('t');
    await isNow('dark');
    await page.reload();
    await says(page, '#connection', 'live');
    await isNow('dark');
    assert.equal(await page.getAttribute('#theme', 'aria-pressed'), 'true');

    mkdirSync('test-results', { recursive: true });
    await page.keyboard.press('s');
    await says(page, '#orders-total', '10');
    await page.screenshot({ path: 'test-results/page-dark.png' });
    await page.keyboard.press('t');
    await page.screenshot({ path: 'test-results/page-light.png' });
    assert.deepEqual(page.mishaps, []);
  });

  test('on a phone nothing is wider than the screen, and every panel can be reached', async () => {
    const { url } = await program();
    await post(url, { customerName: 'W'.repeat(100), item: 'i'.repeat(100) });
    const page = await openPage(browser, url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    for (const [tab, panel] of [['Order', '#order-form'], ['Events', '.p-audit'], ['Alerts', '.p-dead']]) {
      await page.locator('.tabs-phone').getByText(tab).click();
      await page.locator(panel).waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `${tab} is ${width} wide`);
    }
  });
});
