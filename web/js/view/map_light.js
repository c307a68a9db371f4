// Slow motion lights on the map what it tells of, by the names that the map gives its parts (data-cell, data-member,
// data-group, data-wire). The map does not know of it, and nothing of it is drawn again.

import { computed, effect } from '/vendor/preact-signals.js';

import { current } from '../slow_motion.js';
import { lightsOf } from '../telling.js';

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** @param {string} attribute  @param {string[]} names  @param {string} style */
const rule = (attribute, names, style) => (names.length === 0 ? ''
  : `${names.map((name) => `.map [${attribute}="${CSS.escape(name)}"]`).join(',')}{${style}}`);

/** The rules, the same text while the same step is told. */
const rules = computed(() => {
  if (!current.value) return '';
  const { played, together, members, groups, wires } = lightsOf(current.value);
  return [rule('data-cell', played, 'background:var(--ink);border-color:var(--ink);color:var(--on-ink)'),
    rule('data-cell', together, 'outline:2px solid var(--ink);outline-offset:2px'),
    rule('data-member', members, 'outline:2px solid var(--g);outline-offset:1px'),
    rule('data-group', groups, 'outline:2px solid var(--g);outline-offset:1px'),
    ...wires.map((name) => `:root .map .wires [data-wire^="${CSS.escape(name)}"]{opacity:1;stroke-width:2.5px}`)].join('\n');
});

effect(() => {
  sheet.replaceSync(rules.value);
  document.documentElement.toggleAttribute('data-telling', rules.value !== '');
});
