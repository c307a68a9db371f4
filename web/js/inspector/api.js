// The inspector's API, as the page asks it. Nothing here throws: a failure is an answer that says what went wrong.

import { request } from '../api.js';

/** @import { Message } from './types.js' */

const topics = '/api/bus/topics';

/** @param {string} path */
export const get = (path) => request('GET', path);

export const readTopics = () => request('GET', topics);

/** One record, whole; undefined: there is none at that offset. @param {string} topic  @param {number} partition  @param {number} offset */
export async function readRecord(topic, partition, offset) {
  const search = new URLSearchParams({ partition: String(partition), from: String(offset), limit: '1' });
  const { error, body, status } = await request('GET', `${topics}/${encodeURIComponent(topic)}/messages?${search}`);
  /** @type {Message | undefined} */
  const found = body?.messages?.[0];
  const isAbsent = status === 422;  // there is no such partition
  return { error: isAbsent ? '' : error, message: found?.offset === offset ? found : undefined, next: found?.offset };
}
