// Dead letters: what was read, what is chosen, what was edited, and what a redrive would do or has done.

import { computed, signal } from '/vendor/preact-signals.js';

import { get, readDeadLetters, readRecord, redrive } from './api.js';
import { jsonLines, prettyText } from './json_text.js';
import { announce, topicOf } from './state.js';

/** @import { Bytes, Message } from './types.js' */

export const topicName = 'orders-dlq';
/** One call takes so many. */
const redriveMax = 1000;

/**
 * @typedef {object} Letter
 * @property {number} offset
 * @property {string} timestamp
 * @property {Bytes | null} key
 * @property {string} reason
 * @property {{topic: string, partition: number | null, offset: number | null} | null} from
 * @property {string | null} by
 * @property {number | null} retryCount
 * @property {number} redriveCount
 */

/** @typedef {{reason: string, count: number, letters: Letter[]}} Reason */
/** @typedef {{offset: number, key: Bytes | null, to: {topic: string, partition: number | null, offset: number | null} | null, redriveCount: number, edited: boolean, outcome: string, why?: string}} Fate */
/** @typedef {{kind: 'none' | 'looking' | 'sending', error: string} | {kind: 'planned' | 'sent', error: string, fates: Fate[], sent: number, notSent: number, unknown: number, asksAgain: number}} Drive */

/** @type {import('/vendor/preact-signals.js').Signal<{error: string, letters: number, read: number, reasons: Reason[]} | undefined>} */
export const found = signal(undefined);
/** The beginnings of their values, by offset. @type {import('/vendor/preact-signals.js').Signal<Map<number, Bytes | null>>} */
export const values = signal(new Map());
/** @type {import('/vendor/preact-signals.js').Signal<Set<number>>} */
export const chosen = signal(new Set());
/** Other values for the copies that are sent. @type {import('/vendor/preact-signals.js').Signal<Map<number, string>>} */
export const edits = signal(new Map());
/** Letters above the limit that go all the same. @type {import('/vendor/preact-signals.js').Signal<Set<number>>} */
export const confirmed = signal(new Set());
/** @type {import('/vendor/preact-signals.js').Signal<Drive>} */
export const drive = signal({ kind: 'none', error: '' });
/** The letter whose value is open. @type {import('/vendor/preact-signals.js').Signal<{offset: number, message: Message | undefined, error: string} | undefined>} */
export const opened = signal(undefined);

export const letters = computed(() => (found.value?.reasons ?? []).flatMap((each) => each.letters));

/** Offsets that a redrive takes: an edit that is no JSON stays out. */
export const going = computed(() => [...chosen.value].filter((offset) => !edits.value.has(offset) || !jsonLines(edits.value.get(offset) ?? '').wrong).sort((a, b) => a - b));

export async function readLetters() {
  const [{ error, body }, messages] = await Promise.all([readDeadLetters(), get(`/api/bus/topics/${topicName}/messages?limit=500&valueMax=500`)]);
  found.value = error ? { error, letters: 0, read: 0, reasons: found.value?.reasons ?? [] } : { error: '', ...body };
  values.value = new Map((messages.body?.messages ?? []).map((/** @type {Message} */ each) => [each.offset, each.value]));
  const there = new Set(letters.value.map(({ offset }) => offset));
  if (!error) chosen.value = new Set([...chosen.value].filter((offset) => there.has(offset)));
}

/** @param {number[]} offsets  @param {boolean} on */
export function choose(offsets, on) {
  const next = new Set(chosen.value);
  for (const offset of offsets) {
    if (on) next.add(offset);
    else next.delete(offset);
  }
  chosen.value = next;
  drive.value = { kind: 'none', error: '' };
}

/** @param {number} offset */
export async function openLetter(offset) {
  opened.value = { offset, message: undefined, error: '' };
  const { error, message } = await readRecord(topicName, topicOf(topicName)?.partitions[0]?.partition ?? 0, offset);
  if (opened.value?.offset === offset) opened.value = { offset, message, error: error || (message ? '' : 'The dead letter is gone: retention took it.') };
}

/** The value as an editor begins with it: JSON with a line for each member. @param {Message} message */
export function editableText({ value }) {
  if (value?.encoding !== 'utf-8') return '';
  const { lines, wrong } = jsonLines(value.text);
  return wrong ? value.text : prettyText(lines);
}

/** @param {number} offset  @param {string | undefined} text  undefined: as it came */
export function edit(offset, text) {
  const next = new Map(edits.value);
  if (text === undefined) next.delete(offset);
  else next.set(offset, text);
  edits.value = next;
  drive.value = { kind: 'none', error: '' };
}

/** @param {number[]} offsets  @param {boolean} dryRun */
const bodyOf = (offsets, dryRun) => ({ offsets, dryRun,
  edits: offsets.flatMap((offset) => (edits.value.has(offset) ? [{ offset, value: edits.value.get(offset) }] : [])),
  confirm: offsets.filter((offset) => confirmed.value.has(offset)) });

let turn = 0;

/** Sends what is chosen, or says what would go where. After a partial outcome only what was not sent goes again. @param {boolean} dryRun */
export async function redriveChosen(dryRun) {
  const own = ++turn;
  const before = drive.value;
  const sent = before.kind === 'sent' ? new Set(before.fates.filter(({ outcome }) => outcome === 'sent' || outcome === 'unknown').map(({ offset }) => offset)) : new Set();
  const offsets = going.value.filter((offset) => !sent.has(offset));
  if (offsets.length === 0) return;
  drive.value = { kind: dryRun ? 'looking' : 'sending', error: '' };
  /** @type {Fate[]} */
  const fates = before.kind === 'sent' && !dryRun ? before.fates.filter(({ offset }) => sent.has(offset)) : [];
  let error = '';
  for (let at = 0; at < offsets.length && !error; at += redriveMax) {
    const part = offsets.slice(at, at + redriveMax);
    const answer = await redrive(bodyOf(part, dryRun));
    if (own !== turn) return;
    error = answer.error && `${answer.error} ${Object.values(answer.fields).join(' ')}${answer.unknown ? ' What was sent is not known: look at the end of the topic.' : ''}`;
    fates.push(...(answer.body?.records ?? []));
  }
  const tally = (/** @type {string[]} */ ...words) => fates.filter(({ outcome }) => words.includes(outcome)).length;
  drive.value = { kind: dryRun ? 'planned' : 'sent', error, fates, sent: tally('sent', 'would be sent'), notSent: tally('not sent'), unknown: tally('unknown'), asksAgain: tally('asks again') };
  announce(dryRun ? `${tally('would be sent')} would go.` : `${tally('sent')} sent.`);
}

/** Nothing has been sent, and nothing will be. */
export function cancel() {
  turn += 1;
  drive.value = { kind: 'none', error: '' };
}
