// Bytes as people read them: text without tricks, hex, sizes. Pure.

/** @import { Bytes } from './types.js' */

// Control characters, what changes the direction of text, what has no width: none of these may act on the page. Tabs and line ends stay.
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** @param {string} text  each hidden character as an escape that can be seen: \u202e */
export const visible = (text) => text.replace(hidden, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** On one line. @param {string} text */
export const oneLine = (text) => visible(text).replace(/\r?\n|\r/g, '\u21b5').replaceAll('\t', ' ');

/** @param {Bytes} of  @returns {Uint8Array} */
export function bytesOf({ encoding, text }) {
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  return Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
}

/** @param {Bytes | null} of  @returns {number} */
export function sizeOf(of) {
  if (!of) return 0;
  if (of.bytes !== undefined) return of.bytes;
  if (of.encoding === 'base64') return Math.floor(of.text.length * 3 / 4) - (of.text.endsWith('==') ? 2 : of.text.endsWith('=') ? 1 : 0);
  let bytes = of.text.length;
  for (let at = 0; at < of.text.length; at += 1) {
    const code = of.text.charCodeAt(at);
    if (code >= 0x800 && (code < 0xd800 || code > 0xdfff)) bytes += 2;
    else if (code >= 0x80) bytes += 1;  // a surrogate pair is four bytes and two units
  }
  return bytes;
}

/** "96 B", "22.1 MB", "12 kB": powers of 1000. @param {number} bytes */
export function sizeText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, size] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  const value = bytes / Number(size);
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

export const bytesALine = 16;

/** @param {number} byte */
const hex = (byte) => byte.toString(16).padStart(2, '0');

/** One line of a hex dump. @param {Uint8Array} bytes  @param {number} line */
export function hexLine(bytes, line) {
  const part = [...bytes.subarray(line * bytesALine, (line + 1) * bytesALine)];
  const half = bytesALine / 2;
  return {
    at: (line * bytesALine).toString(16).padStart(4, '0'),
    hex: [part.slice(0, half), part.slice(half)].map((some) => some.map(hex).join(' ')).join('  '),
    text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
  };
}

/** The first bytes, for a row. @param {Bytes} of  @param {number} count */
export function firstBytes(of, count) {
  const part = of.encoding === 'base64' ? { ...of, text: of.text.slice(0, Math.ceil(count / 3) * 4) } : of;
  return [...bytesOf(part).subarray(0, count)].map(hex).join(' ');
}

/** Whether two are the same bytes. @param {Bytes | null} a  @param {Bytes | null} b */
export const sameBytes = (a, b) => (a === null || b === null ? a === b : a.encoding === b.encoding && a.text === b.text);
