// One animated WebP out of single ones, which a browser encodes:
// https://developers.google.com/speed/webp/docs/riff_container

/** @param {number} n  @param {number} bytes  little-endian */
const integer = (n, bytes) => Array.from({ length: bytes }, (_, at) => (n >> (8 * at)) & 255);

/** @param {string} name  four letters  @param {Buffer | number[]} body */
function chunk(name, body) {
  const padding = body.length % 2;
  return Buffer.concat([Buffer.from(name), Buffer.from(integer(body.length, 4)), Buffer.from(body), Buffer.alloc(padding)]);
}

/** The picture in a file that holds one picture without transparency. @param {Buffer} file */
function pictureOf(file) {
  for (let at = 12; at < file.length;) {
    const name = file.toString('latin1', at, at + 4);
    const end = at + 8 + file.readUInt32LE(at + 4);
    if (name === 'VP8 ' || name === 'VP8L') return chunk(name, file.subarray(at + 8, end));
    at = end + (end % 2);
  }
  throw new Error('a WebP without a picture');
}

/**
 * @param {number} width  @param {number} height
 * @param {{webp: Buffer, x: number, y: number, width: number, height: number, ms: number}[]} frames  each covers a part of
 *   what was shown before it; x and y are even; ms: how long it is shown
 */
export function animatedWebp(width, height, frames) {
  const size = (/** @type {number} */ w, /** @type {number} */ h) => [...integer(w - 1, 3), ...integer(h - 1, 3)];
  const animation = 2;
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    chunk('VP8X', [animation, 0, 0, 0, ...size(width, height)]),
    chunk('ANIM', [255, 255, 255, 255, 0, 0]),  // white behind it; it begins again for ever
    ...frames.map(({ webp, x, y, width: w, height: h, ms }) => chunk('ANMF', Buffer.concat([
      Buffer.from([...integer(x / 2, 3), ...integer(y / 2, 3), ...size(w, h), ...integer(ms, 3), 2]), pictureOf(webp)])))]);
  return chunk('RIFF', body);
}
