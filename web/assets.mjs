// Every file that the page needs, under the path that it is served at.
//
// A browser asks for few files: what a page needs at once is one file (pack.mjs), whose path is that of the page's own first
// module. With --web-dir the same path is that module as it is, and single modules follow.
//
// The few library modules are served under /vendor/, and the page's modules import them from there. The libraries import
// one another by name ("preact"), which a browser cannot resolve without an import map, and an inline one is what the
// Content-Security-Policy forbids: those imports are written as paths here, at build time.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { pack } from './pack.mjs';

/** The packages' modules that a browser loads. Their file is what their package.json says an import gets. */
const packages = ['preact', 'preact/hooks', 'htm', '@preact/signals-core', '@preact/signals', 'lean-qr/nano'];
/** The pages, and the file of each. */
const pages = { '/': 'index.html', '/order': 'order.html', '/inspector.html': 'inspector.html' };
/** Modules that a page starts beside itself. */
const workers = ['/js/worker.js', '/js/inspector/worker.js'];

const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const here = new URL('.', import.meta.url);
const vendorPath = (name) => `/vendor/${name.replaceAll('/', '-').replace('@', '')}.js`;

/** `from "preact"` and `import "preact"` become `from "/vendor/preact.js"`; an unknown package is an error. */
function rewriteImports(code, file) {
  return code.replace(/\b(from|import)(\s*)(["'])([^"'./][^"']*)\3/g, (_, keyword, space, quote, name) => {
    if (!packages.includes(name)) throw new Error(`${file} imports ${name}: add it to the packages of web/assets.mjs`);
    return `${keyword}${space}${quote}${vendorPath(name)}${quote}`;
  });
}

function asset(path, body) {
  const bytes = Buffer.from(body);
  const gzip = gzipSync(bytes, { level: 9 });
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
  return { path, contentType: types[extname(path) || '.html'], body: bytes, gzip, etag };
}

const own = (file) => readFileSync(new URL(file, here), 'utf8');
/** Without comments and indentation. @param {string} file */
const style = (file) => own(file).replace(/\/\*[^]*?\*\//g, '').replace(/^\s+/gm, '');

function ownModules() {
  const files = readdirSync(new URL('js', here), { recursive: true }).filter((file) => file.endsWith('.js'));
  return files.map((file) => `js/${file}`).filter((file) => !file.endsWith('types.js')).sort();
}

function vendor(name) {
  const code = readFileSync(fileURLToPath(import.meta.resolve(name)), 'utf8');
  const withoutMap = code.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
  return /** @type {const} */ ([vendorPath(name), rewriteImports(withoutMap, name)]);
}

function licenses() {
  const roots = [...new Set([...packages, 'uplot'].map((name) => name.match(/^(@[^/]+\/)?[^/]+/)[0]))];
  const texts = roots.map((root) => {
    const { version, license } = JSON.parse(own(`node_modules/${root}/package.json`));
    return `${root} ${version} (${license})\n\n${own(`node_modules/${root}/LICENSE`).trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** What a page's script tags load. @param {string} html */
const scriptsOf = (html) => [...html.matchAll(/<script type="module" src="([^"]+)"/g)].map(([, path]) => path);

/** A page with a hint for each file of its modules, so that a browser asks for all of them at once. @param {string} html */
const withHints = (html) => html.replace('<script', `${scriptsOf(html).map((path) => `<link rel="modulepreload" href="${path}">`).join('\n')}\n<script`);

/**
 * What replaces single modules: one file for what a page or a worker needs from its first line on, one for each module that
 * it loads later, and one for each that several of these need. They have the paths of the modules that they begin with, so
 * that pages name the same files either way.
 * @param {string[]} entries  @param {import('./pack.mjs').Sources} sources  @returns {Map<string, string>} code by path
 */
export function packed(entries, sources) {
  const packs = new Map();
  for (const entry of entries) {
    const main = pack(entry, sources);
    packs.set(entry, main.code);
    const bases = [{ path: entry, holds: main.holds }];
    const parts = main.later.filter((path) => !entries.includes(path));
    const held = parts.flatMap((path) => pack(path, sources, bases).holds);
    const shared = held.filter((path, at) => held.indexOf(path) !== at);
    for (const path of new Set([...shared, ...parts])) {
      const { code, holds, later } = pack(path, sources, bases);
      if (packs.has(path) || later.length > 0) throw new Error(`${path} is loaded later by two pages, or loads others later`);
      packs.set(path, code);
      if (shared.includes(path)) bases.push({ path, holds });
    }
  }
  return packs;
}

/** @returns {{path: string, contentType: string, body: Buffer, gzip: Buffer, etag: string}[]} sorted by path */
export function collect() {
  const sources = new Map([...ownModules().map((file) => /** @type {const} */ ([`/${file}`, own(file)])), ...packages.map(vendor),
    ['/vendor/uplot.js', own('node_modules/uplot/dist/uPlot.esm.js')]]);
  const entries = [...new Set(Object.values(pages).flatMap((file) => scriptsOf(own(file)))), ...workers];
  const assets = [
    ...Object.entries(pages).map(([path, file]) => asset(path, withHints(own(file)))),
    ...['inspector.css', 'monolith.css', 'order.css', 'rest.css', 'style.css'].map((file) => asset(`/${file}`, style(file))),
    ...['favicon.svg', 'openapi.json', 'asyncapi.json'].map((file) => asset(`/${file}`, own(file))),
    ...[...sources, ...packed(entries, sources)].map(([path, code]) => asset(path, code)),
    asset('/vendor/uplot.css', own('node_modules/uplot/dist/uPlot.min.css')),
    asset('/vendor/LICENSES.txt', licenses()),
  ];
  return [...new Map(assets.map((each) => [each.path, each])).values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
