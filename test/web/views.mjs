// Every view of the page, and how to get there: for views.test.mjs, which looks at each in all widths and colours.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { breakIt, command, post, postMany, says } from './support.mjs';

const send = (url, method, path, body) => fetch(`${url}${path}`, {
  method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Orders as a shop has them. */
const guests = ['Ana Ribeiro', 'Mei Tanaka', 'Omar Haddad', 'Priya Nair', 'Luca Conti', 'Sofia Lind', 'Tom Baker', 'Jonas Weber'];
const dishes = [['Ramen Shoyu', 11.9], ['Pizza Margherita', 9.9], ['Pad Thai', 10.5], ['Bao, three', 8.4], ['Dal Makhani', 9.2], ['Caesar Salad', 7.8]];
export const ordinary = (n) => ({ customerName: guests[(3 * n) % guests.length], item: dishes[n % dishes.length][0], quantity: 1 + (n % 3), price: dishes[n % dishes.length][1] });

export const large = { width: 1440, height: 900 };

/** Shows the section of a phone; a wide page has no such buttons. */
async function section(page, name) {
  const tab = page.locator('.tabs-phone').getByText(name, { exact: true });
  if (await tab.isVisible()) await tab.click();
}

async function toldFirst({ program, open }, options) {
  const { url } = await program(options);
  const page = await open(url, { viewport: large, firstMinute: true });
  await page.locator('.big.first').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.scrub').waitFor();
  return { url, page };
}

/** A running shop in which notification-2 is slow. */
async function busy({ program, open }, path = '') {
  const { url } = await program({ environment: { FAIL_RATE: '0.3' } });
  await postMany(url, 60, ordinary);
  await send(url, 'PATCH', '/api/modules/notification-2', { settings: { workMs: 900 } });
  await send(url, 'PUT', '/api/load', { rate: 6, scenario: 'steady', seed: 1 });
  const page = await open(`${url}/${path}`, { viewport: large });
  await says(page, '[data-instance="notification-2"] .lag b', /^[1-9]\d/);
  return page;
}

async function crashed({ program, open }, sessionMs) {
  const config = `${mkdtempSync(`${tmpdir()}/foodorder-`)}/foodorder.toml`;
  writeFileSync(config, `[bus]\nsessionTimeoutMs = ${sessionMs}\n`);
  const { url, page } = await toldFirst({ program, open }, { flags: [`--config=${config}`] });
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  await says(page, '#orders-total', '9');
  await page.keyboard.press('3');
  return { url, page };
}

/** The first minute of another architecture, after its third step. `lines`: of a configuration file. */
async function broken({ program, open }, architecture, lines = '') {
  const folder = mkdtempSync(`${tmpdir()}/foodorder-`);
  writeFileSync(`${folder}/foodorder.toml`, lines);
  const database = architecture === 'rest' ? folder : `${folder}/shop.db`;
  const { url } = await program({ flags: [`--architecture=${architecture}`, `--database=sqlite:${database}`, `--config=${folder}/foodorder.toml`] });
  const page = await open(url, { viewport: large, firstMinute: true });
  await breakIt(page);
  return { url, page };
}

/** Services that call each other: nothing reaches audit from the order service, and a second try to notification was needed. */
async function services({ program, open }) {
  const { url } = await program({ flags: ['--architecture=rest', `--database=sqlite:${mkdtempSync(`${tmpdir()}/foodorder-`)}`, '--seed=3'], environment: { FAIL_RATE: '0.3' } });
  await postMany(url, 60, (n) => ({ ...ordinary(n), customerName: `Guest ${n}` }));
  await send(url, 'PATCH', '/api/calls/order-audit-audit', { refuse: true });
  for (let n = 0; n < 8; n += 1) await post(url, { ...ordinary(n), customerName: `Late ${n}` });
  await send(url, 'PATCH', '/api/calls/order-notification-notify', { failRate: 0.5 });
  for (let n = 0; n < 3; n += 1) await post(url, { ...ordinary(n), customerName: 'Ana Ribeiro' });
  await send(url, 'PATCH', '/api/calls/order-notification-notify', { failRate: 0 });
  const page = await open(url, { viewport: large });
  await says(page, '[data-arrow=order-audit-audit] .breaker', 'open');
  return page;
}

async function dialog(stage, key) {
  const { url } = await stage.program();
  await postMany(url, 5, ordinary);
  const page = await stage.open(url, { viewport: large });
  await says(page, '#orders-total', '5');
  if (key.length > 1) await page.locator('#orders .order').first().focus();
  await page.keyboard.press(key);
  return page;
}

async function journey({ program, open }) {
  const { url } = await program({ environment: { FAIL_RATE: '1' } });
  const { id } = await post(url, ordinary(0));
  const page = await open(`${url}/#order/${id}`, { viewport: large });
  await says(page, '.drawer .summary', 'went to orders-dlq');
  return page;
}

async function phone({ program, open }, orders) {
  const { url } = await program({ environment: { FAIL_RATE: '0.5' } });
  const page = await open(`${url}/order`, { viewport: { width: 390, height: 844 }, firstMinute: true });
  for (let n = 0; n < orders; n += 1) {
    await page.fill('[name="customerName"]', 'Lena');
    await page.click('.order-now');
    await page.waitForFunction((count) => document.querySelectorAll('.mine').length === count, n + 1);
  }
  if (orders > 0) await says(page, '.mine', 'told you');
  return page;
}

/**
 * Each view: its name and what brings it about. `tab`: the section of a phone that has it; `wide`: phones have it not;
 * `inDocs`: it has pictures there.
 * @type {Record<string, {tab?: string, wide?: boolean, inDocs?: boolean, show: (stage: any) => Promise<any>}>}
 */
export const views = {
  rest: {
    tab: 'Map',
    inDocs: true,
    show: async ({ program, open }) => {
      const { url } = await program();
      const page = await open(url, { viewport: large, firstMinute: true });
      await page.locator('.three').waitFor();
      return page;
    },
  },
  'slow-motion': {
    tab: 'Map',
    inDocs: true,
    show: async (stage) => {
      const { page } = await toldFirst(stage);
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      return page;
    },
  },
  told: {
    tab: 'Map',
    show: async (stage) => {
      const { page } = await toldFirst(stage);
      await says(page, '#told', 'plays it again');
      return page;
    },
  },
  crash: {
    tab: 'Map',
    inDocs: true,
    show: async (stage) => {
      const { page } = await crashed(stage, 300_000);
      await says(page, '#broken', /[1-9]\d* orders? waits? on p2/);
      return page;
    },
  },
  recovered: {
    tab: 'Map',
    show: async (stage) => {
      const { url, page } = await crashed(stage, 3000);
      await says(page, '#broken', 'took over');
      await send(url, 'DELETE', '/api/load');
      await says(page, '#broken', 'at-least-once');
      return page;
    },
  },
  lease: {
    tab: 'Map',
    inDocs: true,
    show: async (stage) => {
      const { page } = await broken(stage, 'monolith', '[notification]\nleaseMs = 300000\n');
      await says(page, '#broken', 'nobody else may touch it');
      await says(page, '#orders-total', /^\d\d$/);
      return page;
    },
  },
  gaps: {
    tab: 'Map',
    inDocs: true,
    show: async (stage) => {
      const { url, page } = await broken(stage, 'rest');
      await says(page, '#broken', 'will never know of');
      await send(url, 'DELETE', '/api/load');
      return page;
    },
  },
  work: { tab: 'Map', inDocs: true, show: busy },
  presenter: {
    wide: true,
    inDocs: true,
    show: async ({ program, open }) => {
      const page = await busy({ program: (options) => program({ ...options, flags: ['--host=0.0.0.0', '--token=none'] }), open });
      await page.keyboard.press('p');
      await page.locator('.room').waitFor();
      return page;
    },
  },
  journey: { inDocs: true, show: journey },
  record: {
    show: async (stage) => {
      const page = await journey(stage);
      await page.locator('.place').nth(2).click();
      return page;
    },
  },
  lost: {
    tab: 'Map',
    show: async ({ program, open, wire }) => {
      const server = await program();
      await postMany(server.url, 12, ordinary);
      const line = await wire(server.port);
      const page = await open(line.url, { viewport: large });
      await says(page, '#orders-total', '12');
      line.cut();
      await says(page, '#connection', 'no server answers');
      return page;
    },
  },
  stopped: {
    tab: 'Map',
    show: async ({ program, open }) => {
      const { url } = await program();
      await postMany(url, 12, ordinary);
      const page = await open(url, { viewport: large });
      await command(url, 'order-1', 'stop');
      await says(page, '#connection', 'Start');
      return page;
    },
  },
  guest: {
    tab: 'Map',
    show: async ({ program, open }) => {
      const { url } = await program({ flags: ['--host=0.0.0.0', '--token=open-sesame'] });
      const page = await open(url, { viewport: large });
      await page.locator('#token-form').waitFor({ state: 'attached' });
      return page;
    },
  },
  services: { tab: 'Map', inDocs: true, show: services },
  calls: {
    inDocs: true,
    show: async (stage) => {
      const page = await services(stage);
      await page.evaluate(async () => {
        const ask = (path) => fetch(path).then((answer) => answer.json());
        for (const { id } of (await ask('/api/orders?order=newest&limit=20')).filter(({ customerName }) => customerName === 'Ana Ribeiro')) {
          location.hash = `#order/${id}`;
          if ((await ask(`/api/orders/${id}/calls`)).calls.some(({ tries }) => tries.length > 1)) return;
        }
      });
      await page.locator('.k-skipped .call').click();
      return page;
    },
  },
  charts: {
    inDocs: true,
    show: async (stage) => {
      const page = await busy(stage);
      await page.keyboard.press('c');
      await page.locator('.chart[aria-label*="notified "]:not([aria-label*="notified unknown"])').waitFor();
      return page;
    },
  },
  help: { show: (stage) => dialog(stage, '?') },
  code: { show: (stage) => dialog({ ...stage, program: () => stage.program({ flags: ['--host=0.0.0.0', '--token=none'] }) }, 'q') },
  deleting: { show: (stage) => dialog(stage, 'Delete') },
  order: { show: (stage) => phone(stage, 0) },
  ordered: { inDocs: true, show: (stage) => phone(stage, 3) },
};

/** The view at a width, once all has taken its place there. */
export async function showAt(page, { tab, wide }, viewport) {
  if (wide && viewport.width <= 1024) return false;
  await page.setViewportSize(viewport);
  if (tab) await section(page, tab);
  await settled(page);
  return true;
}

/** What follows a new size or other colours has come to its end; marks in flight go on. */
export const settled = (page) => page.evaluate(async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))));
  const changes = document.getAnimations().filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(changes.map(({ finished }) => finished));
});
