// The first minute: in a real Chromium against the real program, by keyboard only.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { listen, post, says, stage, violations } from './support.mjs';

const { program, open } = stage();

const load = (url) => fetch(`${url}/api/load`).then((answer) => answer.json());

describe('the first minute', () => {
  test('Enter places an order that plays by itself, 2 brings load, 3 crashes a notifier, and nothing is lost', async () => {
    const { url } = await program();
    const page = await open(url, { firstMinute: true });
    const heard = await listen(page);
    await page.locator('.big.first:focus').waitFor();
    assert.deepEqual(await violations(page), [], 'at rest');
    await page.keyboard.press('Enter');
    await says(page, '#told', '1 of 5');
    await says(page, '#told', 'of work; fraud waits 50 ms on purpose. Space plays it again. 2 goes on');
    assert.deepEqual(await violations(page), [], 'told');
    await page.keyboard.press('2');
    await says(page, '.three', 'On: 4 a second');
    assert.equal((await load(url)).running, true);
    await says(page, '#orders-total', '5');
    await page.keyboard.press('3');
    await says(page, '#crash-line', 'notification-2 will be missed in');
    assert.deepEqual(await violations(page), [], 'the countdown');
    await says(page, '#crash-line', 'notification-1 took over p2');
    await says(page, '#crash-line', 'orders have their outcome, lost 0');
    await says(page, '#crash-line', 'that is at-least-once');
    assert.ok((await heard()).some((each) => each.includes('at-least-once')));
    await page.keyboard.press('Escape');
    await page.locator('.stage').waitFor({ state: 'detached' });
    assert.deepEqual(page.mishaps, []);
  });

  test('nothing plays twice by itself: not the second order, not after a reload, not on a log that holds something', async () => {
    const { url } = await program();
    const page = await open(url, { firstMinute: true });
    await page.locator('.big.first:focus').waitFor();
    await post(url, {});
    await page.locator('#told').waitFor();
    await page.keyboard.press('Escape');
    await says(page, '.three', 'does not play by itself again');
    await page.keyboard.press('1');
    await says(page, '#orders-total', '2');
    await says(page, '.p-fraud', '2 passed');
    assert.equal(await page.locator('#told').count(), 0);
    await page.reload();
    await says(page, '#orders-total', '2');
    assert.equal(await page.locator('.stage').count(), 0);
  });

  test('on a log that holds something nobody is led', async () => {
    const { url } = await program();
    await post(url, {});
    const page = await open(url, { firstMinute: true });
    await says(page, '#orders-total', '1');
    await page.locator('main:not([aria-busy])').waitFor();
    assert.equal(await page.locator('.stage').count(), 0);
  });

  test('Esc folds the row, and the help brings it back', async () => {
    const { url } = await program();
    const page = await open(url, { firstMinute: true });
    await page.locator('.big.first:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.stage').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.click('#first-minute');
    await page.locator('.three').waitFor();
  });

  for (const [name, options] of [['320 px wide', { viewport: { width: 320, height: 700 } }], ['dark', { colorScheme: 'dark' }]]) {
    test(`axe-core finds nothing wrong with the row: ${name}`, async () => {
      const { url } = await program();
      const page = await open(url, { ...options, firstMinute: true });
      await page.locator('.three').waitFor();
      assert.deepEqual(await violations(page), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    });
  }
});
