// What may be said about the connection, and nothing that is not known.

import { clock } from './text.js';

/** @import { ConnectionState, System } from './types.js' */

/**
 * @typedef {object} Life
 * @property {'good' | 'waits' | 'bad'} look
 * @property {string} text  beside the dot
 * @property {string} sentence  in place of any other; empty: the page tells of the orders
 * @property {string} stopped  the order instance that could be started, or empty
 */

/**
 * @param {ConnectionState} state
 * @param {System | undefined} system  what the server last said about itself
 * @param {boolean} reached  it still talks
 * @param {number} now  ms
 * @returns {Life}
 */
export function lifeOf(state, system, reached, now) {
  switch (state.kind) {
    case 'lost':
      return lost(state, reached ? system : undefined, now);
    case 'silent':
      return { look: 'bad', text: `no sign of life since ${clock(state.since)}`, stopped: '',
        sentence: `No sign of life since ${clock(state.since)}: the connection is open, and nothing comes. The page shows what it knew then.` };
    case 'connecting':
      return { look: 'waits', text: 'connecting', sentence: '', stopped: '' };
    case 'catching-up':
      return { look: 'waits', text: 'connected, catching up', sentence: '', stopped: '' };
    case 'resumed':
      return good('resumed, nothing missed');
    case 'new-log':
      return good('the server is new: its log began again');
    case 'gap':
      return good('positions were removed by retention');
    default:
      return good('live');
  }
}

/** @param {string} text  @returns {Life} */
const good = (text) => ({ look: 'good', text, sentence: '', stopped: '' });

/**
 * @param {{since: number, retryAt: number}} state  @param {System | undefined} system  none: no server answers
 * @param {number} now  @returns {Life}
 */
function lost({ since, retryAt }, system, now) {
  const seconds = Math.ceil((retryAt - now) / 1000);
  const retry = seconds > 0 ? `retrying in ${seconds} s` : 'retrying now';
  if (!system) {
    return { look: 'bad', text: `no server answers, ${retry}`, stopped: '',
      sentence: `The connection is lost since ${clock(since)}. What happens meanwhile is not known; the page goes on from there when the server answers.` };
  }
  const services = system.modules.filter((each) => each.kind === 'order');
  const stopped = services.find((each) => ['stopped', 'crashed', 'failed'].includes(each.state));
  if (stopped && !services.some((each) => each.state === 'running')) {
    const how = stopped.state === 'stopped' ? 'is stopped' : stopped.state === 'crashed' ? 'has crashed' : 'has failed';
    return { look: 'bad', text: `the order service ${how}`, stopped: stopped.instance,
      sentence: `The order service (${stopped.instance}) ${how}: it takes no orders, and this page hears nothing new. The server itself answers.` };
  }
  return { look: 'bad', text: `no stream, ${retry}`, stopped: '',
    sentence: `The stream is lost since ${clock(since)}. The server answers, but its order service gives no stream yet.` };
}
