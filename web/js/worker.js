// The SharedWorker of all pages of one browser. A page that has none imports it as a module: then nobody connects by event.
import { Hub } from './hub.js';

export { Hub };

/** @type {Hub | undefined} */
let hub;

addEventListener('connect', (event) => {
  hub ??= new Hub();
  hub.connect(/** @type {MessageEvent} */ (event).ports[0]);
});
