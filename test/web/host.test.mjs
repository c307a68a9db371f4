// What a host does with the system from the page: in a real Chromium against the real program.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { atRest, comesTrue, post, postMany, says, stage, violations } from './support.mjs';

const { program, open } = stage();

const row = (page, instance) => page.locator(`[data-instance="${instance}"]`);
const press = (page, instance, action) => row(page, instance).locator(`[data-action="${action}"]`).click();
const figure = (page, name, text) => page.locator(`#ledger [data-figure="${name}"]`, { hasText: text }).waitFor();

describe('a member', () => {
  test('is paused, resumed, stopped, started and crashed from its row', async () => {
    const { url } = await program();
    const page = await open(url);
    await press(page, 'notification-2', 'pause');
    await says(page, '[data-instance="notification-2"] .state', 'paused');
    await row(page, 'notification-2').locator('[data-action="resume"][aria-pressed="true"]').waitFor();
    await press(page, 'notification-2', 'resume');
    await says(page, '[data-instance="notification-2"] .state', 'running');
    await press(page, 'notification-2', 'stop');
    await says(page, '[data-instance="notification-2"] .state', 'stopped');
    await says(page, '[data-instance="notification-1"] .state', 'p0 p1 p2');
    await press(page, 'notification-2', 'start');
    await says(page, '[data-instance="notification-2"] .state', 'running');
    await press(page, 'notification-2', 'crash');
    await says(page, '[data-instance="notification-2"] .state', 'crashed');
    assert.deepEqual(page.mishaps, []);
  });

  test('a fourth one is idle and says why, and there is no fifth', async () => {
    const { url } = await program();
    const page = await open(url);
    for (const instance of ['notification-3', 'notification-4']) {
      await page.click('[data-action="add"]');
      await row(page, instance).waitFor();
    }
    await says(page, '.is-idle .state', 'idle: 3 partitions feed at most 3');
    const add = page.locator('[data-action="add"]');
    await page.waitForFunction(() => document.querySelector('[data-action="add"]').ariaDisabled === 'true');
    assert.match(await add.getAttribute('title'), /4 members/);
  });

  test('its settings are changed, by the keyboard too', async () => {
    const { url } = await program();
    const page = await open(url);
    await row(page, 'notification-1').locator('[data-setting="failRate"]:not([disabled])').focus();
    await page.keyboard.press('End');
    await says(page, '#sentence', 'notification-1: failRate is now 1');
    await page.click('[data-mode="drop"]');
    await page.waitForFunction(() => document.querySelector('[data-mode="drop"]').ariaPressed === 'true' && !document.querySelector('.fail-mode .waits'));
    await comesTrue(async () => {
      const { settings } = await (await fetch(`${url}/api/modules/notification-2`)).json();
      assert.equal(settings.failMode, 'drop');
    });
  });
});

describe('beyond loopback', () => {
  test('controls are disabled and say why, until the token is given', async () => {
    const { url } = await program({ flags: ['--host=0.0.0.0', '--token=open-sesame'] });
    const page = await open(url);
    await page.locator('#token-form').waitFor();
    const pause = row(page, 'notification-1').locator('[data-action="pause"]');
    assert.equal(await pause.getAttribute('aria-disabled'), 'true');
    assert.match(await pause.getAttribute('title'), /needs the token/);
    await pause.click({ force: true });
    await page.fill('#token', 'wrong');
    await page.keyboard.press('Enter');
    await says(page, '#token-wrong', 'another token');
    assert.deepEqual(await violations(page), []);
    await page.fill('#token', 'open-sesame');
    await page.keyboard.press('Enter');
    await page.locator('#token-form').waitFor({ state: 'detached' });
    await press(page, 'notification-1', 'pause');
    await says(page, '[data-instance="notification-1"] .state', 'paused');
  });

  test("the host's link carries the token, and the address forgets it", async () => {
    const { url } = await program({ flags: ['--host=0.0.0.0', '--token=open-sesame'] });
    const page = await open(`${url}/#token=open-sesame`);
    await press(page, 'notification-1', 'pause');
    await says(page, '[data-instance="notification-1"] .state', 'paused');
    assert.equal(new URL(page.url()).hash, '');
  });
});

describe('the load', () => {
  test('is started, seen and stopped from any tab', async () => {
    const { url } = await program();
    const [page, other] = [await open(url), await open(url)];
    await page.click('[data-scenario="burst"]');
    await page.locator('#load').focus();
    for (let n = 0; n < 6; n += 1) await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#load-rate').textContent === '8 / s on average');
    await says(other, '#load-rate', '8 / s on average');
    await other.click('#load-stop');
    await says(page, '#load-rate', 'off');
  });
});

describe('the ledger', () => {
  test('comes back to waiting 0 after a crash, and the sentence says so with the number', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '0.3' } });
    const page = await open(url);
    await postMany(url, 20);
    await figure(page, 'accepted', '20');
    await figure(page, 'waiting', /^0$/);
    await press(page, 'notification-2', 'crash');
    await says(page, '[data-instance="notification-2"] .state', 'crashed');
    await postMany(url, 40);
    await figure(page, 'accepted', '60');
    await says(page, '#sentence', /that is over: 40 of 40 orders have their outcome, lost 0/);
    await figure(page, 'waiting', /^0$/);
    await figure(page, 'lost', /^0$/);
    await page.reload();
    await figure(page, 'accepted', '60');
    assert.deepEqual(page.mishaps, []);
  });

  test('says that nobody counts while analytics is stopped', async () => {
    const { url } = await program();
    const page = await open(url);
    await post(url, {});
    await figure(page, 'notified', '1');
    await press(page, 'analytics-1', 'stop');
    await says(page, '#ledger', 'no analytics instance counts');
    await figure(page, 'notified', '–');
  });
});

describe('a rebalance', () => {
  test('is counted down with the orders that wait, then told, and both stand in the strip over a reload', async () => {
    const { url } = await program();
    const page = await open(url);
    await press(page, 'notification-2', 'crash');
    await says(page, '[data-instance="notification-2"] .state', 'crashed');
    await postMany(url, 30);
    await says(page, '.countdown', /notification-2 will be missed in \d+ s; \d+ orders wait on p\d/);
    await says(page, '#sentence', /notification-1 took over p\d.*nobody read .* for \d+\.\d s/);
    await page.locator('.countdown').waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('.own .unread').first().waitFor();
    await page.locator('.own[aria-label="Now p0: notification-1; p1: notification-1; p2: notification-1"]').waitFor();
  });
});

describe('on a projector', () => {
  test('the smallest text has 18 px at 1920x1080, nothing scrolls, and the room finds the page for orders', async () => {
    const { url } = await program({ flags: ['--host=0.0.0.0', '--token=none'] });
    const page = await open(url, { viewport: { width: 1920, height: 1080 } });
    await postMany(url, 20);
    await atRest(page, url);
    await page.keyboard.press('p');
    await page.locator('.room').waitFor();
    const { small, scrolls } = await page.evaluate(() => {
      const shown = [...document.querySelectorAll('body *')].filter((each) => each.offsetParent && !each.closest('.sr')
        && [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()));
      const inside = (each) => each.scrollHeight <= each.clientHeight + 1;
      return { small: shown.filter((each) => parseFloat(getComputedStyle(each).fontSize) < 17.99).map((each) => each.textContent),
        scrolls: [document.documentElement, ...document.querySelectorAll('.teams')].filter((each) => !inside(each)).length };
    });
    assert.deepEqual(small, []);
    assert.equal(scrolls, 0);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.locator('.room').waitFor({ state: 'detached' });
  });

  test('says how the room could take part where it cannot', async () => {
    const { url } = await program();
    const page = await open(url);
    await page.keyboard.press('p');
    await says(page, '.room', '--host 0.0.0.0');
  });

  test('charts are loaded when they are opened', async () => {
    const { url } = await program();
    const page = await open(url);
    await postMany(url, 5);
    assert.equal(await page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('uplot'))), false);
    await page.keyboard.press('c');
    await page.waitForFunction(() => document.querySelectorAll('.chart canvas').length === 4 && document.querySelector('.chart canvas').clientWidth > 200);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.mishaps, []);
  });
});

describe('a phone', () => {
  test('orders by name and menu, and hears the life of its own orders in words, also after a reload', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await open(`${url}/order`, { viewport: { width: 320, height: 700 }, firstMinute: true });
    await page.click('.order-now');
    await says(page, '#wrong', 'Your name');
    await page.fill('[name="customerName"]', '<b>Lena</b>');
    await page.click('text=Pad Thai');
    await page.click('[aria-label="One more"]');
    await page.click('.order-now');
    await says(page, '.mine', 'Accepted: partition p');
    await says(page, '.mine', 'The first try to tell you failed');
    await says(page, '.mine', 'Gave up after three tries. It is kept as a dead letter.');
    await page.reload();
    await says(page, '.mine', 'gave up');
    assert.equal(await page.inputValue('[name="customerName"]'), '<b>Lena</b>');
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
    assert.deepEqual(page.mishaps, []);
  });
});

test('a page that opens on a log with orders tells no first order', async () => {
  const { url } = await program();
  await postMany(url, 5);
  const page = await open(url);
  await says(page, '#orders-total', '5');
  await figure(page, 'notified', '5');
  assert.equal(await page.locator('.stage, .three').count(), 0);
});

test('q shows the code that brings phones here as large as the screen, and closes it', async () => {
  const { url } = await program({ flags: ['--host=0.0.0.0', '--token=none'] });
  const page = await open(url);
  await page.keyboard.press('q');
  const code = page.locator('.dialog.code .qr');
  await code.waitFor();
  const { height } = await code.boundingBox();
  assert.ok(Math.abs(height / 900 - 0.7) < 0.02, `${height} px`);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('q');
  await code.waitFor({ state: 'detached' });
  await page.keyboard.press('q');
  await code.waitFor();
  await page.keyboard.press('Escape');
  await code.waitFor({ state: 'detached' });
  assert.deepEqual(page.mishaps, []);
});

test('each member shows how fast it reads', async () => {
  const { url } = await program();
  const page = await open(url);
  await fetch(`${url}/api/load`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rate: 30, scenario: 'steady', seed: 1 }) });
  for (const instance of ['notification-1', 'fraud-1', 'analytics-1', 'audit-1']) await row(page, instance).locator('.rate', { hasText: /[1-9]/ }).waitFor();
});
