// Puts a module and those that it imports into one file, so that a browser asks for one file and not for sixty.
//
// Each module becomes a function that runs once, in the order in which the browser would run it, and returns what the
// module exports. Nothing is renamed or rewritten but imports and exports; comments and indentation are left out. What this
// cannot put together truthfully (cycles, exports that change, `export *`, import.meta) is an error of the build.

import { parse } from 'acorn';

/** @typedef {Map<string, string>} Sources  code by path, "/js/main.js"; modules name one another by path */
/** @typedef {{code: string, holds: string[], later: string[]}} Pack  `later`: what import() loads */

const syntax = /** @type {const} */ ({ ecmaVersion: 'latest', sourceType: 'module' });

/** The variable that holds what a module exports. @param {string} path */
const nameOf = (path) => `$${path.replace(/^\/(js\/)?|\.js$/g, '').replace(/[^\w]/g, '_')}`;

/** @param {string} specifier  @param {string} from  the path of the module that imports it */
const pathOf = (specifier, from) => new URL(specifier, `file://${from}`).pathname;

/** @param {any} node  an identifier or a string, as ES allows both for names of exports */
const word = (node) => node.name ?? node.value;

/** "a: b", or "a" where both are the same. @param {string} key  @param {string} value */
const pair = (key, value) => (key === value ? key : `${key}: ${value}`);

/**
 * Between two tokens stands at most one white space, and a line still ends where one did. Templates are tokens.
 * @param {string} code  @param {any[]} tokens  @returns {[number, number, string][]}
 */
const withoutGaps = (code, tokens) => tokens.flatMap(({ end }, at) => {
  const next = tokens[at + 1]?.start ?? code.length;
  if (next - end < 2) return [];
  return [/** @type {[number, number, string]} */ ([end, next, code.slice(end, next).includes('\n') ? '\n' : ' '])];
});

/** @param {any[]} specifiers  @param {string} source  a variable  @returns {string} declares what is imported */
function declared(specifiers, source) {
  const named = specifiers.filter(({ type }) => type !== 'ImportNamespaceSpecifier')
    .map((each) => pair(each.type === 'ImportDefaultSpecifier' ? 'default' : word(each.imported), each.local.name));
  const whole = specifiers.filter(({ type }) => type === 'ImportNamespaceSpecifier').map(({ local }) => `const ${local.name} = ${source};`);
  return [...whole, ...(named.length > 0 ? [`const { ${named.join(', ')} } = ${source};`] : [])].join(' ');
}

/** Names that a declaration declares. @param {any} declaration  @param {string} path  @returns {string[]} */
function namesIn(declaration, path) {
  if (!declaration.declarations) return [declaration.id.name];
  if (declaration.kind !== 'const') throw new Error(`${path} exports a variable that may change: export a const or a function`);
  return declaration.declarations.map(({ id }) => id.name);
}

/** Where import() is, and import.meta, which means nothing in a pack. @param {any} node  @param {(node: any) => void} found */
function eachImport(node, found) {
  if (!node || typeof node !== 'object') return;
  if (node.type === 'ImportExpression' || node.type === 'MetaProperty') found(node);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) value.forEach((each) => eachImport(each, found));
    else if (value?.type) eachImport(value, found);
  }
}

/**
 * What one module is in a pack.
 * @param {string} path  @param {string} code
 * @returns {{needs: string[], later: string[], body: string, exports: string[]}}
 */
function convert(path, code) {
  /** @type {[number, number, string][]} from, to, what stands there instead */
  const edits = [];
  const { needs, later, exports } = { needs: /** @type {string[]} */ ([]), later: /** @type {string[]} */ ([]), exports: /** @type {string[]} */ ([]) };
  /** @type {any[]} */
  const tokens = [];
  const tree = parse(code, { ...syntax, onToken: tokens });
  edits.push([0, tokens[0]?.start ?? 0, ''], ...withoutGaps(code, tokens));
  const from = (/** @type {any} */ node) => {
    needs.push(pathOf(node.source.value, path));
    return nameOf(/** @type {string} */ (needs.at(-1)));
  };
  for (const node of /** @type {any[]} */ (tree.body)) {
    if (node.type === 'ImportDeclaration') edits.push([node.start, node.end, declared(node.specifiers, from(node))]);
    if (node.type === 'ExportAllDeclaration') throw new Error(`${path} has an export *: name what it exports`);
    if (node.type === 'ExportDefaultDeclaration') {
      edits.push([node.start, node.declaration.start, 'const $default = ']);
      if (/Declaration$/.test(node.declaration.type)) edits.push([node.end - 1, node.end, '};']);
      exports.push('default: $default');
    }
    if (node.type !== 'ExportNamedDeclaration') continue;
    const source = node.source ? `${from(node)}.` : '';
    exports.push(...node.specifiers.map((/** @type {any} */ each) => pair(word(each.exported), source + word(each.local))));
    if (node.declaration) exports.push(...namesIn(node.declaration, path));
    edits.push([node.start, node.declaration?.start ?? node.end, '']);
  }
  eachImport(tree, (node) => {
    if (node.source?.type !== 'Literal') throw new Error(`${path} has an import.meta, or an import() of something other than a string`);
    later.push(pathOf(node.source.value, path));
    edits.push([node.source.start, node.source.end, `'${later.at(-1)}'`]);
  });
  return { needs, later, exports, body: edited(code, edits) };
}

/** @param {string} code  @param {[number, number, string][]} edits  one may hold others, which are then left out */
function edited(code, edits) {
  let end = 0;
  let result = '';
  for (const [from, to, text] of edits.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (from < end) continue;
    result += code.slice(end, from) + text;
    end = to;
  }
  return (result + code.slice(end)).trim();
}

/**
 * @param {string} entry  @param {Sources} sources
 * @param {{path: string, holds: string[]}[]} [bases]  other packs, whose modules are taken from there
 * @returns {Pack}
 */
export function pack(entry, sources, bases = []) {
  /** @type {Map<string, ReturnType<typeof convert>>} in the order in which they run */
  const converted = new Map();
  /** @type {Map<string, Set<string>>} names, by the pack that has them */
  const taken = new Map();
  const visit = (/** @type {string} */ path, /** @type {string[]} */ way) => {
    if (way.includes(path)) throw new Error(`modules import one another in a circle: ${[...way, path].join(' -> ')}`);
    const base = bases.find(({ holds }) => holds.includes(path))?.path;
    if (base) return void taken.set(base, (taken.get(base) ?? new Set()).add(nameOf(path)));
    if (converted.has(path)) return;
    const code = sources.get(path);
    if (code === undefined) throw new Error(`${way.at(-1)} imports ${path}, which is not there`);
    const module = convert(path, code);
    for (const each of module.needs) visit(each, [...way, path]);
    converted.set(path, module);
  };
  visit(entry, []);
  const parts = [...converted].map(([path, { body, exports }]) =>
    `const ${nameOf(path)} = (() => {\n${body}\n${exports.length > 0 ? `return { ${exports.join(', ')} };\n` : ''}})();\n`);
  const names = [...converted.keys()].map(nameOf);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new Error(`two modules of ${entry} would both be called ${twice}`);
  const head = [...taken].map(([base, each]) => `import { ${[...each].join(', ')} } from '${base}';\n`).join('');
  const { exports = [] } = converted.get(entry) ?? {};
  const own = exports.map((each) => each.split(':')[0]).map((name) => (name === 'default'
    ? `export default ${nameOf(entry)}.default;\n` : `export const ${name} = ${nameOf(entry)}.${name};\n`));
  const code = `${head}${parts.join('\n')}${own.join('')}export { ${names.join(', ')} };\n`;
  parse(code, syntax);
  return { code, holds: [...converted.keys()], later: [...new Set([...converted.values()].flatMap((module) => module.later))] };
}
