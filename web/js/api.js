// The REST API as the page uses it. Nothing here throws: a failure is an answer that says what went wrong.

/** @import { Figures, Instance, Order, OrderDraft } from './types.js' */

const timeoutMs = 10_000;
const pageSize = 1000;
/** Pages of the order list that are read at most; the stream brings what is newer. */
const pagesMax = 100;

/**
 * @typedef {object} Answer
 * @property {number} status  0: there was none
 * @property {any} body
 * @property {string} link  the Link header
 * @property {string} error  empty if it went well, else one sentence for the user
 * @property {Record<string, string>} fields  what is wrong with which field
 * @property {boolean} unknown  whether it was done is not known: ask again with the same key
 */

/**
 * @param {string} method  @param {string} path
 * @param {{body?: unknown, headers?: Record<string, string>}} [options]
 * @returns {Promise<Answer>}
 */
export async function request(method, path, { body, headers = {} } = {}) {
  try {
    const response = await fetch(path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined;
    const link = response.headers.get('link') ?? '';
    const good = { status: response.status, body: json, link, error: '', fields: {}, unknown: false };
    return response.ok ? good : { ...good, ...failure(response, json) };
  } catch {
    const error = 'The server does not answer.';
    return { status: 0, body: undefined, link: '', error, fields: {}, unknown: method !== 'GET' };
  }
}

/**
 * RFC 9457 problem details, as far as they are there.
 * @param {Response} response  @param {any} problem
 */
function failure(response, problem) {
  /** @type {Record<string, string>} */
  const fields = {};
  for (const { field, message } of Array.isArray(problem?.errors) ? problem.errors : []) fields[field] ??= message;
  const wait = response.headers.get('retry-after');
  const what = problem?.detail || problem?.title || `The server answered ${response.status}.`;
  return {
    error: wait ? `${what} Try again in ${wait} s.` : what,
    fields,
    unknown: String(problem?.type ?? '').endsWith('outcome-unknown'),
  };
}

/** @param {OrderDraft} draft  @param {string} key  the same for every try of one order */
export const placeOrder = (draft, key) =>
  request('POST', '/api/orders', { body: draft, headers: { 'idempotency-key': key } });

/** @param {string} id  @param {OrderDraft} changes */
export const changeOrder = (id, changes) =>
  request('PATCH', `/api/orders/${encodeURIComponent(id)}`, { body: changes });

/** @param {string} id */
export const deleteOrder = (id) => request('DELETE', `/api/orders/${encodeURIComponent(id)}`);

/**
 * The newest `keep` orders and how many there are. The list comes oldest first and is read page by page, never held whole.
 * @param {number} keep
 * @returns {Promise<{newest: Order[], total: number} | undefined>} nothing if the server did not answer
 */
export async function readOrders(keep) {
  /** @type {Order[]} */
  let newest = [];
  let total = 0;
  let path = `/api/orders?limit=${pageSize}`;
  for (let page = 0; page < pagesMax && path; page += 1) {
    const answer = await request('GET', path);
    if (answer.error || !Array.isArray(answer.body)) return undefined;
    total += answer.body.length;
    newest = newest.concat(answer.body).slice(-keep);
    path = /<([^>]*)>\s*;\s*rel="?next"?/.exec(answer.link)?.[1] ?? '';
  }
  return { newest, total };
}

/** @param {...unknown} values  @returns {number | undefined} the first that is a number */
const firstNumber = (...values) => /** @type {number | undefined} */ (values.find((v) => typeof v === 'number'));

/** @returns {Promise<Figures>} */
export async function readFigures() {
  const { body } = await request('GET', '/api/stats');
  const stats = body?.stats ?? body ?? {};
  return {
    ordersPerMinute: firstNumber(stats.ordersPerMinute),
    meanMs: firstNumber(stats.timeToNotifiedMs?.mean),
    p99Ms: firstNumber(stats.timeToNotifiedMs?.p99),
    successRate: firstNumber(stats.notifications?.successRate),
  };
}

/** @returns {Promise<Instance[] | undefined>} nothing if the server did not answer */
export async function readModules() {
  const { body } = await request('GET', '/api/modules');
  const list = Array.isArray(body) ? body : body?.modules;
  if (!Array.isArray(list)) return undefined;
  return list.map((each) => ({
    instance: String(each.instance),
    module: String(each.module),
    state: String(each.state),
    ready: each.ready !== false,
  }));
}
