// What a page needs that opens: the newest orders, and the records that tell of them, up to one position of the log. The
// stream goes on from there, so that no record is told twice or missed where the two meet.

import { request } from './api.js';
import { limits, timeOf } from './model.js';
import { parsePosition } from './position.js';
import { newestRecords, orderIdOf } from './records.js';

/** @import { Envelope, Order } from './types.js' */

/** What GET .../messages gives at most in one answer. */
const pageRecords = 500;
/** Records of `audit` that are read at most to find out how the orders of the list went. */
const auditRecordsMax = 10_000;

/**
 * A record with its place.
 * @typedef {{envelope: Envelope, offset: number}} Told
 */

/**
 * @typedef {object} Start
 * @property {string} id  the position, as the stream takes it
 * @property {Order[]} orders  newest first
 * @property {number} total
 * @property {Told[]} audit  the newest, oldest first
 * @property {Told[]} dlq
 */

/**
 * A record as GET .../messages gives it, in the shape of the stream's events.
 * @param {any} message  @param {Envelope['type']} type  @returns {Told}
 */
function told(message, type) {
  const { offset, json, value, timestamp } = message;
  if (json && typeof json === 'object') {
    const own = timeOf(json.timestamp) ? json.timestamp : timestamp;
    return { offset, envelope: { type, data: json, timestamp: own } };
  }
  const named = (message.headers ?? []).find((/** @type {any} */ each) => each.name === 'kafka_dlt-exception-message');
  const data = value && { [value.encoding === 'base64' ? 'base64' : 'text']: value.text, reason: named?.value?.text ?? '' };
  return { offset, envelope: { type, data, timestamp } };
}

/**
 * The newest records of a topic with one partition that stand before `before`, oldest first.
 * @param {string} topic  @param {number} before  @param {number} limit
 * @returns {Promise<{records: any[], previous: number} | undefined>} `previous`: where to read on, 0 at the beginning
 */
async function readBack(topic, before, limit) {
  if (before === 0) return { records: [], previous: 0 };
  const { error, body } = await request('GET', `/api/bus/topics/${topic}/messages?partition=0&before=${before}&limit=${limit}`);
  if (error || !Array.isArray(body?.messages)) return undefined;
  const records = body.messages.sort((/** @type {any} */ a, /** @type {any} */ b) => a.offset - b.offset);
  return { records, previous: body.previous?.[0]?.offset ?? 0 };
}

/** The newest records of each partition of a topic; nothing if the server did not answer. @param {string} topic */
export async function readNewest(topic) {
  const { error, body } = await request('GET', `/api/bus/topics/${topic}/messages?from=newest&limit=${newestRecords}`);
  return error || !Array.isArray(body?.messages) ? [] : body.messages;
}

/** The order of one record; empty: there is none. @param {string} topic  @param {number} partition  @param {number} offset */
export async function orderAt(topic, partition, offset) {
  const { body } = await request('GET', `/api/bus/topics/${topic}/messages?partition=${partition}&from=${offset}&limit=1`);
  const message = body?.messages?.[0];
  return message?.offset === offset ? orderIdOf(message) : '';
}

/** @returns {Promise<Start | undefined>} nothing if the server did not answer */
export async function readStart() {
  const list = await request('GET', `/api/orders?order=newest&limit=${limits.orders}`);
  const id = list.header('last-event-id');
  const position = parsePosition(id);
  if (list.error || !position || !Array.isArray(list.body)) return undefined;
  const [audit, dlq] = await Promise.all([
    readBack('audit', position.audit, limits.entries),
    readBack('orders-dlq', position.dlq, limits.entries),
  ]);
  if (!audit || !dlq) return undefined;
  return {
    id,
    orders: list.body,
    total: Number(list.header('x-total-count') || list.body.length),
    audit: audit.records.map((message) => told(message, 'audit')),
    dlq: dlq.records.map((message) => told(message, 'dlq')),
  };
}

/**
 * Older records of `audit`, page by page from the newest back, until `enough` says so or the part that is read at most ends.
 * @param {number} before  @param {(page: Told[]) => boolean} enough  takes a page, oldest first
 */
export async function readOlderAudit(before, enough) {
  for (let read = 0; before > 0 && read < auditRecordsMax; read += pageRecords) {
    const page = await readBack('audit', before, pageRecords);
    if (!page || page.records.length === 0) return;
    if (enough(page.records.map((message) => told(message, 'audit')))) return;
    before = page.previous;
  }
}
