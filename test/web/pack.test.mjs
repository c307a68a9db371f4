// How modules become one file (web/pack.mjs).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { packed } from '../../web/assets.mjs';
import { pack } from '../../web/pack.mjs';

const asModule = (code) => import(`data:text/javascript,${encodeURIComponent(code)}`);
const sources = (files) => new Map(Object.entries(files));

describe('a pack', () => {
  test('runs each module once, after those that it imports, and exports what its entry exports', async () => {
    globalThis.ran = [];
    const { code, holds } = pack('/js/main.js', sources({
      '/js/main.js': "import { b } from './b.js';\nimport { a } from './a.js';\nran.push('main');\nexport const sum = a + b;\nexport default 'whole';\n",
      '/js/a.js': "import './c.js';\nran.push('a');\nexport const a = 1;\n",
      '/js/b.js': "import './c.js';\nran.push('b');\nexport const b = 2;\n",
      '/js/c.js': "ran.push('c');\n",
    }));
    const module = await asModule(code);
    assert.deepEqual(globalThis.ran, ['c', 'b', 'a', 'main']);
    assert.deepEqual([module.sum, module.default], [3, 'whole']);
    assert.deepEqual(holds, ['/js/c.js', '/js/b.js', '/js/a.js', '/js/main.js']);
  });

  test('knows each form of import and export that the page uses', async () => {
    const { code } = pack('/js/view/main.js', sources({
      '/js/view/main.js': `import whole, { one as uno, Klass } from '../lib.js';
import * as lib from '../lib.js';
export { two as zwei } from '../lib.js';
export { all, uno };
const all = [whole(), uno, lib.two, lib.nested(), new Klass().x, lib.late()];
`,
      '/js/lib.js': `export const one = 1, two = 2;
export default function () { return 'default'; }
(() => {})();
export function nested() { return late() + 1; }
export async function later() { await 1; }
export class Klass { #x = 3; get x() { return this.#x; } }
const late = () => 5;
export { late };
`,
    }));
    const { all, uno, zwei } = await asModule(code);
    assert.deepEqual([all, uno, zwei], [['default', 1, 2, 6, 3, 5], 1, 2]);
  });

  test('loses comments and indentation, never a line break, a template or a string', async () => {
    const { code } = pack('/js/main.js', sources({ '/js/main.js': `/* head */
export const text = '// no comment';  // a comment
export const template = \`
    /* text */ \${/** a comment */ 'in'}  // text

  end\`;
export const regex = /\\/\\*[^]*?\\*\\//g;
export function returns() {
  return /* a comment
  over two lines ends the statement */ 1
}
    // the end` }));
    const module = await asModule(code);
    assert.equal(module.text, '// no comment');
    assert.equal(module.template, '\n    /* text */ in  // text\n\n  end');
    assert.ok(module.regex.test('/* */'));
    assert.equal(module.returns(), undefined);
    assert.doesNotMatch(code, /a comment|head|the end/);
  });

  const refused = [
    ['cycles', { '/js/a.js': "import './b.js';", '/js/b.js': "import './a.js';" }, /circle: \/js\/a\.js -> \/js\/b\.js -> \/js\/a\.js/],
    ['a module that is not there', { '/js/a.js': "import './b.js';" }, /\/js\/a\.js imports \/js\/b\.js, which is not there/],
    ['an export that changes', { '/js/a.js': 'export let n = 1;' }, /\/js\/a\.js exports a variable that may change/],
    ['export *', { '/js/a.js': "export * from './b.js';" }, /\/js\/a\.js has an export \*/],
    ['import.meta', { '/js/a.js': 'console.log(import.meta.url);' }, /\/js\/a\.js has an import\.meta/],
    ['an import() of an expression', { '/js/a.js': 'const x = 1;\nimport(x);' }, /other than a string/],
    ['await outside of functions', { '/js/a.js': 'await 1;' }, /await/],
    ['two names that are one', { '/js/a.js': "import './x-y.js';import './x_y.js';", '/js/x-y.js': '', '/js/x_y.js': '' }, /both be called \$x_y/],
  ];
  for (const [what, files, error] of refused) {
    test(`refuses ${what}`, () => assert.throws(() => pack('/js/a.js', sources(files)), error));
  }
});

describe('what is loaded later', () => {
  const files = {
    '/js/main.js': "import { shared } from './shared.js';\nimport('./view/later.js');\nimport('./worker.js');\n",
    '/js/shared.js': 'export const shared = {};\n',
    '/js/view/later.js': "import { shared } from '../shared.js';\nimport { own } from '../own.js';\nexport const later = [shared, own];\n",
    '/js/own.js': 'export const own = 1;\n',
    '/js/worker.js': "import { shared } from './shared.js';\nexport const worker = shared;\n",
  };

  test('takes from the page what that has, and brings the rest; a worker brings all', () => {
    const packs = packed(['/js/main.js', '/js/worker.js'], sources(files));
    assert.deepEqual([...packs.keys()], ['/js/main.js', '/js/view/later.js', '/js/worker.js']);
    assert.match(packs.get('/js/main.js'), /import\('\/js\/view\/later\.js'\)/);
    assert.match(packs.get('/js/view/later.js'), /^import \{ \$shared \} from '\/js\/main\.js';/);
    assert.match(packs.get('/js/view/later.js'), /const \$own =/);
    assert.match(packs.get('/js/worker.js'), /const \$shared =/);
  });

  test('has a file of its own for what two of them need, which so runs once', () => {
    const two = { ...files, '/js/main.js': `${files['/js/main.js']}import('./other.js');\n`,
      '/js/other.js': "import { later } from './view/later.js';\nimport { own } from './own.js';\nexport const other = [later, own];\n" };
    const packs = packed(['/js/main.js', '/js/worker.js'], sources(two));
    assert.deepEqual([...packs.keys()].toSorted(), ['/js/main.js', '/js/other.js', '/js/own.js', '/js/view/later.js', '/js/worker.js']);
    assert.match(packs.get('/js/view/later.js'), /^import \{ \$shared \} from '\/js\/main\.js';\nimport \{ \$own \} from '\/js\/own\.js';/);
    assert.match(packs.get('/js/other.js'), /^import \{ \$view_later \} from '\/js\/view\/later\.js';\nimport \{ \$own \} from '\/js\/own\.js';/);
    assert.equal([...packs.values()].filter((code) => code.includes('const $own =')).length, 1);
  });

  test('is refused where it loads more, or another page loads it, too', () => {
    const more = { ...files, '/js/own.js': "import('./shared.js');\nexport const own = 1;\n" };
    assert.throws(() => packed(['/js/main.js', '/js/worker.js'], sources(more)), /\/js\/view\/later\.js is loaded later by two pages, or loads others later/);
    const twice = { ...files, '/js/worker.js': "import('./view/later.js');\n" };
    assert.throws(() => packed(['/js/main.js', '/js/worker.js'], sources(twice)), /\/js\/view\/later\.js is loaded later by two pages/);
  });
});
