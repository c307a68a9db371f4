// A page's end of the line to its hub, which lives in a SharedWorker where there is one, else in the page.

/** @import { ToHub } from './types.js' */

/**
 * Where a hub lives.
 * @typedef {object} Home
 * @property {string} worker  the module of its SharedWorker
 * @property {() => Promise<{connect: (port: MessagePort) => void}>} local  makes one in this page
 */

/** @param {Home} home */
async function localPort({ local }) {
  const { port1, port2 } = new MessageChannel();
  (await local()).connect(port2);
  return port1;
}

/** @type {MessagePort | undefined} */
let port;

/** @param {ToHub} message */
export const send = (message) => port?.postMessage(message);

/** @template Message  @param {(message: Message) => void} onMessage  @param {Home} home */
export function connect(onMessage, home) {
  /** @param {MessagePort} to */
  function use(to) {
    port = to;
    to.onmessage = ({ data }) => onMessage(data);
    if (document.hidden) send({ kind: 'hide' });
  }
  if (globalThis.SharedWorker) {
    const worker = new SharedWorker(home.worker, { type: 'module' });
    worker.onerror = async () => use(await localPort(home));  // the browser has no modules in workers, or refuses this one
    use(worker.port);
  } else {
    void localPort(home).then(use);
  }
  document.addEventListener('visibilitychange', () => send({ kind: document.hidden ? 'hide' : 'show' }));
  addEventListener('pagehide', () => send({ kind: 'bye' }));
  addEventListener('pageshow', (event) => event.persisted && send({ kind: 'show' }));
}
