// The inspector in a real Chromium against the real program: what it writes, resets, compacts and redrives.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { inspector, messagesOf, someOrders, until, write } from './inspector_support.mjs';
import { command, post, postMany, says, stage } from './support.mjs';

const { program, open } = stage();

const groupOf = async (url, name) => (await (await fetch(`${url}/api/bus/groups/${name}`)).json()).partitions;

describe('producing', () => {
  test('a record is written with its key, headers and partition, and the page links to it', async () => {
    const { url } = await program();
    const page = await open(inspector(url, '#audit'));
    await page.click('#produce');
    await page.fill('#p-key', 'k');
    await page.fill('#p-value', '{"n": 7,}');
    await says(page, '.verdict', 'line 1, column 9');
    await page.fill('#p-value', '{"n": 7}');
    await says(page, '.verdict', 'valid JSON, 8 B');
    await page.fill('#p-headers', 'a: 1\nb: x: y');
    await page.click('#send-record');
    await page.click('#written a');
    await page.keyboard.press('Escape');
    const [message] = await messagesOf(url, 'audit', 'key=k');
    assert.deepEqual([message.value.text, message.headers.map(({ name, value }) => `${name}=${value.text}`)], ['{"n": 7}', ['a=1', 'b=x: y']]);
    await says(page, '.value', '"n"');
    assert.deepEqual(page.mishaps, []);
  });

  test('produced again a record keeps its bytes, also binary ones; a tombstone has no value', async () => {
    const { url } = await program();
    await write(url, 'audit', { key: 'k', value: { encoding: 'base64', text: 'H4sI/wAB' }, headers: [{ name: 'h', value: { encoding: 'base64', text: '/w==' } }] });
    const [{ offset }] = await messagesOf(url, 'audit', 'key=k');
    const page = await open(inspector(url, `#audit/0/${offset}`));
    await page.click('#produce-again');
    await page.click('#send-record');
    await page.locator('#written').waitFor();
    await page.check('#p-tombstone');
    await page.click('#send-record');
    await until(page, async () => (await (await fetch('/api/bus/topics/audit/messages?key=k')).json()).messages.length === 3);
    const [first, second, third] = await messagesOf(url, 'audit', 'key=k');
    assert.deepEqual([second.value, second.headers, third.value], [first.value, first.headers, null]);
  });

  test('what the server refuses stands in the dialog, and what was typed stays', async () => {
    const { url } = await program();
    const page = await open(inspector(url, '#order-status'));
    await page.click('#produce');
    await page.check('#p-no-key');
    await page.fill('#p-value', 'x');
    await page.click('#send-record');
    await page.locator('dialog .wrong[role=alert]').waitFor();
    assert.equal(await page.inputValue('#p-value'), 'x');
  });
});

describe('import and export', () => {
  test('what passes the filters is exported, and imported again after a dry run', async (t) => {
    const { url } = await program();
    await someOrders(url);
    const page = await open(inspector(url, '#orders?from=oldest&filter=order.price+%3E+15'));
    await says(page, '#counts', '7 shown');
    const folder = mkdtempSync(join(tmpdir(), 'export-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const saved = async (button) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
      const path = join(folder, download.suggestedFilename());
      await download.saveAs(path);
      return path;
    };
    const ndjson = await saved('#export-ndjson');
    const lines = readFileSync(ndjson, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(lines.length, 7);
    assert.ok(lines.every(({ json }) => json.order.price > 15));
    assert.equal(readFileSync(await saved('#export-csv'), 'utf8').trim().split(/\r\n/).length, 8);

    await page.goto(inspector(url, '#orders'));
    await says(page, '#counts', '13 shown');
    await page.click('#import');
    await page.setInputFiles('#i-file', ndjson);
    assert.equal(await page.getAttribute('#do-import', 'aria-disabled'), 'true', 'only after a dry run');
    await page.click('#check-import');
    await says(page, '#import-state', '7 records would be written');
    assert.equal((await messagesOf(url, 'orders')).length, 13);
    await page.click('#do-import');
    await says(page, '#import-state', '7 records written.');
    assert.equal((await messagesOf(url, 'orders')).length, 20);
    const wrong = join(folder, 'wrong.ndjson');
    writeFileSync(wrong, '{"key":"a"}\n');
    await page.setInputFiles('#i-file', wrong);
    await page.click('#check-import');
    await says(page, 'dialog .wrong', 'Records 1 to 1');
    assert.deepEqual(page.mishaps, []);
  });
});

describe('a reset of offsets', () => {
  test('is refused while members run, which can be stopped from there; then it shows before and after, and does it', async () => {
    const { url } = await program();
    await postMany(url, 20);
    const page = await open(inspector(url, '#/groups'));
    await until(page, () => document.querySelector('#kpi-lag')?.textContent.startsWith('0'));
    await page.click('[data-reset="analytics-group"]');
    await says(page, '.note', '20 records would be read again.');
    await says(page, '.note', 'analytics-1 is running');
    assert.equal(await page.getAttribute('#apply-reset', 'aria-disabled'), 'true');
    await page.click('#stop-members');
    await page.locator('#apply-reset:not([aria-disabled])').waitFor();
    await page.click('dialog >> text=shift by');
    await page.fill('#reset-value', '-2');
    await page.locator('#reset-plan td', { hasText: /^-2$/ }).first().waitFor();
    const before = await groupOf(url, 'analytics-group');
    await page.locator('dialog .check input').first().uncheck();
    await until(page, () => document.querySelectorAll('#reset-plan tbody tr').length === 2);
    await page.locator('#apply-reset:not([aria-disabled])').click();
    await says(page, '#reset-plan', 'done');
    const after = await groupOf(url, 'analytics-group');
    assert.deepEqual(after.map((each, n) => before[n].committedOffset - each.committedOffset), [0, 2, 2]);
    assert.deepEqual(page.mishaps, []);
  });

  test('names what is wrong with its value, and is refused when somebody else was faster', async () => {
    const { url } = await program();
    await postMany(url, 5);
    const committed = async () => (await groupOf(url, 'fraud-group')).reduce((sum, each) => sum + (each.committedOffset ?? 0), 0);
    while ((await committed()) < 5) await new Promise((resolve) => setTimeout(resolve, 20));
    await command(url, 'fraud-1', 'stop');
    const page = await open(inspector(url, '#/groups/fraud-group'));
    await until(page, () => /no members/.test(document.querySelector('.main').textContent));
    await page.click('[data-reset="fraud-group"]');
    await page.locator('#reset-plan').waitFor();
    await page.click('dialog >> text=duration');
    await page.fill('#reset-value', 'yesterday');
    await page.locator('#reset-why', { hasText: /\w/ }).waitFor();
    await page.click('dialog >> text=earliest');
    await page.locator('#apply-reset:not([aria-disabled])').waitFor();
    const other = await fetch(`${url}/api/bus/groups/fraud-group/offsets`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"to":"earliest"}' });
    assert.equal(other.status, 200);
    await page.click('#apply-reset');
    await says(page, '#reset-why', 'Somebody else has changed the offsets');
  });
});

describe('the log and its compacted view', () => {
  test('superseded records name what took their place, curves join the others, and compacting now says what went', async () => {
    const { url } = await program();  // audit is not compacted: what is superseded stays, and is shown all the same
    for (const value of ['one', 'two', 'three']) await write(url, 'audit', { key: 'a', value });
    await write(url, 'audit', { key: 'b', value: null });
    const page = await open(inspector(url, '#audit?tab=compacted'));
    await until(page, () => document.querySelectorAll('.log-table tbody tr').length === 4 && document.querySelectorAll('.right-t tbody tr').length === 2);
    assert.deepEqual(await page.locator('.log-table tr.gone .off').allInnerTexts(), ['1', '0']);
    assert.deepEqual(await page.locator('.log-table tr.gone .by').allInnerTexts(), ['→ 2', '→ 1']);
    await says(page, '.log-table .tombrow', 'tombstone');
    assert.deepEqual(await page.locator('.right-t td:last-child').allInnerTexts(), ['0', '2']);
    await until(page, () => document.querySelectorAll('.slope path').length === 2 && document.querySelectorAll('.slope path.tomb').length === 1);
    await write(url, 'audit', { key: 'c', value: 'new' });
    await says(page, '.right-t', 'new');
    assert.equal(await page.locator('#compact').count(), 0, 'it is not a compacted topic');
    await page.goto(inspector(url, '#order-status?tab=compacted'));
    await write(url, 'order-status', { key: 'a', value: 'x' });
    await page.click('#compact');
    await says(page, '#went', 'went');
    assert.deepEqual(page.mishaps, []);
  });
});

describe('dead letters', () => {
  const failing = { environment: { FAIL_RATE: '1' } };

  test('they are listed by reason, and those that are chosen go back to where they came from', async () => {
    const { url } = await program(failing);
    await postMany(url, 4);
    await write(url, 'orders', { key: 'bad', value: '{"price": 7,80}' });
    const page = await open(inspector(url, '#orders-dlq'));
    await says(page, '#letters-facts', '5 dead letters, 2 reasons');
    const from = await page.locator('.dl-t tbody a').first().getAttribute('href');
    assert.match(from, /^#orders\/\d\/\d+$/);
    await fetch(`${url}/api/modules/notification-1`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"failRate":0}' });
    await fetch(`${url}/api/modules/notification-2`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"failRate":0}' });
    await page.locator('.rhead input').first().check();
    await page.click('#dry-run');
    await says(page, '#redrive-facts', '4 chosen: 4 go');
    assert.equal((await messagesOf(url, 'orders', 'header=redriveCount')).length, 0);
    await page.click('#redrive');
    await says(page, '#redrive-facts', '4 sent');
    const sent = await messagesOf(url, 'orders', 'header=redriveCount:1');
    assert.equal(sent.length, 4);
    assert.ok(sent.every(({ headers }) => !headers.some(({ name }) => name === 'retryCount' || name.startsWith('kafka_dlt-'))));
    assert.deepEqual(page.mishaps, []);
  });

  test('an edit changes the copy and not the letter; one that is no JSON is left out', async () => {
    const { url } = await program();
    await write(url, 'orders', { key: 'bad', value: '{"price": 7,80}' });
    const page = await open(inspector(url, '#orders-dlq'));
    await says(page, '#letters-facts', '1 dead letter');
    await page.locator('.dl-t .link').click();
    await says(page, '#edit-verdict', 'line 1, column 13');
    await page.locator('.dl-t tbody input').nth(1).check();
    await page.fill('#edit-value', '{"price": 7.80');
    await says(page, '#edit-verdict', 'leaves it out');
    await says(page, '#redrive-facts', '1 left out');
    await page.fill('#edit-value', '{"price": 7.80}');
    await says(page, '.dl-t .tag', 'edited');
    await page.click('#dry-run');
    await says(page, '.fates', 'edited value');
    await page.click('#redrive');
    await says(page, '#redrive-facts', '1 sent');
    const [sent] = await messagesOf(url, 'orders', 'header=redriveCount:1');
    assert.equal(sent.value.text, '{"price": 7.80}');
    assert.equal((await messagesOf(url, 'orders-dlq'))[0].value.text, '{"price": 7,80}');
  });

  test('those that were redriven ask again, and one box sends all of them once more', async () => {
    const { url } = await program();
    for (const key of ['a', 'b']) await write(url, 'orders-dlq', { key, value: key, headers: [{ name: 'kafka_dlt-original-topic', value: 'audit' }] });
    const page = await open(inspector(url, '#orders-dlq'));
    await page.check('#choose-all');
    await page.click('#dry-run');
    await page.click('#redrive');
    await says(page, '#redrive-facts', '2 sent');
    await page.click('.dryrun >> text=Close');
    await page.click('#dry-run');
    await says(page, '#redrive-facts', '2 chosen: 0 go, 2 ask again');
    await says(page, '.fates', 'it was redriven already');
    assert.equal(await page.locator('#redrive').count(), 0);
    await page.locator('.guard input').first().check();
    await says(page, '#redrive-facts', '2 chosen: 2 go');
    await page.click('#redrive');
    await says(page, '#redrive-facts', '2 sent');
    assert.equal((await messagesOf(url, 'audit', 'header=redriveOffset')).length, 4);
    assert.deepEqual(page.mishaps, []);
  });

  test('one that came back three times asks again', async () => {
    const { url } = await program();
    const dlt = (name, value) => ({ name: `kafka_dlt-${name}`, value });
    await write(url, 'orders-dlq', { key: 'k', value: 'x', headers: [dlt('original-topic', 'audit'), dlt('original-partition', '0'), dlt('original-offset', '999'), dlt('exception-message', 'again'), { name: 'redriveCount', value: '3' }] });
    const page = await open(inspector(url, '#orders-dlq'));
    await page.check('#choose-all');
    await page.click('#dry-run');
    await says(page, '#redrive-facts', '1 asks again');
    assert.equal(await page.locator('#redrive').count(), 0);
    await page.locator('.guard input').check();
    await page.click('#redrive');
    await says(page, '#redrive-facts', '1 sent');
    assert.equal((await messagesOf(url, 'audit', 'header=redriveCount:4')).length, 1);
  });
});

test('beyond loopback nothing is written without the token, and the field for it is there', async () => {
  const { port } = await program({ flags: ['--host=0.0.0.0', '--token=secret'] });
  const page = await open(inspector(`http://127.0.0.1:${port}`, '#orders'));
  await page.locator('#token-form').waitFor();
  await page.click('#produce');
  assert.equal(await page.getAttribute('#send-record', 'aria-disabled'), 'true');
  await page.keyboard.press('Escape');
  await page.fill('#token', 'secret');
  await page.click('#token-form >> text=Use it');
  await page.locator('#token-form').waitFor({ state: 'detached' });
  await post(`http://127.0.0.1:${port}`, {});
  await page.click('#produce');
  await page.fill('#p-value', 'x');
  await page.click('#send-record');
  await page.locator('#written').waitFor();
});
