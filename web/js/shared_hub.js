// The pages of one browser that a hub serves. A page that connects gets all facts at once, and then what happens. A hidden
// page gets nothing until it is seen again.

/** @import { ToHub } from './types.js' */

/** @template Message */
export class SharedHub {
  /** @type {Map<MessagePort, boolean>} the pages; whether they are seen */
  #pages = new Map();

  /** @param {MessagePort} port  a page's */
  connect(port) {
    this.#pages.set(port, true);
    port.onmessage = ({ data }) => this.#onMessage(port, data);
    port.postMessage(this.facts());
  }

  /** All facts, as one message. @returns {Message} */
  facts() {
    throw new Error('a hub knows its facts');
  }

  /** A page asks to connect to the server at once. */
  retry() {}

  /** @param {Message} message  to each page that is seen */
  tell(message) {
    for (const [port, seen] of this.#pages) if (seen) port.postMessage(message);
  }

  /** Somebody looks. */
  get isSeen() {
    return [...this.#pages.values()].includes(true);
  }

  /** @param {MessagePort} port  @param {ToHub} message */
  #onMessage(port, message) {
    if (message.kind === 'bye') this.#pages.delete(port);
    if (message.kind === 'hide') this.#pages.set(port, false);
    if (message.kind === 'show') {
      this.#pages.set(port, true);
      port.postMessage(this.facts());
    }
    if (message.kind === 'retry') this.retry();
  }
}
