// The inspector's API, as the page asks it. Nothing here throws: a failure is an answer that says what went wrong.

import { control, request } from '../api.js';

/** @import { Message } from './types.js' */

const topics = '/api/bus/topics';
/** @param {string} topic */
const of = (topic) => `${topics}/${encodeURIComponent(topic)}`;

/** @param {string} path */
export const get = (path) => request('GET', path);

export const readTopics = () => request('GET', topics);

/** @param {string} topic */
export const readTopic = (topic) => request('GET', of(topic));

/** One record, whole; undefined: there is none at that offset. @param {string} topic  @param {number} partition  @param {number} offset */
export async function readRecord(topic, partition, offset) {
  const search = new URLSearchParams({ partition: String(partition), from: String(offset), limit: '1', allHeaders: 'true', isolation: 'read_uncommitted' });
  const { error, body, status } = await request('GET', `${of(topic)}/messages?${search}`);
  /** @type {Message | undefined} */
  const found = body?.messages?.[0];
  const isAbsent = status === 422;  // there is no such partition
  return { error: isAbsent ? '' : error, message: found?.offset === offset ? found : undefined, next: found?.offset };
}

/** Records of a topic whose header has that value, newest first. @param {string} topic  @param {string} name  @param {string} value */
export async function readByHeader(topic, name, value) {
  const { error, body } = await request('GET', `${of(topic)}/messages?${new URLSearchParams({ header: `${name}:${value}`, limit: '100', valueMax: '2000' })}`);
  return { error, messages: /** @type {Message[]} */ (body?.messages ?? []) };
}

/** The newest of each key, as a reader of the compacted topic gets them. @param {string} topic  @param {string} partition */
export async function readLatest(topic, partition) {
  const search = new URLSearchParams({ latestPerKey: 'true', limit: '200', valueMax: '2000', ...(partition ? { partition } : {}) });
  const { error, body } = await request('GET', `${of(topic)}/messages?${search}`);
  return { error, messages: /** @type {Message[]} */ (body?.messages ?? []) };
}

/** @param {string} topic  @param {unknown} record */
export const produce = (topic, record) => control('POST', `${of(topic)}/messages`, record);

/** Lines of NDJSON. @param {string} topic  @param {string} lines  @param {boolean} dryRun */
export const produceLines = (topic, lines, dryRun) =>
  control('POST', `${of(topic)}/messages${dryRun ? '?dryRun=true' : ''}`, lines, { 'content-type': 'application/x-ndjson' });

/** @param {string} topic */
export const compact = (topic) => control('POST', `${of(topic)}/compact`, {});

/**
 * @param {string} group  @param {unknown} reset
 * @param {string} [seen]  ETag of the dry run: refused if the offsets have changed since
 */
export const resetOffsets = (group, reset, seen) =>
  control('POST', `/api/bus/groups/${encodeURIComponent(group)}/offsets`, reset, seen ? { 'if-match': seen } : {});

export const readDeadLetters = () => request('GET', '/api/bus/dlq');

/** @param {unknown} what */
export const redrive = (what) => control('POST', '/api/bus/dlq/redrive', what);
