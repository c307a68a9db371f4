import { useEffect, useState } from '/vendor/preact-hooks.js';

import { html } from '../../html.js';
import { sizeOf, sizeText, visible } from '../../inspector/bytes.js';
import { copy } from '../../inspector/copy.js';
import { chosen, readRecordAgain } from '../../inspector/open_topic.js';
import { placeText, recordLink } from '../../inspector/route.js';
import { go, route, topicOf } from '../../inspector/state.js';
import { traceOf } from '../../inspector/trace.js';
import { durationUs, grouped, shortId } from '../../text.js';
import { Icon, Shape } from '../icon.js';
import { OneLine, count } from './parts.js';
import { producing } from './producing.js';
import { Value } from './value.js';

/** @import { Step } from '../../types.js' */
/** @import { Bytes, Message as Row } from '../../inspector/types.js' */

const headersShown = 100;

/** @param {Bytes | null} of */
const textOf = (of) => (of === null ? 'null' : of.text);

/** Everything, as the export writes it. @param {Row} message */
const wholeText = ({ json: _, ...message }) => JSON.stringify(message, null, 2);

/** "2026-11-28 13:33:17.507 +01:00". @param {number} ms */
function localTime(ms) {
  const offset = -new Date(ms).getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')}:${String(Math.abs(offset) % 60).padStart(2, '0')}`;
  return `${new Date(ms + offset * 60_000).toISOString().replace('T', ' ').replace('Z', '')} ${zone}`;
}

/** @param {{of: Row}} props */
function Headers({ of: { headers, headerCount = headers.length } }) {
  const [most, show] = useState(headersShown);
  return html`<section><h3>Headers <span>${grouped(headerCount)}</span></h3>
    <dl class="kv">${headers.slice(0, most).map(({ name, value }, n) => html`<div key=${n}><dt><bdi>${visible(name)}</bdi></dt><dd><${OneLine} of=${value} most=${1000} /></dd></div>`)}</dl>
    ${headers.length === 0 && html`<p class="quiet">It has none.</p>`}
    ${headers.length > most && html`<p><button class="btn small" onClick=${() => show(most + 1000)}>Show more</button> ${grouped(headers.length - most)} are not shown</p>`}</section>`;
}

/** @param {{of: Row}} props */
function Facts({ of }) {
  const ms = Date.parse(of.timestamp);
  const link = recordLink(of);
  return html`<section><h3>Record <span>${sizeText(of.size?.value ?? sizeOf(of.value))} value, ${sizeText(of.size?.key ?? sizeOf(of.key))} key</span></h3>
    <dl class="kv"><div><dt>key</dt><dd><${OneLine} of=${of.key} most=${1000} /></dd></div>
      <div><dt>UTC</dt><dd>${of.timestamp.replace('T', ' ').replace('Z', '')}</dd></div><div><dt>local</dt><dd>${localTime(ms)}</dd></div>
      <div><dt>epoch</dt><dd>${ms}</dd></div>
      ${of.transaction && html`<div><dt>transaction</dt><dd>${of.transaction.state}, producer ${of.transaction.producerId}</dd></div>`}
      <div><dt>link</dt><dd><a href=${link}>${link}</a></dd></div></dl>
    <p class="row-b"><button class="btn small" onClick=${() => copy(textOf(of.key), 'The key')}>Copy key</button>
      <button class="btn small" onClick=${() => copy(textOf(of.value), 'The value')}>Copy value</button>
      <button class="btn small" onClick=${() => copy(wholeText(of), 'The record')}>Copy all</button>
      <button class="btn small" onClick=${() => copy(location.origin + location.pathname + link, 'The link')}>Copy link</button>
      <button class="btn small" id="produce-again" onClick=${() => (producing.value = { topic: of.topic, message: of })}>Produce again</button></p>
    <${Trace} of=${of} /></section>`;
}

/** @param {{of: Step, from: number}} props */
const Link = ({ of: { record, kind, place, what, us }, from }) => html`<li><${Shape} of=${kind} /><a class="mono" href=${recordLink(record)}>${place}</a>
  <span class="what"><bdi>${what}</bdi></span><span class="quiet">${us >= from ? '+' : '-'}${durationUs(Math.abs(us - from))}</span></li>`;

/** What it was caused by, and what it caused. @param {{of: Row}} props */
function Trace({ of }) {
  const [trace, know] = useState(/** @type {import('../../inspector/trace.js').Trace | undefined | null} */ (null));
  useEffect(() => {
    let isOver = false;
    void traceOf(of).then((found) => isOver || know(found));
    return () => void (isOver = true);
  }, [of]);
  if (trace === null) return html`<h4>Trace</h4><p class="quiet">Reading …</p>`;
  if (trace === undefined) return html`<h4>Trace</h4><p class="quiet">It names no order, so what it caused is not known.</p>`;
  const { orderId, error, cause, caused, us } = trace;
  return html`<h4>Trace <a href=${`/dashboard.html#order/${encodeURIComponent(orderId)}`}>journey of <bdi>${visible(shortId(orderId))}</bdi></a></h4>
    ${error && html`<p class="bad" role="status">${error}</p>`}
    <p class="quiet">${cause ? 'Caused by' : 'Nothing on the log caused it: a request did.'}</p>
    ${cause && html`<ul class="trace" id="cause"><${Link} of=${cause} from=${us} /></ul>`}
    <p class="quiet">${caused.length === 0 ? 'It caused nothing so far.' : `It caused ${caused.length} ${count(caused.length, 'record')}`}</p>
    <ul class="trace" id="caused">${caused.map((each) => html`<${Link} key=${each.place} of=${each} from=${us} />`)}</ul>`;
}

/** @param {{next: number | undefined}} props */
function Absent({ next }) {
  const { topic, partition = 0, offset = 0 } = route.value;
  const known = topicOf(topic)?.partitions.find((each) => each.partition === partition);
  const why = !known ? `${topic} has no partition ${partition}.` : offset >= known.endOffset ? `The log ends before it: the next offset is ${grouped(known.endOffset)}.`
    : offset < known.startOffset ? `Retention or compaction took it: the log begins at ${grouped(known.startOffset)}.` : 'Compaction took it, or it is the marker of a transaction.';
  return html`<p class="trouble" role="status">There is no record at this offset. ${why} ${next !== undefined && html`<a href=${recordLink({ topic, partition, offset: next })}>The next one is ${grouped(next)}</a>`}</p>`;
}

/** The record that is open, below the list. */
export function Message() {
  const { topic, partition = 0, offset = 0 } = route.value;
  const state = chosen.value;
  const close = () => go({ ...route.value, partition: undefined, offset: undefined });
  const place = placeText({ topic, partition, offset });
  const message = state.kind === 'read' ? state.message : undefined;
  return html`<section class="message" aria-label=${`Record ${place}`} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && close()}>
    <button class="icon close" aria-label="Close the record" title="Close (Esc)" onClick=${close}><${Icon} name="x" /></button>
    ${state.kind === 'reading' && html`<p class="trouble" role="status">Reading ${place} …</p>`}
    ${state.kind === 'failed' && html`<p class="trouble" role="status">${state.error} <button class="btn small" onClick=${readRecordAgain}>Try again</button></p>`}
    ${state.kind === 'absent' && html`<${Absent} next=${state.next} />`}
    ${message && html`<div class="record"><${Value} of=${message.value} title=${place} /><${Headers} of=${message} /><${Facts} of=${message} /></div>`}</section>`;
}
