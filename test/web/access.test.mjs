// Keyboard, screen readers, and the size of the page: in a real Chromium against the real program.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { atRest, command, listen, post, postMany, rowOf, says, stage, violations } from './support.mjs';

const { program, open } = stage();

const elements = (page) => page.evaluate(() => document.querySelectorAll('*').length);
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-posinset'));

describe('long lists', () => {
  test('ten thousand orders are at most 1,500 elements, and every one that is kept can be reached', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '0.3' } });
    const page = await open(url, { viewport: { width: 1920, height: 1080 } });
    await postMany(url, 10_000, (n) => ({ customerName: `Guest ${n}`, price: 60 + (n % 90) }));
    await says(page, '#orders-total', '10\u202f000');
    assert.ok((await elements(page)) <= 1500, `${await elements(page)} elements`);
    await says(page, '.more', '9\u202f500 more');
    await page.locator('#orders .order').first().focus();
    await page.keyboard.press('End');
    await page.locator('#orders [aria-posinset="500"]:focus').waitFor();
    assert.ok((await elements(page)) <= 1500);
    await page.reload();
    await says(page, '#orders-total', '10\u202f000');
    await says(page, '.more', '9\u202f500 more');
    await page.keyboard.press('?');
    await says(page, '.dialog', 'Keyboard shortcuts');
    assert.deepEqual(page.mishaps, []);
  });

  test('what comes at the top does not move what is read further down', async () => {
    const { url } = await program();
    await postMany(url, 100, (n) => ({ customerName: `Guest ${n}` }));
    const page = await open(url);
    await atRest(page, url);
    const scroller = page.locator('.orders .scroller');
    await scroller.evaluate((each) => (each.scrollTop = 1000));
    const row = page.locator('#orders [aria-posinset="27"]');
    const key = await row.getAttribute('data-key');
    const before = await row.boundingBox();
    await postMany(url, 5, (n) => ({ customerName: `Later ${n}` }));
    const same = page.locator(`#orders [data-key="${key}"]`);
    await page.waitForFunction((id) => document.querySelector(`#orders [data-key="${id}"]`)?.ariaPosInSet === '32', key);
    assert.deepEqual(await same.boundingBox(), before);
  });
});

describe('the keyboard', () => {
  test('Tab reaches one row of a list, arrows walk it, Enter does what a click does', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await open(url);
    for (let n = 0; n < 30; n += 1) await post(url, { customerName: 'Greedy Guest', item: `Item ${n}`, price: 101 });
    await says(page, '.p-dead', '30 in orders-dlq');
    await atRest(page, url);
    for (const list of ['#orders', '.notes', '.aud', '.dead', '.alerts']) {
      assert.equal(await page.locator(`${list} > [tabindex="0"]`).count(), 1, list);
      await page.locator(`${list} > [tabindex="0"]`).focus();
      await page.keyboard.press('Home');
      assert.equal(await focused(page), '1', list);
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(page), '2', list);
      await page.keyboard.press('Enter');
      await page.locator('#journey-title:focus').waitFor();
      await page.locator(`${list} > .show`).first().waitFor();
      await page.keyboard.press('Escape');
      await page.locator('.drawer').waitFor({ state: 'detached' });
      assert.equal(await page.locator('.show').count(), 0, list);  // with the drawer, not a frame later
      assert.equal(await focused(page), '2', list);
      await page.keyboard.press('End');
      const last = await page.locator(`${list} > :focus`).getAttribute('aria-setsize');
      assert.equal(await focused(page), last, list);
      await page.keyboard.press('PageUp');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('.show').count(), 0, list);
    }
    await page.locator('#orders > [tabindex="0"]').focus();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.closest('#orders')), null, 'Tab leaves the list');
  });

  test('the focus stays on its row while others come, and goes to the neighbour when the row leaves', async () => {
    const { url } = await program();
    const page = await open(url);
    for (const customerName of ['First Guest', 'Second Guest', 'Third Guest']) await post(url, { customerName });
    await rowOf(page, 'Third Guest').waitFor();
    await rowOf(page, 'Second Guest').focus();
    await postMany(url, 60, (n) => ({ customerName: `Later ${n}` }));
    await says(page, '#orders-total', '63');
    assert.match(await page.locator('#orders :focus').innerText(), /Second Guest/);
    await page.keyboard.press('Delete');
    await page.click('#confirm-delete');
    await rowOf(page, 'Second Guest').waitFor({ state: 'detached' });
    await page.locator('#orders :focus', { hasText: 'First Guest' }).waitFor();
  });
});

describe('a screen reader', () => {
  test('hears every change of an instance and every rebalance', async () => {
    const { url } = await program();
    const page = await open(url);
    const heard = await listen(page);
    const hears = (text) => page.waitForFunction((part) => globalThis.heard.some((each) => each.includes(part)), text);
    await command(url, 'notification-2', 'stop');
    await hears('notification-2 is stopped.');
    await hears('notification-1 reads orders p0 p1 p2');
    await says(page, '#sentence', 'notification-group');
    await command(url, 'notification-2', 'start');
    await hears('notification-2 is running.');
    await command(url, 'fraud-1', 'pause');
    await hears('fraud-1 is paused.');
    await command(url, 'fraud-1', 'resume');
    await hears('fraud-1 goes on.');
    await command(url, 'fraud-1', 'replay');
    await hears('The replay on fraud-1 is done');
    await command(url, 'notification-1', 'crash');
    await hears('notification-1 has crashed');
    assert.ok((await heard()).length > 0);
  });

  test('hears what became of the order that this user placed', async () => {
    const { url } = await program();
    const page = await open(url);
    const heard = await listen(page);
    await page.click('text=Place order');
    await page.waitForFunction(() => globalThis.heard.some((each) => /placed/.test(each) && /was notified/.test(each)));
    assert.ok((await heard()).length > 0);
  });

  test('hears of one crash when the member is missed, who takes over, and that nothing is lost', async () => {
    const { url } = await program();
    const page = await open(url);
    const heard = await listen(page);
    await fetch(`${url}/api/load`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rate: 4, scenario: 'steady', seed: 1 }) });
    await says(page, '#orders-total', '4');
    await command(url, 'notification-2', 'crash');
    await page.waitForFunction(() => globalThis.heard.some((each) => each.includes('that is over')));
    // What comes within a second is one text, which grows: only what is new is read.
    const texts = (await heard()).filter((text, n, all) => text && text !== all[n - 1]);
    const spoken = texts.map((text, n) => (n > 0 && text.startsWith(texts[n - 1]) ? text.slice(texts[n - 1].length) : text).trim()).join('\n');
    mkdirSync('test-results', { recursive: true });
    writeFileSync('test-results/heard-of-a-crash.txt', `${spoken}\n`);
    assert.match(spoken.replaceAll('\n', ' '), new RegExp(['^(?:\\S+ is running\\. )*notification-2 has crashed: it has not committed and not left its group\\.',
      'notification-2 will be missed in \\d+ s; (nothing|\\d+ orders?) waits? on p2\\.', 'Rebalance in notification-group: notification-1 reads orders p0 p1 p2\\.',
      'notification-1 took over p2: nobody read it for \\d+\\.\\d s\\.',
      'notification-2 crashed, and that is over: \\d+ of \\d+ orders have their outcome, lost 0, (none|\\d+) (was|were) done twice( and folded)?\\.'].join(' ')));
  });

  const views = [['light', {}], ['dark', { colorScheme: 'dark' }], ['forced colours', { forcedColors: 'active' }],
    ['320 px wide', { viewport: { width: 320, height: 700 } }]];
  for (const [name, options] of views) {
    test(`meets no obstacle that axe-core knows: ${name}`, async () => {
      const { url } = await program({ environment: { FAIL_RATE: '0.7' } });
      const page = await open(url, options);
      assert.deepEqual(await violations(page), [], 'empty');
      await postMany(url, 30, (n) => ({ customerName: `Guest ${n % 3}`, price: 60 }));
      await says(page, '#orders-total', '30');
      const tabs = await page.locator('.tabs-phone button:visible').all();
      for (const tab of tabs.length > 0 ? tabs : [undefined]) {
        await tab?.click();
        assert.deepEqual(await violations(page), [], 'full');
      }
      await tabs[0]?.click();
      await page.locator('#orders > [tabindex="0"]').focus();
      await page.keyboard.press('e');
      assert.deepEqual(await violations(page), [], 'an editor is open');
      await page.keyboard.press('Escape');
      await command(url, 'order-1', 'stop');
      await says(page, '#connection', 'the order service is stopped');
      assert.deepEqual(await violations(page), [], 'stopped');
    });
  }
});
