// Small pieces that several views of the inspector show.

import { html } from '../../html.js';
import { firstBytes, oneLine, sizeOf, sizeText } from '../../inspector/bytes.js';
import { copy } from '../../inspector/copy.js';
import { placeText, recordLink } from '../../inspector/route.js';
import { useState } from '/vendor/preact-hooks.js';

/** @import { Line } from '../../inspector/command_lines.js' */
/** @import { Bytes } from '../../inspector/types.js' */

/** What the server says of the age of the oldest unread record. @param {{lagSeconds?: number | null}} of */
export const lagSeconds = ({ lagSeconds: known }) => (typeof known === 'number' ? { ms: known * 1000, atLeast: false } : undefined);

/** "1.3 s", "2 min 5 s", "over 3 min". @param {{ms: number, atLeast: boolean}} of */
export function seconds({ ms, atLeast }) {
  const text = ms === 0 ? '0' : ms < 99_950 ? `${(ms / 1000).toFixed(1)} s` : ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
  return atLeast ? `over ${text}` : text;
}

/** Bytes on one line; null in italics, binary as its first bytes. @param {{of: Bytes | null, most?: number}} props */
export function OneLine({ of, most = 300 }) {
  if (of === null) return html`<i class="null">null</i>`;
  if (of.encoding === 'base64') return html`<span class="tag">binary, ${sizeText(sizeOf(of))}</span> ${firstBytes(of, 16)} …`;
  if (of.text === '') return html`<i class="quiet">empty</i>`;
  return html`<bdi>${oneLine(of.text.slice(0, most))}</bdi>${(of.text.length > most || of.cut) && '…'}`;
}

/** An offset is a link to its record. @param {{topic: string, partition: number, offset: number, text?: string}} props */
export const Offset = ({ topic, partition, offset, text = String(offset) }) =>
  html`<a href=${recordLink({ topic, partition, offset })} title=${placeText({ topic, partition, offset })}>${text}</a>`;

/** The line of a terminal that does the same, for each tool that can. @param {{lines: Line[], note?: string}} props */
export function Command({ lines, note = '' }) {
  const [tool, choose] = useState('');
  const shown = lines.find((each) => each.tool === tool) ?? lines[0];
  return html`<div class="cli"><span>same in a terminal</span>
    ${lines.length > 1 && html`<div class="seg" role="group" aria-label="Tool">${lines.map((each) => html`<button key=${each.tool}
      aria-pressed=${String(each === shown)} onClick=${() => choose(each.tool)}>${each.tool}</button>`)}</div>`}
    <code tabindex="0" aria-label="Command">${shown.line}</code>${note && html`<span>${note}</span>`}
    <button class="btn small" onClick=${() => copy(shown.line, 'The command')}>Copy</button></div>`;
}

/**
 * One of some, as pressed buttons.
 * @param {{label: string, of: [string, string][], value: string, choose: (value: string) => void}} props
 */
export const Choice = ({ label, of, value, choose }) => html`<div class="seg" role="group" aria-label=${label}>
  ${of.map(([name, text]) => html`<button key=${name} type="button" aria-pressed=${String(name === value)} onClick=${() => choose(name)}>${text}</button>`)}</div>`;

/** Shown as text when it is one in the middle of rows. @param {number} n  @param {string} one  @param {string} [many] */
export const count = (n, one, many = `${one}s`) => (n === 1 ? one : many);
