// Keyboard, screen readers and sizes of the inspector's page.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspector, someOrders, write } from './inspector_support.mjs';
import { says, stage, violations } from './support.mjs';

const { program, open } = stage();

const views = [['topics', '#/', '.main .grid, .side .grid'], ['messages', '#orders', '#messages li'], ['a filter', '#orders?from=oldest&filter=order.price+%3E+12&text=e', '#messages li'],
  ['a record', '#audit/0/1', '.record'], ['settings', '#order-status?tab=settings', '.settings td'], ['log and compacted', '#order-status?tab=compacted', '.right-t tbody tr'],
  ['dead letters', '#orders-dlq', '.dl-t tbody tr'], ['groups', '#/groups', '.gt tbody tr'], ['a group', '#/groups/notification-group', '.gt tbody tr'], ['no topic', '#nothing', '.trouble']];

describe('a screen reader', () => {
  const looks = [['light', {}], ['dark', { colorScheme: 'dark' }], ['forced colours', { forcedColors: 'active' }], ['320 px wide', { viewport: { width: 320, height: 700 } }]];
  for (const [name, options] of looks) {
    test(`meets no obstacle that axe-core knows: ${name}`, async () => {
      const { url } = await program({ environment: { FAIL_RATE: '1' } });
      await someOrders(url, 20);
      await write(url, 'order-status', { key: 'gone', value: null });
      const page = await open(inspector(url), options);
      for (const [view, hash, ready] of views) {
        await page.goto(inspector(url, hash));
        await page.locator(ready).first().waitFor({ state: 'attached' });
        assert.deepEqual(await violations(page), [], view);
      }
      await page.goto(inspector(url, '#orders'));
      for (const [button, dialog] of [['#produce', 'Produce to orders'], ['#import', 'Import into orders']]) {
        await page.click(button);
        await page.locator(`dialog[aria-label="${dialog}"]`).waitFor();
        assert.deepEqual(await violations(page), [], dialog);
        await page.keyboard.press('Escape');
        await page.locator('dialog').waitFor({ state: 'detached' });
      }
      await page.goto(inspector(url, '#/groups'));
      await page.locator('[data-reset="fraud-group"]').click();
      await page.locator('#reset-plan').waitFor();
      assert.deepEqual(await violations(page), [], 'a reset');
      assert.deepEqual(page.mishaps, []);
    });
  }
});

describe('a system in which nothing has happened', () => {
  for (const [name, options] of [['light', {}], ['dark, 320 px wide', { colorScheme: 'dark', viewport: { width: 320, height: 700 } }]]) {
    test(`has no obstacle either: ${name}`, async () => {
      const { url } = await program();
      const page = await open(inspector(url), options);
      for (const [hash, text] of [['#/', 'orders-dlq'], ['#orders', 'The topic holds no records'], ['#orders?filter=a+%3E+1', /no record|holds no records/i], ['#order-status?tab=compacted', 'The topic holds no records'],
        ['#order-status?tab=settings', 'retention.ms'], ['#orders-dlq', 'No dead letters'], ['#/groups', 'audit-group'], ['#/groups/nobody', /nobody/]]) {
        await page.goto(inspector(url, hash));
        await says(page, 'main', text);
        assert.deepEqual(await violations(page), [], hash);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${hash} is wider than the screen`);
      }
      assert.deepEqual(page.mishaps, []);
    });
  }
});

describe('sizes', () => {
  test('from 320 to 1920 px nothing is wider than the screen', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    await someOrders(url, 20);
    await write(url, 'audit', { key: 'W'.repeat(300), value: 'W'.repeat(3000), headers: [{ name: 'h'.repeat(200), value: 'v'.repeat(500) }] });
    const page = await open(inspector(url));
    for (const width of [320, 390, 768, 1024, 1280, 1440, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      for (const [view, hash, ready] of views) {
        await page.goto(inspector(url, hash));
        await page.locator(ready).first().waitFor({ state: 'attached' });
        const is = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(is <= width, `${view} is ${is} wide at ${width}`);
      }
    }
  });
});

describe('the keyboard', () => {
  test('alone it opens a topic, filters, walks to a record, and leaves it', async () => {
    const { url } = await program();
    await someOrders(url, 20);
    const page = await open(inspector(url));
    const { keyboard } = page;
    await keyboard.press('g');
    await says(page, '#title', 'Consumer groups');
    await keyboard.press('o');
    await says(page, '#title', 'Topics');
    await page.locator('.main a', { hasText: /^orders$/ }).focus();
    await keyboard.press('Enter');
    await says(page, '#counts', '21 shown');
    await keyboard.press('/');
    await page.locator('[name=filter]:focus').waitFor();
    await keyboard.type('order.price >= 20');
    await keyboard.press('Enter');
    await says(page, '#counts', '11 shown');
    await page.locator('#messages > [tabindex="0"]').focus();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await page.locator('.message .value').waitFor();
    await page.locator('#messages > .show[aria-posinset="2"]').waitFor();
    await keyboard.press('Escape');
    await page.locator('.message').waitFor({ state: 'detached' });
    await keyboard.press('?');
    await says(page, '.dialog', 'Keyboard shortcuts');
    await keyboard.press('Escape');
    await keyboard.press('t');
    await page.locator('html[data-theme=dark]').waitFor();
    assert.deepEqual(page.mishaps, []);
  });
});
