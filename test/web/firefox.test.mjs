// The page in Debian's Firefox, by WebDriver BiDi: what a visitor does in the first minutes. Chromium runs all the rest.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import puppeteer from 'puppeteer-core';

import { eventually } from '../system/program.mjs';
import { post, stage } from './support.mjs';

const { program } = stage();
const patienceMs = 60_000;

describe('in Firefox', () => {
  let browser;
  before(async () => {
    // The window has the size: Firefox 140 does not know what puppeteer sends with a viewport of its own.
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', timeout: patienceMs,
      defaultViewport: null, args: ['--width=1440', '--height=1000'] });
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const page of await browser.pages()) await page.close();
  });

  /** `page.mishaps`: exceptions, and what the policy refuses. */
  async function open(url) {
    const page = await browser.newPage();
    page.mishaps = [];
    page.on('pageerror', (error) => page.mishaps.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && page.mishaps.push(message.text()));
    await page.goto(url);
    return page;
  }

  // Asked from here: Firefox 140 holds what waits in the page for a script that the policy forbids.
  const has = (page, selector) => eventually(selector, () => page.$(selector), patienceMs);
  const says = (page, selector, text) => eventually(`${selector} with ${text}`, () => page.evaluate((where, what) =>
    [...document.querySelectorAll(where)].some((each) => each.innerText.includes(what)), selector, text), patienceMs);

  test('the first minute: an order that plays by itself, load, a crash, and nothing is lost', async () => {
    const { url } = await program();
    const page = await open(url);
    await says(page, '#connection', 'live');
    await has(page, '.big.first:focus');
    await has(page, '.wires .wire');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight), 'nothing scrolls');
    await page.keyboard.press('Enter');
    await says(page, '#told', ' of 5');
    await says(page, '#told', 'Space plays it again');
    await page.keyboard.press('2');
    await says(page, '.three', 'On: 4 a second');
    await page.keyboard.press('3');
    await says(page, '#broken', 'notification-2 will be missed in');
    await says(page, '#broken', 'orders have their outcome, lost 0');
    await says(page, '.own .unread', '');
    assert.deepEqual(page.mishaps, []);
  });

  test('an order is placed by the form, its journey opens, and both survive a reload', async () => {
    const { url } = await program();
    await post(url, { customerName: 'First Guest' });
    const page = await open(url);
    await says(page, '#orders .order', 'First Guest');
    await page.keyboard.press('n');
    await page.keyboard.type('Ana \u05d0\u05d1');
    await page.keyboard.press('Enter');
    await says(page, '#orders .order', 'Ana \u05d0\u05d1');
    await says(page, '#orders .order', 'notified');
    await page.keyboard.press('Escape');
    await page.click('#orders .order');
    await says(page, '.summary', 'The customer was told');
    await page.reload();
    await says(page, '.summary', 'The customer was told');
    await page.keyboard.press('Escape');
    await says(page, '#orders-total', '2');
    assert.deepEqual(page.mishaps, []);
  });

  test('two tabs hold one stream, and the page for phones hears the life of its order', async () => {
    const { url } = await program();
    const page = await open(url);
    await says(page, '#connection', 'live');
    const phone = await open(`${url}/order`);
    await phone.type('[name="customerName"]', 'Lena');
    await phone.click('.order-now');
    await says(phone, '.mine', 'Accepted: partition p');
    await page.bringToFront();  // a hidden tab draws nothing
    await says(page, '#orders .order', 'Lena');
    assert.deepEqual([...page.mishaps, ...phone.mishaps], []);
  });
});
