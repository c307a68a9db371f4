// The SharedWorker of all pages of one browser.
import { Hub } from './hub.js';

const hub = new Hub();

addEventListener('connect', (event) => hub.connect(/** @type {MessageEvent} */ (event).ports[0]));
