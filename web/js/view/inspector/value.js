import { useMemo, useState } from '/vendor/preact-hooks.js';

import { html } from '../../html.js';
import { bytesALine, bytesOf, hexLine, visible } from '../../inspector/bytes.js';
import { jsonLines, shownLines } from '../../inspector/json_text.js';
import { grouped } from '../../text.js';
import { Windowed } from '../windowed.js';
import { Choice } from './parts.js';

/** @import { Bytes } from '../../inspector/types.js' */
/** @import { Line } from '../../inspector/json_text.js' */

/** Characters of a value that are drawn before the reader asks for more. */
const rawPart = 32_768;
const stringMax = 2000;

/** @param {{line: Line, isFolded: boolean}} props */
function JsonLine({ line, isFolded }) {
  const { depth, name, text, kind, comma, count } = line;
  const long = text.length > stringMax;
  const shown = visible(long ? text.slice(0, stringMax) : text);
  return html`<span class="fold" aria-hidden="true">${kind === 'open' ? (isFolded ? '▸' : '▾') : ''}</span><span style=${{ paddingLeft: `${Math.min(depth, 30)}em` }}>
    ${name && html`<span class="j-name"><bdi>${visible(name)}</bdi>: </span>`}<span class=${`j-${kind}`}><bdi>${shown}</bdi></span>${long && html`<span class="quiet"> … ${grouped(text.length - stringMax)} more</span>`}
    ${isFolded && html`<span class="quiet"> ${grouped(count)} ${text === '{' ? '}' : ']'}</span>`}${comma && !isFolded && ','}</span>`;
}

/** A tree whose brackets fold; numbers and names stand as they are in the record. @param {{lines: Line[]}} props */
function JsonTree({ lines }) {
  const [folded, fold] = useState(/** @type {Set<number>} */ (new Set()));
  const shown = useMemo(() => shownLines(lines, folded), [lines, folded]);
  const toggle = (/** @type {{line: Line, index: number}} */ { line, index }) => {
    if (line.kind !== 'open') return;
    const next = new Set(folded);
    if (!next.delete(index)) next.add(index);
    fold(next);
  };
  return html`<h4 class="sr" id="h-value">Value as JSON</h4><${Windowed} kind="json-rows" label="h-value" items=${shown} keyOf=${(/** @type {any} */ each) => String(each.index)}
    classOf=${(/** @type {any} */ { line }) => (line.kind === 'open' ? 'opens' : '')} open=${toggle}
    content=${(/** @type {any} */ { line, index }) => html`<${JsonLine} line=${line} isFolded=${folded.has(index)} />`} />`;
}

/** @param {{of: Bytes}} props */
function Hex({ of }) {
  const bytes = useMemo(() => bytesOf(of), [of.text]);
  const lines = useMemo(() => Array.from({ length: Math.ceil(bytes.length / bytesALine) }, (_, n) => n), [bytes]);
  return html`<h4 class="sr" id="h-value">Value in hex</h4><${Windowed} kind="hex-rows" label="h-value" items=${lines} keyOf=${String} classOf=${() => ''} open=${() => {}}
    content=${(/** @type {number} */ n) => {
      const { at, hex, text } = hexLine(bytes, n);
      return html`<i>${at}</i><span>${hex}</span><em>${text}</em>`;
    }} />`;
}

/** @param {{text: string}} props */
function Raw({ text }) {
  const [most, show] = useState(rawPart);
  return html`<pre tabindex="0" aria-label="Value"><bdi>${visible(text.slice(0, most))}</bdi></pre>
    ${text.length > most && html`<p class="more"><button class="btn small" onClick=${() => show(most + 4 * rawPart)}>Show more</button> ${grouped(text.length - most)} characters are not drawn yet</p>`}`;
}

/** The value of a record: as JSON, as it came, in hex. @param {{of: Bytes | null, title: unknown}} props */
export function Value({ of, title }) {
  const [wanted, want] = useState('');
  const text = of?.encoding === 'utf-8' ? of.text : undefined;
  const json = useMemo(() => (text === undefined ? undefined : jsonLines(text)), [text]);
  const isJson = json !== undefined && !json.wrong;
  /** @type {[string, string][]} */
  const ways = [...(isJson ? [/** @type {[string, string]} */ (['json', 'JSON'])] : []), ...(text === undefined ? [] : [/** @type {[string, string]} */ (['raw', 'raw'])]), ['hex', 'hex']];
  const way = ways.some(([name]) => name === wanted) ? wanted : ways[0][0];
  return html`<section class="value"><h3><b class="mono">${title}</b>${of && html`<${Choice} label="Value as" of=${ways} value=${way} choose=${want} />`}</h3>
    ${of === null ? html`<p class="tomb"><i class="null">null</i> <i class="tag">tombstone</i> It deletes its key in a compacted topic.</p>`
      : of.text === '' ? html`<p class="quiet">The value is empty: 0 bytes.</p>`
        : way === 'json' ? html`<${JsonTree} lines=${json?.lines ?? []} />` : way === 'hex' ? html`<${Hex} of=${of} />` : html`<${Raw} text=${text} />`}
    ${json?.wrong && text && html`<p class="quiet">No JSON: line ${json.wrong.line}, column ${json.wrong.column}, ${json.wrong.expected} expected.</p>`}</section>`;
}
