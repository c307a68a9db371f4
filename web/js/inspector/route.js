// What the page's URL opens, filters included: #orders?from=oldest&filter=..., #orders/1/1902, #/groups/fraud-group. Pure.
// A topic's name has no slash, so what begins with one is not a topic.

/** @import { Query, Route } from './types.js' */

/** @type {Query} */
export const noQuery = { tab: '', partition: '', from: '', key: '', header: '', only: '', text: '', filter: '', isolation: '' };
const names = /** @type {(keyof Query)[]} */ (Object.keys(noQuery));

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} text  @returns {number | undefined} */
const number = (text) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined);

/** @param {string} hash  @returns {Route} */
export function routeOf(hash) {
  const text = hash.replace(/^#/, '');
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const given = new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1));
  const query = { ...noQuery };
  for (const name of names) query[name] = given.get(name) ?? '';
  /** @type {Route} */
  const route = { view: 'topics', topic: '', group: '', partition: undefined, offset: undefined, query };
  const [first = '', second = '', third = ''] = path.split('/').map(decoded);
  if (path.startsWith('/')) return second === 'groups' ? { ...route, view: 'groups', group: path.split('/').slice(2).map(decoded).join('/') } : route;
  if (!first) return route;
  const partition = number(second);
  const offset = partition === undefined ? undefined : number(third);
  return { ...route, view: 'topic', topic: first, partition: offset === undefined ? undefined : partition, offset };
}

/** @param {Partial<Route>} route */
export function hashOf({ view = 'topics', topic = '', group = '', partition, offset, query = noQuery }) {
  const search = new URLSearchParams();
  for (const name of names) if (query[name]) search.set(name, query[name]);
  const tail = search.size > 0 ? `?${search}` : '';
  if (view === 'topics') return '#/';
  if (view === 'groups') return `#/groups${group ? `/${encodeURIComponent(group)}` : ''}`;
  const place = partition === undefined || offset === undefined ? '' : `/${partition}/${offset}`;
  return `#${encodeURIComponent(topic)}${place}${tail}`;
}

/** The link to exactly one record. @param {{topic: string, partition: number, offset: number}} place */
export const recordLink = ({ topic, partition, offset }) => hashOf({ view: 'topic', topic, partition, offset });

/** @param {{topic: string, partition: number, offset: number}} place  "orders p1@1902" */
export const placeText = ({ topic, partition, offset }) => `${topic} p${partition}@${offset}`;
