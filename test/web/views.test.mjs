// Every view of the page in every width and colour. With FOODORDER_PICTURES=<folder> it also takes their pictures.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { stage, violations } from './support.mjs';
import { large, settled, showAt, views } from './views.mjs';

const start = stage();
const folder = process.env.FOODORDER_PICTURES;
const only = process.env.FOODORDER_VIEW;

/** Those of docs, and a small laptop. */
const sizes = [[1920, 1080], [1440, 900], [1280, 800], [768, 1024], [390, 844]].map(([width, height]) => ({ width, height }));
const narrow = { width: 320, height: 700 };
const colours = { light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' }, 'forced colours': { forcedColors: 'active' } };

/** As wide as a page of docs shows it at most. */
async function takePicture(page, view, name) {
  if (!folder || !view.inDocs || name.endsWith('-1280')) return;
  mkdirSync(folder, { recursive: true });
  const { width, height } = page.viewportSize();
  const clip = { x: 0, y: 0, width, height, scale: Math.min(1, large.width / width) };
  const browser = await page.context().newCDPSession(page);
  const { data } = await browser.send('Page.captureScreenshot', { format: 'webp', quality: 50, clip });
  await browser.detach();
  writeFileSync(`${folder}/${name}.webp`, Buffer.from(data, 'base64'));
}

/** What is wrong with the layout, in words: the page scrolls sideways, or words of the page itself are cut off. */
const crooked = (page) => page.evaluate(() => {
  const { scrollWidth } = document.documentElement;
  const own = '.topbar *, h2, h2 > *, .btn, .big *, .seg button, dt, .empty, .ledger *, .countdown *, .line, .line *, .outcomes *, .member .state, .fail-mode *';
  const cut = [...document.querySelectorAll(own)].filter((each) => each.checkVisibility() && !each.closest('.sr, svg') && each.clientWidth > 0
    && getComputedStyle(each).overflowX !== 'visible' && each.scrollWidth > each.clientWidth + 1);
  const outside = [...document.querySelectorAll('button, h2, dd')].filter((each) => {
    const { left, right, width } = each.getBoundingClientRect();
    return each.checkVisibility() && width > 0 && !each.closest('.sr, .lane, .wires') && (left < -1 || right > innerWidth + 1);
  });
  const parts = '.who, .lag, .rate, .slider span, .slider output, .report, .acts > *';
  const boxes = (member) => [...member.querySelectorAll(parts)].filter((each) => each.checkVisibility({ visibilityProperty: true })).map((each) => each.getBoundingClientRect());
  const overlaps = [...document.querySelectorAll('.member')].filter((member) => boxes(member).some((a, n, all) => all.slice(n + 1).some((b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)));
  return [...overlaps.map(({ textContent }) => `parts overlap: ${textContent}`), ...(scrollWidth > innerWidth ? [`the page is ${scrollWidth} px wide in ${innerWidth}`] : []),
    ...cut.map((each) => `cut off: ${each.textContent.trim()}`), ...outside.map((each) => `outside: ${each.textContent.trim()}`)];
});

describe('every view', () => {
  for (const [name, view] of Object.entries(views)) {
    test(`${name}: fits every width, and axe-core finds nothing in any colour`, { skip: only && !only.split(',').includes(name) }, async () => {
      const page = await view.show(start);
      for (const size of sizes) {
        if (!(await showAt(page, view, size))) continue;
        assert.deepEqual(await crooked(page), [], `${size.width} px wide`);
        await takePicture(page, view, `page-${name}-${size.width}`);
      }
      await showAt(page, view, large);
      for (const [colour, media] of Object.entries(colours)) {
        await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', ...media });
        await settled(page);
        assert.deepEqual(await violations(page), [], colour);
        if (colour === 'dark' && name === 'work') await takePicture(page, view, `page-${name}-dark`);
      }
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
      if (await showAt(page, view, narrow)) {
        assert.deepEqual(await crooked(page), [], '320 px wide');
        assert.deepEqual(await violations(page), [], '320 px wide');
      }
      assert.deepEqual(page.mishaps, []);
    });
  }
});
