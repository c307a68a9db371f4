import { useLayoutEffect, useState } from '/vendor/preact-hooks.js';

import { html } from '../../html.js';
import { consumeLines, recordLines } from '../../inspector/command_lines.js';
import { effective, filtered, meanwhile, more, readAgain, setTail, shown, stop } from '../../inspector/open_topic.js';
import { filterParameters, keyOfRow, pathsOf, rowsMax } from '../../inspector/reading.js';
import { placeText } from '../../inspector/route.js';
import { ask, go, route, where } from '../../inspector/state.js';
import { clockMs, grouped } from '../../text.js';
import { Windowed } from '../windowed.js';
import { Message } from './message.js';
import { Command, OneLine, count } from './parts.js';
import { importOpen, producing } from './producing.js';

/** @import { Message as Row, Topic } from '../../inspector/types.js' */

const whence = [['', 'newest'], ['oldest', 'from oldest'], ['offset', 'from offset'], ['time', 'from time']];

/** @param {string} from  of the URL */
function kindOf(from) {
  if (!from || from === 'newest') return '';
  if (from === 'oldest') return 'oldest';
  return /^\d{1,12}$/.test(from) ? 'offset' : 'time';
}

/** A field whose text counts once Enter or the blur says so. @param {{name: string, label: string, value: string, placeholder?: string, kind?: string, error?: string, set: (text: string) => void}} props */
function Field({ name, label, value, placeholder = '', kind = '', error = '', set }) {
  const [text, type] = useState(value);
  useLayoutEffect(() => type(value), [value]);
  const commit = () => text.trim() !== value && set(text.trim());
  return html`<input class=${`input ${kind}`} name=${name} aria-label=${label} placeholder=${placeholder} value=${text} autocomplete="off" spellcheck="false"
    aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? 'filter-error' : undefined}
    onInput=${(/** @type {any} */ event) => type(event.currentTarget.value)} onBlur=${commit}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === 'Enter' && commit()} />`;
}

/** @param {{topic: Topic}} props */
function Filters({ topic }) {
  const query = effective.value;
  const { fields } = shown.value;
  const [wanted, want] = useState('');
  const [isMore, showMore] = useState(false);
  const isRare = isMore || Boolean(query.header || query.text || query.only || fields.header || fields.text);
  const kind = wanted || kindOf(query.from);
  const set = (/** @type {Partial<import('../../inspector/types.js').Query>} */ changes) => ask({ partition: query.partition, from: query.from, ...changes });
  const start = (/** @type {string} */ next) => {
    want(next === 'offset' || next === 'time' ? next : '');
    if (next === '' || next === 'oldest') set({ from: next });
  };
  return html`<form class="filters" role="search" aria-label="Filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <select class="input" name="partition" aria-label="Partition" value=${query.partition} onChange=${(/** @type {any} */ event) => set({ partition: event.currentTarget.value })}>
      <option value="">all partitions</option>${topic.partitions.map(({ partition }) => html`<option key=${partition} value=${String(partition)}>p${partition}</option>`)}</select>
    <select class="input" name="start" aria-label="Start" value=${kind} onChange=${(/** @type {any} */ event) => start(event.currentTarget.value)}>
      ${whence.map(([name, text]) => html`<option key=${name} value=${name}>${text}</option>`)}</select>
    ${(kind === 'offset' || kind === 'time') && html`<${Field} name="from" label=${kind === 'offset' ? 'Offset' : 'Time'} value=${kindOf(query.from) === kind ? query.from : ''} kind="from"
      placeholder=${kind === 'offset' ? '1902' : '2026-11-28T14:02:38Z or ms'} error=${fields.from} set=${(/** @type {string} */ from) => set({ from })} />`}
    <${Field} name="key" label="Key, or null" placeholder="key, or null" value=${query.key} kind="key-in" error=${fields.key} set=${(/** @type {string} */ key) => set({ key })} />
    <${Field} name="filter" label="Filter" placeholder="order.price > 20 and retryCount >= 1" value=${query.filter} kind="grow mono" error=${fields.filter} set=${(/** @type {string} */ filter) => set({ filter })} />
    <button class="btn" id="more-filters" aria-expanded=${String(isRare)} aria-controls="rare-filters" onClick=${() => showMore(!isMore)}>More</button>
    ${where.value.bus === 'kafka' && html`<select class="input" name="isolation" aria-label="Transactions" value=${query.isolation} onChange=${(/** @type {any} */ event) => set({ isolation: event.currentTarget.value })}>
      <option value="">read_committed</option><option value="read_uncommitted">read_uncommitted</option></select>`}
    <div class="rare" id="rare-filters" hidden=${!isRare}>${isRare && html`<${Field} name="header" label="Header, as name or name:value" placeholder="header, or header:value" value=${query.header} kind="grow" error=${fields.header} set=${(/** @type {string} */ header) => set({ header })} />
      <${Field} name="text" label="Text in the value" placeholder="text in the value" value=${query.text} kind="grow" error=${fields.text} set=${(/** @type {string} */ text) => set({ text })} />
      <select class="input" name="only" aria-label="Tombstones" value=${query.only} onChange=${(/** @type {any} */ event) => set({ only: event.currentTarget.value })}>
        <option value="">with tombstones</option><option value="tombstones">only tombstones</option><option value="none">no tombstones</option></select>`}</div>
    ${Object.keys(fields).length > 0 && html`<p class="wrong" id="filter-error" role="alert">${Object.entries(fields).map(([name, text]) => html`<span key=${name}><b>${name}</b>: <bdi>${text}</bdi> </span>`)}</p>`}
  </form>`;
}

/** The live tail: what it does, and what came meanwhile. */
function Tail() {
  const { tail } = shown.value;
  const came = meanwhile.value;
  if (tail === 'off') return html`<span class="tailp"><button class="btn small live" id="tail" onClick=${() => setTail('live')}><span class="pip"></span>Live tail</button></span>`;
  if (tail === 'live') return html`<span class="tailp" data-tail="live"><span class="pip on" aria-hidden="true"></span><span>Live tail</span>
    <button class="btn small" id="tail" onClick=${() => setTail('paused')}>Pause</button><button class="btn small" onClick=${() => setTail('off')}>Stop tail</button></span>`;
  return html`<span class="tailp" data-tail="paused"><span class="pip" aria-hidden="true"></span><span role="status">Live tail paused, <b>${grouped(came)} came meanwhile</b></span>
    <button class="btn small" id="tail" onClick=${() => setTail('live')}>Resume</button><button class="btn small" onClick=${() => setTail('off')}>Stop tail</button></span>`;
}

/** @type {Record<string, string>} */
const states = { done: '', more: '', full: `${grouped(rowsMax)} are the most that a page shows: narrow the filter, or export`, failed: '' };

/** How far the reading is, and what can be done with what is shown. @param {{topic: Topic}} props */
function Progress({ topic }) {
  const { rows, status, read, total, error, fields, dropped } = shown.value;
  const unjudged = rows.filter((each) => each.unjudged).length;
  const share = total > 0 ? Math.min(100, 100 * read / total) : 100;
  const whole = status === 'done' && read >= total;
  return html`<div class="progress"><span role="status"><b id="counts">${grouped(rows.length)} shown, ${grouped(read)} read</b>${!whole && ` of ${grouped(total)}`}
      ${status === 'stopped' && `, stopped at ${grouped(read)}`}</span>
    ${(status === 'reading' || status === 'stopped') && html`<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="bed" width="100" height="6" /><rect width=${share} height="6" /></svg>`}
    ${status === 'reading' && html`<button class="btn small" id="stop" onClick=${stop}>Stop</button>`}
    ${status === 'stopped' && html`<button class="btn small" id="go-on" onClick=${more}>Go on</button>`}
    ${status === 'failed' && Object.keys(fields).length === 0 && html`<span class="bad" role="alert"><bdi>${error}</bdi></span> <button class="btn small" onClick=${rows.length > 0 ? more : readAgain}>Try again</button>`}
    <span class="extra quiet">${[states[status], unjudged > 0 && `also shown: ${unjudged} ${count(unjudged, 'value')} that it cannot judge`, dropped > 0 && `${grouped(dropped)} older rows went`].filter(Boolean).join('; ')}</span>
    <${Actions} topic=${topic} /><${Tail} /></div>`;
}

/** @param {{of: Row}} props */
function Marker({ of }) {
  const { marker, transaction } = of;
  const then = marker === 'abort' ? 'are aborted, read_committed never shows them' : 'are committed';
  return html`<span class="num off">${grouped(of.offset)}</span><span class="mono p">${of.partition}</span><time class="mono">${clockMs(Date.parse(of.timestamp))}</time>
    <span class="marked"><b class="mono">${marker} marker</b> ${transaction && `transaction of producer ${transaction.producerId}, epoch ${transaction.producerEpoch}: `}its records above ${then}</span>`;
}

/** @param {string[]} paths */
const contentOf = (paths) => (/** @type {Row} */ row) => (row.marker ? html`<${Marker} of=${row} />`
  : html`<span class="num off">${grouped(row.offset)}</span><span class="mono p">${row.partition}</span>
    <time class="mono" title=${row.timestamp}>${clockMs(Date.parse(row.timestamp))}</time><span class="mono key"><${OneLine} of=${row.key} most=${80} /></span>
    ${paths.map((path) => html`<span key=${path} class="num path"><bdi>${row.paths?.[path] ?? '?'}</bdi></span>`)}
    <span class="mono val">${row.transaction && row.transaction.state !== 'committed' && html`<i class=${`tag${row.transaction.state === 'aborted' ? ' bad' : ''}`}>${row.transaction.state}</i> `}${row.transaction?.state === 'committed' && html`<i class="tag">in a transaction</i> `}
      <${OneLine} of=${row.value} /> ${row.value === null && html`<i class="tag">tombstone</i>`}</span>`);

/** @param {Row} row */
function classOf(row) {
  const { partition, offset } = route.value;
  const kind = row.marker ? ' marker' : row.transaction?.state === 'aborted' ? ' aborted' : row.value === null ? ' tombrow' : '';
  return `${row.partition === partition && row.offset === offset ? 'show' : ''}${kind}`;
}

/** Why the list is empty. */
function Empty() {
  const { status, total } = shown.value;
  if (status === 'reading') return html`<p class="empty pad">Reading …</p>`;
  if (status === 'failed') return html`<p class="empty pad">Nothing was read.</p>`;
  if (filtered.value) return html`<p class="empty pad">No record of those read passes the filters.</p>`;
  return html`<p class="empty pad">${total === 0 ? 'The topic holds no records.' : 'No records from there on.'}</p>`;
}

/** @param {{topic: Topic}} props */
function List({ topic }) {
  const paths = pathsOf(effective.value.filter);
  const { rows } = shown.value;
  const open = (/** @type {Row} */ row) => go({ ...route.value, partition: row.partition, offset: row.offset });
  return html`<div class=${`msgs cols-${paths.length}`}><div class="cols" aria-hidden="true"><span class="num">offset</span><span>p</span><span>time</span><span>key</span>
      ${paths.map((path) => html`<span key=${path} class="num" title=${path}>${path}</span>`)}<span>value</span></div>
    <h3 class="sr" id="h-messages">Messages of ${topic.name}, ${shown.value.isNewestFirst ? 'newest first' : 'oldest first'}</h3>
    ${rows.length === 0 ? html`<${Empty} />` : html`<${Windowed} id="messages" kind="msg-rows" label="h-messages" items=${rows} keyOf=${keyOfRow}
      classOf=${classOf} content=${contentOf(paths)} open=${open} onEnd=${more} />`}</div>`;
}

/** What can be done with what is shown. @param {{topic: Topic}} props */
function Actions({ topic }) {
  const link = (/** @type {string} */ kind) => {
    const query = effective.value;
    const search = filterParameters(query);
    search.set('export', kind);
    if (query.from && query.from !== 'newest') search.set('from', query.from);
    if (query.partition) search.set('partition', query.partition);
    return `/api/bus/topics/${encodeURIComponent(topic.name)}/messages?${search}`;
  };
  return html`<span class="acts-in"><button class="btn small" id="produce" onClick=${() => (producing.value = { topic: topic.name })}>Produce</button>
    <button class="btn small" id="import" onClick=${() => (importOpen.value = topic.name)}>Import</button>
    <a class="btn small" id="export-ndjson" href=${link('ndjson')} download=${`${topic.name}.ndjson`} title="Export all that the filters let through as NDJSON">Export NDJSON</a>
    <a class="btn small" id="export-csv" href=${link('csv')} download=${`${topic.name}.csv`} title="Export all that the filters let through as CSV">CSV</a></span>`;
}

/** @param {{topic: Topic}} props */
export function MessagesView({ topic }) {
  const { partition, offset } = route.value;
  const isOpen = partition !== undefined && offset !== undefined;
  const lines = isOpen ? recordLines(where.value, { topic: topic.name, partition, offset }) : consumeLines(where.value, topic.name, effective.value);
  return html`<${Filters} topic=${topic} /><${Progress} topic=${topic} /><${List} topic=${topic} />
    ${isOpen && html`<${Message} key=${placeText({ topic: topic.name, partition, offset })} />`}<${Command} lines=${lines} />`;
}
