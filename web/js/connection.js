// One event stream: who reconnects, from where, and what may be said about it.
//
// EventSource reconnects by itself with Last-Event-ID, which also counts ids that no script sees. Only when it gives up
// (the server answered with an error), or when an open stream stays silent, it is made anew from the last id seen here.

import { logOf } from './position.js';

/** @import { ConnectionState, Envelope } from './types.js' */

/** What the server's `retry: 2000` makes EventSource wait. */
const nativeRetryMs = 2000;
const recreateMaxMs = 10_000;
/** A server that cannot resume says so with its first bytes: silence after an open for this long is a resume. */
const settleMs = 400;
/** How long the page says "resumed" before it is simply live again. */
const newsMs = 8000;
/** Heartbeats come every 5 s: two were missed. */
const silenceMaxMs = 12_000;
/** A connection that the network dropped without a word is found by trying again, this often. */
const reopenMs = 15_000;
const watchMs = 1000;

/**
 * @typedef {object} Handlers
 * @property {(envelope: Envelope, id: string) => void} onEvent
 * @property {(state: ConnectionState) => void} onState
 * @property {(why: 'new-log' | 'gap') => void} onBreak  records were missed: the stream has ended, and waits for start()
 */

/**
 * The world outside, so that tests can hold it back.
 * @typedef {object} Outside
 * @property {(url: string) => EventSource} open
 * @property {() => number} now
 * @property {(run: () => void, ms: number) => unknown} after
 * @property {(timer: any) => void} cancel
 * @property {(run: () => void, ms: number) => unknown} every
 */

/** @type {Outside} */
const browser = {
  open: (url) => new EventSource(url),
  now: () => Date.now(),
  after: (run, ms) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer),
  every: (run, ms) => setInterval(run, ms),
};

export class Connection {
  #handlers;
  #outside;
  #url;
  /** @type {EventSource | undefined} */
  #source;
  #lastId = '';
  /** @type {ConnectionState} */
  #state = { kind: 'connecting' };
  /** What it is when it opens for the first time since start(). @type {'live' | 'new-log' | 'gap' | undefined} */
  #opensAs;
  #recreated = 0;
  /** ms of the last byte that a script could see. */
  #lastSign = 0;
  /** The server sends heartbeats: without them silence means nothing. */
  #beats = false;
  #lastOpen = 0;
  /** @type {unknown} */
  #timer;

  /** @param {string} url  @param {Handlers} handlers  @param {Outside} [outside] */
  constructor(url, handlers, outside = browser) {
    this.#url = url;
    this.#handlers = handlers;
    this.#outside = outside;
    outside.every(() => this.#watch(), watchMs);
  }

  /** Follows the stream from `id` on. @param {string} id  @param {'live' | 'new-log' | 'gap'} opensAs */
  start(id, opensAs = 'live') {
    this.#lastId = id;
    this.#opensAs = opensAs;
    this.#set({ kind: 'connecting' });
    this.#open();
  }

  /** There was no position to start from. The caller tries again at `retryAt`. @param {number} retryAt  ms */
  failed(retryAt) {
    this.#lose(retryAt);
  }

  /** Does now what would be done when the countdown ends. */
  retryNow() {
    if (this.#state.kind === 'lost' && this.#lastId) this.#open();
  }

  stop() {
    this.#outside.cancel(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #open() {
    this.stop();
    const source = this.#outside.open(`${this.#url}?lastEventId=${encodeURIComponent(this.#lastId)}`);
    this.#source = source;
    this.#lastOpen = this.#outside.now();
    source.onopen = () => this.#opened();
    source.onerror = () => this.#onError(source);
    source.onmessage = (event) => this.#message(event);
    source.addEventListener('gap', (event) => this.#gap(/** @type {MessageEvent} */ (event)));
    source.addEventListener('heartbeat', (event) => this.#heartbeat(/** @type {MessageEvent} */ (event)));
  }

  #opened() {
    this.#recreated = 0;
    this.#lastSign = this.#outside.now();
    if (this.#opensAs) {
      if (this.#opensAs === 'live') this.#set({ kind: 'live' });
      else this.#news(this.#opensAs);
      this.#opensAs = undefined;
    } else {
      this.#set({ kind: 'catching-up' });
      this.#later(() => this.#news('resumed'), settleMs);
    }
  }

  /** @param {EventSource} source */
  #onError(source) {
    if (source !== this.#source) return;
    const closed = source.readyState === 2;
    const wait = closed ? Math.min(1000 * 2 ** this.#recreated++, recreateMaxMs) : nativeRetryMs;
    this.#lose(this.#outside.now() + wait);
    if (closed) this.#later(() => this.#open(), wait);
  }

  /** @param {number} retryAt  ms */
  #lose(retryAt) {
    const since = 'since' in this.#state ? this.#state.since : this.#outside.now();
    this.#outside.cancel(this.#timer);
    this.#set({ kind: 'lost', since, retryAt });
  }

  /** An open stream without a sign of life is not live, whatever the browser thinks of the connection. */
  #watch() {
    const { kind } = this.#state;
    const now = this.#outside.now();
    if (!this.#beats || kind === 'connecting' || kind === 'lost' || now - this.#lastSign <= silenceMaxMs) return;
    if (kind !== 'silent') {
      this.#outside.cancel(this.#timer);
      this.#set({ kind: 'silent', since: this.#lastSign });
      this.#lastOpen = now;
    } else if (now - this.#lastOpen >= reopenMs) {
      this.#open();
    }
  }

  #heard() {
    this.#lastSign = this.#outside.now();
    if (this.#state.kind === 'catching-up' || this.#state.kind === 'silent') this.#news('resumed');
  }

  /** @param {MessageEvent} event */
  #heartbeat(event) {
    if (this.#isOtherLog(event.lastEventId)) return this.#broke('new-log');
    if (event.lastEventId) this.#lastId = event.lastEventId;
    this.#beats = true;
    if (this.#state.kind === 'catching-up') this.#lastSign = this.#outside.now();  // the greeting: a gap may follow
    else this.#heard();
  }

  /** @param {MessageEvent} event */
  #message(event) {
    if (this.#isOtherLog(event.lastEventId)) return this.#broke('new-log');
    this.#lastId = event.lastEventId;
    this.#heard();
    let envelope;
    try {
      envelope = JSON.parse(event.data);
    } catch {
      return;  // not ours to repair, and the next event is whole again
    }
    this.#handlers.onEvent(envelope, event.lastEventId);
  }

  /** @param {MessageEvent} event */
  #gap(event) {
    this.#broke(this.#isOtherLog(event.lastEventId) || /another-log/.test(event.data) ? 'new-log' : 'gap');
  }

  /** @param {string} id */
  #isOtherLog(id) {
    return id !== '' && logOf(id) !== logOf(this.#lastId);
  }

  /** @param {'new-log' | 'gap'} why */
  #broke(why) {
    this.stop();
    this.#lastId = '';
    this.#set({ kind: 'connecting' });
    this.#handlers.onBreak(why);
  }

  /** @param {'resumed' | 'new-log' | 'gap'} kind */
  #news(kind) {
    this.#set({ kind });
    this.#later(() => this.#set({ kind: 'live' }), newsMs);
  }

  /** @param {() => void} run  @param {number} ms */
  #later(run, ms) {
    this.#outside.cancel(this.#timer);
    this.#timer = this.#outside.after(run, ms);
  }

  /** @param {ConnectionState} state */
  #set(state) {
    this.#state = state;
    this.#handlers.onState(state);
  }
}
