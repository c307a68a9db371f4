// What the values of Kafka's topic settings mean, in words. Pure.

const forever = '9223372036854775807';

/** @param {number} ms */
function timeText(ms) {
  /** @type {[number, string][]} */
  const units = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, 'ms'];
  return `${ms / size} ${unit}`;
}

/** "7 d", "no limit", "1 MiB"; empty: the value says it itself. @param {string} name  @param {string} value */
export function meaningOf(name, value) {
  if (value === forever) return 'no limit';
  if (value === '-1' && name.startsWith('retention')) return name.endsWith('.ms') ? 'for ever' : 'no limit';
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (name.endsWith('.ms') && number >= 1000) return timeText(number);
  if (!name.endsWith('.bytes') || !(number >= 1024)) return '';
  const [size, unit] = number >= 2 ** 30 ? [2 ** 30, 'GiB'] : number >= 2 ** 20 ? [2 ** 20, 'MiB'] : [1024, 'KiB'];
  return `${Number((number / Number(size)).toFixed(2))} ${unit}`;
}

/** How long a topic keeps its records, for a column: "all", "7 d", "100 MB", or empty where it is not known. @param {Record<string, string> | undefined} config */
export function keepsText(config) {
  if (!config) return '';
  const ms = config['retention.ms'];
  const bytes = config['retention.bytes'];
  const parts = [];
  if (ms !== undefined && ms !== '-1') parts.push(meaningOf('retention.ms', ms) || `${ms} ms`);
  if (bytes !== undefined && bytes !== '-1') parts.push(meaningOf('retention.bytes', bytes) || `${bytes} B`);
  return parts.join(', ') || 'all';
}
