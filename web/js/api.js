// The REST API as the page uses it. Nothing here throws: a failure is an answer that says what went wrong.

/** @import { Figures, Instance, OrderDraft } from './types.js' */

const timeoutMs = 10_000;

/**
 * @typedef {object} Answer
 * @property {number} status  0: there was none
 * @property {any} body
 * @property {(name: string) => string} header  of the answer; empty: it has none
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
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined;
    const header = (/** @type {string} */ name) => response.headers.get(name) ?? '';
    const good = { status: response.status, body: json, header, error: '', fields: {}, unknown: false };
    return response.ok ? good : { ...good, ...failure(response, json) };
  } catch {
    const error = 'The server does not answer.';
    return { status: 0, body: undefined, header: () => '', error, fields: {}, unknown: method !== 'GET' };
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

const minuteMs = 60_000;

/**
 * Orders in the last 60 s, by counts of whole minutes: the minute before counts for the part of it that is not yet 60 s ago.
 * @param {{minute: string, orders: number}[]} counts  @param {number} now  ms
 */
export function lastMinute(counts, now) {
  const begun = Math.floor(now / minuteMs) * minuteMs;
  const of = (/** @type {number} */ at) => counts.find(({ minute }) => Date.parse(minute) === at)?.orders ?? 0;
  return of(begun) + of(begun - minuteMs) * (1 - (now - begun) / minuteMs);
}

/**
 * The figures of the analytics module.
 * @param {Instance[]} modules  @param {number} now  ms
 * @returns {Figures} none while it does not run
 */
export function figuresOf(modules, now) {
  const report = reportOf(modules, 'analytics');
  if (!report?.notifications) return {};
  const measured = report.timeToNotified.count > 0;
  return {
    ordersPerMinute: lastMinute(report.perMinute, now),
    meanMs: measured ? report.timeToNotified.meanMs : undefined,
    p99Ms: measured ? report.timeToNotified.p99Ms : undefined,
    successRate: report.notifications.successRate ?? undefined,
  };
}

/** What an instance of that kind reports. @param {Instance[]} modules  @param {string} kind */
export const reportOf = (modules, kind) =>
  modules.find((each) => each.kind === kind && each.ready && each.report)?.report;

// ---- control: needs the token once the server is bound beyond loopback

let token = '';

/** @param {string} given */
export const useToken = (given) => (token = given);

/** @param {string} method  @param {string} path  @param {unknown} [body]  @param {Record<string, string>} [headers] */
export const control = (method, path, body, headers = {}) =>
  request(method, path, { body, headers: token ? { authorization: `Bearer ${token}`, ...headers } : headers });

/** 200 or 401. */
export const mayControl = () => control('GET', '/api/access');

/** @param {string} instance  @param {string} action  start, stop, crash, pause, resume, replay */
export const command = (instance, action) =>
  control('POST', `/api/modules/${encodeURIComponent(instance)}/${action}`, {});

/** @param {string} instance  @param {Record<string, number | string>} settings */
export const configure = (instance, settings) =>
  control('PATCH', `/api/modules/${encodeURIComponent(instance)}`, { settings });

/** One more instance, in the process that answers. @param {string} kind  @param {Record<string, number | string>} settings */
export const addInstance = (kind, settings) => control('POST', '/api/modules', { kind, settings });

/** @param {import('./types.js').LoadRequest} load */
export const setLoad = (load) => control('PUT', '/api/load', load);

export const endLoad = () => control('DELETE', '/api/load');

/** As an order meets them; other kinds stand behind. */
const order = ['order', 'notification', 'fraud', 'analytics', 'audit'];

/** @param {Instance[]} modules */
export function sorted(modules) {
  const rank = (/** @type {Instance} */ each) => order.indexOf(each.kind) + (order.includes(each.kind) ? 0 : order.length + 1);
  return modules.toSorted((a, b) => rank(a) - rank(b) || (a.instance < b.instance ? -1 : 1));
}
