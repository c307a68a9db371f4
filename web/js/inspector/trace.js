// What a record was caused by, and what it caused: from the history of its order.

import { request } from '../api.js';
import { journeyOf, placeOf } from '../journey.js';
import { orderIdOf } from '../records.js';

/** @import { LogRecord, Step } from '../types.js' */
/** @import { Message } from './types.js' */

const pagesMax = 20;

/** @typedef {{orderId: string, error: string, cause: Step | undefined, caused: Step[], us: number}} Trace  us: of the record */

/** @param {string} orderId  @returns {Promise<{error: string, records: LogRecord[]}>} */
async function historyOf(orderId) {
  const records = [];
  let path = `/api/orders/${encodeURIComponent(orderId)}/history?limit=1000`;
  for (let page = 0; path && page < pagesMax; page += 1) {
    const { status, error, body, header } = await request('GET', path);
    if (status === 404) break;
    if (error) return { error, records };
    records.push(...body);
    path = /<([^>]+)>;\s*rel="next"/.exec(header('link'))?.[1] ?? '';
  }
  return { error: '', records };
}

/** All that follows from a step, in the order of the log. @param {Step[]} steps  @param {string} place */
function causedBy(steps, place) {
  const found = new Set([place]);
  return steps.filter((step) => {
    if (!found.has(step.cause)) return false;
    found.add(step.place);
    return true;
  });
}

/** @param {Message} message  @returns {Promise<Trace | undefined>} undefined: it is not about an order */
export async function traceOf(message) {
  const orderId = orderIdOf(message);
  if (!orderId) return undefined;
  const { error, records } = await historyOf(orderId);
  const steps = journeyOf(records)?.steps ?? [];
  const place = placeOf(message);
  const own = steps.find((each) => each.place === place);
  if (!own && !error) return undefined;
  return { orderId, error, us: own?.us ?? 0, cause: steps.find((each) => each.place === own?.cause), caused: own ? causedBy(steps, place) : [] };
}
