// The inspector in a real Chromium against the real program: what it reads and shows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { catchCopies, inspector, messagesOf, rowAt, someOrders, until, write } from './inspector_support.mjs';
import { comesTrue, command, listen, post, postMany, says, stage } from './support.mjs';

const { program, open, proxy, wire } = stage();

const offsetsOf = (page) => page.locator('#messages > li .off').allInnerTexts();
const elements = (page) => page.evaluate(() => document.querySelectorAll('*').length);

describe('topics', () => {
  test('all topics with their records, sizes and readers; a click opens one, and back comes back', async () => {
    const { url } = await program();
    await someOrders(url);
    const page = await open(inspector(url));
    for (const topic of ['orders', 'audit', 'order-status', 'orders-dlq']) await says(page, '.main .grid .name', topic);
    const row = page.locator('.main .grid tbody tr', { has: page.locator('a', { hasText: /^orders$/ }) });
    await until(page, () => /notification-group\s+up to date/.test(document.querySelector('.main .grid')?.textContent.replace(/\s+/g, ' ') ?? ''));
    assert.match(await row.innerText(), /^orders\s+3\s+13\s/);
    await row.click();
    await says(page, '#title', 'orders');
    assert.equal(new URL(page.url()).hash, '#orders');
    await page.goBack();
    await says(page, '#title', 'Topics');
    assert.equal(await page.title(), 'Topics - foodorder inspector');
    assert.deepEqual(page.mishaps, []);
  });

  test('the settings of a topic have a sentence each, and those that it changes stand first', async () => {
    const { url } = await program();
    const page = await open(inspector(url, '#order-status?tab=settings'));
    await says(page, '.settings tr.changed th', 'cleanup.policy');
    const rows = await page.locator('.settings tbody tr').evaluateAll((all) => all.map((each) => ({ changed: each.className, says: each.lastElementChild.textContent })));
    assert.ok(rows.every((each) => each.says.length > 20));
    const first = rows.findIndex((each) => !each.changed);
    assert.ok(first === -1 || rows.slice(first).every((each) => !each.changed));
  });

  test('a topic that is not there is said to be gone', async () => {
    const { url } = await program();
    const page = await open(inspector(url, '#no-such-topic'));
    await says(page, '.trouble', 'There is no topic no-such-topic');
    await page.click('.trouble >> text=All topics');
    await says(page, '#title', 'Topics');
  });
});

describe('messages', () => {
  test('the newest come first; a record opens below, its link opens it again, and Esc closes it', async () => {
    const { url } = await program();
    await someOrders(url);
    const page = await open(inspector(url, '#orders'));
    await says(page, '#counts', '13 shown, 13 read');
    await page.locator('#messages > li').first().click();
    await says(page, '.value', '"Greedy Guest"');
    const { hash } = new URL(page.url());
    assert.match(hash, /^#orders\/\d\/\d+$/);
    await page.reload();
    await says(page, '.value', '"Greedy Guest"');
    await page.keyboard.press('Escape');
    await page.locator('.message').waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).hash, '#orders');
    assert.deepEqual(page.mishaps, []);
  });

  test('a link to one record shows it among its neighbours, and j and k walk', async () => {
    const { url } = await program();
    await postMany(url, 60);
    const all = await messagesOf(url, 'audit', 'from=oldest');
    const page = await open(inspector(url, '#audit/0/40'));
    await rowAt(page, 0, 40).waitFor();
    assert.equal((await offsetsOf(page))[0], '30');
    assert.match(await rowAt(page, 0, 40).getAttribute('class'), /show/);
    await page.keyboard.press('j');
    await says(page, '.message .value h3', 'audit p0@41');
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await says(page, '.message .value h3', `audit p0@39`);
    assert.ok(all.length > 60);
  });

  test('what no record is at says why: the log ends before it, or there is no such partition', async () => {
    const { url } = await program();
    await post(url, {});
    const page = await open(inspector(url, '#orders/0/999'));
    await says(page, '.message .trouble', 'The log ends before it');
    await page.goto(inspector(url, '#orders/7/1'));
    await says(page, '.message .trouble', 'orders has no partition 7');
  });

  test('filters stand in the address, survive a reload, and back takes them away', async () => {
    const { url } = await program();
    await someOrders(url);
    const page = await open(inspector(url, '#orders'));
    await page.selectOption('[name=start]', 'oldest');
    await page.fill('[name=filter]', 'order.price > 20');
    await page.keyboard.press('Enter');
    await says(page, '#counts', '2 shown, 13 read');
    assert.equal(new URL(page.url()).hash, '#orders?from=oldest&filter=order.price+%3E+20');
    await says(page, '.cols', 'order.price');
    await page.reload();
    await says(page, '#counts', '2 shown, 13 read');
    assert.equal(await page.inputValue('[name=filter]'), 'order.price > 20');
    await page.goBack();
    await says(page, '#counts', '13 shown, 13 read');
    await page.fill('[name=filter]', 'order.price >');
    await page.keyboard.press('Enter');
    await says(page, '#filter-error', 'filter');
    assert.equal(await page.getAttribute('[name=filter]', 'aria-invalid'), 'true');
  });

  test('null keys, tombstones, headers and text can be searched', async () => {
    const { url } = await program();
    await write(url, 'audit', { key: null, value: 'no key at all' });
    await write(url, 'audit', { key: 'a', value: null, headers: [{ name: 'x-test', value: '7' }] });
    const page = await open(inspector(url, '#audit?key=null'));
    await says(page, '#counts', '1 shown');
    await says(page, '#messages', 'no key at all');
    await page.goto(inspector(url, '#audit?only=tombstones'));
    await says(page, '#counts', '1 shown');
    await says(page, '#messages .tag', 'tombstone');
    await says(page, '#messages .val .null', 'null');
    for (const [name, value] of [['header', 'x-test:7'], ['text', 'no key']]) {
      await page.goto(inspector(url, `#audit?${name}=${encodeURIComponent(value)}`));
      await says(page, '#counts', '1 shown');
      await comesTrue(async () => assert.equal(await page.inputValue(`[name=${name}]`), value));
    }
  });

  test('a paused tail keeps its rows and says how many came meanwhile; resumed, it has them all', async () => {
    const { url } = await program();
    await post(url, {});
    const page = await open(inspector(url, '#orders'));
    await says(page, '#counts', '1 shown');
    await page.click('#tail');
    await postMany(url, 5);
    await says(page, '#counts', '6 shown');
    await page.click('#tail >> text=Pause');
    await postMany(url, 7);
    await says(page, '.tailp', '7 came meanwhile');
    assert.equal((await offsetsOf(page)).length, 6);
    await page.click('#tail >> text=Resume');
    await says(page, '#counts', '13 shown');
    const seen = await page.locator('#messages > li').evaluateAll((all) => all.map((each) => each.dataset.key));
    assert.equal(new Set(seen).size, 13);
    await page.click('text=Stop tail');
    await postMany(url, 2);
    await says(page, '#kpi-records', '');
    assert.equal((await offsetsOf(page)).length, 13);
  });

  test('a long topic is at most 1,500 elements, and every record can be reached', async () => {
    const { url } = await program();
    await postMany(url, 1500);
    const page = await open(inspector(url, '#audit'), { viewport: { width: 1920, height: 1080 } });
    await says(page, '#counts', 'shown');
    await page.locator('#messages > [tabindex="0"]').focus();
    await comesTrue(async () => {
      await page.keyboard.press('End');
      assert.equal((await offsetsOf(page)).at(-1), '0');
    });
    assert.ok((await elements(page)) <= 1500, `${await elements(page)} elements`);
  });
});

describe('one record', () => {
  test('its cause and all that it caused are links to exactly those records', async () => {
    const { url } = await program();
    const id = await someOrders(url, 0);
    const [order] = await messagesOf(url, 'orders', `key=${id}`);
    await until(await open(inspector(url)), async (key) => (await (await fetch(`/api/bus/topics/audit/messages?key=${key}&text=NOTIFIED`)).json()).messages.length === 1, id);
    const page = await open(inspector(url, `#orders/${order.partition}/${order.offset}`));
    await says(page, '#caused', 'NOTIFIED');
    await says(page, '.record', 'a request did');
    await page.locator('#caused li', { hasText: 'NOTIFIED' }).locator('a').click();
    await says(page, '.value', '"NOTIFIED"');
    await says(page, '#cause', `orders p${order.partition}@${order.offset}`);
    await page.click('#cause a');
    await says(page, '.value', '"Greedy Guest"');
    await page.click('text=journey of');
    await says(page, '#journey-title', id.slice(0, 8));
  });

  test('numbers stay as they are, brackets fold, and raw and hex show the bytes', async () => {
    const { url } = await program();
    await write(url, 'audit', { key: 'k', value: '{"n":12345678901234567890,"list":[1,2],"n":1e3}' });
    const [{ offset }] = await messagesOf(url, 'audit', 'key=k');
    const page = await open(inspector(url, `#audit/0/${offset}`));
    await says(page, '.json-rows', '12345678901234567890');
    assert.equal(await page.locator('.json-rows > li').count(), 8);
    await page.locator('.json-rows > li', { hasText: 'list' }).click();
    assert.equal(await page.locator('.json-rows > li').count(), 5);
    await page.click('.value >> text=hex');
    await says(page, '.hex-rows', '7b 22 6e 22');
    await page.click('.value >> text=raw');
    await says(page, '.value pre', '{"n":12345678901234567890,"list":[1,2],"n":1e3}');
  });

  for (const withApi of [true, false]) {
    test(`key, value, all and the link are copied ${withApi ? 'by the Clipboard API' : 'on plain http, where there is none'}`, async () => {
      const { url } = await program();
      await write(url, 'audit', { key: 'the key', value: 'the value', headers: [{ name: 'h', value: '1' }] });
      const page = await open(inspector(url));
      const copied = await catchCopies(page, { withApi });
      await page.goto(inspector(url, '#audit/0/0'));
      await page.reload();
      const { offset } = (await messagesOf(url, 'audit', 'key=the%20key'))[0];
      await page.goto(inspector(url, `#audit/0/${offset}`));
      await says(page, '.value', 'the value');
      for (const [button, what] of [['Copy key', /^the key$/], ['Copy value', /^the value$/], ['Copy all', /"name": "h"/], ['Copy link', new RegExp(`#audit/0/${offset}$`)]]) {
        await page.click(`.record >> text=${button}`);
        await until(page, (source) => new RegExp(source).test(globalThis.copied.at(-1) ?? ''), what.source);
        assert.match(await copied(), what);
      }
      await page.click('.cli >> text=Copy');
      await until(page, () => /^foodorder consume .* -c 1$/.test(globalThis.copied.at(-1)));
    });
  }

  test('markup, bidirectional text, control bytes and 1 MB stay what they are: a value', async () => {
    const { url } = await program();
    const evil = ['<img src=x onerror=alert(1)>', '\u202egnp.exe', 'a\u0000b\u001b[31mred', '</bdi></li><script>alert(2)</script>', '{"<b>x</b>":"\u202e<i>"}', 'javascript:alert(3)', "'; DROP TABLE--", '\u05d0\u05d1\u05d2'];
    for (const [n, value] of evil.entries()) await write(url, 'audit', { key: value, value, headers: [{ name: `h${n}<b>`, value }] });
    await write(url, 'audit', { key: 'binary', value: { encoding: 'base64', text: 'H4sI/wAB' } });
    await write(url, 'audit', { key: 'large', value: JSON.stringify({ s: 'x'.repeat(50_000) }) });
    const page = await open(inspector(url, '#audit?from=oldest'));
    for (const value of ['<img src=x onerror=alert(1)>', '\\u202egnp.exe', 'a\\u0000b\\u001b[31mred']) await says(page, '#messages', value);
    await says(page, '#messages .tag', 'binary, 6 B');
    for (const { partition, offset } of await messagesOf(url, 'audit')) {
      await page.goto(inspector(url, `#audit/${partition}/${offset}`));
      await says(page, '.message .value h3', `p${partition}@${offset}`);
      for (const way of await page.locator('.value .seg button').all()) await way.click();
      assert.ok((await elements(page)) <= 1500);
    }
    assert.equal(await page.locator('img, iframe, #page script, #page b:not([class])').evaluateAll((all) => all.filter((each) => /alert|<|x/.test(each.outerHTML) && each.tagName !== 'B').length), 0);
    assert.ok(!(await page.locator('.main').innerText()).includes('\u202e'), 'nothing turns the direction of the page');
    assert.deepEqual(page.mishaps, []);
  });
});

describe('consumer groups', () => {
  test('lag in records and in seconds is pushed, its trend is a word, and an offset is a link to its record', async () => {
    const { url } = await program();
    await post(url, {});
    const page = await open(inspector(url, '#/groups'));
    await says(page, '.gt', 'notification-group');
    for (const instance of ['notification-1', 'notification-2']) await command(url, instance, 'pause');
    await postMany(url, 40);
    const row = page.locator('.gt tr.g-notification', { has: page.locator('a') }).first();
    await until(page, () => [...document.querySelectorAll('.gt tr.g-notification')].reduce((sum, each) => sum + Number(each.querySelector('.lagn').textContent), 0) === 40);
    await until(page, () => /\d s/.test([...document.querySelectorAll('.gt tr.g-notification')].map((each) => each.textContent).join()));
    await until(page, () => [...document.querySelectorAll('.gt tr.g-notification .trend-rising')].length > 0);
    await row.locator('td.num a').first().click();
    await page.locator('.message .value').waitFor();
    assert.match(new URL(page.url()).hash, /^#orders\/\d\/\d+$/);
    for (const instance of ['notification-1', 'notification-2']) await command(url, instance, 'resume');
    await says(page, '#kpi-lag', '0');
    assert.deepEqual(page.mishaps, []);
  });

  test('one group has its members and what each reads', async () => {
    const { url } = await program();
    await post(url, {});
    const page = await open(inspector(url, '#/groups/notification-group'));
    await says(page, '#title', 'notification-group');
    for (const text of ['notification-1', 'notification-2', 'orders p0']) await says(page, '.sheet-scroll', text);
    await page.goto(inspector(url, '#/groups/nobody'));
    await says(page, '.empty', 'There is no group nobody.');
  });
});

describe('trouble', () => {
  test('a server that is slow and then silent: the page says so, keeps its rows, and goes on when it is back', async () => {
    const { url, freeze, thaw } = await program();
    await someOrders(url);
    const page = await open(inspector(url, '#orders'));
    await says(page, '#counts', '13 shown');
    freeze();
    await page.click('.side >> text=audit');
    await says(page, '.progress .bad', 'The server does not answer.');
    await says(page, '#connection', 'no sign of life');
    thaw();
    await says(page, '#connection', 'live');
    await page.click('text=Try again');
    await page.locator('#messages > li').first().waitFor();
    assert.deepEqual(page.mishaps, []);
  });

  test('a connection that is cut: rows stay, and a tail takes up where it was', async () => {
    const { port, url: direct } = await program();
    const line = await wire(port);
    await post(direct, {});
    const page = await open(inspector(line.url, '#orders'));
    await says(page, '#counts', '1 shown');
    await page.click('#tail');
    const heard = await listen(page);
    line.cut();
    await says(page, '#connection', 'connection lost');
    assert.equal((await offsetsOf(page)).length, 1);
    await postMany(direct, 9);
    line.mend();
    await says(page, '#counts', '10 shown');
    await says(page, '#connection', 'live');
    assert.ok((await heard()).some((text) => /does not answer/.test(text)));
  });

  test('a server that starts anew has another log: the page says so and reads it', async () => {
    const first = await program();
    await postMany(first.url, 10);
    const page = await open(inspector(first.url, '#orders'));
    await says(page, '#counts', '10 shown');
    await first.kill();
    const { url } = await program({ port: first.port });
    await post(url, { customerName: 'New Guest' });
    await says(page, '.notice', 'The log began again');
    await says(page, '#messages', 'New Guest');
    assert.equal((await offsetsOf(page)).length, 1);
  });

  test('the first frame is whole after few requests, and a hidden tab asks nothing', async () => {
    const { port, url: direct } = await program();
    await someOrders(direct);
    const { url, asked } = await proxy(port);
    const page = await open(inspector(url, '#orders'));
    await says(page, '#counts', '13 shown');
    const files = asked.filter(({ what }) => !/ \/(api|events)\b/.test(what));
    assert.ok(asked.length <= 12, asked.map(({ what }) => what).join('\n'));
    assert.ok(files.reduce((sum, { bytes }) => sum + bytes, 0) <= 90 * 1024, `${files.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`);
  });
});
