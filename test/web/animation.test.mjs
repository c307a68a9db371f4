// The animation of the README: the first minute, as pictures of a real page. With FOODORDER_PICTURES=<folder> it is filmed.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { animatedWebp } from './animated_webp.mjs';
import { openTab, says, stage } from './support.mjs';

const { program, open } = stage();
const folder = process.env.FOODORDER_PICTURES;

/** What the page has, and the pictures: a README shows them no larger. */
const viewport = { width: 1280, height: 800 };
const deviceScaleFactor = 0.8;
const [width, height] = [1024, 640];
const quality = 0.55;

/**
 * The part of each picture that differs from the one before, as WebP; a picture that shows the same lengthens that one.
 * Chromium reads and encodes the pictures: `pngs` are base64.
 * @param {{png: string, ms: number}[]} shots
 */
async function encode(page, shots) {
  const frames = [];
  for (const { png, ms } of shots) {
    const part = await page.evaluate(async ([base64, q]) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))]));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const pen = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
      pen.drawImage(image, 0, 0);
      const now = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
      const { before } = globalThis;
      globalThis.before = now;
      let [left, top, right, bottom] = before ? [image.width, image.height, 0, 0] : [0, 0, image.width, image.height];
      for (let at = 0; before && at < now.length; at += 1) {
        if (now[at] === before[at]) continue;
        const [x, y] = [at % image.width, Math.floor(at / image.width)];
        [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
      }
      if (right <= left) return undefined;
      [left, top] = [left & ~1, top & ~1];
      const cut = new OffscreenCanvas(right - left, bottom - top);
      cut.getContext('2d', { alpha: false }).drawImage(image, -left, -top);
      const bytes = new Uint8Array(await (await cut.convertToBlob({ type: 'image/webp', quality: q })).arrayBuffer());
      return { x: left, y: top, width: cut.width, height: cut.height, webp: btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join('')) };
    }, [png, quality]);
    if (part) frames.push({ ...part, webp: Buffer.from(part.webp, 'base64'), ms });
    else frames.at(-1).ms += ms;
  }
  return frames;
}

/** What a browser makes of it: how many pictures, and how large. */
const decoded = (page, file) => page.evaluate(async (base64) => {
  const data = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  const decoder = new ImageDecoder({ data, type: 'image/webp' });
  await decoder.tracks.ready;
  const { frameCount } = decoder.tracks.selectedTrack;
  const { image } = await decoder.decode({ frameIndex: frameCount - 1 });
  return { frames: frameCount, width: image.displayWidth, height: image.displayHeight };
}, file.toString('base64'));

/** Where pictures are worked on while the page goes on. */
const bench = (page) => openTab(page.context(), new URL('/favicon.svg', page.url()).href);

test('pictures become an animation that a browser plays', async () => {
  const { url } = await program();
  const page = await open(url, { viewport, deviceScaleFactor, firstMinute: true });
  await page.locator('.three').waitFor();
  const shoot = async () => ({ png: (await page.screenshot()).toString('base64'), ms: 500 });
  const shots = [await shoot(), await shoot()];
  await page.keyboard.press('t');
  shots.push(await shoot());
  const tab = await bench(page);
  const frames = await encode(tab, shots);
  const file = animatedWebp(width, height, frames);
  assert.deepEqual(await decoded(tab, file), { frames: frames.length, width, height });
  assert.ok(frames.length >= 2, 'the theme is another picture');
});

test('the first minute is filmed', { skip: !folder, timeout: 300_000 }, async () => {
  const { url } = await program();
  const page = await open(url, { viewport, deviceScaleFactor, firstMinute: true });
  await page.locator('.big.first').waitFor();
  const shots = [];
  /** Pictures until `isOver`, each shown as long as it stood, but `most` ms. */
  const film = async (most, isOver) => {
    for (let ends = false; !ends;) {
      ends = await isOver();
      const [begun, png] = [Date.now(), (await page.screenshot()).toString('base64')];
      await new Promise((next) => setTimeout(next, Math.max(0, most - (Date.now() - begun))));
      shots.push({ png, ms: Math.min(Date.now() - begun, most) });
    }
    shots.at(-1).ms = 2500;
  };
  const isSaid = (selector, text) => async () => (await page.locator(selector).allTextContents()).join().includes(text);
  await film(100, async () => true);
  await page.keyboard.press('Enter');
  await page.locator('.scrub').waitFor();
  await film(300, isSaid('#told', 'plays it again'));
  await page.keyboard.press('2');
  await film(400, async () => Number((await page.locator('#orders-total').textContent())) > 16);
  await page.keyboard.press('3');
  await says(page, '#broken', 'missed');
  await film(700, isSaid('#broken', 'at-least-once'));
  const file = animatedWebp(width, height, await encode(await bench(page), shots));
  assert.ok(file.length < 1.5e6, `${file.length} bytes`);
  writeFileSync(`${folder}/first-minute.webp`, file);
});
