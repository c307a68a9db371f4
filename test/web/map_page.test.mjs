// The map in a real Chromium: it agrees with the log and with the groups of the running program.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { atRest, comesTrue, command, post, postMany, says, stage } from './support.mjs';

const { program, open } = stage();

const ends = (page, topic) => page.locator(`.topic-${topic} .cell.next`).allInnerTexts();
const inLog = async (url, topic) => {
  const { partitions } = await fetch(`${url}/api/bus/topics/${topic}`).then((response) => response.json());
  return partitions.map(({ endOffset }) => String(endOffset));
};
/** Waits until the map and the log agree. */
const agree = (page, url, topic) => comesTrue(async () => {
  const real = await inLog(url, topic);
  assert.deepEqual(await ends(page, topic), real);
  return real;
});
const memberOf = (page, instance) => page.locator(`[data-member="${instance}"]`);

describe('the map', () => {
  test('shows the offsets of every partition, after retries and after a reload, too', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await open(url);
    await postMany(url, 12);
    await says(page, '.topic-orders-dlq .cell.next', '12');
    for (const topic of ['orders', 'orders-dlq', 'order-status', 'audit']) await agree(page, url, topic);
    const retries = (level) => page.locator(`.topic-orders .cell.${level}`);
    await page.waitForFunction(() => document.querySelectorAll('.topic-orders .cell.r2').length > 3);
    assert.match(await retries('r2').first().getAttribute('aria-label'), /^orders p\d, offset \d+, order \w{8}, retryCount 2/);
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll('.topic-orders .cell.r2').length > 3);
    assert.equal((await agree(page, url, 'orders')).reduce((sum, end) => sum + Number(end), 0), 36);
    assert.deepEqual(page.mishaps, []);
  });

  test('a member that is paused falls behind: its cells are unread, its lag is a length and a number', async () => {
    const { url } = await program();
    const page = await open(url);
    for (const instance of ['notification-1', 'notification-2']) await command(url, instance, 'pause');
    await memberOf(page, 'notification-2').getByText('paused').waitFor();
    await postMany(url, 9);
    await page.waitForFunction(() => [...document.querySelectorAll('[data-member^=notification] .lag b')]
      .reduce((sum, each) => sum + Number(each.textContent), 0) === 9);
    // The lag comes with the system's stream, the cells with the log's.
    await page.waitForFunction(() => document.querySelectorAll('.topic-orders .cell.unread').length === 9);
    await page.waitForFunction(() => [...document.querySelectorAll('[data-track=notification-group] .lag-bar')]
      .some((bar) => bar.getBoundingClientRect().width > 0));
    for (const instance of ['notification-1', 'notification-2']) await command(url, instance, 'resume');
    await page.waitForFunction(() => document.querySelectorAll('.topic-orders .cell.unread').length === 0);
    assert.deepEqual(page.mishaps, []);
  });

  test('a crashed member still owns its partitions, hollow, until the group has given them to another', async () => {
    const { url } = await program();
    const page = await open(url);
    await memberOf(page, 'notification-2').getByText('running p2').waitFor();
    await command(url, 'notification-2', 'crash');
    await memberOf(page, 'notification-2').getByText('crashed, still owns p2').waitFor();
    assert.equal(await page.locator('.patch.hollow').count(), 1);
    await says(page, '[data-group=notification-group]', 'nobody reads p2');
    await memberOf(page, 'notification-1').getByText('running p0 p1 p2').waitFor();
    assert.equal(await page.locator('.patch.hollow').count(), 0);
    await says(page, '#map-summary', 'notification-2 is crashed');
  });

  test('cells are walked by the arrows, and Enter opens the order', async () => {
    const { url } = await program();
    const page = await open(url);
    const { id } = await post(url, {});
    await page.locator('.topic-order-status [data-cell]').waitFor();
    await page.locator('.map [data-cell][tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    assert.match(await page.evaluate(() => document.activeElement.dataset.cell), /^order-status\/\d\/0$/);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForFunction((order) => location.hash === `#order/${order}`, id);
    assert.equal(await page.locator('.map [data-cell][tabindex="0"]').count(), 1);
  });

  test('the focus stays on the map when its cell leaves', async () => {
    const { url } = await program();
    await post(url, {});
    const page = await open(url);
    await page.locator('.map [data-cell][tabindex="0"]').focus();
    await postMany(url, 100);
    await agree(page, url, 'orders');
    await page.locator('.map [data-cell]:focus').waitFor();
    await page.keyboard.press('End');
    assert.match(await page.locator('.map [data-cell]:focus').getAttribute('data-cell'), /^orders\/\d\/\d\d$/);
  });

  test('a cell that the page knows only by its offset is looked up in the log', async () => {
    const { url } = await program();
    const { id } = await post(url, {});
    const page = await open(url);
    await page.locator('.topic-order-status [data-cell]').click();
    await page.waitForFunction((order) => location.hash === `#order/${order}`, id);
  });

  test('records fly, and none does where the user wants less motion', async () => {
    const { url } = await program();
    const seen = async (options) => {
      const page = await open(url, options);
      await page.locator('.sky').waitFor({ state: 'attached' });
      await page.evaluate(() => {
        globalThis.flown = 0;
        new MutationObserver((changes) => changes.forEach(({ addedNodes }) => (globalThis.flown += addedNodes.length)))
          .observe(document.querySelector('.sky'), { childList: true });
      });
      await postMany(url, 5);
      return page;
    };
    const page = await seen({});
    await page.waitForFunction(() => globalThis.flown > 5);
    const calm = await seen({ reducedMotion: 'reduce' });
    await atRest(calm, url);
    assert.equal(await calm.evaluate(() => globalThis.flown), 0);
  });

  const sizes = [[1920, 1080], [1440, 900], [768, 1024], [390, 844]];
  for (const [width, height] of sizes) {
    test(`fits ${width} x ${height}, with a picture`, async () => {
      const { url } = await program({ environment: { FAIL_RATE: '0.3' } });
      await postMany(url, 60, (n) => ({ customerName: `Guest ${n % 7}`, price: 8 + n }));
      const page = await open(url, { viewport: { width, height } });
      if (width < 720) await page.locator('.tabs-phone').getByText('Map').click();
      await page.locator('.topic-orders [data-cell]').first().waitFor();
      await atRest(page, url);
      await agree(page, url, 'orders');
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      const strays = await page.locator('.map [data-cell]').evaluateAll((cells) => cells.filter((cell) => {
        const lane = cell.closest('.strip').getBoundingClientRect();
        return cell.getBoundingClientRect().left < lane.left - 1;
      }).length);
      assert.equal(strays, 0, 'no cell stands outside its lane');
      mkdirSync('test-results', { recursive: true });
      await page.screenshot({ path: `test-results/map-${width}.png` });
      assert.deepEqual(page.mishaps, []);
    });
  }
});
