// A list that draws only the rows in sight, however long it is. Rows have one height, which the style sheet gives as --row.
// It has a roving tabindex: Tab reaches one row, arrows walk, Enter does what a click does. The focused row is always drawn.

import { Component, createRef } from '/vendor/preact.js';

import { html } from '../html.js';

/** Rows drawn beyond each end of what is in sight. */
const beyond = 2;

/**
 * @template T
 * @typedef {object} Props
 * @property {T[]} items
 * @property {(item: T) => string} keyOf
 * @property {(item: T, active: boolean) => unknown} content  of a row; active: the pointer or the focus is on it
 * @property {(item: T) => string} classOf
 * @property {(item: T) => void} open  what Enter and a click do
 * @property {(item: T, event: KeyboardEvent) => boolean} [onKey]  more keys; true: it was one of them
 * @property {string} label  the id of its heading
 * @property {string} kind  its class
 * @property {string} [id]
 * @property {() => void} [onEnd]  the last row is in sight
 */

/**
 * @template T
 * @extends {Component<Props<T>, {from: number, to: number, current: string, hovered: string}>}
 */
export class Windowed extends Component {
  /** @type {{from: number, to: number, current: string, hovered: string}} */
  state = { from: 0, to: 16, current: '', hovered: '' };
  /** @type {import('preact').RefObject<HTMLElement | null>} */
  #scroller = createRef();
  /** @type {import('preact').RefObject<HTMLElement | null>} */
  #list = createRef();
  #rowPx = 24;
  #focusNext = false;
  /** @type {ResizeObserver | undefined} */
  #observer;

  componentDidMount() {
    this.#observer = new ResizeObserver(() => this.#measure());
    if (this.#scroller.current) this.#observer.observe(this.#scroller.current);
    this.#measure();
  }

  componentWillUnmount() {
    this.#observer?.disconnect();
  }

  #measure() {
    const list = this.#list.current;
    if (!list) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.#rowPx = parseFloat(getComputedStyle(list).getPropertyValue('--row')) * rem;
    this.#look();
  }

  /** Finds out which rows are in sight. */
  #look() {
    const scroller = this.#scroller.current;
    if (!scroller) return;
    const from = Math.max(0, Math.floor(scroller.scrollTop / this.#rowPx) - beyond);
    const to = Math.ceil((scroller.scrollTop + scroller.clientHeight) / this.#rowPx) + beyond;
    if (from !== this.state.from || to !== this.state.to) this.setState({ from, to });
    if (to >= this.props.items.length) this.props.onEnd?.();
  }

  /** Where the reader is, before the rows move: new ones come at the top and must not push the others away. */
  getSnapshotBeforeUpdate(/** @type {Props<T>} */ before) {
    const scroller = this.#scroller.current;
    const top = scroller?.scrollTop ?? 0;
    const first = before.items[Math.floor(top / this.#rowPx)];
    const focused = this.#list.current?.contains(document.activeElement) ?? false;
    const focusedAt = focused ? before.items.findIndex((item) => before.keyOf(item) === this.state.current) : -1;
    return { top, key: top > 0 && first ? before.keyOf(first) : '', focusedAt };
  }

  componentDidUpdate(/** @type {Props<T>} */ before, /** @type {unknown} */ _, /** @type {any} */ snapshot) {
    const { items } = this.props;
    const scroller = this.#scroller.current;
    if (scroller && snapshot.key && items !== before.items) {
      const was = before.items.findIndex((item) => before.keyOf(item) === snapshot.key);
      const is = items.findIndex((item) => this.props.keyOf(item) === snapshot.key);
      if (is >= 0 && is !== was) scroller.scrollTop = snapshot.top + (is - was) * this.#rowPx;
    }
    if (this.#focusNext) {
      this.#focusNext = false;
      this.#focus();
    } else if (snapshot.focusedAt >= 0 && this.#currentAt() < 0) {
      this.#walkTo(Math.min(snapshot.focusedAt, items.length - 1));  // the focused row has left: its neighbour follows
    } else if (snapshot.focusedAt >= 0 && !this.#list.current?.contains(document.activeElement)) {
      this.#focus();  // a row that moves in the document loses the focus
    }
  }

  #currentAt() {
    return this.props.items.findIndex((item) => this.props.keyOf(item) === this.state.current);
  }

  #focus() {
    const row = this.#list.current?.querySelector('[tabindex="0"]');
    if (row instanceof HTMLElement) row.focus({ preventScroll: true });
  }

  /** @param {number} index */
  #walkTo(index) {
    const scroller = this.#scroller.current;
    const item = this.props.items[index];
    if (!scroller || item === undefined) return;
    const top = index * this.#rowPx;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    const bottom = top + this.#rowPx - scroller.clientHeight;
    if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
    this.#focusNext = true;
    this.setState({ current: this.props.keyOf(item) });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.parentElement !== this.#list.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#currentAt();
    const item = this.props.items[at];
    if (item === undefined) return;
    const last = this.props.items.length - 1;
    const page = Math.max(1, this.state.to - this.state.from - 2 * beyond - 1);
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + page, PageUp: at - page };
    if (event.key in steps) this.#walkTo(Math.max(0, Math.min(last, steps[event.key])));
    else if (event.key === 'Enter') this.props.open(item);
    else if (!this.props.onKey?.(item, event)) return;
    event.preventDefault();
  }

  /** @param {T} item  @param {number} index  @param {string} reachable */
  #row(item, index, reachable) {
    const { keyOf, classOf, content, open, items } = this.props;
    const key = keyOf(item);
    return html`<li key=${key} class=${classOf(item)} data-key=${key} tabindex=${key === reachable ? 0 : -1}
      aria-setsize=${items.length} aria-posinset=${index + 1} style=${{ top: `${index * this.#rowPx}px` }}
      onFocus=${() => key !== this.state.current && this.setState({ current: key })}
      onMouseEnter=${() => this.setState({ hovered: key })}
      onClick=${() => open(item)}>${content(item, key === this.state.current || key === this.state.hovered)}</li>`;
  }

  render() {
    const { items, kind, label, id, keyOf } = this.props;
    const to = Math.min(this.state.to, items.length);
    const from = Math.min(this.state.from, to);
    const current = this.#currentAt();
    const reachable = items[current] ? this.state.current : items.length > 0 ? keyOf(items[Math.min(from, items.length - 1)]) : '';
    const drawn = items.slice(from, to).map((item, n) => this.#row(item, from + n, reachable));
    if (current >= 0 && current < from) drawn.unshift(this.#row(items[current], current, reachable));
    if (current >= to) drawn.push(this.#row(items[current], current, reachable));
    return html`<div class="scroller" ref=${this.#scroller} onScroll=${() => this.#look()}>
      <ol onMouseLeave=${() => this.setState({ hovered: '' })} class=${`windowed ${kind}`} id=${id} aria-labelledby=${label} ref=${this.#list}
        style=${{ height: `${items.length * this.#rowPx}px` }} onKeyDown=${(/** @type {KeyboardEvent} */ e) => this.#onKey(e)}>
        ${drawn}</ol>
    </div>`;
  }
}
