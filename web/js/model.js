// What the panels show, made from records of the log alone: answers of REST never change it, so that there is one order of
// events. Pure and bounded: no DOM, no clock but the caller's.

import { withAlerts } from './fraud.js';
import { parsePosition } from './position.js';
import { learn } from './records.js';

/** @import { Position } from './position.js' */
/** @import { Records } from './records.js' */
/** @import { Alert, Entry, Envelope, Order, Outcome, Place, Row } from './types.js' */
/** @import { Start, Told } from './log.js' */

export const limits = Object.freeze({
  orders: 500,
  entries: 200,
  outcomes: 2000,
  goneMs: 6000,
});

/** The topic that each kind of event is about. @type {Record<string, string>} */
export const topics = Object.freeze({ order: 'orders', audit: 'audit', dlq: 'orders-dlq' });

/** @param {unknown} text  @returns {number} ms, 0 if it is no time */
export function timeOf(text) {
  const ms = typeof text === 'string' ? Date.parse(text) : NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

/** @param {unknown} value */
const word = (value) => (typeof value === 'string' ? value : '');

/** @param {unknown} value  @param {number} otherwise */
const count = (value, otherwise) => (typeof value === 'number' ? value : otherwise);

/**
 * Newest first; equal times by id, so that every page has the same order.
 * @param {Order} a  @param {Order} b
 */
function isNewer(a, b) {
  return a.createdAt === b.createdAt ? a.id > b.id : a.createdAt > b.createdAt;
}

/**
 * Anyone may write to the topic, so a record is looked at before it is shown.
 * @param {any} order  @returns {order is Order}
 */
function isOrder(order) {
  const texts = [order?.id, order?.customerName, order?.item, order?.status, order?.createdAt];
  return texts.every((text) => typeof text === 'string') && [order.quantity, order.price].every(Number.isFinite);
}

/** @type {Record<string, Outcome['word']>} */
const outcomeWords = { NOTIFIED: 'notified', RETRY: 'retry', DLQ: 'dead', DROPPED: 'dropped' };

/**
 * The text of a dead letter that could not be parsed, as far as a line shows it.
 * @param {string} base64
 */
export function bytesAsText(base64) {
  try {
    const bytes = Uint8Array.from(atob(base64.slice(0, 400)), (c) => c.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return base64;
  }
}

export class Model {
  constructor() {
    /** @type {Row[]} newest first */
    this.rows = [];
    /** Live orders that are older than those shown. */
    this.older = 0;
    /** @type {Entry[]} newest first, as all feeds */
    this.notifications = [];
    /** @type {Entry[]} */
    this.audit = [];
    /** @type {Entry[]} */
    this.dead = [];
    /** @type {Alert[]} */
    this.alerts = [];
    /** @type {Map<string, Row>} */
    this.byId = new Map();
    /** @type {Map<string, Outcome>} by order id, also of orders that come later: topics have no common order */
    this.outcomes = new Map();
    this.nextKey = 1;
    /** How far the stream has told. @type {Position | undefined} */
    this.position = undefined;
    /** @type {Records} what the lanes of the map show */
    this.records = new Map();
    /** @type {Map<string, number>} by lane: the next offset up to which the log itself was read */
    this.looked = new Map();
  }

  /** Orders that are live as far as this page knows. */
  get total() {
    return this.older + this.rows.reduce((n, row) => n + (row.goneAt ? 0 : 1), 0);
  }

  /** A model as structuredClone() carries it from one thread to another. @param {Model} plain */
  static from(plain) {
    const model = Object.assign(new Model(), plain);
    model.byId = new Map(model.rows.map((row) => [row.order.id, row]));
    return model;
  }

  /** All but what from() makes anew. */
  toPlain() {
    return { ...this, byId: new Map() };
  }

  /** Begins with what the log held. @param {Start} start  @param {number} nextKey  above all keys used before */
  static begin(start, nextKey) {
    const model = new Model();
    model.nextKey = nextKey;
    model.position = parsePosition(start.id);
    for (const order of start.orders) {
      if (isOrder(order)) model.#insert({ order, at: 0, goneAt: 0, outcome: undefined });
    }
    model.older = Math.max(0, start.total - model.rows.length);
    for (const { envelope, offset } of start.audit) {
      model.#date(envelope);
      model.apply(envelope, 0, { partition: 0, offset });
    }
    for (const { envelope, offset } of start.dlq) model.apply(envelope, 0, { partition: 0, offset });
    return model;
  }

  /**
   * How orders of the list went, by older records of `audit` than those that begin() had. What is known by a newer record
   * stays.
   * @param {Told[]} page  oldest first
   * @returns {boolean} every order of the list has its outcome, or the page is older than all of them
   */
  addOlder(page) {
    for (const { envelope } of page.toReversed()) {
      this.#date(envelope);
      const entry = this.#entry(envelope, -1);
      const row = this.byId.get(entry.orderId);
      if (!isOutcome(entry) || !row || this.outcomes.has(entry.orderId)) continue;
      this.#outcome(entry);
    }
    const oldest = this.rows.at(-1);
    return !oldest || timeOf(page[0]?.envelope.timestamp) < timeOf(oldest.order.createdAt)
      || this.rows.every((row) => row.outcome);
  }

  /**
   * @param {Envelope} envelope
   * @param {number} now  ms, for how long a deleted order stays to be seen
   * @param {Place} [place]  where it is in its topic
   */
  apply(envelope, now, place) {
    const offset = place?.offset ?? -1;
    const topic = topics[envelope.type];
    if (place && topic) {
      const orderId = word(envelope.data?.orderId) || word(envelope.data?.order?.id);
      learn(this.records, topic, place.partition, { offset, orderId, retryCount: 0, tombstone: false });
    }
    if (envelope.type === 'order') this.#order(envelope, now);
    else if (envelope.type === 'audit') this.#audit(envelope, offset);
    else if (envelope.type === 'dlq') this.#deadLetter(envelope, offset);
  }

  /**
   * Takes deleted orders off the list once they have been seen for a while.
   * @param {number} now
   * @returns {boolean} something changed
   */
  sweep(now) {
    const gone = this.rows.filter((row) => row.goneAt && now - row.goneAt >= limits.goneMs);
    gone.forEach((row) => this.#remove(row));
    return gone.length > 0;
  }

  /**
   * The list does not say when an order changed; the order service's word on `audit` does.
   * @param {Envelope} envelope
   */
  #date(envelope) {
    const { source, action, orderId, timestamp } = envelope.data ?? {};
    const row = this.byId.get(word(orderId));
    const at = timeOf(timestamp);
    if (row && source === 'order-service' && ['created', 'updated'].includes(action) && at > row.at) {
      this.#replace(row, { ...row, at });
    }
  }

  /** @param {Envelope} envelope  @param {number} now */
  #order(envelope, now) {
    const { action, order } = envelope.data ?? {};
    if (!isOrder(order)) return;
    const at = timeOf(envelope.data.timestamp) || timeOf(envelope.timestamp);
    const row = this.byId.get(order.id);
    if (row && at < row.at) return;
    if (action === 'deleted') {
      if (row) this.#replace(row, { ...row, order: { ...row.order, ...order }, at, goneAt: row.goneAt || now });
      else if (this.older > 0) this.older -= 1;
      return;
    }
    if (row) this.#replace(row, { ...row, order, at, goneAt: 0 });
    else if (action === 'created') this.#insert({ order, at, goneAt: 0, outcome: this.outcomes.get(order.id) });
  }

  /** @param {Row} row */
  #insert(row) {
    if (this.byId.has(row.order.id)) return;
    let place = 0;
    while (place < this.rows.length && isNewer(this.rows[place].order, row.order)) place += 1;
    this.rows.splice(place, 0, row);
    this.byId.set(row.order.id, row);
    if (this.rows.length > limits.orders) {
      const last = /** @type {Row} */ (this.rows.pop());
      this.byId.delete(last.order.id);
      if (!last.goneAt) this.older += 1;
    }
  }

  /** @param {Row} row  @param {Row} next */
  #replace(row, next) {
    this.rows[this.rows.indexOf(row)] = next;
    this.byId.set(next.order.id, next);
  }

  /** @param {Row} row */
  #remove(row) {
    this.rows.splice(this.rows.indexOf(row), 1);
    this.byId.delete(row.order.id);
  }

  /** @param {Envelope} envelope  @param {number} offset */
  #audit(envelope, offset) {
    const entry = this.#entry(envelope, offset);
    push(this.audit, entry);
    if (isOutcome(entry)) {
      push(this.notifications, entry);
      this.#outcome(entry);
    }
    if (entry.action !== 'FRAUD_ALERT') return;
    const order = this.byId.get(entry.orderId)?.order;
    this.alerts = withAlerts(this.alerts, {
      at: entry.at,
      orderId: entry.orderId,
      data: envelope.data,
      total: order ? order.quantity * order.price : -1,
      nextKey: () => this.nextKey++,
    });
  }

  /** @param {Entry} entry */
  #outcome(entry) {
    const latest = { word: outcomeWords[entry.action], retryCount: entry.retryCount, at: entry.at };
    this.outcomes.delete(entry.orderId);
    this.outcomes.set(entry.orderId, latest);
    if (this.outcomes.size > limits.outcomes) this.outcomes.delete(this.outcomes.keys().next().value ?? '');
    const row = this.byId.get(entry.orderId);
    if (row) this.#replace(row, { ...row, outcome: latest });
  }

  /** @param {Envelope} envelope  @param {number} offset */
  #deadLetter(envelope, offset) {
    const entry = this.#entry(envelope, offset);
    const { reason, base64, text } = envelope.data ?? {};
    entry.detail = word(reason);
    if (typeof base64 === 'string') entry.who = bytesAsText(base64);
    if (typeof text === 'string') entry.who = text.slice(0, 300);
    push(this.dead, entry);
  }

  /** @param {Envelope} envelope  @param {number} offset  @returns {Entry} */
  #entry(envelope, offset) {
    const data = envelope.data ?? {};
    const orderId = word(data.orderId) || word(data.order?.id);
    const row = this.byId.get(orderId);
    const order = row?.order ?? data.order;
    const at = timeOf(data.timestamp) || timeOf(envelope.timestamp);
    const began = row?.at || (row?.order.status === 'created' ? timeOf(row.order.createdAt) : 0);
    return {
      key: this.nextKey++,
      at,
      offset,
      orderId,
      customer: word(order?.customerName),
      item: word(order?.item),
      who: '',
      source: word(data.source),
      action: word(data.action),
      detail: word(data.instanceId),
      retryCount: count(data.retryCount, 0),
      tookMs: began && at >= began ? at - began : -1,
    };
  }
}

/** @param {Entry} entry  how the notification of an order went */
const isOutcome = (entry) => entry.source === 'notification-service' && Object.hasOwn(outcomeWords, entry.action);

/**
 * @template T
 * @param {T[]} feed  @param {T} entry
 */
function push(feed, entry) {
  feed.unshift(entry);
  if (feed.length > limits.entries) feed.pop();
}

/**
 * The word that an order's row shows. An outcome older than the order's last change is about what it was before.
 * @param {Row} row
 * @returns {{word: string, kind: 'gone' | 'wait' | 'ok' | 'retry' | 'dead' | 'plain'}}
 */
export function statusOf(row) {
  if (row.goneAt) return { word: 'deleted', kind: 'gone' };
  const { outcome } = row;
  if (outcome && outcome.at >= row.at) {
    if (outcome.word === 'notified') return { word: 'notified', kind: 'ok' };
    if (outcome.word === 'retry') return { word: `retry ${outcome.retryCount}`, kind: 'retry' };
    return { word: outcome.word === 'dead' ? 'gave up' : 'dropped', kind: 'dead' };
  }
  if (!row.at) return { word: row.order.status, kind: 'plain' };
  return { word: row.order.status === 'updated' ? 'changed' : 'placed', kind: 'wait' };
}
