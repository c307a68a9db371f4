// What all pages of one browser share: the two event streams, and the facts that they told. It lives in a SharedWorker, so
// that twenty tabs hold two connections; a browser opens six to one server. Without SharedWorker it lives in the page.

import { Connection } from './connection.js';
import { readNewest, readOlderAudit, readStart } from './log.js';
import { Model, limits, topics } from './model.js';
import { parsePosition, stepOf } from './position.js';
import { hasUnknown, laneKey, learnMessage } from './records.js';
import { SharedHub } from './shared_hub.js';

/** @import { ConnectionState, Envelope, FromHub, Place, System } from './types.js' */

/** Events are given to the pages together, this often at most: one that comes alone does not wait. */
const gatherMs = 16;
const retryMs = 2000;
const recreateSystemMs = 2000;
/** Records that the stream does not carry (retries, order-status) are read from the log at most this often. */
const lookMs = 1000;
const lookedAt = ['orders', 'order-status'];

/** @extends {SharedHub<FromHub>} */
export class Hub extends SharedHub {
  #model = new Model();
  /** The model has what the log held. */
  #loaded = false;
  /** @type {ConnectionState} */
  #connection = { kind: 'connecting' };
  /** @type {System | undefined} */
  #system;
  /** The server answers: the system's stream is open. */
  #reached = false;
  /** @type {{envelope: Envelope, place: Place | undefined}[]} */
  #events = [];
  #flushedAt = 0;
  #looking = false;
  #stream;
  #loading = false;
  /** Why the log is read. @type {'live' | 'new-log' | 'gap'} */
  #opensAs = 'live';

  constructor() {
    super();
    this.#stream = new Connection('/events', {
      onEvent: (envelope, id) => this.#onEvent(envelope, id),
      onState: (state) => this.#onState(state),
      onBreak: (why) => this.#onBreak(why),
    });
    this.#followSystem();
    void this.#load();
    setInterval(() => this.#model.sweep(Date.now()), limits.goneMs);
  }

  /** @override */
  retry() {
    if (this.#loaded) this.#stream.retryNow();
    else void this.#load();
  }

  /** @override @returns {FromHub} */
  facts() {
    this.#flush();
    return { kind: 'facts', model: this.#model.toPlain(), loaded: this.#loaded, connection: this.#connection, system: this.#system,
      reached: this.#reached };
  }

  // ---- the facts

  async #load() {
    if (this.#loading) return;
    this.#loading = true;
    const start = await readStart();
    this.#loading = false;
    if (!start) {
      this.#stream.failed(Date.now() + retryMs);
      setTimeout(() => !this.#loaded && void this.#load(), retryMs);
      return;
    }
    this.#model = Model.begin(start, this.#model.nextKey);
    this.#loaded = true;
    this.tell(this.facts());
    this.#stream.start(start.id, this.#opensAs);
    const model = this.#model;
    await this.#look();
    const before = start.audit[0]?.offset ?? 0;
    await readOlderAudit(before, (page) => model !== this.#model || model.addOlder(page));
    if (model === this.#model) this.tell(this.facts());
  }

  /** @param {Envelope} envelope  @param {string} id */
  #onEvent(envelope, id) {
    const position = parsePosition(id);
    const place = stepOf(this.#model.position, position, topics[envelope.type]);
    this.#model.position = position;
    this.#model.apply(envelope, Date.now(), place);
    if (this.#events.length === 0) setTimeout(() => this.#flush(), Math.max(0, this.#flushedAt + gatherMs - Date.now()));
    this.#events.push({ envelope, place });
  }

  #flush() {
    if (this.#events.length === 0) return;
    this.tell({ kind: 'events', events: this.#events, position: this.#model.position });
    this.#events = [];
    this.#flushedAt = Date.now();
  }

  /** Reads the newest records of topics with some that the stream did not tell of. */
  async #look() {
    if (this.#looking || !this.#loaded || !this.isSeen) return;
    const model = this.#model;
    const behind = (this.#system?.topics ?? []).filter(({ name, partitions }) => lookedAt.includes(name)
      && partitions.some(({ partition, startOffset, endOffset }) => {
        const key = laneKey(name, partition);
        return hasUnknown(model.records, key, Math.max(startOffset, model.looked.get(key) ?? 0), endOffset);
      }));
    if (behind.length === 0) return;
    this.#looking = true;
    const messages = await Promise.all(behind.map(({ name }) => readNewest(name)));
    setTimeout(() => (this.#looking = false), lookMs);
    for (const message of messages.flat()) learnMessage(model.records, message);
    for (const { name, partitions } of behind) {
      for (const { partition, endOffset } of partitions) model.looked.set(laneKey(name, partition), endOffset);
    }
    if (model === this.#model) this.tell({ kind: 'records', records: model.records });
  }

  /** @param {'new-log' | 'gap'} why */
  #onBreak(why) {
    this.#flush();
    this.#loaded = false;
    if (why === 'new-log') this.#model = Object.assign(new Model(), { nextKey: this.#model.nextKey });
    this.tell({ kind: 'break', why });
    this.#opensAs = why;
    void this.#load();
  }

  /** @param {ConnectionState} state */
  #onState(state) {
    this.#flush();
    this.#connection = state;
    this.tell({ kind: 'connection', connection: state });
  }

  // ---- the system

  #followSystem() {
    const source = new EventSource('/events/system');
    source.onopen = () => this.#setReached(true);
    source.onmessage = (event) => {
      const served = this.#servesOrders();
      const { data, timestamp } = JSON.parse(event.data);
      this.#system = { ...data, at: Date.parse(timestamp), heardAt: Date.now() };
      void this.#look();
      if (!served && this.#servesOrders()) this.retry();
      this.tell({ kind: 'system', system: this.#system, reached: this.#reached });
    };
    source.onerror = () => {
      this.#setReached(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#followSystem(), recreateSystemMs);
    };
  }

  #servesOrders() {
    return this.#system?.modules.some((each) => each.kind === 'order' && each.state === 'running' && each.ready) ?? false;
  }

  /** @param {boolean} reached */
  #setReached(reached) {
    if (this.#reached === reached) return;
    this.#reached = reached;
    this.tell({ kind: 'system', system: this.#system, reached });
  }
}
