// The stream of GET /events: who reconnects, from where, and what the page may say about it.
//
// EventSource reconnects by itself with Last-Event-ID, which also counts ids that no script sees (heartbeats move them).
// Only when it gives up (the server answered with an error) it is made anew, from the last id this page saw.

/** @import { ConnectionState, Envelope } from './types.js' */

/** What the server's `retry: 2000` makes EventSource wait. */
const nativeRetryMs = 2000;
const recreateMaxMs = 10_000;
/** A server that cannot resume says so with its first bytes: silence after an open for this long is a resume. */
const settleMs = 400;
/** How long the page says "resumed" before it is simply live again. */
const newsMs = 8000;

/**
 * An id is `<log>:<positions>`: the log's identity, and what only the server reads.
 * @param {string} id
 */
export const logOf = (id) => id.split(':', 1)[0];

/**
 * @typedef {object} Handlers
 * @property {(envelope: Envelope) => void} onEvent
 * @property {(state: ConnectionState) => void} onState
 * @property {(why: 'new-log' | 'gap' | 'rejoined') => void} onBreak  events were missed, before any later one is given
 */

/**
 * The world outside, so that tests can hold it back.
 * @typedef {object} Outside
 * @property {(url: string) => EventSource} open
 * @property {() => number} now
 * @property {(run: () => void, ms: number) => unknown} after
 * @property {(timer: any) => void} cancel
 */

/** @type {Outside} */
const browser = {
  open: (url) => new EventSource(url),
  now: () => Date.now(),
  after: (run, ms) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer),
};

export class Connection {
  #handlers;
  #outside;
  #url;
  /** @type {EventSource | undefined} */
  #source;
  #lastId = '';
  /** @type {ConnectionState['kind']} */
  #kind = 'connecting';
  #everOpen = false;
  #recreated = 0;
  /** @type {unknown} */
  #timer;

  /** @param {string} url  @param {Handlers} handlers  @param {Outside} [outside] */
  constructor(url, handlers, outside = browser) {
    this.#url = url;
    this.#handlers = handlers;
    this.#outside = outside;
  }

  start() {
    this.#set({ kind: 'connecting' });
    this.#open();
  }

  stop() {
    this.#outside.cancel(this.#timer);
    this.#source?.close();
  }

  /** Does now what the page would do when its countdown ends. */
  retryNow() {
    if (this.#kind === 'lost') this.#open();
  }

  #open() {
    this.#outside.cancel(this.#timer);
    this.#source?.close();
    const from = this.#lastId ? `?lastEventId=${encodeURIComponent(this.#lastId)}` : '';
    const source = this.#outside.open(this.#url + from);
    this.#source = source;
    const resumes = from !== '';
    let opens = 0;
    source.onopen = () => this.#opened(resumes || opens++ > 0);
    source.onerror = () => this.#failed(source);
    source.onmessage = (event) => this.#message(event);
    source.addEventListener('gap', (event) => this.#gap(/** @type {MessageEvent} */ (event)));
  }

  /** @param {boolean} resumes  it asked for what follows a position; a server gives the first one as it greets */
  #opened(resumes) {
    this.#recreated = 0;
    const again = this.#everOpen;
    this.#everOpen = true;
    if (!again) {
      this.#set({ kind: 'live' });
    } else if (resumes) {
      this.#set({ kind: 'catching-up' });
      this.#later(() => this.#news('resumed'), settleMs);
    } else {  // given up before any event: no position that this page knows
      this.#handlers.onBreak('rejoined');
      this.#news('rejoined');
    }
  }

  /** @param {EventSource} source */
  #failed(source) {
    if (source !== this.#source) return;
    const closed = source.readyState === 2;
    const wait = closed ? Math.min(1000 * 2 ** this.#recreated++, recreateMaxMs) : nativeRetryMs;
    this.#set({ kind: 'lost', retryAt: this.#outside.now() + wait });
    this.#outside.cancel(this.#timer);
    if (closed) this.#later(() => this.#open(), wait);
  }

  /** @param {MessageEvent} event */
  #message(event) {
    if (this.#isOtherLog(event.lastEventId)) this.#broke('new-log');
    this.#lastId = event.lastEventId;
    if (this.#kind === 'catching-up') this.#news('resumed');
    let envelope;
    try {
      envelope = JSON.parse(event.data);
    } catch {
      return;  // not ours to repair, and the next event is whole again
    }
    this.#handlers.onEvent(envelope);
  }

  /** @param {MessageEvent} event */
  #gap(event) {
    const other = this.#isOtherLog(event.lastEventId) || /another-log/.test(event.data);
    this.#lastId = event.lastEventId;
    this.#broke(other ? 'new-log' : 'gap');
  }

  /** @param {string} id */
  #isOtherLog(id) {
    return this.#lastId !== '' && id !== '' && logOf(id) !== logOf(this.#lastId);
  }

  /** @param {'new-log' | 'gap'} why */
  #broke(why) {
    this.#handlers.onBreak(why);
    this.#news(why);
  }

  /** @param {'resumed' | 'rejoined' | 'new-log' | 'gap'} kind */
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
    this.#kind = state.kind;
    this.#handlers.onState(state);
  }
}
