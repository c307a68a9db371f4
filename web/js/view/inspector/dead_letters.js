import { useEffect } from '/vendor/preact-hooks.js';
import { computed } from '/vendor/preact-signals.js';

import { whyNot } from '../control_access.js';
import { html } from '../../html.js';
import { sizeText } from '../../inspector/bytes.js';
import { redriveLines } from '../../inspector/command_lines.js';
import { cancel, choose, chosen, confirmed, drive, edit, editableText, edits, found, going, letters, openLetter, opened, readLetters, redriveChosen, topicName, values } from '../../inspector/dead_letters.js';
import { jsonLines } from '../../inspector/json_text.js';
import { go, where } from '../../inspector/state.js';
import { clockMs, grouped } from '../../text.js';
import { Command, Offset, OneLine, count } from './parts.js';
import { producing } from './producing.js';

/** @import { Fate, Letter, Reason } from '../../inspector/dead_letters.js' */
/** @import { Topic } from '../../inspector/types.js' */

/** So many letters have a box of their own. */
const guardsMax = 20;
/** From so many trips on a dead letter stands out: one more asks again. */
const tripsMax = 3;

/** Letters of this system do not say it: their originals do. */
const hasRetries = computed(() => letters.value.some(({ retryCount }) => retryCount !== null));

/** Where a record came from, as a link to exactly that one. @param {{of: Letter['from']}} props */
function From({ of }) {
  if (!of) return html`<span class="quiet">not known</span>`;
  if (of.partition === null || of.offset === null) return html`<bdi>${of.topic}</bdi>`;
  return html`<${Offset} topic=${of.topic} partition=${of.partition} offset=${of.offset} text=${`${of.topic} p${of.partition}@${grouped(of.offset)}`} />`;
}

/** @param {{of: Letter}} props */
function Row({ of }) {
  const { offset } = of;
  const isOpen = opened.value?.offset === offset;
  return html`<tr class=${isOpen ? 'sel' : ''} data-letter=${offset}><td><input type="checkbox" aria-label=${`offset ${offset}`} checked=${chosen.value.has(offset)} onChange=${() => choose([offset], !chosen.value.has(offset))} /></td>
    <td class="num off"><button class="link" aria-label=${`Edit dead letter ${offset}`} onClick=${() => void openLetter(offset)}>${grouped(offset)}</button></td>
    <td class="mono opt">${clockMs(Date.parse(of.timestamp))}</td><td class="mono key"><${OneLine} of=${of.key} most=${60} /></td><td class="mono"><${From} of=${of.from} /></td>
    <td class="opt"><bdi>${of.by ?? '–'}</bdi></td>${hasRetries.value && html`<td class="num opt">${of.retryCount ?? '–'}</td>`}<td class=${`num${of.redriveCount >= tripsMax ? ' hot' : ''}`}>${of.redriveCount}</td>
    <td class="mono val">${edits.value.has(offset) && html`<i class="tag">edited</i> `}<${OneLine} of=${values.value.get(offset) ?? null} most=${120} /></td></tr>`;
}

/** A reason with its letters: its box chooses all of them. @param {{of: Reason}} props */
function Group({ of: { reason, count: all, letters: own } }) {
  const offsets = own.map(({ offset }) => offset);
  const on = offsets.filter((offset) => chosen.value.has(offset)).length;
  return html`<tbody><tr class="rhead"><td><input type="checkbox" aria-label=${`all: ${reason}`} checked=${on > 0 && on === offsets.length} indeterminate=${on > 0 && on < offsets.length} onChange=${() => choose(offsets, on < offsets.length)} /></td>
      <th scope="rowgroup" colspan=${hasRetries.value ? 6 : 5}><b class="bad"><bdi>${reason}</bdi></b> <span class="cnt">${grouped(all)}</span>${all > own.length && html`<span class="quiet">the newest ${grouped(own.length)} are listed</span>`}</th>
      <td colspan="2" class="chosen-n">${on} of ${own.length} chosen</td></tr>
    ${own.map((each) => html`<${Row} key=${each.offset} of=${each} />`)}</tbody>`;
}

/** The letter's value, to be changed in the copy that is sent. */
function Edit() {
  const { offset = 0, message, error } = opened.value ?? {};
  if (!opened.value) return html`<section class="edit" aria-label="Edit"><header><h3>Edit, then redrive</h3></header><p class="quiet">Choose the offset of a dead letter to see its value, and to change it in the copy that is sent.</p></section>`;
  if (!message) return html`<section class="edit" aria-label="Edit"><header><h3 class="mono">${topicName} p0@${grouped(offset)}</h3></header><p class="quiet" role="status">${error || 'Reading …'}</p></section>`;
  const first = editableText(message);
  const text = edits.value.get(offset) ?? first;
  const { wrong } = jsonLines(text);
  const size = sizeText(new TextEncoder().encode(text).length);
  const came = message.value?.encoding === 'utf-8' ? jsonLines(message.value.text).wrong : undefined;
  const isText = message.value === null || message.value.encoding === 'utf-8';
  const dlt = message.headers.filter(({ name }) => name.startsWith('kafka_dlt-'));
  return html`<section class="edit" aria-label="Edit"><header><h3 class="mono">${topicName} p0@${grouped(offset)}</h3><span class="quiet">edit, then redrive</span></header>
    ${isText ? html`<textarea class="input mono" id="edit-value" aria-label="Value" rows="10" spellcheck="false" aria-invalid=${wrong ? 'true' : undefined} aria-describedby="edit-verdict" value=${text}
      onInput=${(/** @type {any} */ event) => edit(offset, event.currentTarget.value === first ? undefined : event.currentTarget.value)}></textarea>`
      : html`<p class="quiet">The value is binary: it can be redriven as it is.</p>`}
    <p class=${`verdict${wrong ? ' bad' : ''}`} id="edit-verdict" role="status">${wrong ? `line ${wrong.line}, column ${wrong.column}: ${wrong.expected} expected` : `valid JSON, ${size}`}
      ${wrong && edits.value.has(offset) && ', so the redrive leaves it out'}${came && edits.value.has(offset) && html` <span class="quiet">it came with: line ${came.line}, column ${came.column}, ${came.expected} expected</span>`}</p>
    <dl class="kv">${dlt.map(({ name, value }) => html`<div key=${name}><dt>${name}</dt><dd><${OneLine} of=${value} /></dd></div>`)}</dl>
    <footer><button class="btn small" id="undo-edit" aria-disabled=${edits.value.has(offset) ? undefined : 'true'} onClick=${() => edit(offset, undefined)}>Undo edit</button>
      <button class="btn small" onClick=${() => (producing.value = { topic: topicName, message })}>Produce as a new record</button>
      <button class="btn small" onClick=${() => go({ view: 'topic', topic: topicName, partition: message.partition, offset, query: { tab: 'messages', partition: '', from: '', key: '', header: '', only: '', text: '', filter: '', isolation: '' } })}>Show the record</button>
      <span class="quiet">headers: ${message.headerCount ?? message.headers.length}, as they are</span></footer></section>`;
}

/** @param {{of: Fate}} props */
const FateRow = ({ of: { offset, key, to, redriveCount, edited, outcome, why } }) => html`<tr class=${outcome === 'asks again' ? 'asks' : ''}><td class="num">${grouped(offset)}</td><td class="mono key"><${OneLine} of=${key} most=${40} /></td>
  <td class="mono">${to ? html`<bdi>${to.topic}</bdi>${to.partition !== null && ` p${to.partition}`}` : '–'}</td>
  <td class="num">${to && to.partition !== null && to.offset !== null ? (outcome === 'sent' ? html`<${Offset} topic=${to.topic} partition=${to.partition} offset=${to.offset} text=${grouped(to.offset)} />` : grouped(to.offset)) : '–'}</td>
  <td class="num">${redriveCount - 1} → ${redriveCount}</td><td class=${outcome === 'would be sent' || outcome === 'sent' ? 'quiet' : 'bad'}>${outcome === 'would be sent' ? '' : outcome}${why && html`: <bdi>${why}</bdi>`}${edited && ' edited value'}</td></tr>`;

/** @param {{offsets: number[], label: unknown, note?: unknown}} props */
const OnceMore = ({ offsets, label, note }) => {
  const all = offsets.every((offset) => confirmed.value.has(offset));
  return html`<p class="guard"><label class="check"><input type="checkbox" checked=${all} onChange=${() => {
    const next = new Set(confirmed.value);
    for (const offset of offsets) next[all ? 'delete' : 'add'](offset);
    confirmed.value = next;
    void redriveChosen(true);
  }} />Send ${label} once more</label> <span class="quiet">${note}</span></p>`;
};

/** Letters that were redriven already, or came back too often, go only with a box of their own. @param {{fates: Fate[]}} props */
const Guard = ({ fates }) => {
  const asking = fates.filter(({ offset, outcome }) => outcome === 'asks again' || confirmed.value.has(offset));
  const offsets = asking.map(({ offset }) => offset);
  return html`${asking.length > 1 && html`<${OnceMore} offsets=${offsets} label=${html`all <b>${asking.length}</b>`} />`}
    ${asking.slice(0, guardsMax).map(({ offset, redriveCount }) => html`<${OnceMore} key=${offset} offsets=${[offset]} label=${html`<b class="mono">${grouped(offset)}</b>`}
      note=${redriveCount > tripsMax ? `it came back ${redriveCount - 1} times; the limit is ${tripsMax}` : 'it was redriven already'} />`)}
    ${asking.length > guardsMax && html`<p class="guard quiet">and ${asking.length - guardsMax} more</p>`}`;
};

/** What a redrive would do, or has done. */
function DryRun() {
  const state = drive.value;
  const n = going.value.length;
  const out = chosen.value.size - n;
  const fates = 'fates' in state ? state.fates : [];
  const willGo = state.kind === 'planned' ? state.sent : 0;
  const left = state.kind === 'sent' ? state.notSent : 0;
  const why = whyNot() || (n === 0 ? 'choose dead letters first' : state.kind === 'looking' || state.kind === 'sending' ? 'it is being done' : '');
  const facts = state.kind === 'planned' ? `${n} chosen: ${state.sent} ${count(state.sent, 'goes', 'go')}${state.asksAgain > 0 ? `, ${state.asksAgain} ${count(state.asksAgain, 'asks', 'ask')} again` : ''}${state.notSent > 0 ? `, ${state.notSent} cannot` : ''}`
    : state.kind === 'sent' ? `${state.sent} sent${state.notSent > 0 ? `, ${state.notSent} not sent` : ''}${state.unknown > 0 ? `, ${state.unknown} not known` : ''}${state.asksAgain > 0 ? `, ${state.asksAgain} left out` : ''}` : `${chosen.value.size} chosen`;
  return html`<section class="dryrun" aria-label="Redrive"><header><h3>${state.kind === 'sent' ? 'Redrive' : 'Redrive, dry run'}</h3><span class="quiet" id="redrive-facts" role="status">${facts}${out > 0 && `, ${out} left out: no JSON`}</span></header>
    ${state.error && html`<p class="wrong" role="alert"><bdi>${state.error}</bdi></p>`}
    ${fates.length > 0 && html`<div class="fates" tabindex="0" role="region" aria-label="What goes where"><table class="grid"><thead><tr><th scope="col" class="num">dead letter</th><th scope="col">key</th><th scope="col">goes to</th><th scope="col" class="num">${state.kind === 'sent' ? 'offset' : 'next offset'}</th><th scope="col" class="num">redriveCount</th><td></td></tr></thead>
      <tbody>${fates.map((each) => html`<${FateRow} key=${each.offset} of=${each} />`)}</tbody></table></div><${Guard} fates=${fates} />`}
    <footer><span class="quiet">${whyNot() || (state.kind === 'sent' ? 'The dead letters themselves stay.' : 'Nothing has been sent. Offsets hold if nobody writes first.')}</span>
      ${state.kind !== 'none' && html`<button class="btn" onClick=${cancel}>${state.kind === 'sent' ? 'Close' : 'Cancel'}</button>`}
      ${state.kind !== 'sent' && html`<button class="btn" id="dry-run" aria-disabled=${why ? 'true' : undefined} title=${why} onClick=${() => !why && void redriveChosen(true)}>Dry run</button>`}
      ${(willGo > 0 || left > 0) && html`<button class="btn primary" id="redrive" aria-disabled=${why ? 'true' : undefined} title=${why} onClick=${() => !why && void redriveChosen(false)}>Redrive ${willGo || left}</button>`}</footer></section>`;
}

/** Dead letters by reason: choose, edit, redrive. @param {{topic: Topic}} props */
export function DeadLettersView({ topic }) {
  const end = topic.partitions.map(({ endOffset, startOffset }) => `${startOffset} ${endOffset}`).join();
  useEffect(() => void readLetters(), [end]);
  const { error = '', reasons = [], letters: all = 0, read = 0 } = found.value ?? {};
  const offsets = letters.value.map(({ offset }) => offset);
  const everyOn = offsets.length > 0 && offsets.every((offset) => chosen.value.has(offset));
  return html`<div class="acts-line"><label class="check"><input type="checkbox" id="choose-all" checked=${everyOn} onChange=${() => choose(offsets, !everyOn)} />all</label>
      <span class="quiet" id="letters-facts">${grouped(all)} dead ${count(all, 'letter')}, ${reasons.length} ${count(reasons.length, 'reason')}${read < all ? `, the newest ${grouped(read)} are read` : ''}</span></div>
    ${error && html`<p class="trouble" role="status">${error} <button class="btn small" onClick=${() => void readLetters()}>Try again</button></p>`}
    <div class="dlq-list" tabindex="0" role="region" aria-label="Dead letters"><table class="grid dl-t"><thead><tr><td></td><th scope="col" class="num">offset</th><th scope="col" class="opt">time</th><th scope="col">key</th><th scope="col">came from</th><th scope="col" class="opt">by</th>
        ${hasRetries.value && html`<th scope="col" class="num opt">retryCount</th>`}<th scope="col" class="num">redriveCount</th><th scope="col">value</th></tr></thead>${reasons.map((each) => html`<${Group} key=${each.reason} of=${each} />`)}</table>
      ${found.value && reasons.length === 0 && !error && html`<p class="empty pad">No dead letters: everything that failed was delivered by a retry, or nothing failed.</p>`}</div>
    <div class="dlq-work"><${Edit} /><${DryRun} /></div>
    <${Command} lines=${redriveLines(where.value, going.value, drive.value.kind !== 'planned')} note=${[...chosen.value].some((each) => edits.value.has(each)) ? 'without the edits' : ''} />`;
}
