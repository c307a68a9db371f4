// Every file that the page needs, under the path that it is served at.
//
// The few library modules are served under /vendor/, and the page's modules import them from there. The libraries import
// one another by name ("preact"), which a browser cannot resolve without an import map, and an inline one is what the
// Content-Security-Policy forbids: those imports are written as paths here, at build time.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** The packages' modules that a browser loads. Their file is what their package.json says an import gets. */
const packages = ['preact', 'preact/hooks', 'htm', '@preact/signals-core', '@preact/signals', 'lean-qr/nano'];
/** Files of packages that an import would not give: loaded when a chart is opened. */
const files = [['uplot', 'dist/uPlot.esm.js', '/vendor/uplot.js'], ['uplot', 'dist/uPlot.min.css', '/vendor/uplot.css']];

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

function ownModules() {
  const files = readdirSync(new URL('js', here), { recursive: true }).filter((file) => file.endsWith('.js'));
  return files.map((file) => `js/${file}`).filter((file) => file !== 'js/types.js').sort();
}

function vendor(name) {
  const code = readFileSync(fileURLToPath(import.meta.resolve(name)), 'utf8');
  const withoutMap = code.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
  return asset(vendorPath(name), rewriteImports(withoutMap, name));
}

function licenses() {
  const roots = [...new Set([...packages, ...files.map(([name]) => name)].map((name) => name.match(/^(@[^/]+\/)?[^/]+/)[0]))];
  const texts = roots.map((root) => {
    const { version, license } = JSON.parse(own(`node_modules/${root}/package.json`));
    return `${root} ${version} (${license})\n\n${own(`node_modules/${root}/LICENSE`).trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The modules that one needs from its first line on, itself included. */
function neededBy(path, modules, found = new Set()) {
  if (found.has(path)) return found;
  const code = modules.get(path);
  if (code === undefined) throw new Error(`${path} is imported, and is not there`);
  found.add(path);
  for (const [, to] of code.matchAll(/(?:^|;)\s*(?:import|export)\b(?:[^;"'()]*\bfrom)?\s*["']([^"']+)["']/gm)) {
    neededBy(resolve(dirname(path), to), modules, found);
  }
  return found;
}

/** index.html with a hint for each module, so that a browser asks for all of them at once. */
function page(assets) {
  const modules = new Map(assets.filter(({ path }) => path.endsWith('.js')).map(({ path, body }) => [path, body.toString()]));
  const hints = [...neededBy('/js/main.js', modules)].map((path) => `<link rel="modulepreload" href="${path}">`);
  return own('index.html').replace('<script type="module"', `${hints.join('\n')}\n<script type="module"`);
}

/** @returns {{path: string, contentType: string, body: Buffer, gzip: Buffer, etag: string}[]} sorted by path */
export function collect() {
  const assets = [
    asset('/inspector.html', own('inspector.html')),
    asset('/order', own('order.html')),
    asset('/order.css', own('order.css')),
    asset('/style.css', own('style.css')),
    asset('/favicon.svg', own('favicon.svg')),
    asset('/openapi.json', own('openapi.json')),
    asset('/asyncapi.json', own('asyncapi.json')),
    asset('/vendor/LICENSES.txt', licenses()),
    ...ownModules().map((file) => asset(`/${file}`, own(file))),
    ...packages.map(vendor),
    ...files.map(([name, file, path]) => asset(path, own(`node_modules/${name}/${file}`))),
  ];
  assets.push(asset('/', page(assets)));
  return assets.sort((a, b) => (a.path < b.path ? -1 : 1));
}
