// JSON text as lines, each number and string as it stands in the record: JSON.parse would round 12345678901234567890, and
// drop the first of two equal names. Pure; the depth is limited, nothing is recursive.

export const depthMax = 200;

/**
 * @typedef {object} Line
 * @property {number} depth
 * @property {string} name  with its quotes; empty: it has none
 * @property {string} text  a scalar as it stands, or a bracket
 * @property {'string' | 'number' | 'word' | 'open' | 'close' | 'empty'} kind
 * @property {boolean} comma  behind it
 * @property {number} end  of an opening bracket: the line of its closing one
 * @property {number} count  of an opening bracket: values within
 */

/** @typedef {{at: number, line: number, column: number, expected: string}} Wrong */

const blank = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|true|false|null/y;

/** @param {string} text  @param {number} at  @param {string} expected  @returns {{lines: Line[], wrong: Wrong}} */
function wrongAt(text, at, expected) {
  const before = text.slice(0, at).split('\n');
  return { lines: [], wrong: { at, line: before.length, column: before[before.length - 1].length + 1, expected } };
}

class Reader {
  at = 0;
  /** @type {Line[]} */
  lines = [];
  /** Lines of the brackets that are open. @type {number[]} */
  open = [];

  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  skip() {
    blank.lastIndex = this.at;
    blank.exec(this.text);
    this.at = blank.lastIndex;
  }

  /** @param {RegExp} what  sticky */
  take(what) {
    what.lastIndex = this.at;
    const found = what.exec(this.text);
    if (found) this.at = what.lastIndex;
    return found;
  }

  /** @param {string} name  @param {string} text  @param {Line['kind']} kind */
  add(name, text, kind) {
    this.lines.push({ depth: this.open.length, name, text, kind, comma: false, end: this.lines.length, count: 0 });
  }

  /** A value, or its opening bracket. @param {string} name  @returns {string} what was expected; empty: it was there */
  value(name) {
    const bracket = this.text[this.at];
    if (bracket === '{' || bracket === '[') {
      if (this.open.length >= depthMax) return `at most ${depthMax} levels`;
      this.add(name, bracket, 'open');
      this.open.push(this.lines.length - 1);
      this.at += 1;
      return '';
    }
    const quoted = this.take(string);
    if (quoted) this.add(name, quoted[0], 'string');
    else {
      const found = this.take(scalar);
      if (!found) return 'a value';
      this.add(name, found[0], found[1] === undefined ? 'word' : 'number');
    }
    return '';
  }

  /** The closing bracket of what is open. */
  close() {
    const opened = this.lines[this.open[this.open.length - 1]];
    const closing = opened.text === '{' ? '}' : ']';
    this.open.pop();
    this.at += 1;
    if (opened.count === 0) Object.assign(opened, { text: `${opened.text}${closing}`, kind: 'empty' });
    else {
      this.add('', closing, 'close');
      opened.end = this.lines.length - 1;
    }
  }

  /** A name and its colon, inside braces. @returns {{name: string, expected: string}} */
  name() {
    const quoted = this.take(string);
    if (!quoted) return { name: '', expected: 'a name in double quotes' };
    this.skip();
    if (this.text[this.at] !== ':') return { name: '', expected: 'a colon' };
    this.at += 1;
    this.skip();
    return { name: quoted[0], expected: '' };
  }
}

/**
 * @param {string} text
 * @returns {{lines: Line[], wrong?: Wrong}} no lines where it is wrong
 */
export function jsonLines(text) {
  const reader = new Reader(text);
  reader.skip();
  let expected = reader.value('');
  while (!expected && reader.open.length > 0) {
    const opened = reader.lines[reader.open[reader.open.length - 1]];
    const isObject = opened.text === '{';
    reader.skip();
    const sign = reader.text[reader.at];
    if (sign === (isObject ? '}' : ']')) {
      reader.close();
      continue;
    }
    if (opened.count > 0) {
      if (sign !== ',') {
        expected = isObject ? 'a comma or }' : 'a comma or ]';
        break;
      }
      reader.lines[reader.lines.length - 1].comma = true;
      reader.at += 1;
      reader.skip();
    }
    opened.count += 1;
    const named = isObject ? reader.name() : { name: '', expected: '' };
    expected = named.expected || reader.value(named.name);
  }
  if (expected) return wrongAt(text, reader.at, expected);
  reader.skip();
  return reader.at < text.length ? wrongAt(text, reader.at, 'nothing more') : { lines: reader.lines };
}

/** Lines in sight: without those inside a folded bracket. @param {Line[]} lines  @param {Set<number>} folded */
export function shownLines(lines, folded) {
  /** @type {{line: Line, index: number}[]} */
  const shown = [];
  for (let index = 0; index < lines.length; index += 1) {
    shown.push({ line: lines[index], index });
    if (folded.has(index)) index = lines[index].end;
  }
  return shown;
}

/** JSON text with two blanks a level, its numbers untouched. @param {Line[]} lines */
export const prettyText = (lines) => lines.map(({ depth, name, text, comma }) =>
  `${'  '.repeat(depth)}${name && `${name}: `}${text}${comma ? ',' : ''}`).join('\n');
