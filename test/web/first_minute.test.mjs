// The first minute: in a real Chromium against the real program, by keyboard only.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { breakIt, comesTrue, listen, post, says, stage, violations } from './support.mjs';

const { program, open } = stage();
const folder = mkdtempSync(join(tmpdir(), 'first-minute-'));
after(() => rmSync(folder, { recursive: true }));

const json = (url, path) => fetch(`${url}${path}`).then((answer) => answer.json());
const load = (url) => json(url, '/api/load');
let databases = 0;
/** A program of another architecture, over a new database. */
const other = (architecture, ...flags) => program({ flags: [`--architecture=${architecture}`, `--database=sqlite:${join(folder, `${(databases += 1)}${architecture === 'rest' ? '' : '.db'}`)}`, ...flags] });
const arrowOf = async (url) => (await json(url, '/api/calls')).find(({ arrow }) => arrow === 'order-notification-notify');

describe('the first minute', () => {
  test('Enter places an order that plays by itself, 2 brings load, 3 crashes a notifier, and nothing is lost', async () => {
    const { url } = await program();
    const page = await open(url, { firstMinute: true });
    const heard = await listen(page);
    await page.locator('.big.first:focus').waitFor();
    assert.deepEqual(await violations(page), [], 'at rest');
    await page.keyboard.press('Enter');
    await says(page, '#told', /[1-5] of 5/);
    await says(page, '#told', 'of work; fraud waits 50 ms on purpose. Space plays it again. 2 goes on');
    assert.deepEqual(await violations(page), [], 'told');
    await page.keyboard.press('2');
    await says(page, '.three', 'On: 4 a second');
    assert.equal((await load(url)).running, true);
    await says(page, '#orders-total', '5');
    await page.keyboard.press('3');
    await says(page, '#broken', 'notification-2 will be missed in');
    assert.deepEqual(await violations(page), [], 'the countdown');
    await says(page, '#broken', 'notification-1 took over p2');
    await says(page, '#broken', 'orders have their outcome, lost 0');
    await says(page, '#broken', 'that is at-least-once');
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

/** Nothing wrong, nothing wider than the window, and a picture. */
async function fits(page, name) {
  assert.deepEqual(await violations(page), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
  mkdirSync('test-results', { recursive: true });
  await page.screenshot({ path: `test-results/first-minute-${name}.png` });
}

/** The first two steps, which are the same wherever the page opens on nothing. */
async function placeAndLoad(page, url, sentences) {
  await page.locator('.big.first:focus').waitFor();
  await page.keyboard.press('Enter');
  await says(page, '#told', sentences);
  await says(page, '#told', /of work\. Space plays it again\. 2 goes on/);
  await page.keyboard.press('2');
  await says(page, '.three', 'On: 4 a second');
  assert.equal((await load(url)).running, true);
  await says(page, '#orders-total', /^([5-9]|\d\d)$/);
}

describe('the first minute of the monolith', () => {
  test('plays a transaction, then a worker crashes with a job in its hands, whose lease another one waits for', async () => {
    const { url } = await other('monolith');
    const page = await open(url, { firstMinute: true });
    const heard = await listen(page);
    await says(page, '.three', 'Crash a worker');
    await fits(page, 'monolith-rest');
    await placeAndLoad(page, url, /1 of 2.*One transaction counted/);
    await breakIt(page);
    await says(page, '#broken', /notification-2 has crashed, and jobs? [\d and]+ (is|are) its own for \d\.\d s more/);
    await says(page, '.meanwhile', /nobody for \d\.\d s.*notification-1 as before/);
    await page.locator('[data-lease=notification-2].gone').waitFor();
    await fits(page, 'monolith-lease');
    await says(page, '#broken', /notification-1 took jobs? [\d and]+: \d+ of \d+ orders have their outcome, lost 0/);
    assert.ok((await heard()).some((each) => each.includes('that is at-least-once, here too')));
    await fits(page, 'monolith-over');
    const { settings } = await json(url, '/api/modules/notification-2');
    assert.equal(settings.workMs, 0, 'it is as fast as before');
    await page.getByText('Start notification-2 again').click();
    await page.locator('[data-member=notification-2].is-running').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.stage').waitFor({ state: 'detached' });
    assert.deepEqual(page.mishaps, []);
  });

  test('crashes nobody where nobody could take the jobs', async () => {
    const { url } = await other('monolith', '--modules=order,notification:1,fraud,analytics,audit');
    const page = await open(url, { firstMinute: true });
    await breakIt(page);
    await says(page, '.stage', 'Only one worker runs here');
    assert.equal((await json(url, '/api/modules/notification-1')).state, 'running');
  });
});

describe('the first minute over REST', () => {
  test('plays the calls, then nothing reaches notification: gaps, which are counted and stay', async () => {
    const { url } = await other('rest');
    const page = await open(url, { firstMinute: true });
    const heard = await listen(page);
    await says(page, '.three', 'What it does not hear is lost, and counted.');
    await fits(page, 'rest-rest');
    await placeAndLoad(page, url, /1 of 3.*The order service wrote/);
    await breakIt(page);
    await says(page, '#broken', /Nothing reaches notification for \d\.\d s more\. \d+ orders came meanwhile/);
    await says(page, '.meanwhile', /[1-9]\d* gaps counted, told by nobody.*open [1-9]\d* calls? not even tried/);
    const probes = says(page, '#broken', /lets a probe through in|half-open/);  // it may pass while the page is looked at
    await fits(page, 'rest-cut');
    await probes;
    await says(page, '#broken', /it will never know of ([1-9]\d*): \1 gaps.*the outbox is off/);
    const told = Number(/never know of (\d+)/.exec(await page.locator('#broken').innerText())[1]);
    const { gaps, fault, breaker } = await arrowOf(url);
    assert.deepEqual([gaps, fault.refuse, breaker], [told, false, 'closed']);
    assert.ok((await heard()).some((each) => each.includes('will never know of')));
    await fits(page, 'rest-over');
    assert.deepEqual(page.mishaps, []);
  });

  test('with an outbox nothing is lost: it is late', async () => {
    const { url } = await other('rest', '--outbox=on');
    const page = await open(url, { firstMinute: true });
    await says(page, '.three', 'What it should hear waits in the outbox.');
    await breakIt(page);
    await says(page, '.meanwhile', /[1-9]\d* rows in the outbox/);
    await fits(page, 'rest-outbox');
    await says(page, '#broken', /\d+ orders came meanwhile, and it knows all of them: 0 gaps/);
    assert.equal((await arrowOf(url)).gaps, 0);
  });

  test('Esc in the middle of it mends the arrow', async () => {
    const { url } = await other('rest');
    const page = await open(url, { firstMinute: true });
    await breakIt(page);
    await says(page, '#broken', 'Nothing reaches notification');
    assert.equal((await arrowOf(url)).fault.refuse, true);
    const mends = page.waitForRequest((each) => each.method() === 'PATCH' && each.postData()?.includes('"refuse":false'), { timeout: 5000 });  // by itself after 10 s
    await page.keyboard.press('Escape');
    await mends;
    await page.locator('.stage').waitFor({ state: 'detached' });
    await comesTrue(async () => assert.equal((await arrowOf(url)).fault.refuse, false));
  });
});

for (const architecture of ['monolith', 'rest']) {
  for (const [name, options] of [['320', { viewport: { width: 320, height: 700 } }], ['1280-dark', { viewport: { width: 1280, height: 720 }, colorScheme: 'dark' }]]) {
    test(`the first minute of ${architecture} fits: ${name}`, async () => {
      const { url } = await other(architecture);
      const page = await open(url, { ...options, firstMinute: true });
      await page.locator('.three').waitFor();
      await fits(page, `${architecture}-rest-${name}`);
      await breakIt(page);
      await says(page, '#broken', /s more/);
      await fits(page, `${architecture}-broken-${name}`);
    });
  }
}
