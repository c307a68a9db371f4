// A room of phones on the page for orders, each in a browser context of its own. With FOODORDER_FIGURES=full thirty place an
// order a second for half a minute, and nobody waits 300 ms; else ten place a few, and each is answered and told of.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { says, stage } from './support.mjs';

const { program, open } = stage();
const full = process.env.FOODORDER_FIGURES === 'full';

const phones = full ? 30 : 10;
const orders = full ? 30 : 3;

/** Orders once a second, as a finger does: ms from each press to the frame after the order stands in the list. */
const orderEachSecond = (page, count) => page.evaluate(async (n) => {
  const newest = () => document.querySelector('.mine')?.dataset.order;
  const times = [];
  await new Promise((begin) => setTimeout(begin, 1000 * Math.random()));
  for (let at = 0; at < n; at += 1) {
    const [before, begun] = [newest(), performance.now()];
    document.querySelector('.order-now').click();
    while (newest() === before) await new Promise((next) => requestAnimationFrame(next));
    times.push(performance.now() - begun);
    await new Promise((next) => setTimeout(next, Math.max(0, 1000 - times.at(-1))));
  }
  return times;
}, count);

test('a room of phones orders once a second, and each hears of its orders', { timeout: 600_000 }, async () => {
  const { url } = await program();
  const pages = [];
  for (let n = 0; n < phones; n += 1) {
    const page = await open(`${url}/order`, { viewport: { width: 390, height: 844 }, firstMinute: true });
    await page.fill('[name="customerName"]', `Guest ${n}`);
    pages.push(page);
  }
  const times = (await Promise.all(pages.map((page) => orderEachSecond(page, orders)))).flat().sort((a, b) => a - b);
  assert.equal(times.length, phones * orders);
  for (const page of pages) {
    await page.waitForFunction((count) => document.querySelectorAll('.mine').length === count, Math.min(orders, 10));
    await page.waitForFunction(() => [...document.querySelectorAll('.mine .st')].every(({ textContent }) => textContent === 'notified'));
    assert.deepEqual(page.mishaps, []);
  }
  const told = { phones, orders: times.length, p50: Math.round(times[times.length >> 1]), p99: Math.round(times[Math.floor(0.99 * times.length)]), most: Math.round(times.at(-1)) };
  console.log(JSON.stringify(told));
  if (full) assert.ok(told.most <= 300, `someone waited ${told.most} ms`);
  const dashboard = await open(url);
  await says(dashboard, '[data-figure="notified"]', String(times.length));
});
