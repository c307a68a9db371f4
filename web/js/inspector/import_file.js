// Sends a file of records line by line, in parts that a request may have. It is read as a stream: its size does not matter.

/** @import { Answer } from '../api.js' */

/** One request takes so much; a line that is longer goes alone, and the server says what is too long. */
export const partMaxBytes = 60_000;

/** @typedef {{phase: 'none' | 'checking' | 'checked' | 'writing' | 'done' | 'failed', records: number, bytes: number, error: string, dryRun?: boolean}} Progress */

/** @param {Blob} file  @returns {AsyncGenerator<string>} its lines, without empty ones */
async function* linesOf(file) {
  const reader = file.stream().pipeThrough(/** @type {any} */ (new TextDecoderStream('utf-8', { fatal: true }))).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : lines.pop() ?? '';
    for (const line of lines) if (line.trim()) yield line;
    if (done) return;
  }
}

/** @param {Blob} file  @returns {AsyncGenerator<{lines: string, first: number, count: number}>} first: number of its first record, from 1 */
export async function* partsOf(file) {
  /** @type {string[]} */
  let part = [];
  let bytes = 0;
  let first = 1;
  for await (const line of linesOf(file)) {
    const size = new TextEncoder().encode(line).length + 1;
    if (part.length > 0 && bytes + size > partMaxBytes) {
      yield { lines: `${part.join('\n')}\n`, first, count: part.length };
      first += part.length;
      part = [];
      bytes = 0;
    }
    part.push(line);
    bytes += size;
  }
  if (part.length > 0) yield { lines: `${part.join('\n')}\n`, first, count: part.length };
}

/**
 * Ends with the first part that is refused, and says how many records are written.
 * @param {Blob} file  @param {(lines: string) => Promise<Answer>} send  @param {boolean} dryRun  @param {(progress: Progress) => void} tell
 */
export async function importFile(file, send, dryRun, tell) {
  let records = 0;
  const phase = dryRun ? 'checking' : 'writing';
  tell({ phase, records, bytes: 0, error: '', dryRun });
  try {
    for await (const { lines, first, count } of partsOf(file)) {
      const { error, fields, unknown, body } = await send(lines);
      const written = Array.isArray(body?.written) ? body.written.length : 0;
      const why = [error, ...Object.entries(fields ?? {}).map(([name, text]) => `${name}: ${text}`)].join(' ');
      if (error) return tell({ phase: 'failed', records: records + written, bytes: 0, dryRun, error: `Records ${first} to ${first + count - 1}: ${why}${unknown ? ' Whether they were written is not known.' : ''}` });
      records += count;
      tell({ phase, records, bytes: 0, error: '', dryRun });
    }
    return tell({ phase: dryRun ? 'checked' : 'done', records, bytes: 0, error: records === 0 ? 'The file holds no records.' : '', dryRun });
  } catch {
    return tell({ phase: 'failed', records, bytes: 0, error: 'The file cannot be read: it is no UTF-8, or it has gone.', dryRun });
  }
}
