// Pictures of every view of the inspector, light and dark, on a screen and on a phone. They are kept beside the results;
// SCREENSHOTS=docs writes those of the documentation to docs/images.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { inspector, write } from './inspector_support.mjs';
import { postMany, root, says, stage } from './support.mjs';

const { program, open } = stage();
const isForDocs = process.env.SCREENSHOTS === 'docs';
const folder = isForDocs ? `${root}docs/images` : 'test-results';

const names = ['Ana Ribeiro', 'Mei Tanaka', 'Omar Haddad', 'Priya Nair', 'Luca Conti', 'Sofia Lind', 'Tom Baker'];
const patch = (url, path, body) => fetch(`${url}${path}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Orders, of which some change, some are deleted, and some end as dead letters. */
async function fill(url) {
  for (const member of [1, 2]) await patch(url, `/api/modules/notification-${member}`, { settings: { retryBackoffMs: 20 } });
  await postMany(url, 60, (n) => ({ customerName: names[n % 7], item: ['Ramen Shoyu', 'Pizza Margherita', 'Pad Thai'][n % 3], quantity: 1 + (n % 3), price: 8 + (n % 9) * 4.5 }));
  for (const value of ['{"price": 7,80}', '{"temp":21.4', 'hello']) await write(url, 'orders', { key: 'sensor-7', value });
  await write(url, 'audit', { key: 'bytes', value: { encoding: 'base64', text: 'H4sIAAAAAAAAA6tWKkktLlGyUlAqS8wpTtVRSs7PS8tMLy0G8mMBAAAA//8=' }, headers: [{ name: 'encoding', value: 'gzip' }] });
}

/** Changes that compaction has not removed yet. */
async function change(url) {
  const made = await (await fetch(`${url}/api/orders?order=newest&limit=12`)).json();
  for (const [n, { id }] of made.entries()) {
    if (n % 4 === 3) await fetch(`${url}/api/orders/${id}`, { method: 'DELETE' });
    else await patch(url, `/api/orders/${id}`, { quantity: 3 });
  }
}

/** A member that is slower than the orders come, so that there is lag. */
async function slow(url) {
  await patch(url, '/api/modules/notification-2', { settings: { workMs: 400 } });
  await postMany(url, 40, (n) => ({ customerName: names[n % 7] }));
}

/** What is done on a page before its picture. @type {Record<string, {hash: string, ready: string, before?: (url: string) => unknown, act?: (page: any) => Promise<unknown>, isInDocs?: boolean}>} */
const views = {
  topics: { hash: '#/', ready: '.main .grid, .side .grid' },
  messages: { hash: '#orders?from=oldest&filter=order.price+%3E+20', ready: '#messages li', isInDocs: true, act: async (page) => {
    await page.locator('#messages li').nth(2).click();
    await page.locator('#caused li').first().waitFor();
  } },
  list: { hash: '#orders', ready: '#messages li' },
  binary: { hash: '#audit?key=bytes&from=oldest', ready: '#messages li', act: async (page) => {
    await page.locator('#messages li').first().click();
    await page.locator('.message .value').waitFor();
  } },
  settings: { hash: '#order-status?tab=settings', ready: '.settings td' },
  compacted: { hash: '#order-status?tab=compacted', ready: '.right-t tbody tr', before: change, isInDocs: true },
  'dead-letters': { hash: '#orders-dlq', ready: '.dl-t tbody tr', isInDocs: true, act: async (page) => {
    await page.check('#choose-all');
    await page.locator('.dl-t .link').last().click();
    await page.locator('#edit-verdict').waitFor();
    await page.click('#dry-run');
    await page.locator('.fates').waitFor();
  } },
  groups: { hash: '#/groups', ready: '.gt tbody tr', isInDocs: true, before: slow, act: (page) => says(page, '.gt tbody', /rising|flat/).then(() => says(page, '.lagn', /[1-9]/)) },
  reset: { hash: '#/groups', ready: '[data-reset="fraud-group"]', act: async (page) => {
    await page.locator('[data-reset="fraud-group"]').click();
    await page.locator('#reset-plan').waitFor();
  } },
  produce: { hash: '#orders', ready: '#messages li', act: (page) => page.click('#produce').then(() => page.locator('dialog').waitFor()) },
  import: { hash: '#orders', ready: '#messages li', act: (page) => page.click('#import').then(() => page.locator('dialog').waitFor()) },
  'no-topic': { hash: '#nothing', ready: '.trouble' },
};

/** As WebP: half of a PNG's size. */
async function picture(page, name) {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  writeFileSync(`${folder}/inspector-${name}.webp`, Buffer.from(data, 'base64'));
}

for (const theme of isForDocs ? ['light'] : ['light', 'dark']) {
  test(`pictures of every view: ${theme}`, async () => {
    mkdirSync(folder, { recursive: true });
    const { url } = await program({ environment: { FAIL_RATE: '0.45' } });
    await fill(url);
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      const page = await open(inspector(url), { viewport: { width, height }, colorScheme: theme });
      for (const [name, { hash, ready, before, act, isInDocs }] of Object.entries(views)) {
        if (isForDocs && !isInDocs) continue;
        await before?.(url);
        await page.goto(inspector(url, hash));
        await page.locator(ready).first().waitFor({ state: 'attached' });
        await act?.(page);
        await page.mouse.move(0, 0);
        await page.evaluate(() => scrollTo(0, 0));
        await picture(page, `${name}-${width}${isForDocs ? '' : `-${theme}`}`);
        await page.keyboard.press('Escape');
      }
      assert.deepEqual(page.mishaps, []);
    }
  });
}

test('pictures of views that are empty', async () => {
  mkdirSync(folder, { recursive: true });
  const { url } = await program();
  for (const [width, height] of [[1440, 900], [390, 844]]) {
    const page = await open(inspector(url), { viewport: { width, height } });
    for (const [name, hash, text] of [['list', '#orders', /No|no/], ['compacted', '#order-status?tab=compacted', /No|no/], ['dead-letters', '#orders-dlq', 'No dead letters']]) {
      await page.goto(inspector(url, hash));
      await says(page, 'main', text);
      if (!isForDocs) await picture(page, `empty-${name}-${width}`);
    }
    assert.deepEqual(page.mishaps, []);
  }
});
