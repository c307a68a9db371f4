// The journey of an order and its slow motion: in a real Chromium against the real program.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { comesTrue, command, listen, post, rowOf, says, stage, violations } from './support.mjs';

const { program, open } = stage();

const history = (url, id) => fetch(`${url}/api/orders/${id}/history`).then((answer) => (answer.ok ? answer.json() : []));

/** Waits until the log has `count` records about the order. */
async function grownTo(url, id, count) {
  for (;;) {
    const records = await history(url, id);
    if (records.length >= count) return records;
    await new Promise((done) => setTimeout(done, 20));
  }
}

const places = (page) => page.locator('.place').allInnerTexts();
const hashOf = (page) => page.evaluate(() => location.hash);
const told = (page) => page.locator('#told').innerText();

describe('the journey of an order', () => {
  test('a click on an order, and on a line of every panel, opens it: each record with its place, in the order of the log', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const page = await open(url);
    const { id } = await post(url, { customerName: 'Ana Ribeiro', price: 101 });
    const records = await grownTo(url, id, 11);
    await says(page, '.p-dead', '1 in orders-dlq');
    for (const list of ['#orders', '.notes', '.aud', '.alerts', '.dead']) {
      await page.locator(`${list} > li`).first().click();
      await says(page, '.summary', 'Three deliveries failed. The order went to orders-dlq');
      assert.equal(await hashOf(page), `#order/${id}`, list);
      assert.deepEqual((await places(page)).toSorted(), records.map((each) => `${each.topic} p${each.partition}@${each.offset}`).toSorted());
      await page.keyboard.press('Escape');
      await page.locator('.drawer').waitFor({ state: 'detached' });
      assert.equal(await hashOf(page), '');
    }
    await rowOf(page, 'Ana Ribeiro').click();
    await says(page, '.attempt', 'retryCount 2');
    await says(page, '.gap', 'It waited 400 ms');
    const retry = records.findLast(({ topic }) => topic === 'orders');
    await page.getByRole('button', { name: `orders p${retry.partition}@${retry.offset}` }).click();
    await says(page, '.detail', 'traceparent');
    assert.match(await page.locator('.on-screen .detail .headers').innerText(), /retryCount\s+2/);
    assert.match(await page.locator('.detail pre').innerText(), /"customerName": "Ana Ribeiro"/);
    assert.deepEqual(page.mishaps, []);
  });

  test('its URL survives a reload; back and forward walk through what was open', async () => {
    const { url } = await program();
    const page = await open(url);
    const [ana, omar] = [await post(url, { customerName: 'Ana Ribeiro' }), await post(url, { customerName: 'Omar Haddad' })];
    await rowOf(page, 'Ana Ribeiro').click();
    await says(page, '.full', ana.id);
    await page.reload();
    await says(page, '.ordered', 'Ana Ribeiro');
    await page.waitForFunction((id) => document.title.startsWith(`Order ${id}`), ana.id.slice(0, 8));
    await rowOf(page, 'Omar Haddad').click();
    await says(page, '.ordered', 'Omar Haddad');
    await page.goBack();
    await says(page, '.ordered', 'Ana Ribeiro');
    await page.goForward();
    await says(page, '.full', omar.id);
    await page.keyboard.press('Escape');
    await page.locator('.drawer').waitFor({ state: 'detached' });
    await page.goBack();
    await says(page, '.full', omar.id);
    await page.goto(`${url}/#order/${ana.id}`);
    await says(page, '.full', ana.id);
  });

  test('it grows while retries are to come, without a touch', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const all = (verb) => Promise.all(['notification-1', 'notification-2'].map((worker) => command(url, worker, verb)));
    await all('pause');
    const page = await open(url);
    const { id } = await post(url, {});
    await page.goto(`${url}/#order/${id}`);
    await says(page, '.summary', 'no outcome yet');
    await all('resume');
    await says(page, '.summary', 'Three deliveries failed');
    await says(page, '.attempt', 'retryCount 2');
    await comesTrue(async () => assert.equal(await page.locator('.place').count(), (await history(url, id)).length));
  });

  test('an order that no record tells of, a stopped order service, and a server that is gone are told apart', async () => {
    const { url } = await program();
    const page = await open(`${url}/#order/no%20such%2Forder`);
    await says(page, '.full', 'no such/order');
    await says(page, '.trouble', 'No record on the log is about this order');
    const { id } = await post(url, {});
    await command(url, 'order-1', 'stop');
    await page.goto(`${url}/#order/${id}`);
    await says(page, '.trouble', 'The order service is stopped');
    await page.click('.trouble button');
    await says(page, '.summary', 'The customer was told');
    assert.equal(await page.locator('.trouble').count(), 0);
  });

  test('markup and bidi text of users and of strangers stay text', async () => {
    const { url } = await program();
    const attack = '<img src=x onerror=alert(1)>\u202eevil';
    const { id } = await post(url, { customerName: attack.replace('\u202e', ''), item: '"><script>alert(2)</script>' });
    const body = { key: id, value: { source: attack, action: attack, orderId: id }, headers: [{ name: attack, value: attack }, { name: 'ce_source', value: attack }] };
    const produced = await fetch(`${url}/api/bus/topics/audit/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    assert.ok([201, 404, 405].includes(produced.status));
    const page = await open(`${url}/#order/${id}`);
    await says(page, '.ordered', '<img src=x onerror=alert(1)>');
    for (const place of await page.locator('.place').all()) await place.click();
    assert.equal(await page.locator('.drawer img, .drawer script').count(), 0);
    await page.keyboard.press('Space');
    await page.locator('.scrub').waitFor();
    for (let n = 0; n < 8; n += 1) await page.keyboard.press('ArrowRight');
    assert.equal(await page.locator('.stage img, .stage script').count(), 0);
    assert.deepEqual(page.mishaps, []);
  });

  test('it prints on one page, with who wrote each record and because of which', async () => {
    const { url } = await program({ environment: { FAIL_RATE: '1' } });
    const { id } = await post(url, {});
    await grownTo(url, id, 11);
    const page = await open(`${url}/#order/${id}`, { colorScheme: 'dark' });
    await says(page, '.summary', 'Three deliveries failed');
    const pdf = await page.pdf({ preferCSSPageSize: true });
    assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length, 1);
    await page.emulateMedia({ media: 'print' });
    await page.locator('th', { hasText: 'because of' }).waitFor();
    await says(page, 'footer.on-paper', `${url}/#order/${id}`);
    assert.equal(await page.locator('.topbar').isVisible(), false);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
  });
});

describe('slow motion', () => {
  async function opened(options, environment = {}) {
    const { url } = await program({ environment });
    const { id } = await post(url, { customerName: 'Ana Ribeiro' });
    const records = await grownTo(url, id, environment.FAIL_RATE === '1' ? 11 : 6);
    const page = await open(`${url}/#order/${id}`, options);
    await says(page, '.summary', environment.FAIL_RATE === '1' ? 'failed' : 'The customer was told');
    return { page, records, id, url };
  }

  test('Space plays the records of the log, from the first to the last, and ends with what it took', async () => {
    const { page, records } = await opened();
    await page.evaluate(() => {
      globalThis.shown = [];
      new MutationObserver(() => {
        const label = document.querySelector('.stop.here b')?.textContent;
        if (label && globalThis.shown.at(-1) !== label) globalThis.shown.push(label);
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await page.keyboard.press('Space');
    await says(page, '#told', '1 of 5');
    await page.evaluate(() => {  // a page that is held up skips none
      for (const end = performance.now() + 2500; performance.now() < end;);
    });
    await says(page, '#told', 'of work; fraud waits 50 ms on purpose. Space plays it again.');
    const shown = await page.evaluate(() => globalThis.shown);
    assert.deepEqual(shown.toSorted(), records.map((each) => `${each.topic} p${each.partition}@${each.offset}`).toSorted());
    await page.keyboard.press('Space');
    await says(page, '#told', '1 of 5');
  });

  test('arrows step record by record with the clock of the log, Esc goes back to the journey, Esc again to the page', async () => {
    const { page, records } = await opened();
    await page.keyboard.press('Space');
    await page.locator('.scrub').waitFor();
    await page.keyboard.press('Home');
    await page.locator('.log-clock b', { hasText: /^0 µs$/ }).waitFor();
    const first = records[0].headers.find(({ name }) => name === 'ce_time').value;
    assert.equal(await page.locator('.log-clock .mono').innerText(), first.slice(11, 26));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.locator('.stop:not(.todo)').count(), 2);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.locator('.scrub').getAttribute('aria-valuenow'), String(records.length));
    await page.keyboard.press('Escape');
    await page.locator('.drawer').waitFor();
    assert.equal(await page.locator('.stage').count(), 0);
    await page.keyboard.press('Escape');
    await page.locator('.drawer').waitFor({ state: 'detached' });
  });

  test('a key counts from the moment when the player is there', async () => {
    const { page, records } = await opened();
    await page.evaluate(() => new MutationObserver((_, observer) => {
      if (!document.querySelector('.scrub')) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
    }).observe(document.body, { subtree: true, childList: true }));
    await page.keyboard.press('Space');
    await page.locator('.scrub').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator(`[role=slider][aria-valuenow="${records.length}"]`).waitFor();
  });

  test('it lights on the map the cells that were played and who wrote the last one, and lets go of them', async () => {
    const { page, records } = await opened();
    await page.keyboard.press('Space');
    await page.locator('.scrub').waitFor();
    await page.keyboard.press('Home');
    const lit = (place) => page.evaluate((name) => {
      const map = document.querySelector('.map') ?? document.querySelector('main').appendChild(Object.assign(document.createElement('div'), { className: 'map' }));
      const cell = map.querySelector(`[data-cell="${name}"]`) ?? map.appendChild(document.createElement('i'));
      cell.dataset.cell = name;
      return getComputedStyle(cell).outlineStyle === 'solid';
    }, place);
    const [first, second] = records.map((each) => `${each.topic}/${each.partition}/${each.offset}`);
    assert.deepEqual([await lit(first), await lit(second)], [true, false]);
    await page.keyboard.press('Escape');
    assert.equal(await lit(first), false);
  });

  test('the pointer goes to the record that is nearest', async () => {
    const { page, records } = await opened();
    await page.click('#play-journey');
    const box = await page.locator('.scrub').boundingBox();
    await page.mouse.click(box.x + box.width - 2, box.y + 46);
    await page.locator(`[role=slider][aria-valuenow="${records.length}"]`).waitFor();
    await page.mouse.click(box.x + 1, box.y + 46);
    await page.locator('[role=slider][aria-valuenow="1"]').waitFor();
  });

  test('without motion it steps and nothing runs between the records', async () => {
    const { page, records } = await opened({ reducedMotion: 'reduce' });
    await page.keyboard.press('Space');
    const times = await page.evaluate(() => new Promise((done) => {
      const seen = new Set();
      new MutationObserver(() => {
        const clock = document.querySelector('.log-clock .mono')?.textContent;
        if (clock) seen.add(clock);
        if (/plays it again/.test(document.querySelector('#told')?.textContent ?? '')) done([...seen]);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    }));
    assert.ok(times.length <= records.length, `${times.length} times for ${records.length} records`);
  });

  test('a screen reader hears each sentence', async () => {
    const { page } = await opened();
    await listen(page);
    await page.keyboard.press('Space');
    await page.locator('.scrub').waitFor();
    await page.keyboard.press('Home');
    assert.equal(await page.locator('#told').getAttribute('aria-live'), 'polite');
    assert.match(await told(page), /The order service wrote the order to orders p\d@0: the hash of its key picked p\d\./);
    assert.match(await page.locator('.scrub').getAttribute('aria-valuetext'), /^0 µs, orders p\d@0 created$/);
  });

  const views = [['light', {}], ['dark', { colorScheme: 'dark' }], ['forced colours', { forcedColors: 'active' }],
    ['320 px wide', { viewport: { width: 320, height: 700 } }]];
  for (const [name, options] of views) {
    test(`axe-core finds nothing wrong with the journey and its slow motion: ${name}`, async () => {
      const { page } = await opened(options, { FAIL_RATE: '1' });
      assert.deepEqual(await violations(page), [], 'the journey');
      await page.locator('.place').nth(2).click();
      assert.deepEqual(await violations(page), [], 'a record');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the page');
      await page.click('#play-journey');
      await page.locator('.scrub').focus();
      await page.keyboard.press('End');
      assert.deepEqual(await violations(page), [], 'slow motion');
    });
  }
});
