import { signal } from '/vendor/preact-signals.js';
import { useState } from '/vendor/preact-hooks.js';

import { whyNot } from '../control_access.js';
import { html } from '../../html.js';
import { produce, produceLines } from '../../inspector/api.js';
import { sizeText } from '../../inspector/bytes.js';
import { produceLines as linesOf } from '../../inspector/command_lines.js';
import { importFile } from '../../inspector/import_file.js';
import { jsonLines } from '../../inspector/json_text.js';
import { announce, topicOf, where } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { Dialog } from '../dialog.js';
import { Icon } from '../icon.js';
import { Command, Offset, count } from './parts.js';

/** @import { Bytes, Message } from '../../inspector/types.js' */

/** A record that is about to be produced: empty, or as another one is. @type {import('/vendor/preact-signals.js').Signal<{topic: string, message?: Message} | undefined>} */
export const producing = signal(undefined);
/** The topic that a file is about to be imported into; empty: none. */
export const importOpen = signal('');

/** @typedef {{key: string, hasKey: boolean, value: string, isTombstone: boolean, headers: string, partition: string}} Draft */

/** Bytes that are no text stay as they are: they are not edited. @param {Bytes | null | undefined} of */
const textOf = (of) => (of?.encoding === 'utf-8' ? of.text : '');

/** @param {Message | undefined} of  @returns {Draft} */
const draftOf = (of) => ({
  key: textOf(of?.key), hasKey: of ? of.key !== null : true, value: textOf(of?.value), isTombstone: of?.value === null,
  headers: (of?.headers ?? []).map(({ name, value }) => `${name}: ${textOf(value)}`).join('\n'), partition: '',
});

/** "name: value", a line each. @param {string} text  @returns {{name: string, value: string}[]} */
const headersOf = (text) => text.split('\n').filter((each) => each.trim()).map((each) => {
  const colon = each.indexOf(':');
  return colon < 0 ? { name: each.trim(), value: '' } : { name: each.slice(0, colon).trim(), value: each.slice(colon + 1).replace(/^ /, '') };
});

/** The record as the API takes it. @param {Draft} draft  @param {Message | undefined} of */
function recordOf(draft, of) {
  const binary = (/** @type {Bytes | null | undefined} */ bytes, /** @type {string} */ text) => (bytes?.encoding === 'base64' && text === '' ? bytes : text);
  const changed = of && draft.headers === draftOf(of).headers;
  return {
    key: draft.hasKey ? binary(of?.key, draft.key) : null,
    value: draft.isTombstone ? null : binary(of?.value, draft.value),
    headers: changed ? of.headers : headersOf(draft.headers),
    ...(draft.partition === '' ? {} : { partition: Number(draft.partition) }),
  };
}

/** @param {{text: string}} props */
function Verdict({ text }) {
  const { wrong } = jsonLines(text);
  const size = sizeText(new TextEncoder().encode(text).length);
  return html`<p class="verdict" role="status">${wrong ? `${size}, no JSON: line ${wrong.line}, column ${wrong.column}, ${wrong.expected} expected. It can be produced all the same.` : `valid JSON, ${size}`}</p>`;
}

/** @param {{of: {topic: string, message?: Message}}} props */
function Produce({ of: { topic, message } }) {
  const [draft, change] = useState(draftOf(message));
  const [outcome, know] = useState(/** @type {{error: string, written?: any}} */ ({ error: '' }));
  const [busy, work] = useState(false);
  const close = () => (producing.value = undefined);
  const set = (/** @type {Partial<Draft>} */ some) => change({ ...draft, ...some });
  const why = whyNot() || (busy ? 'it is being written' : '');
  const record = recordOf(draft, message);
  async function send() {
    if (why) return;
    work(true);
    const { error, body, unknown, fields } = await produce(topic, record);
    work(false);
    if (error) return know({ error: `${error} ${Object.entries(fields).map(([name, text]) => `${name} ${text}`).join('; ')}${unknown ? ' Whether it was written is not known: look at the end of the topic.' : ''}` });
    know({ error: '', written: body });
    return announce(`Written to partition ${body.partition}, offset ${body.offset}.`);
  }
  const partitions = topicOf(topic)?.partitions ?? [];
  const asLine = { key: draft.hasKey ? draft.key : null, value: draft.isTombstone ? null : draft.value, headers: headersOf(draft.headers), partition: record.partition };
  return html`<${Dialog} label=${`Produce to ${topic}`} close=${close} kind="wide">
    <header><h2>Produce to <span class="mono">${topic}</span></h2><button class="icon" aria-label="Close" title="Close (Esc)" onClick=${close}><${Icon} name="x" /></button></header>
    <div class="line"><label for="p-key">Key</label><span class="row"><input class="input mono grow" id="p-key" value=${draft.key} disabled=${!draft.hasKey} placeholder=${message?.key?.encoding === 'base64' ? 'binary, as it is' : ''} onInput=${(/** @type {any} */ event) => set({ key: event.currentTarget.value })} />
      <label class="check"><input type="checkbox" id="p-no-key" checked=${!draft.hasKey} onChange=${() => set({ hasKey: !draft.hasKey })} />no key</label></span></div>
    <div class="line"><label for="p-partition">Partition</label><select class="input" id="p-partition" value=${draft.partition} onChange=${(/** @type {any} */ event) => set({ partition: event.currentTarget.value })}><option value="">as the key says</option>
      ${partitions.map(({ partition }) => html`<option key=${partition} value=${String(partition)}>p${partition}</option>`)}</select></div>
    <div class="line top"><label for="p-value">Value</label><span class="stack"><textarea class="input mono" id="p-value" rows="8" spellcheck="false" disabled=${draft.isTombstone} placeholder=${message?.value?.encoding === 'base64' ? 'binary, as it is' : ''} value=${draft.value} onInput=${(/** @type {any} */ event) => set({ value: event.currentTarget.value })}></textarea>
      <label class="check"><input type="checkbox" id="p-tombstone" checked=${draft.isTombstone} onChange=${() => set({ isTombstone: !draft.isTombstone })} />tombstone: no value</label>${!draft.isTombstone && draft.value && html`<${Verdict} text=${draft.value} />`}</span></div>
    <div class="line top"><label for="p-headers">Headers</label><textarea class="input mono" id="p-headers" rows="3" spellcheck="false" placeholder="name: value, a line each" value=${draft.headers} onInput=${(/** @type {any} */ event) => set({ headers: event.currentTarget.value })}></textarea></div>
    ${outcome.error && html`<p class="wrong" role="alert"><bdi>${outcome.error}</bdi></p>`}
    ${outcome.written && html`<p id="written" role="status">Written: <${Offset} ...${outcome.written} text=${`${topic} p${outcome.written.partition}@${grouped(outcome.written.offset)}`} /></p>`}
    <${Command} lines=${linesOf(where.value, topic, asLine)} />
    <footer><span class="quiet">${whyNot() || (outcome.written ? '' : 'Nothing has been written yet.')}</span><button class="btn" onClick=${close}>${outcome.written ? 'Close' : 'Cancel'}</button>
      <button class="btn primary" id="send-record" aria-disabled=${why ? 'true' : undefined} title=${why} onClick=${send}>${outcome.written ? 'Produce once more' : 'Produce'}</button></footer>
  <//>`;
}

/** @param {{topic: string}} props */
function Import({ topic }) {
  const [file, choose] = useState(/** @type {File | undefined} */ (undefined));
  const [state, know] = useState(/** @type {import('../../inspector/import_file.js').Progress} */ ({ phase: 'none', records: 0, bytes: 0, error: '' }));
  const close = () => (importOpen.value = '');
  const why = whyNot() || (!file ? 'choose a file first' : ['checking', 'writing'].includes(state.phase) ? 'it is being done' : '');
  const run = (/** @type {boolean} */ dryRun) => file && void importFile(file, (lines) => produceLines(topic, lines, dryRun), dryRun, know);
  const check = (/** @type {File | undefined} */ next) => {
    choose(next);
    know({ phase: 'none', records: 0, bytes: 0, error: '' });
  };
  const words = { none: 'NDJSON: a record a line, as the export writes them.', checking: `${grouped(state.records)} records are good so far`, checked: `${grouped(state.records)} ${count(state.records, 'record')} would be written. Nothing has been written yet.`,
    writing: `${grouped(state.records)} records are written so far`, done: `${grouped(state.records)} ${count(state.records, 'record')} written.`, failed: `${grouped(state.records)} ${count(state.records, 'record')} before that ${state.dryRun ? 'are good' : 'were written'}.` };
  return html`<${Dialog} label=${`Import into ${topic}`} close=${close} kind="wide">
    <header><h2>Import into <span class="mono">${topic}</span></h2><button class="icon" aria-label="Close" title="Close (Esc)" onClick=${close}><${Icon} name="x" /></button></header>
    <div class="line"><label for="i-file">File</label><input type="file" id="i-file" accept=".ndjson,.jsonl,.json,application/x-ndjson" onChange=${(/** @type {any} */ event) => check(event.currentTarget.files[0])} /></div>
    <p role="status" id="import-state">${words[state.phase]}</p>${state.error && html`<p class="wrong" role="alert"><bdi>${state.error}</bdi></p>`}
    <footer><span class="quiet">${whyNot()}</span><button class="btn" onClick=${close}>${state.phase === 'done' ? 'Close' : 'Cancel'}</button>
      <button class="btn" id="check-import" aria-disabled=${why ? 'true' : undefined} title=${why} onClick=${() => !why && run(true)}>Dry run</button>
      <button class="btn primary" id="do-import" aria-disabled=${why || state.phase !== 'checked' ? 'true' : undefined} title=${why || 'after a dry run'} onClick=${() => !why && state.phase === 'checked' && run(false)}>Import</button></footer>
  <//>`;
}

export const Producing = () => html`${producing.value && html`<${Produce} of=${producing.value} />`}${importOpen.value && html`<${Import} topic=${importOpen.value} />`}`;
