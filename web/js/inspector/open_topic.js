// The topic that is open: its messages as they are read, and the record that is chosen.

import { computed, effect, signal, untracked } from '/vendor/preact-signals.js';

import { get, readRecord, readTopic } from './api.js';
import { Reading, isFiltered, nothing } from './reading.js';
import { logs, route, system, topicOf } from './state.js';

/** @import { Shown } from './reading.js' */
/** @import { Message, Query, Topic } from './types.js' */

/** A link to one record shows some before it, too. */
const recordsBefore = 10;

/** @type {import('/vendor/preact-signals.js').Signal<Shown>} */
export const shown = signal(nothing);
/** Where the list begins when a link opened one record: the filters say nothing then. */
export const around = signal('');
/** @type {Reading | undefined} */
let reading;
let readingOf = '';

/** @param {Query} query */
const says = ({ tab: _, ...filters }) => Object.values(filters).some(Boolean);

/** The query that the list is read with. */
export const effective = computed(() => {
  const { query, partition } = route.value;
  return around.value && !says(query) ? { ...query, from: around.value, partition: String(partition ?? '') } : query;
});

/** Records at the end that the tail has not read. */
export const meanwhile = computed(() => {
  const partitions = topicOf(route.value.topic)?.partitions ?? [];
  return shown.value.tail === 'off' ? 0 : partitions.reduce((sum, { partition, endOffset }) =>
    sum + Math.max(0, endOffset - (shown.value.cursors[partition] ?? endOffset)), 0);
});

/** A link that brings the page to a record, and a link to other filters, are told apart by what is read already. */
function onRoute() {
  const { view, topic, query, partition, offset } = route.value;
  const isList = view === 'topic' && (!query.tab || query.tab === 'messages');
  const known = isList && topicOf(topic) !== undefined;
  const { tab: _, ...filters } = query;
  const key = known ? `${logs.value} ${topic} ${JSON.stringify(filters)}` : '';
  if (key === readingOf) return;
  untracked(() => {
    readingOf = key;
    reading?.end();
    reading = undefined;
    around.value = known && offset !== undefined && !says(query) ? String(Math.max(0, offset - recordsBefore)) : '';
    if (known) begin(topic, around.value ? { ...query, from: around.value, partition: String(partition) } : query);
    else shown.value = nothing;
  });
}

/** @param {string} topic  @param {Query} query */
function begin(topic, query) {
  const own = new Reading(topic, query, get, (now) => {
    if (own === reading) shown.value = now;
  });
  reading = own;
  void own.start(topicOf(topic)?.partitions ?? []);
}

export const more = () => reading?.more();
export const stop = () => reading?.stop();
/** @param {Shown['tail']} tail */
export function setTail(tail) {
  reading?.setTail(tail);
  void reading?.follow(topicOf(route.value.topic)?.partitions ?? []);
}
export const readAgain = () => reading && void reading.start(topicOf(route.value.topic)?.partitions ?? []);

/** Something is left out of the list. */
export const filtered = computed(() => isFiltered(effective.value));

// ---- the record that is chosen

/** @typedef {{kind: 'none'} | {kind: 'reading'} | {kind: 'failed', error: string} | {kind: 'absent', next: number | undefined} | {kind: 'read', message: Message}} Chosen */
/** @type {import('/vendor/preact-signals.js').Signal<Chosen>} */
export const chosen = signal({ kind: 'none' });
let chosenPlace = '';

async function onRecord() {
  const { view, topic, partition, offset } = route.value;
  const place = view === 'topic' && partition !== undefined && offset !== undefined ? `${topic} ${partition} ${offset} ${logs.value}` : '';
  if (place === chosenPlace) return;
  chosenPlace = place;
  if (!place) {
    chosen.value = { kind: 'none' };
    return;
  }
  if (untracked(() => chosen.value.kind) !== 'read') chosen.value = { kind: 'reading' };
  const { error, message, next } = await readRecord(topic, Number(partition), Number(offset));
  if (place !== chosenPlace) return;
  chosen.value = error ? { kind: 'failed', error } : message ? { kind: 'read', message } : { kind: 'absent', next };
}

export function readRecordAgain() {
  chosenPlace = '';
  void onRecord();
}

// ---- its settings

/** @type {import('/vendor/preact-signals.js').Signal<{topic: string, error: string, detail: Topic | undefined}>} */
export const detail = signal({ topic: '', error: '', detail: undefined });

/** @param {string} topic */
export async function readDetail(topic) {
  const { error, body } = await readTopic(topic);
  detail.value = { topic, error, detail: error ? undefined : body };
}

export function startTopic() {
  effect(onRoute);
  effect(() => void onRecord());
  effect(() => {
    const partitions = system.value?.topics.find(({ name }) => name === route.value.topic)?.partitions;
    void shown.value.status;
    if (partitions) void reading?.follow(partitions);
  });
}
