// How the page's files are served.
import assert from 'node:assert/strict';
import http from 'node:http';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { binary, freePort, stage } from './support.mjs';

const { program } = stage();

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

test('the page names every module that it needs, and each is there', async () => {
  const { url } = await program();
  const page = (await get(`${url}/`)).body.toString();
  const named = [...page.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path]) => path);
  assert.ok(named.length > 10);
  const needed = new Set(['/js/main.js']);
  for (const path of needed) {
    const { status, body } = await get(`${url}${path}`);
    assert.equal(status, 200, path);
    const code = body.toString().replace(/\/\*.*?\*\//gs, '');
    for (const [, to] of code.matchAll(/\b(?:from|import) ?["']([./][^"']*)["']/g)) needed.add(new URL(to, `${url}${path}`).pathname);
  }
  assert.deepEqual([...needed].sort(), named.sort());
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
  assert.match(page, /<h1>foodorder: inspector<\/h1>/);
  for (const [, path] of page.matchAll(/<a href="([^"]+)"/g)) assert.equal((await get(`${at}${path}`)).status, 200, path);
});
