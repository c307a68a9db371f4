// A page's end of the line to the hub, which lives in a SharedWorker where there is one, else in this page.

/** @import { FromHub, ToHub } from './types.js' */

async function localPort() {
  const { Hub } = await import('./worker.js');
  const { port1, port2 } = new MessageChannel();
  new Hub().connect(port2);
  return port1;
}

/** @type {MessagePort | undefined} */
let port;

/** @param {ToHub} message */
export const send = (message) => port?.postMessage(message);

/** @param {(message: FromHub) => void} onMessage */
export function connect(onMessage) {
  /** @param {MessagePort} to */
  function use(to) {
    port = to;
    to.onmessage = ({ data }) => onMessage(data);
    if (document.hidden) send({ kind: 'hide' });
  }
  if (globalThis.SharedWorker) {
    const worker = new SharedWorker('/js/worker.js', { type: 'module' });
    worker.onerror = async () => use(await localPort());  // the browser has no modules in workers, or refuses this one
    use(worker.port);
  } else {
    void localPort().then(use);
  }
  document.addEventListener('visibilitychange', () => send({ kind: document.hidden ? 'hide' : 'show' }));
  addEventListener('pagehide', () => send({ kind: 'bye' }));
  addEventListener('pageshow', (event) => event.persisted && send({ kind: 'show' }));
}
