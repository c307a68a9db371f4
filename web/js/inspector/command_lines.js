// The line in a terminal that does the same as the page: foodorder, kcat, rpk and Kafka's own tools. Pure.

import { filterParameters } from './reading.js';

/** @import { Query } from './types.js' */

/** As a POSIX shell takes it. Control characters are written as $'...' so that no line of a log can hide a command. @param {string} text */
export function quoted(text) {
  if (/^[A-Za-z0-9_.,:/@%+=-]+$/.test(text)) return text;
  if (!/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = [...text].map((each) => {
    const code = each.codePointAt(0) ?? 0;
    if (each === '\n') return '\\n';
    if (each === '\\' || each === "'") return `\\${each}`;
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x200b && code <= 0x2069) ? `\\u${code.toString(16).padStart(4, '0')}` : each;
  });
  return `$'${escaped.join('')}'`;
}

/** What stands behind the tool's name; nothing where the tool cannot. @typedef {{tool: string, line: string, note?: string}} Line */

/** @typedef {{bus: string, brokers: string, url: string}} Where  the broker's address, and the server's */

/** @param {Where} where  foodorder asks the broker itself, or the server that holds the memory bus */
const own = ({ bus, brokers, url }) => (bus === 'kafka' ? `--bus=kafka --brokers=${quoted(brokers)}` : `--url=${quoted(url)}`);

/** @param {string} from  @returns {{kcat: string, isTime: boolean}} */
function startOf(from) {
  if (from === 'oldest') return { kcat: 'beginning', isTime: false };
  if (!from || from === 'newest') return { kcat: '-200', isTime: false };
  if (/^\d{1,12}$/.test(from)) return { kcat: from, isTime: false };
  const ms = /^\d+$/.test(from) ? Number(from) : Date.parse(from);
  return { kcat: `s@${ms}`, isTime: true };
}

/** What kcat leaves to jq. @param {Query} query  @returns {string} a condition of jq; empty: none */
function jqOf({ key, header, text, only, filter }) {
  const parts = [];
  if (key) parts.push(key === 'null' ? '.key == null' : `.key == ${JSON.stringify(key.replace(/^"(.*)"$/, '$1'))}`);
  if (header) {
    const [, name = '', value] = /^([^:]*)(?::(.*))?$/s.exec(header) ?? [];
    const wanted = `.[0] == ${JSON.stringify(name)}${value === undefined ? '' : ` and .[1] == ${JSON.stringify(value)}`}`;
    parts.push(`(.headers // [] | any(range(0; length; 2) as $i | .[$i:$i + 2]; ${wanted}))`);
  }
  if (only === 'tombstones') parts.push('.payload == null');
  if (text) parts.push(`(.payload // "" | contains(${JSON.stringify(text)}))`);
  if (filter) parts.push(...filter.split(/\s+and\s+/).map(conditionOf));
  return parts.join(' and ');
}

/** "order.price > 20", of the value's JSON or of the record itself. @param {string} text */
function conditionOf(text) {
  const [, path = '', op = '', value = ''] = /^\s*(\S+)\s+(\S+)\s+(.*?)\s*$/.exec(text) ?? [];
  const subject = /^(key|partition|offset)$/.test(path) ? `.${path}` : `(.payload // "" | fromjson? // {} | .${path}?)`;
  const kind = /^["']/.test(value) ? 'strings' : /^[-\d]/.test(value) ? 'numbers' : '.';
  const call = { contains: 'contains', startsWith: 'startswith', endsWith: 'endswith' }[op];
  return `(${subject} | ${kind} | ${call ? `${call}(${value})` : `. ${op} ${value}`})`;
}

/**
 * Reads what the page shows.
 * @param {Where} where  @param {string} topic  @param {Query} query  @returns {Line[]}
 */
export function consumeLines(where, topic, query) {
  const { kcat } = startOf(query.from);
  const at = query.partition ? ` -p ${query.partition}` : '';
  const options = Array.from(filterParameters(query), ([name, value]) => ` --${name}=${quoted(value)}`).join('');
  const lines = [{ tool: 'foodorder', line: `foodorder consume ${own(where)} -t ${quoted(topic)}${at} -o ${kcat} -e${options}` }];
  if (where.bus !== 'kafka') return lines;
  const broker = quoted(where.brokers);
  const jq = jqOf(query);
  lines.push({ tool: 'kcat', line: `kcat -C -b ${broker} -t ${quoted(topic)}${at} -o ${kcat} -e ${jq ? `-J | jq -c ${quoted(`select(${jq})`)}` : "-f '%p %o %k %s\\n'"}` });
  const rpkFrom = kcat === 'beginning' ? 'start' : kcat.startsWith('s@') ? `@${kcat.slice(2)}` : kcat;
  lines.push({ tool: 'rpk', line: `rpk topic consume ${quoted(topic)}${query.partition ? ` -p ${query.partition}` : ''} -o ${rpkFrom} --brokers ${broker}` });
  return lines;
}

/** Exactly one record. @param {Where} where  @param {{topic: string, partition: number, offset: number}} place  @returns {Line[]} */
export function recordLines(where, { topic, partition, offset }) {
  const lines = [{ tool: 'foodorder', line: `foodorder consume ${own(where)} -t ${quoted(topic)} -p ${partition} -o ${offset} -c 1` }];
  if (where.bus !== 'kafka') return lines;
  return [...lines,
    { tool: 'kcat', line: `kcat -C -b ${quoted(where.brokers)} -t ${quoted(topic)} -p ${partition} -o ${offset} -c 1 -J` },
    { tool: 'kafka-console', line: `kafka-console-consumer.sh --bootstrap-server ${quoted(where.brokers)} --topic ${quoted(topic)} --partition ${partition} --offset ${offset} --max-messages 1 --property print.key=true --property print.headers=true` }];
}

/**
 * Produces a record.
 * @param {Where} where  @param {string} topic
 * @param {{key: string | null, value: string | null, headers: {name: string, value: string}[], partition?: number}} record
 * @returns {Line[]}
 */
export function produceLines(where, topic, { key, value, headers, partition }) {
  const named = headers.map((each) => ` -H ${quoted(`${each.name}=${each.value}`)}`).join('');
  const at = partition === undefined ? '' : ` -p ${partition}`;
  const keyed = key === null ? '' : ` -k ${quoted(key)}`;
  const input = value === null ? 'echo' : `printf '%s\\n' ${quoted(value)}`;
  const isPlain = key !== '' && !value?.includes('\n');  // what options and lines can say
  const json = JSON.stringify({ key, value, headers, partition });
  const lines = [{ tool: 'foodorder', line: isPlain ? `${input} | foodorder produce ${own(where)} -t ${quoted(topic)}${at}${keyed}${named}${value === null ? ' -Z' : ''}`
    : `printf '%s\\n' ${quoted(json)} | foodorder produce ${own(where)} -t ${quoted(topic)} --input=json` }];
  if (where.bus !== 'kafka' || !isPlain) return lines;
  lines.push({ tool: 'kcat', line: `${input} | kcat -P -b ${quoted(where.brokers)} -t ${quoted(topic)}${at} -X partitioner=murmur2_random${keyed}${named}${value === null ? ' -Z' : ''}` });
  return lines;
}

/** @param {Where} where  @param {string} [group]  @returns {Line[]} */
export function groupLines(where, group) {
  const lines = [{ tool: 'foodorder', line: `foodorder group ${group ? `describe ${quoted(group)}` : 'list'} ${own(where)}` }];
  if (where.bus !== 'kafka') return lines;
  const broker = quoted(where.brokers);
  const which = group ? `--group ${quoted(group)}` : '--all-groups';
  return [{ tool: 'kafka-consumer-groups', line: `kafka-consumer-groups.sh --bootstrap-server ${broker} --describe ${which}` }, ...lines,
    { tool: 'rpk', line: `rpk group ${group ? `describe ${quoted(group)}` : 'list'} --brokers ${broker}` }];
}

/** @type {Record<string, (value: string) => string>} */
const targets = {
  earliest: () => '--to-earliest',
  latest: () => '--to-latest',
  current: () => '--to-current',
  offset: (value) => `--to-offset ${value}`,
  shift: (value) => `--shift-by ${value}`,
  time: (value) => `--to-datetime ${value}`,
  duration: (value) => `--by-duration ${value}`,
};

/** "2026-11-23T13:58:00.000", as kafka-consumer-groups takes it. @param {string} value */
const consoleTime = (value) => (Number.isNaN(Date.parse(value)) ? value : new Date(value).toISOString());

/**
 * Resets offsets.
 * @param {Where} where  @param {string} group  @param {{to: string, value: string, topics: string[], execute: boolean}} what  @returns {Line[]}
 */
export function resetLines(where, group, { to, value, topics, execute }) {
  const target = targets[to](quoted(to === 'time' ? consoleTime(value) : value));
  const only = topics.map((each) => ` --topic ${quoted(each)}`).join('');
  const end = execute ? ' --execute' : '';
  const lines = [{ tool: 'foodorder', line: `foodorder group reset ${quoted(group)} ${own(where)}${only} ${target}${end}` }];
  if (where.bus !== 'kafka') return lines;
  return [{ tool: 'kafka-consumer-groups', line: `kafka-consumer-groups.sh --bootstrap-server ${quoted(where.brokers)} --group ${quoted(group)} --reset-offsets${only || ' --all-topics'} ${target}${execute ? ' --execute' : ' --dry-run'}` }, ...lines];
}

/** @param {Where} where  @param {string} [topic]  @returns {Line[]} */
export function topicLines(where, topic) {
  const lines = [{ tool: 'foodorder', line: `foodorder topic ${topic ? `describe ${quoted(topic)}` : 'list'} ${own(where)}` }];
  if (where.bus !== 'kafka') return lines;
  const broker = quoted(where.brokers);
  return [...lines,
    { tool: 'kafka-topics', line: `kafka-topics.sh --bootstrap-server ${broker} --describe${topic ? ` --topic ${quoted(topic)}` : ''}` },
    { tool: 'rpk', line: `rpk topic ${topic ? `describe ${quoted(topic)} -a` : 'list'} --brokers ${broker}` }];
}

/** @param {Where} where  @param {string} topic  @returns {Line[]} */
export const compactLines = (where, topic) => [{ tool: 'foodorder', line: `foodorder topic compact ${quoted(topic)} ${own(where)}` }];

/** @param {Where} where  @param {number[]} offsets  @param {boolean} dryRun  @returns {Line[]} */
export const redriveLines = (where, offsets, dryRun) => [{ tool: 'foodorder',
  line: offsets.length === 0 ? `foodorder dlq list ${own(where)}` : `foodorder dlq redrive ${own(where)} ${offsets.join(' ')}${dryRun ? '' : ' --execute'}` }];
