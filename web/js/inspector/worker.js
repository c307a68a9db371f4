// The SharedWorker of all inspector pages of one browser. A page that has none imports it as a module: then nobody connects by event.
import { InspectorHub } from './hub.js';

export { InspectorHub };

/** @type {InspectorHub | undefined} */
let hub;

addEventListener('connect', (event) => {
  hub ??= new InspectorHub();
  hub.connect(/** @type {MessageEvent} */ (event).ports[0]);
});
