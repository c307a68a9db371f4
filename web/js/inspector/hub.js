// What all inspector pages of one browser share: the system's stream, and the history of its offsets, which so outlives a
// reload while another tab is open.

import { SharedHub } from '../shared_hub.js';
import { isNewLog, longOf, recentOf } from './history.js';

/** @import { FromHub, Line, System } from './types.js' */

const recreateMs = 2000;
/** Heartbeats come every 5 s: two were missed. */
const silenceMaxMs = 12_000;
const watchMs = 1000;

/** @extends {SharedHub<FromHub>} */
export class InspectorHub extends SharedHub {
  /** @type {System | undefined} */
  #system;
  /** @type {Line} */
  #line = { kind: 'connecting' };
  #recent = recentOf(undefined);
  #long = longOf(undefined);
  #lastSign = Date.now();
  /** @type {EventSource | undefined} */
  #source;

  constructor() {
    super();
    this.#follow();
    setInterval(() => this.#watch(), watchMs);
  }

  /** @override */
  retry() {
    this.#follow();
  }

  /** @override @returns {FromHub} */
  facts() {
    return { kind: 'facts', system: this.#system, line: this.#line, recent: { ...this.#recent }, long: { ...this.#long } };
  }

  #follow() {
    this.#source?.close();
    const source = new EventSource('/events/system');
    this.#source = source;
    source.onopen = () => this.#heard();
    source.addEventListener('heartbeat', () => this.#heard());
    source.onmessage = ({ data }) => this.#onSystem(JSON.parse(data));
    source.onerror = () => {
      if (source !== this.#source) return;
      this.#set('lost');
      if (source.readyState === EventSource.CLOSED) setTimeout(() => source === this.#source && this.#follow(), recreateMs);
    };
  }

  /** @param {{data: any, timestamp: string}} event */
  #onSystem({ data, timestamp }) {
    this.#heard();
    /** @type {System} */
    const system = { ...data, at: Date.parse(timestamp), heardAt: Date.now() };
    if (isNewLog(this.#system, system)) {
      this.#recent = recentOf(undefined);
      this.#long = longOf(undefined);
      this.tell({ kind: 'new-log' });
    }
    this.#system = system;
    this.#recent.add(system);
    this.#long.add(system);
    this.tell({ kind: 'system', system });
  }

  #heard() {
    this.#lastSign = Date.now();
    this.#set('live');
  }

  /** A snapshot comes when something changed. While nothing does, the last one still holds: its time goes on. */
  #watch() {
    const now = Date.now();
    if (this.#line.kind === 'live' && now - this.#lastSign > silenceMaxMs) this.#set('silent');
    if (this.#line.kind !== 'live' || !this.#system) return;
    const still = { ...this.#system, at: this.#system.at + now - this.#system.heardAt };
    this.#recent.add(still);
    this.#long.add(still);
  }

  /** @param {Line['kind']} kind */
  #set(kind) {
    if (kind === this.#line.kind) return;
    this.#line = kind === 'live' || kind === 'connecting' ? { kind } : { kind, since: 'since' in this.#line ? this.#line.since : Date.now() };
    this.tell({ kind: 'line', line: this.#line });
  }
}
