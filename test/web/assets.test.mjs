// How the page's files are served.
import assert from 'node:assert/strict';
import http from 'node:http';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { freePort } from '../support/free_port.mjs';
import { binary, openTab, post, postMany, root, rowOf, says, stage } from './support.mjs';

const { program, proxy, open } = stage();

/** As it came: fetch() would decompress it. */
function get(url, headers = {}) {
  return new Promise((done, failed) => http.get(url, { headers }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk)).on('end', () =>
      done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
  }).on('error', failed));
}

test('files are compressed for those who take that, each form with its own ETag', async () => {
  const { url } = await program();
  const plain = await get(`${url}/js/main.js`);
  assert.equal(plain.headers['content-encoding'], undefined);
  const packed = await get(`${url}/js/main.js`, { 'accept-encoding': 'br, gzip;q=0.8' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers.vary, 'Accept-Encoding');
  assert.deepEqual(gunzipSync(packed.body), plain.body);
  assert.notEqual(packed.headers.etag, plain.headers.etag);
  for (const codings of ['gzip;q=0', 'identity', 'br', 'x-gzip ,deflate', 'gzip; q=0.000']) {
    assert.equal((await get(`${url}/js/main.js`, { 'accept-encoding': codings })).headers['content-encoding'], undefined, codings);
  }
  for (const [form, headers] of [[plain, {}], [packed, { 'accept-encoding': 'gzip' }]]) {
    const again = await get(`${url}/js/main.js`, { ...headers, 'if-none-match': form.headers.etag });
    assert.equal(again.status, 304);
  }
});

/** Paths that a module imports as the page begins, and later. */
const importedBy = (code) => ({
  needed: [...code.matchAll(/^(?:import|export)\b[^'"]*["']([./][^"']*)["']/gm)].map(([, to]) => to),
  later: [...code.matchAll(/\bimport\(["']([^"']+)["']\)/g)].map(([, to]) => to),
});

for (const [name, first, isLoaded] of [['/', '/js/main.js', '/js/journeys.js'], ['/order', '/js/order_page.js']]) {
  test(`${name} hints at its one file of modules, which needs no other, and those that are loaded later are there`, async () => {
    const { url } = await program();
    const page = (await get(`${url}${name}`)).body.toString();
    assert.deepEqual([...page.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path]) => path), [first]);
    const { needed, later } = importedBy((await get(`${url}${first}`)).body.toString());
    assert.deepEqual(needed, []);
    if (isLoaded) assert.ok(later.includes(isLoaded));
    const seen = new Set([first]);
    for (const paths = [...later]; paths.length > 0;) {
      const path = paths.pop();
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, body } = await get(`${url}${path}`);
      assert.equal(status, 200, path);
      const further = importedBy(body.toString());
      assert.deepEqual(further.later, []);
      paths.push(...further.needed);
    }
    if (isLoaded) assert.ok(seen.has('/js/view/drawer.js'), 'what two of them need is a file of its own');
  });
}

/** Files: what the API and the streams say is no part of the page. */
const isFile = ({ what }) => !/ \/(api|events)\b/.test(what);
const kilobytes = (asked) => asked.filter(isFile).reduce((sum, { bytes }) => sum + bytes, 0) / 1024;

test('the first frame is whole after at most 12 requests and 75 KB of files: an empty log', async () => {
  const { port } = await program();
  const { url, asked } = await proxy(port);
  const page = await open(url, { firstMinute: true });
  await page.locator('.three').waitFor();
  await page.locator('.map-sheet .wires').waitFor();
  const requests = asked.map(({ what }) => what);
  assert.ok(requests.length <= 12, requests.join('\n'));
  assert.ok(kilobytes(asked) <= 75, `${kilobytes(asked)} KB`);
  assert.deepEqual(page.mishaps, []);
});

test('the first frame is whole after at most 12 requests: a log that holds every kind of record', async () => {
  const { port, url: direct } = await program({ environment: { FAIL_RATE: '1' } });
  await postMany(direct, 50);
  const before = await open(direct);
  await says(before, '#ledger [data-figure="gaveUp"]', '50');
  await before.context().close();
  const { url, asked } = await proxy(port);
  const page = await open(url);
  for (const panel of ['#orders .order', '.p-audit li', '.p-dead li', '.p-notifications li', '.map-sheet .wires', '.topic-orders .cell.r2']) {
    await page.locator(panel).first().waitFor();
  }
  // The icon of the tab comes when the browser likes; what may be controlled, and the outcomes of orders out of sight, come after.
  const later = /favicon|\/api\/access|&limit=500$/;
  const requests = asked.map(({ what }) => what).filter((what) => !later.test(what) || what.includes('/api/orders'));
  assert.ok(requests.length <= 12, requests.join('\n'));
});

test('a page in a browser without SharedWorker loads the hub by itself, and what is opened later comes in few files', async () => {
  const { port } = await program();
  const { url, asked } = await proxy(port);
  const page = await open(url);
  const later = async (run, ...files) => {
    const before = asked.length;
    await run();
    assert.deepEqual(asked.slice(before).map(({ what }) => what).filter((what) => what.includes('.js')), files.map((file) => `GET ${file}`));
  };
  const { id } = await post(url, {});
  await rowOf(page, 'Mei Tanaka').getByText('notified').waitFor();
  await later(async () => {
    await page.goto(`${url}/#order/${id}`);
    await says(page, '.summary', 'The customer was told');
  }, '/js/journeys.js', '/js/view/drawer.js');
  await page.keyboard.press('Escape');
  await later(async () => {
    await page.keyboard.press('c');
    await page.locator('.chart canvas').first().waitFor();
  }, '/js/view/charts.js');
  const context = page.context();
  await context.addInitScript(() => delete globalThis.SharedWorker);
  const alone = await openTab(context, url);
  await says(alone, '#connection', 'live');
  await rowOf(alone, 'Mei Tanaka').waitFor();
  assert.deepEqual([...page.mishaps, ...alone.mishaps], []);
});

test('with --web-dir files come from the folder as they are now, and the others from the binary', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'web-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.html'), 'first');
  const { url } = await program({ flags: ['--web-dir', folder] });
  assert.equal((await get(`${url}/`)).body.toString(), 'first');
  writeFileSync(join(folder, 'index.html'), 'second');
  const page = await get(`${url}/`);
  assert.equal(page.body.toString(), 'second');
  assert.match(page.headers['content-security-policy'], /default-src 'self'/);
  assert.equal((await get(`${url}/style.css`)).status, 200);
});

test('with --web-dir the page runs by its single modules', async () => {
  const { port } = await program({ flags: ['--web-dir', `${root}web`] });
  const { url, asked } = await proxy(port);
  const page = await open(url);
  await post(url, {});
  await rowOf(page, 'Mei Tanaka').getByText('notified').click();
  await says(page, '.summary', 'The customer was told');
  for (const module of ['state', 'view/map', 'view/journey', 'hub']) assert.ok(asked.some(({ what }) => what === `GET /js/${module}.js`), module);
  assert.deepEqual(page.mishaps, []);
});

test('a --web-dir without a page is refused', () => {
  const { status, stderr, stdout } = spawnSync(binary, ['--port=1', '--web-dir=/nowhere'], { encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr + stdout, /--web-dir: there is no index\.html in "\/nowhere"/);
});

test('the inspector has a page of its own, whose links lead to the API', async () => {
  const inspector = await freePort();
  await program({ inspectorPort: inspector });
  const at = `http://127.0.0.1:${inspector}`;
  const page = (await get(`${at}/`)).body.toString();
  assert.match(page, /<title>foodorder: inspector<\/title>/);
  assert.match(page, /<a href="\/api\/bus\/topics"/, 'also without JavaScript');
  for (const [, path] of page.matchAll(/<a href="([^"]+)"/g)) assert.equal((await get(`${at}${path}`)).status, 200, path);
});
