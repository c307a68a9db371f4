// A program under test, the wire between it and a page, and a browser. What is started here is ended here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { freePort } from '../support/free_port.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const binary = process.env.FOODORDER_BIN ?? `${root}build/release/foodorder`;

/** Ends what hangs; no more than that: the machine may have much else to do. */
const patienceMs = 60_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts the program and waits until it is ready. `environment` is the only thing that differs between tests. */
async function startProgram({ port, inspectorPort = 0, environment = {}, flags = [] } = {}) {
  const at = port ?? (await freePort());
  const child = spawn(binary, ['--port', String(at), '--inspector-port', String(inspectorPort), ...flags], {
    cwd: root, env: { ...process.env, FAIL_RATE: '0', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const ended = once(child, 'exit').catch((error) => (said += error.message));  // it could not be started
  const url = `http://127.0.0.1:${at}`;
  for (const deadline = Date.now() + patienceMs; ;) {
    const ready = await fetch(`${url}/readyz`).then((response) => response.ok, () => false);
    if (ready) break;
    if (child.exitCode !== null || !child.pid || Date.now() > deadline) {
      child.kill('SIGKILL');
      await ended;
      throw new Error(`${binary} is not ready: ${said}`);
    }
    await pause(50);
  }
  const end = async (signal) => {
    child.kill(signal);
    await ended;
  };
  return {
    port: at,
    url,
    stop: async () => {
      child.kill('SIGCONT');
      await end('SIGTERM');
    },
    kill: () => end('SIGKILL'),
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
  };
}

/** A wire to `port` that can be cut and mended; connections that exist when it is cut are dropped. */
async function startWire(port) {
  const sockets = new Set();
  let isCut = false;
  const server = net.createServer((near) => {
    if (isCut) return near.destroy();
    const far = net.connect(port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]]) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut: () => {
      isCut = true;
      drop();
    },
    mend: () => (isCut = false),
    stop: () => {
      drop();
      server.close();
    },
  };
}

/**
 * A proxy before `port`, which writes down what a browser asks for, also from its workers: `asked` has the method and path of
 * each request and the bytes of the answer's body as they went over the wire.
 */
async function startProxy(port) {
  /** @type {{what: string, bytes: number}[]} */
  const asked = [];
  const server = http.createServer((request, response) => {
    const entry = { what: `${request.method} ${request.url}`, bytes: 0 };
    asked.push(entry);
    const { url: path, method, headers } = request;
    const further = http.request({ port, host: '127.0.0.1', path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.on('data', (chunk) => (entry.bytes += chunk.length)).on('error', () => response.destroy()).pipe(response);
    });
    further.on('error', () => response.destroy());
    response.on('close', () => further.destroy());
    request.pipe(further);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One browser for the tests of a file. What a test starts is ended after it. */
export function stage() {
  /** @type {(() => unknown)[]} */
  const cleanup = [];
  let browser;
  after(() => browser?.close());
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    while (cleanup.length) await cleanup.pop()();
  });
  const ended = (started) => {
    cleanup.push(started.stop);
    return started;
  };
  return {
    program: async (options) => ended(await startProgram(options)),
    wire: async (port) => ended(await startWire(port)),
    proxy: async (port) => ended(await startProxy(port)),
    open: async (url, options) => {
      browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
      return openPage(browser, url, options);
    },
  };
}

/**
 * A page on `url` that follows the stream. `page.mishaps` collects what should never happen: exceptions, refused scripts
 * and styles, dialogs. The row of the first minute is folded unless `firstMinute` is set.
 */
async function openPage(browser, url, { firstMinute = false, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await openTab(context, url);
  await says(page, '#connection', 'live');
  if (!firstMinute) await foldFirstMinute(page);
  return page;
}

/** Whether the row shows is decided once the orders have been read. */
async function foldFirstMinute(page) {
  await page.locator('main:not([aria-busy])').waitFor();
  await page.evaluate(() => document.querySelector('.stage .fold')?.click());
}

/** One more tab of the same browser; it need not be live yet. */
export async function openTab(context, url) {
  const page = await context.newPage();
  page.mishaps = [];
  page.on('pageerror', (error) => page.mishaps.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) page.mishaps.push(message.text());
  });
  page.on('dialog', (dialog) => {
    page.mishaps.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.setDefaultTimeout(patienceMs);
  await page.goto(url);
  return page;
}

/** Places `count` orders as another client does, some at a time. */
export async function postMany(url, count, fields = () => ({})) {
  let next = 0;
  const worker = async () => {
    while (next < count) await post(url, fields(next++));
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

/** A command to an instance of a module. */
export async function command(url, instance, verb) {
  const response = await fetch(`${url}/api/modules/${instance}/${verb}`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  if (response.status >= 300) throw new Error(`${verb} ${instance} answered ${response.status}: ${await response.text()}`);
}

/** What axe-core finds wrong, in words; empty: nothing. */
export async function violations(page) {
  // The policy allows scripts of the server only, so it is run and not inserted.
  await page.evaluate(readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8'));
  return page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run();
    return found.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} (${target.join(' ')})`));
  });
}

/** Collects what the live regions say, as a screen reader would read it. */
export async function listen(page) {
  await page.evaluate(() => {
    globalThis.heard = [];
    const region = document.querySelector('#announcement');
    new MutationObserver(() => globalThis.heard.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => globalThis.heard);
}

/** Waits until an element in sight says `text`. It looks at each frame, so that it sees what is there for a moment only. */
export async function says(page, selector, text) {
  const wanted = text instanceof RegExp ? [text.source, text.flags] : text.replace(/\s+/g, ' ').toLowerCase();
  await page.waitForFunction(([where, what]) => [...document.querySelectorAll(where)].some((each) => {
    const said = each.textContent.replace(/\s+/g, ' ');
    return each.checkVisibility() && (Array.isArray(what) ? new RegExp(...what).test(said) : said.toLowerCase().includes(what));
  }), [selector, wanted])
    .catch(async (error) => {
      throw new Error(`${selector} says ${JSON.stringify(await page.locator(selector).allTextContents())}, not ${text}`, { cause: error });
    });
}

/** The third step of the first minute. It waits until it is known that this page may control the system. */
export async function breakIt(page) {
  await page.locator('.big[aria-keyshortcuts="3"]:not([aria-disabled])').waitFor();
  await page.keyboard.press('3');
}

/** Waits until `check` throws nothing: for what the page shows a moment later than what was waited for. */
export async function comesTrue(check) {
  for (const deadline = Date.now() + patienceMs; ; await pause(50)) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** Waits until every group has done all that the log holds, and the page shows the last records of it. */
export async function atRest(page, url) {
  const ask = (path) => fetch(`${url}/api/bus/${path}`).then((response) => response.json());
  await comesTrue(async () => {
    const groups = await ask('groups');
    assert.deepEqual(groups.filter(({ lag }) => lag > 0), []);
  });
  const endOf = async (topic) => (await ask(`topics/${topic}`)).partitions[0].endOffset;
  await page.waitForFunction((ends) => Object.entries(ends).every(([panel, end]) =>
    end === 0 || [...document.querySelectorAll(`${panel} li:first-child .mono`)].some(({ textContent }) => textContent.trim() === `@${end - 1}`)),
  { '.p-audit': await endOf('audit'), '.p-dead': await endOf('orders-dlq') });
}

/** The page's only order row of that customer. */
export const rowOf = (page, customer) => page.locator('#orders .order', { hasText: customer });

/** An order by REST, as another client places it. */
export async function post(url, fields) {
  const response = await fetch(`${url}/api/orders`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customerName: 'Mei Tanaka', item: 'Pad Thai', quantity: 1, price: 9.5, ...fields }) });
  if (response.status !== 201) throw new Error(`POST answered ${response.status}: ${await response.text()}`);
  return response.json();
}
