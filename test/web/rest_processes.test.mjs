// The page of an order service whose other services run in processes of their own, in a real Chromium.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { freePort } from '../support/free_port.mjs';
import { comesTrue, postMany, says, stage, violations } from './support.mjs';

const { program, open } = stage();
const folder = mkdtempSync(join(tmpdir(), 'rest-processes-'));
after(() => rmSync(folder, { recursive: true }));

const callees = { audit: [], fraud: ['audit'], notification: ['audit'], order: ['fraud', 'notification', 'audit'] };
const modules = { order: 'order,analytics', notification: 'notification:2' };

/** The four services by their names, each ready. `ports`: of services that are there already. */
async function shop(ports = {}) {
  const database = mkdtempSync(join(folder, 'shop-'));
  const services = {};
  const urls = {};
  for (const name of Object.keys(callees)) {
    const port = ports[name] ?? (await freePort());
    urls[name] = `--${name}-url=http://127.0.0.1:${port}`;
    if (ports[name]) continue;
    const flags = ['--architecture=rest', `--database=sqlite:${database}`, `--modules=${modules[name] ?? name}`, ...callees[name].map((callee) => urls[callee])];
    services[name] = await program({ port, flags });
  }
  return services;
}

const figure = (page, arrow, name) => page.locator(`[data-arrow=${arrow}] [data-figure="${name}"] dd`).innerText();
const shows = (page, arrow, name, wanted) => comesTrue(async () => assert.equal(await figure(page, arrow, name), wanted));

describe('the page of an order service with others in processes of their own', () => {
  test('shows every arrow live; one whose process hangs is not known, keeps its figures, and the page goes on', async () => {
    const { order: { url }, fraud } = await shop();
    const page = await open(url);
    await says(page, '#breakers', 'all closed');
    await postMany(url, 2, (n) => ({ customerName: `Guest ${n}` }));
    for (const arrow of ['order-fraud-check', 'fraud-audit-audit', 'notification-audit-audit']) await shows(page, arrow, 'calls', '2');
    await says(page, '[data-untold=fraud]', 'nothing waits');
    const arrow = page.locator('[data-arrow=fraud-audit-audit]');
    await arrow.locator('[data-action=disturb]').click();
    await arrow.getByText('Refuse', { exact: true }).click();
    await says(page, '[data-arrow=fraud-audit-audit] .fault', 'set by hand: refuses');
    await postMany(url, 1, () => ({ customerName: 'Guest 3' }));
    await says(page, '#gaps', 'fraud-audit-audit 1');
    await arrow.getByText('Back to normal').click();
    await arrow.locator('.fault').waitFor({ state: 'detached' });

    await page.locator('#orders .order').last().click();
    await says(page, '.falls .summary', '5 calls along 5 arrows');
    assert.equal(await page.locator('.falls .trouble').count(), 0);
    await page.keyboard.press('Escape');

    fraud.freeze();
    await says(page, '[data-arrow=fraud-audit-audit] .breaker', /not known.*for \d/s);
    await says(page, '[data-arrow=fraud-audit-audit] .last', 'the fraud service does not answer');
    await says(page, '#breakers', '1 not known');
    await says(page, '.p-breakers', 'not known');
    assert.equal(await figure(page, 'fraud-audit-audit', 'calls'), '3');
    assert.equal(await figure(page, 'fraud-audit-audit', 'calls/s'), '–');
    assert.deepEqual(await violations(page), []);
    await page.locator('#order-form').getByText('Place order').click();
    await shows(page, 'order-fraud-check', 'errors', '1');
    await arrow.getByText('Refuse', { exact: true }).click();
    await says(page, '#sentence', 'fraud-audit-audit was not changed. the fraud service does not answer');
    await page.locator('#orders .order').last().click();
    await says(page, '.falls .trouble', 'The calls that fraud made are missing: the fraud service does not answer');
    await page.keyboard.press('Escape');
    fraud.thaw();
    await says(page, '[data-arrow=fraud-audit-audit] .breaker', /^closed$/);
    await says(page, '#breakers', 'all closed');
    assert.deepEqual(page.mishaps.filter((mishap) => !/503/.test(mishap)), []);
  });

  test('names an arrow that its process has never told of', async () => {
    const dumb = http.createServer((request, response) => response.end('[{"service": "fraud", "here": true}]')).listen(0, '127.0.0.1');
    after(() => dumb.close());
    await once(dumb, 'listening');
    const { order: { url } } = await shop({ fraud: dumb.address().port });
    const page = await open(url);
    await says(page, '[data-arrow=fraud-audit-audit]', /not known.*Another process makes these calls.*does not tell of its calls/s);
    await says(page, '#breakers', '1 not known');
    await says(page, '.s-fraud .outbox', 'what waits to be told is not known');
    await shows(page, 'notification-audit-audit', 'calls', '0');
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.mishaps, []);
  });
});
