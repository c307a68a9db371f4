// Text of strangers, in every field of every view: it is shown as it is, and does nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { write } from './inspector_support.mjs';
import { payloads } from './markup.mjs';
import { atRest, comesTrue, post, says, stage } from './support.mjs';

const { program, open } = stage();

/** Elements that the page itself never has, and a word of whatever ran. */
const intruders = (page) => page.evaluate(() => [...(globalThis.pwned ? ['pwned'] : []),
  ...[...document.querySelectorAll('#page :is(img, script, iframe, video, audio, object, embed, marquee, math, link, style, base, meta, template, details, textarea, [onerror], [onload], [onfocus])')].map(({ outerHTML }) => outerHTML)]);

/** A list keeps its rows in place, and nothing is wider than the page. */
const layout = (page) => page.evaluate(() => ({
  sideways: document.documentElement.scrollWidth > innerWidth,
  rows: [...document.querySelectorAll('.windowed')].flatMap((list) => [...new Set([...list.children].map((row) => Math.round(row.getBoundingClientRect().height)))].slice(1)),
  moved: [...document.querySelectorAll('.dock, .left, .map, .ledger')].filter((each) => each.getBoundingClientRect().bottom > innerHeight + 1).map(({ className }) => className),
}));
const inPlace = { sideways: false, rows: [], moved: [] };

/** Text as bdi and sentences show it: white space at its ends does not count. */
const shown = (text) => text.replace(/\s+/g, ' ').trim();

/** Records that no module of ours wrote, with the text wherever a record has one. */
async function strangers(url, text) {
  const headers = ['retryCount', 'ce_source', 'ce_id', 'ce_time', 'ce_causationid', text.slice(0, 40)].map((name) => ({ name, value: text }));
  const at = new Date().toISOString();
  const order = { id: text, customerName: text, item: text, quantity: 1, price: 1, status: text, createdAt: at };
  await write(url, 'audit', { key: text, headers, value: { source: text, action: text, orderId: text, order, timestamp: at } });
  await write(url, 'audit', { key: text, value: { source: 'notification-service', action: 'NOTIFIED', orderId: text, instanceId: text, retryCount: 0, timestamp: at } });
  await write(url, 'audit', { key: text, value: { source: 'fraud-service', action: 'FRAUD_ALERT', orderId: text, customerName: text,
    alerts: [{ type: text, reason: text, severity: text }], windowStats: { customerOrdersInWindow: 9, globalOrdersInWindow: 9 }, timestamp: at } });
  await write(url, 'orders-dlq', { key: text, headers, value: { action: text, order, reason: text, instanceId: text, timestamp: at } });
  await write(url, 'orders', { key: text, headers, value: text });
}

describe('text that wants to be markup', () => {
  test('is shown literally by lists, map and panels, runs nothing and moves nothing', async () => {
    const { url } = await program();
    for (const text of payloads) await post(url, { customerName: text, item: text });
    for (const text of payloads) await strangers(url, text);
    for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
      const page = await open(url, { viewport });
      await says(page, '#orders-total', String(payloads.length));
      if (viewport.width > 400) await atRest(page, url);
      const first = page.locator('#orders .order').first();
      await first.focus();
      const seen = new Set();
      for (let n = 0; n < payloads.length; n += 1) {
        const row = page.locator('#orders .order:focus');
        seen.add(shown(await row.locator('bdi').first().textContent()));
        await page.keyboard.press('ArrowDown');
      }
      assert.deepEqual([...seen].sort(), payloads.map(shown).sort());
      for (const tab of await page.locator('.tabs-phone button:visible').all()) {
        await tab.click();
        const { moved, ...rest } = await layout(page);  // a phone scrolls
        assert.deepEqual({ ...rest, moved: [] }, inPlace, moved.join());
      }
      if (viewport.width > 400) assert.deepEqual(await layout(page), inPlace);
      assert.deepEqual(await intruders(page), []);
      assert.deepEqual(page.mishaps, []);
    }
  });

  test('is shown literally by journeys, their headers and slow motion', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const ids = [];
    for (const text of payloads) ids.push((await post(url, { customerName: text, item: text })).id);
    const at = new Date().toISOString();
    for (const [n, text] of payloads.entries()) {
      await write(url, 'audit', { key: ids[n], headers: [{ name: text.slice(0, 40), value: text }], value: { source: text, action: text, orderId: ids[n], instanceId: text, timestamp: at } });
    }
    const page = await open(url);
    for (const [n, text] of payloads.entries()) {
      await page.evaluate((id) => (location.hash = `#order/${id}`), ids[n]);
      await says(page, '.drawer .summary', 'went to orders-dlq');
      await comesTrue(async () => {
        const ordered = await page.locator('.ordered bdi').allTextContents();
        assert.deepEqual(ordered.map(shown), [shown(text), shown(text)]);
      });
      const what = page.locator('.records .what bdi').getByText(text, { exact: true }).first();
      await what.click();
      await comesTrue(async () => assert.ok((await page.locator('.detail .headers bdi').allTextContents()).map(shown).includes(shown(text)), text));
      assert.equal(await page.evaluate(() => document.querySelector('.drawer').scrollWidth <= document.querySelector('.drawer').clientWidth), true, text);
      assert.deepEqual(await intruders(page), []);
    }
    await page.keyboard.press('Space');
    await page.locator('.scrub').focus();
    await page.keyboard.press('End');
    assert.deepEqual(await layout(page), inPlace);
    assert.deepEqual(await intruders(page), []);
    assert.deepEqual(page.mishaps, []);
  });

  test('is shown literally where a name is typed: the form, the editor, the question before deleting, the page for phones', async () => {
    const { url } = await program();
    const page = await open(url);
    const phone = await open(`${url}/order`, { viewport: { width: 320, height: 700 }, firstMinute: true });
    for (const text of payloads.slice(0, 10)) {
      await page.fill('#order-form [name=customerName]', text);
      await page.fill('#order-form [name=item]', text);
      await page.click('#order-form .primary');
      await comesTrue(async () => assert.equal(shown(await page.locator('#orders .order bdi').first().textContent()), shown(text)));
      await page.locator('#orders .order').first().focus();
      await page.keyboard.press('e');
      assert.equal(await page.inputValue('.dialog [name=customerName]'), text);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Delete');
      await says(page, '.dialog', shown(text));
      await page.keyboard.press('Escape');
      await phone.fill('[name=customerName]', text);
      await phone.click('.order-now');
      assert.deepEqual([...await intruders(page), ...await intruders(phone)], []);
    }
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 320);
    assert.deepEqual([...page.mishaps, ...phone.mishaps], []);
  });
});
