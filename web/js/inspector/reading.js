// Reads the messages of a topic, page by page, and follows its end. Memory is bounded: of a large value only the beginning is
// kept, and a paused tail reads nothing: how many records came meanwhile is told by offsets.

import { sizeOf } from './bytes.js';

/** @import { Bytes, Message, Partition, Query } from './types.js' */

export const rowsMax = 10_000;
/** Of a value in a row; its record is read again when it is opened. */
const keptCharacters = 2000;
/** Bytes of a value that are asked for: the columns of a filter's paths are made from them. */
const valueMax = 16_384;
const firstRows = 200;
const pageRecords = 500;

/**
 * @typedef {object} Shown
 * @property {Message[]} rows  in their order: newest first, or oldest first
 * @property {'reading' | 'done' | 'more' | 'stopped' | 'failed' | 'full'} status  more: the list is long enough for now
 * @property {number} read  records that were looked at
 * @property {number} total  records to look at
 * @property {string} error
 * @property {Record<string, string>} fields  what is wrong with which filter
 * @property {'off' | 'live' | 'paused'} tail
 * @property {boolean} isNewestFirst
 * @property {Record<string, number>} cursors  next offset of the tail, by partition
 * @property {number} dropped  rows that went because there are too many
 */

/** @type {Shown} */
export const nothing = { rows: [], status: 'reading', read: 0, total: 0, error: '', fields: {}, tail: 'off', isNewestFirst: true, cursors: {}, dropped: 0 };

/** Where reading goes on in one partition. @typedef {{partition: number, first: number, last: number, at: number, isDone: boolean}} Lane */

/** @typedef {{error: string, fields: Record<string, string>, body: any}} Answer */

/** @param {Bytes | null} of  @param {number | undefined} bytes  of all of it  @returns {Bytes | null} */
function trimmed(of, bytes) {
  if (!of || of.text.length <= keptCharacters) return of && bytes !== undefined ? { ...of, bytes } : of;
  const length = of.encoding === 'base64' ? keptCharacters - keptCharacters % 4 : keptCharacters;
  return { ...of, text: of.text.slice(0, length), cut: true, bytes: bytes ?? sizeOf(of) };
}

/** What a path of the filter is in a value. @param {any} json  @param {string} path */
function atPath(json, path) {
  let value = json;
  for (const name of path.replace(/\[(\d+)\]/g, '.$1').split('.')) value = value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** @param {Message} message  @param {string} path  @returns {string | null} null: it cannot be judged */
export function pathText(message, path) {
  const value = message.json === undefined ? undefined : atPath(message.json, path);
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value);
  const header = message.headers.find(({ name }) => name === path)?.value;
  if (header) return header.encoding === 'utf-8' ? header.text : null;
  return message.json === undefined ? null : '';
}

/** The paths of a filter, in their order: they become columns. @param {string} filter */
export function pathsOf(filter) {
  const withoutText = filter.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '""');
  const found = withoutText.matchAll(/([A-Za-z_$][\w$.[\]-]*)\s*(?:[<>=!]=?|contains\b|startsWith\b|endsWith\b)/g);
  return [...new Set([...found].map(([, path]) => path))].filter((path) => !['and', 'key', 'partition', 'offset', 'timestamp'].includes(path)).slice(0, 3);
}

/** @param {Message} message  @param {string[]} paths  @returns {Message} */
export function rowOf(message, paths) {
  const named = Object.fromEntries(paths.map((path) => [path, pathText(message, path)]));
  const { json: _, ...rest } = message;
  const headers = message.headers.length > 20 ? message.headers.slice(0, 20) : message.headers;
  return { ...rest, headers, key: trimmed(message.key, message.size?.key), value: trimmed(message.value, message.size?.value), paths: named };
}

/** @param {Message} message */
export const keyOfRow = ({ partition, offset }) => `${partition}/${offset}`;

/** @param {Message} a  @param {Message} b */
export const byTime = (a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : a.partition - b.partition || a.offset - b.offset);

/** The query of one request. @param {Query} query */
export function filterParameters({ key, header, text, only, filter, isolation }) {
  const search = new URLSearchParams();
  const literal = key === '"null"' ? 'key == "null"' : '';
  if (key && !literal) search.set('key', key);
  if (header) search.set('header', header);
  if (text) search.set('text', text);
  if (only) search.set('tombstones', only === 'tombstones' ? 'only' : 'none');
  if (filter || literal) search.set('filter', [filter, literal].filter(Boolean).join(' and '));
  if (isolation) search.set('isolation', isolation);
  return search;
}

/** @param {Query} query  something is left out */
export const isFiltered = (query) => filterParameters({ ...query, isolation: '' }).size > 0;

export class Reading {
  /** @type {Lane[]} */
  #lanes = [];
  #generation = 0;
  #wanted = 0;
  #isFollowing = false;
  #paths = /** @type {string[]} */ ([]);
  /** @type {Shown} */
  #shown = nothing;

  /**
   * @param {string} topic  @param {Query} query
   * @param {(path: string) => Promise<Answer>} get  @param {(shown: Shown) => void} publish
   */
  constructor(topic, query, get, publish) {
    this.topic = topic;
    this.query = query;
    this.get = get;
    this.publish = publish;
    this.#paths = pathsOf(query.filter);
  }

  /** @param {Partial<Shown>} changes */
  #change(changes) {
    this.#shown = { ...this.#shown, ...changes };
    this.publish(this.#shown);
  }

  get shown() {
    return this.#shown;
  }

  /** @param {Record<string, string | number>} of  what the filters do not say */
  #path(of) {
    const search = filterParameters(this.query);
    for (const [name, value] of Object.entries({ ...of, valueMax })) search.set(name, String(value));
    return `/api/bus/topics/${encodeURIComponent(this.topic)}/messages?${search}`;
  }

  /** Begins with the first page of all partitions. @param {Partition[]} partitions */
  async start(partitions) {
    const generation = ++this.#generation;
    const { from } = this.query;
    const isNewestFirst = !from || from === 'newest';
    const chosen = partitions.filter(({ partition }) => !this.query.partition || String(partition) === this.query.partition);
    const cursors = Object.fromEntries(chosen.map(({ partition, endOffset }) => [partition, endOffset]));
    this.#lanes = chosen.map(({ partition, startOffset, endOffset }) =>
      ({ partition, first: startOffset, last: endOffset, at: isNewestFirst ? endOffset : startOffset, isDone: startOffset >= endOffset }));
    this.#wanted = firstRows;
    this.#change({ ...nothing, tail: this.#shown.tail, isNewestFirst, cursors, total: this.#total() });
    /** @type {Record<string, string>} */
    const only = this.query.partition ? { partition: this.query.partition } : {};
    const limit = Math.max(20, Math.min(pageRecords, Math.ceil(firstRows / Math.max(1, chosen.length))));
    const answer = await this.get(this.#path({ from: from || 'newest', ...only, limit }));
    if (generation !== this.#generation) return;
    if (answer.error) return this.#change({ status: 'failed', error: answer.error, fields: answer.fields });
    this.#begin(answer.body);
    this.#take(answer.body.messages, this.#lanes);
    await this.#run(generation);
  }

  /** Cursors of the first answer. @param {any} body */
  #begin({ messages, next, previous }) {
    const { isNewestFirst } = this.#shown;
    for (const lane of this.#lanes) {
      const own = messages.filter((/** @type {Message} */ each) => each.partition === lane.partition);
      const cursor = (isNewestFirst ? previous : next).find((/** @type {any} */ each) => each.partition === lane.partition);
      if (!isNewestFirst && this.query.from !== 'oldest') lane.first = Math.min(lane.last, own[0]?.offset ?? cursor?.offset ?? lane.last);
      lane.at = cursor ? cursor.offset : isNewestFirst ? lane.first : Math.max(lane.last, (own.at(-1)?.offset ?? -1) + 1);
      lane.isDone = !cursor;
    }
  }

  #total() {
    return this.#lanes.reduce((sum, { first, last }) => sum + Math.max(0, last - first), 0);
  }

  #read() {
    const back = this.#shown.isNewestFirst;
    return this.#lanes.reduce((sum, { first, last, at }) => sum + Math.max(0, back ? last - at : Math.min(at, last) - first), 0);
  }

  /** Puts messages where they belong. @param {Message[]} messages  @param {Lane[]} lanes  that they are of */
  #take(messages, lanes) {
    const { isNewestFirst, cursors } = this.#shown;
    const ends = { ...cursors };
    for (const { partition, at, isDone } of lanes) if (isDone && !isNewestFirst) ends[partition] = Math.max(at, ends[partition]);
    for (const { partition, offset } of messages) ends[partition] = Math.max(ends[partition] ?? 0, offset + 1);
    this.#change({ ...this.#merged(messages), cursors: ends, read: this.#read(), total: this.#total() });
  }

  /** @param {Message[]} messages */
  #merged(messages) {
    const have = new Set(this.#shown.rows.map(keyOfRow));
    const fresh = messages.filter((each) => !have.has(keyOfRow(each))).map((each) => rowOf(each, this.#paths));
    const sign = this.#shown.isNewestFirst ? -1 : 1;
    const rows = fresh.length > 0 ? [...this.#shown.rows, ...fresh].sort((a, b) => sign * byTime(a, b)) : this.#shown.rows;
    return { rows };
  }

  /** Reads on until there is enough to show. @param {number} generation */
  async #run(generation) {
    for (;;) {
      const lane = this.#next();
      const { rows } = this.#shown;
      if (!lane) return this.#change({ status: 'done' });
      if (rows.length >= rowsMax) return this.#change({ status: 'full' });
      if (rows.length >= this.#wanted) return this.#change({ status: 'more' });
      this.#change({ status: 'reading' });
      const answer = await this.get(this.#path({ partition: lane.partition, [this.#shown.isNewestFirst ? 'before' : 'from']: lane.at, limit: pageRecords }));
      if (generation !== this.#generation) return undefined;
      if (answer.error) return this.#change({ status: 'failed', error: answer.error, fields: answer.fields });
      const cursor = (this.#shown.isNewestFirst ? answer.body.previous : answer.body.next)[0];
      lane.isDone = !cursor;
      lane.at = cursor ? cursor.offset : this.#shown.isNewestFirst ? lane.first : Math.max(lane.last, (answer.body.messages.at(-1)?.offset ?? -1) + 1);
      this.#take(answer.body.messages, [lane]);
    }
  }

  /** The partition that is least far. @returns {Lane | undefined} */
  #next() {
    const back = this.#shown.isNewestFirst;
    const part = (/** @type {Lane} */ { first, last, at }) => (back ? last - at : at - first) / Math.max(1, last - first);
    return this.#lanes.filter(({ isDone }) => !isDone).sort((a, b) => part(a) - part(b))[0];
  }

  /** Reads on: the list's end was reached, or reading was stopped. */
  more() {
    if (!['more', 'stopped', 'failed'].includes(this.#shown.status)) return;
    this.#wanted = this.#shown.rows.length + firstRows;
    void this.#run(++this.#generation);
  }

  stop() {
    if (this.#shown.status !== 'reading') return;
    this.#generation += 1;
    this.#change({ status: 'stopped' });
  }

  /** Nobody looks at it any more. */
  end() {
    this.#generation += 1;
    this.#change({ tail: 'off' });
  }

  /** @param {Shown['tail']} tail */
  setTail(tail) {
    this.#change({ tail });
  }

  /** Records at the end of the log that the tail has not read. @param {Partition[]} partitions */
  meanwhile(partitions) {
    const { cursors } = this.#shown;
    return partitions.reduce((sum, { partition, endOffset }) => sum + (partition in cursors ? Math.max(0, endOffset - cursors[partition]) : 0), 0);
  }

  /** Reads what came at the end, if the tail is live. @param {Partition[]} partitions  as the system last told */
  async follow(partitions) {
    if (this.#shown.tail !== 'live' || this.#isFollowing || !['done', 'more', 'full', 'stopped'].includes(this.#shown.status)) return;
    const behind = partitions.filter(({ partition, endOffset }) => (this.#shown.cursors[partition] ?? endOffset) < endOffset);
    this.#isFollowing = true;
    for (const { partition, endOffset } of behind) await this.#followOne(partition, endOffset);
    this.#isFollowing = false;
  }

  /** @param {number} partition  @param {number} end */
  async #followOne(partition, end) {
    const generation = this.#generation;
    const at = this.#shown.cursors[partition];
    const answer = await this.get(this.#path({ partition, from: at, limit: pageRecords }));
    if (generation !== this.#generation || answer.error || this.#shown.tail !== 'live') return;
    const { messages, next } = answer.body;
    const to = next[0]?.offset ?? Math.max(end, (messages.at(-1)?.offset ?? -1) + 1);
    const { rows } = this.#merged(messages);
    const over = Math.max(0, rows.length - rowsMax);
    const kept = over === 0 ? rows : this.#shown.isNewestFirst ? rows.slice(0, rowsMax) : rows.slice(over);
    this.#change({ rows: kept, dropped: this.#shown.dropped + over, cursors: { ...this.#shown.cursors, [partition]: to } });
  }
}

