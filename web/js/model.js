// What the panels show, made from the stream alone: answers of REST never change it, so that there is one order of events.
// Pure and bounded: no DOM, no clock but the caller's.

/** @import { Alert, Entry, Envelope, Order, Outcome, Row } from './types.js' */

export const limits = Object.freeze({
  orders: 500,
  entries: 200,
  outcomes: 2000,
  duringLoad: 5000,
  goneMs: 6000,
});

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
    this.totals = { notified: 0, retries: 0, dead: 0, audit: 0, passed: 0, alerts: 0 };
    /** @type {Map<string, Row>} */
    this.byId = new Map();
    /** @type {Map<string, Outcome>} by order id, also of orders that come later: topics have no common order */
    this.outcomes = new Map();
    /** @type {Map<string, Envelope> | undefined} */
    this.duringLoad = undefined;
    this.nextKey = 1;
  }

  /** Orders that are live as far as this page knows. */
  get total() {
    return this.older + this.rows.reduce((n, row) => n + (row.goneAt ? 0 : 1), 0);
  }

  /** Forgets everything: another log has begun. */
  clear() {
    Object.assign(this, new Model(), { nextKey: this.nextKey, duringLoad: this.duringLoad });
    this.duringLoad?.clear();
  }

  /** From here on the last event of each order is kept, for endLoad(). Call it before the first page is asked for. */
  beginLoad() {
    this.duringLoad = new Map();
  }

  /**
   * Takes the list that the server gave, then what happened while it was read: events carry whole orders, and those
   * of one order come in their order, so the newest state wins however the two overlap.
   * @param {Order[]} newest  the newest of them, in any order
   * @param {number} total
   */
  endLoad(newest, total) {
    const missed = this.duringLoad ?? new Map();
    this.duringLoad = undefined;
    const seen = this.byId;
    this.rows = [];
    this.byId = new Map();
    for (const order of newest) {
      const before = seen.get(order.id);
      this.#insert({ order, at: before?.at ?? 0, goneAt: 0, outcome: this.outcomes.get(order.id) });
    }
    this.older = Math.max(0, total - this.rows.length);
    for (const envelope of missed.values()) this.#order(envelope, 0);
  }

  /**
   * @param {Envelope} envelope
   * @param {number} now  ms, for how long a deleted order stays to be seen
   */
  apply(envelope, now) {
    if (envelope.type === 'order') {
      this.#rememberForLoad(envelope);
      this.#order(envelope, now);
    } else if (envelope.type === 'audit') {
      this.#audit(envelope);
    } else if (envelope.type === 'dlq') {
      this.#deadLetter(envelope);
    }
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

  /** @param {Envelope} envelope */
  #rememberForLoad(envelope) {
    const id = word(envelope.data?.order?.id);
    if (!this.duringLoad || !id) return;
    this.duringLoad.delete(id);
    this.duringLoad.set(id, envelope);
    // The list is read oldest first, so what falls out here is in a page that is still to come.
    if (this.duringLoad.size > limits.duringLoad) this.duringLoad.delete(this.duringLoad.keys().next().value ?? '');
  }

  /** @param {Envelope} envelope  @param {number} now */
  #order(envelope, now) {
    const { action, order } = envelope.data ?? {};
    if (!isOrder(order)) return;
    const at = timeOf(envelope.data.timestamp) || timeOf(envelope.timestamp);
    const row = this.byId.get(order.id);
    if (row && at < row.at) return;
    if (action === 'deleted') {
      if (row && !now) this.#remove(row);
      else if (row) this.#replace(row, { ...row, order: { ...row.order, ...order }, at, goneAt: row.goneAt || now });
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

  /** @param {Envelope} envelope */
  #audit(envelope) {
    const entry = this.#entry(envelope);
    this.totals.audit += 1;
    push(this.audit, entry);
    const outcome = outcomeWords[entry.action];
    if (entry.source === 'notification-service' && outcome) this.#notification(entry, outcome);
    if (entry.action === 'FRAUD_CHECK_PASSED') this.totals.passed += 1;
    if (entry.action === 'FRAUD_ALERT') this.#alerts(envelope, entry);
  }

  /** @param {Entry} entry  @param {Outcome['word']} outcome */
  #notification(entry, outcome) {
    if (outcome === 'notified') this.totals.notified += 1;
    if (outcome === 'retry') this.totals.retries += 1;
    push(this.notifications, entry);
    const latest = { word: outcome, retryCount: entry.retryCount, at: entry.at };
    this.outcomes.delete(entry.orderId);
    this.outcomes.set(entry.orderId, latest);
    if (this.outcomes.size > limits.outcomes) this.outcomes.delete(this.outcomes.keys().next().value ?? '');
    const row = this.byId.get(entry.orderId);
    if (row) this.#replace(row, { ...row, outcome: latest });
  }

  /** @param {Envelope} envelope  @param {Entry} entry */
  #alerts(envelope, entry) {
    this.totals.alerts += 1;
    const alerts = Array.isArray(envelope.data.alerts) ? envelope.data.alerts : [];
    for (const alert of alerts) {
      push(this.alerts, {
        key: this.nextKey++,
        at: entry.at,
        orderId: entry.orderId,
        customerName: word(envelope.data.customerName),
        type: word(alert?.type),
        severity: word(alert?.severity),
        reason: word(alert?.reason),
        customerOrders: count(envelope.data.windowStats?.customerOrdersInWindow, -1),
      });
    }
  }

  /** @param {Envelope} envelope */
  #deadLetter(envelope) {
    this.totals.dead += 1;
    const entry = this.#entry(envelope);
    entry.detail = word(envelope.data?.reason);
    if (typeof envelope.data?.base64 === 'string') entry.who = bytesAsText(envelope.data.base64);
    push(this.dead, entry);
  }

  /** @param {Envelope} envelope  @returns {Entry} */
  #entry(envelope) {
    const data = envelope.data ?? {};
    const orderId = word(data.orderId) || word(data.order?.id);
    const row = this.byId.get(orderId);
    const order = row?.order ?? data.order;
    const at = timeOf(data.timestamp) || timeOf(envelope.timestamp);
    return {
      key: this.nextKey++,
      at,
      orderId,
      who: order?.customerName ? `${order.customerName}: ${order.item}` : '',
      source: word(data.source),
      action: word(data.action),
      detail: word(data.instanceId),
      retryCount: count(data.retryCount, 0),
      tookMs: row?.at && at >= row.at ? at - row.at : -1,
    };
  }
}

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
