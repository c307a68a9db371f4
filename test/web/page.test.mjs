// The page in a real Chromium against the real program.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { atRest, comesTrue, post, postMany, rowOf, says, stage } from './support.mjs';

const { program, open } = stage();

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#order-form [name=${name}]`, value);
}

describe('placing an order', () => {
  test('it appears, is notified, checked, counted and audited', async () => {
    const { url } = await program();
    const page = await open(url);
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
    const page = await open(url);
    for (const instance of ['order-1', 'notification-1', 'notification-2', 'fraud-1', 'analytics-1', 'audit-1']) {
      await page.locator('.member', { hasText: instance }).getByText('running').waitFor();
    }
    await post(url, {});
    await says(page, '#kpi-rate', '1');
    await says(page, '#kpi-time', 'ms');
    await says(page, '#kpi-success', '100');
  });

  test('the keyboard alone is enough: place, find, edit, delete', async () => {
    const { url } = await program();
    const page = await open(url);
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
    await keyboard.press('e');
    await keyboard.type('Omar H.');
    await keyboard.press('Enter');
    await rowOf(page, 'Omar H.').waitFor();
    await page.locator('.dialog').waitFor({ state: 'detached' });

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
    const page = await open(url);
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
    // The stream may be faster than the answer.
    await comesTrue(async () => assert.equal(await page.locator('.wrong').count(), 0));
  });

  test('an edit that the server refuses says why and keeps what was typed', async () => {
    const { url } = await program();
    const page = await open(url);
    await post(url, { customerName: 'Luca Conti' });
    await rowOf(page, 'Luca Conti').focus();
    await page.keyboard.press('e');
    await page.fill('.edited [name=quantity]', '0');
    await page.click('.edited >> text=Save');
    await page.locator('#edit-quantity-error').waitFor();
    assert.equal(await page.inputValue('.edited [name=quantity]'), '0');
    await page.keyboard.press('Escape');
    await rowOf(page, 'Luca Conti').getByText('1 × Pad Thai').waitFor();
  });

  test('markup and text of any direction stay text, in every place', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await open(url);
    const names = ['<img src=x onerror=alert(1)><b>Bobby</b>', '"><script>alert(2)</script>', "'-alert(3)-'", '${alert(4)}',
      '{{alert(5)}}', '&lt;b&gt;', 'javascript:alert(6)', '</bdi></li><iframe>', '\u05d0\u05d1\u05d2 Levi', '\u0645\u0631\u062d\u0628\u0627'];
    for (const name of names) await post(url, { customerName: name, item: name, quantity: 100, price: 10 });
    for (const name of names) {
      await page.fill('#filter', name);  // lists draw only what is in sight
      await rowOf(page, name).getByText('gave up').waitFor();
      assert.ok((await rowOf(page, name).innerText()).includes(name));
      for (const panel of ['.p-notifications', '.p-fraud', '.p-dead']) await page.locator(`${panel} bdi`, { hasText: name }).first().waitFor();
    }
    await page.fill('#filter', '');
    assert.equal(await page.locator('img, iframe, #page script').count(), 0);
    const bare = await page.evaluate((texts) => {
      const walker = document.createTreeWalker(document.getElementById('page'), NodeFilter.SHOW_TEXT);
      const found = [];
      while (walker.nextNode()) {
        const { parentElement, data } = walker.currentNode;
        if (texts.some((text) => data.includes(text)) && !parentElement.closest('bdi') && !data.includes('\u2068')) found.push(data);
      }
      return found;
    }, names.filter((name) => name.length > 6));
    assert.deepEqual(bare, [], 'text of users stands in bdi');
    assert.deepEqual(page.mishaps, []);
  });

  test('failures show as retries and end as a dead letter', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await open(url);
    await post(url, { customerName: 'Priya Nair' });
    await rowOf(page, 'Priya Nair').getByText('gave up').waitFor();
    for (const text of ['retry 1', 'retry 2', 'gave up']) await says(page, '.p-notifications', text);
    await says(page, '.p-dead', 'Max retries exceeded');
  });

  test('only the word and the icon of a failure are red, and times have milliseconds', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await open(url);
    await post(url, { customerName: 'Priya Nair' });
    await says(page, '.p-notifications', 'gave up');
    const line = page.locator('.p-notifications li', { hasText: 'gave up' });
    const colour = (selector) => line.locator(selector).first().evaluate((each) => getComputedStyle(each).color);
    assert.notEqual(await colour('bdi'), await colour('.num'));
    assert.equal(await colour('.st'), await colour('.num'));
    assert.match(await line.locator('time').textContent(), /^\d\d:\d\d:\d\d\.\d{3}$/);
  });

  test('one press of Spam shows a greedy customer and a large total, a second one a burst', async () => {
    const { url } = await program();
    const page = await open(url);
    await page.click('text=Spam 10');
    await says(page, '#orders-total', '10');
    for (const type of ['VELOCITY', 'AMOUNT']) await says(page, '.p-fraud', type);
    assert.equal(await page.locator('.p-fraud li', { hasText: 'BURST' }).count(), 0);
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    await says(page, '.p-fraud', 'BURST');
    await says(page, '.p-fraud', '21 in 60 s, limit 20');
  });

  test('a fraud alert that goes on is one row that is measured against the limit in force', async () => {
    const { url } = await program();
    await fetch(`${url}/api/modules/fraud-1`, { method: 'PATCH', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ velocityLimit: 3 }) });
    const page = await open(url);
    for (let n = 0; n < 7; n += 1) await post(url, { customerName: 'Greedy Guest' });
    await says(page, '.p-fraud', '7 in 60 s, limit 3');
    assert.equal(await page.locator('.p-fraud li').count(), 1);
    await says(page, '.p-fraud', '4 records');
    await says(page, '.p-fraud', '3 passed, window 7 orders of 1 customers');
  });

  test('orders that are older than the page are there when it opens', async () => {
    const { url } = await program();
    for (const customerName of ['First Guest', 'Second Guest']) await post(url, { customerName });
    const page = await open(url);
    await comesTrue(async () => {
      const shown = await page.locator('#orders .order b').allInnerTexts();
      assert.deepEqual(shown.map((text) => text.replace(/^\w+\s+/, '')), ['Second Guest', 'First Guest']);
    });
  });
});

describe('looks', () => {
  test('light and dark follow the system until the user says otherwise', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '0.5' } });
    const page = await open(url, { colorScheme: 'dark' });
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
    const page = await open(url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await rowOf(page, 'W'.repeat(100)).waitFor();
    await atRest(page, url);
    for (const [tab, panel] of [['Order', '#order-form'], ['Events', '.p-audit'], ['Alerts', '.p-dead']]) {
      await page.locator('.tabs-phone').getByText(tab).click();
      await page.locator(panel).waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `${tab} is ${width} wide`);
    }
  });
});
