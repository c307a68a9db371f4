import { signal } from '/vendor/preact-signals.js';
import { useEffect, useLayoutEffect, useRef, useState } from '/vendor/preact-hooks.js';

import { whyNot } from '../control_access.js';
import { html } from '../../html.js';
import { compact, get, readLatest } from '../../inspector/api.js';
import { compactLines, consumeLines } from '../../inspector/command_lines.js';
import { keyText, supersededBy, tombstoneKeptMs } from '../../inspector/compacted.js';
import { configs } from '../../inspector/configs.js';
import { Reading, byTime, keyOfRow, nothing } from '../../inspector/reading.js';
import { noQuery } from '../../inspector/route.js';
import { announce, go, logs, route, serverNow, where } from '../../inspector/state.js';
import { clockMs, grouped } from '../../text.js';
import { Message } from './message.js';
import { Command, Offset, OneLine, count, seconds } from './parts.js';
import { sizeText } from '../../inspector/bytes.js';

/** @import { Message as Row, Topic } from '../../inspector/types.js' */

/** What stands on both sides is read again at most this often while records come. */
const againMs = 1000;
const rowsShown = 200;

/** What "compact now" took. @type {import('/vendor/preact-signals.js').Signal<any>} */
const went = signal(undefined);

/** @param {Row} row */
const keyOf = (row) => `${row.partition} ${keyText(row.key)}`;

/** Both sides, read anew when the log has grown. @param {Topic} topic  @param {string} partition */
function useSides(topic, partition) {
  const [log, setLog] = useState(nothing);
  const [latest, setLatest] = useState(/** @type {{error: string, messages: Row[]} | undefined} */ (undefined));
  const ends = topic.partitions.map(({ startOffset, endOffset, records }) => `${startOffset} ${endOffset} ${records}`).join();
  const readAt = useRef(0);
  useEffect(() => {
    let isOver = false;
    const reading = new Reading(topic.name, { ...noQuery, partition }, get, (now) => !isOver && now.status !== 'reading' && setLog(now));
    const timer = setTimeout(async () => {
      readAt.current = Date.now();
      void reading.start(topic.partitions);
      const answer = await readLatest(topic.name, partition);
      if (!isOver) setLatest({ error: answer.error, messages: answer.messages.toSorted((a, b) => byTime(b, a)) });
    }, Math.max(0, readAt.current + againMs - Date.now()));
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [topic.name, partition, ends, logs.value]);
  return { log, latest };
}

/** When a tombstone goes. @param {Topic} topic  @param {Row} row */
function whenGone(topic, row) {
  const kept = tombstoneKeptMs(configs.value.get(topic.name));
  if (kept === undefined) return 'goes some time after compaction';
  const left = Date.parse(row.timestamp) + kept - serverNow.value;
  return left > 0 ? `goes in ${seconds({ ms: left, atLeast: false })} at the earliest` : 'goes with the next compaction';
}

/** @param {{topic: Topic, rows: Row[], superseded: Map<string, number>, kept: Set<string>}} props */
const Log = ({ topic, rows, superseded, kept }) => html`<table class="grid log-table"><caption class="sr">The log of ${topic.name}, newest first</caption><thead><tr><th scope="col" class="num">offset</th><th scope="col">p</th><th scope="col" class="opt">time</th>
    <th scope="col">key</th><th scope="col">value</th><th scope="col"><span class="sr">superseded by</span></th></tr></thead>
  <tbody>${rows.map((row) => {
    const next = superseded.get(keyOfRow(row));
    const isGone = next !== undefined || (row.key !== null && !kept.has(keyOfRow(row)));
    const isOpen = route.value.partition === row.partition && route.value.offset === row.offset;
    return html`<tr key=${keyOfRow(row)} data-place=${keyOfRow(row)} class=${`${isGone ? 'gone' : ''}${row.value === null ? ' tombrow' : ''}${isOpen ? ' sel' : ''}`}>
      <td class="num off"><a href=${`#${topic.name}/${row.partition}/${row.offset}?tab=compacted`}>${grouped(row.offset)}</a></td><td class="mono">${row.partition}</td><td class="mono opt">${clockMs(Date.parse(row.timestamp))}</td>
      <td class="mono key"><${OneLine} of=${row.key} most=${60} /></td><td class="mono val"><${OneLine} of=${row.value} most=${200} />${row.value === null && html` <i class="tag">tombstone</i> <span class="quiet">${whenGone(topic, row)}</span>`}</td>
      <td class="by">${next !== undefined && html`→ <${Offset} topic=${topic.name} partition=${row.partition} offset=${next} text=${grouped(next)} />`}</td></tr>`;
  })}</tbody></table>`;

/** @param {{topic: Topic, rows: Row[]}} props */
const Latest = ({ topic, rows }) => html`<table class="grid"><caption class="sr">${topic.name} as if compacted</caption><thead><tr><th scope="col">key</th><th scope="col">latest</th><th scope="col" class="num">offset</th><th scope="col" class="num">older</th></tr></thead>
  <tbody>${rows.map((row) => html`<tr key=${keyOf(row)} data-place=${keyOfRow(row)} class=${row.value === null ? 'tombrow' : ''}><td class="mono key"><${OneLine} of=${row.key} most=${60} /></td>
    <td class="mono val"><${OneLine} of=${row.value} most=${100} /></td><td class="num"><${Offset} topic=${topic.name} partition=${row.partition} offset=${row.offset} text=${grouped(row.offset)} /></td><td class="num">${grouped(row.older ?? 0)}</td></tr>`)}</tbody></table>`;

/** Curves from each surviving record of the log to its row in the compacted view. @param {{rows: Row[]}} props  rows: whatever changes them */
function Curves({ rows }) {
  const box = useRef(/** @type {SVGSVGElement | null} */ (null));
  const [paths, draw] = useState(/** @type {{key: string, d: string, kind: string}[]} */ ([]));
  useLayoutEffect(() => {
    const split = box.current?.closest('.split');
    if (!split || !box.current) return undefined;
    const svg = box.current;
    const measure = () => {
      const frame = svg.getBoundingClientRect();
      const middle = (/** @type {Element} */ row) => row.getBoundingClientRect().top + row.getBoundingClientRect().height / 2 - frame.top;
      const right = new Map([...split.querySelectorAll('.right-t tr[data-place]')].map((row) => [row.getAttribute('data-place'), row]));
      draw([...split.querySelectorAll('.left-t tr[data-place]')].flatMap((row) => {
        const other = right.get(row.getAttribute('data-place'));
        if (!other) return [];
        const [a, b] = [middle(row), middle(other)];
        if (Math.max(a, b) < 0 || Math.min(a, b) > frame.height) return [];
        const kind = `${row.classList.contains('tombrow') ? 'tomb' : ''}${row.classList.contains('sel') ? ' sel' : ''}`;
        return [{ key: row.getAttribute('data-place') ?? '', d: `M0 ${a}C${frame.width / 2} ${a} ${frame.width / 2} ${b} ${frame.width} ${b}`, kind }];
      }));
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(split);
    split.addEventListener('scroll', measure, true);
    return () => {
      sizes.disconnect();
      split.removeEventListener('scroll', measure, true);
    };
  }, [rows, route.value.offset]);
  return html`<svg class="slope" ref=${box} aria-hidden="true">${paths.map(({ key, d, kind }) => html`<path key=${key} class=${kind} d=${d} />`)}</svg>`;
}

/** @param {{topic: Topic}} props */
function CompactNow({ topic }) {
  const [state, set] = useState({ busy: false, error: '' });
  if (where.value.bus !== 'memory' || topic.cleanupPolicy !== 'compact') return null;
  const why = whyNot() || (state.busy ? 'it is being done' : '');
  async function run() {
    set({ busy: true, error: '' });
    const { error, body } = await compact(topic.name);
    set({ busy: false, error });
    went.value = error ? undefined : body;
    if (body && !error) announce(`${body.records} records went.`);
  }
  return html`<button class="btn small" id="compact" aria-disabled=${why ? 'true' : undefined} title=${why} onClick=${() => !why && void run()}>Compact now</button>
    ${state.error && html`<span class="bad" role="alert">${state.error}</span>`}`;
}

/** What went with "compact now". @param {{topic: Topic}} props */
function Went({ topic }) {
  const done = went.value;
  if (!done || done.topic !== topic.name) return null;
  const offsets = done.removed.slice(0, 20).map((/** @type {any} */ each) => `p${each.partition}@${each.offset}${each.tombstone ? ' (tombstone)' : ''}`).join(', ');
  return html`<p class="trouble" role="status" id="went">${grouped(done.records)} ${count(done.records, 'record')} went, ${sizeText(done.bytes)}${offsets && `: ${offsets}`}${done.records > 20 && ' …'} <button class="btn small" onClick=${() => (went.value = undefined)}>Dismiss</button></p>`;
}

/** The log and its compacted view side by side. @param {{topic: Topic}} props */
export function CompactedView({ topic }) {
  const { partition } = route.value.query;
  const { log, latest } = useSides(topic, partition);
  const rows = log.rows.slice(0, rowsShown);
  const survivors = (latest?.messages ?? []).slice(0, rowsShown);
  const kept = new Set((latest?.messages ?? []).map(keyOfRow));
  const isOpen = route.value.offset !== undefined;
  const note = topic.cleanupPolicy === 'compact' ? 'what a new reader gets' : 'as if this topic were compacted';
  const error = log.error || latest?.error;
  return html`<div class="acts-line"><label>Partition <select class="input" value=${partition} onChange=${(/** @type {any} */ event) => go({ ...route.value, query: { ...route.value.query, partition: event.currentTarget.value } })}>
      <option value="">all</option>${topic.partitions.map((each) => html`<option key=${each.partition} value=${String(each.partition)}>p${each.partition}</option>`)}</select></label>
      <span class="quiet">newest ${rows.length} of the log, ${survivors.length} ${count(survivors.length, 'key')}</span><${CompactNow} topic=${topic} /></div>
    <${Went} topic=${topic} />${error && html`<p class="trouble" role="status">${error}</p>`}
    <div class="split"><div class="left-t" tabindex="0" role="region" aria-label="Log"><h3>Log <span>newest first, as written</span></h3><${Log} topic=${topic} rows=${rows} superseded=${supersededBy(rows)} kept=${kept} />
        ${rows.length === 0 && html`<p class="empty pad">${latest ? 'The topic holds no records.' : 'Reading …'}</p>`}</div>
      <div class="mid"><${Curves} rows=${rows} /></div>
      <div class="right-t" tabindex="0" role="region" aria-label="Compacted"><h3>Compacted <span>${note}</span></h3><${Latest} topic=${topic} rows=${survivors} /></div></div>
    ${isOpen && html`<${Message} />`}<${Command} lines=${where.value.bus === 'memory' && topic.cleanupPolicy === 'compact' ? compactLines(where.value, topic.name) : consumeLines(where.value, topic.name, { ...noQuery, partition, from: 'oldest' })} />`;
}
