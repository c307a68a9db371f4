import { html } from '../../html.js';
import { more, setTail, shown, stop } from '../../inspector/open_topic.js';
import { ask, go, helpOpen, route } from '../../inspector/state.js';
import { Dialog } from '../dialog.js';
import { toggleTheme } from './top_bar.js';

const keys = [
  ['/', 'To the filter of the messages'],
  ['↑ ↓', 'Walk a list; Home, End and pages too'],
  ['Enter', 'Open the record; in JSON: fold and unfold'],
  ['j, k', 'The next and the previous record, while one is open'],
  ['l', 'Live tail: begin, pause, resume'],
  ['x', 'Stop reading, or go on'],
  ['g', 'Consumer groups'],
  ['o', 'Topics'],
  ['Esc', 'Close the record or the dialog'],
  ['t', 'Light or dark'],
  ['?', 'This help'],
];

export function Help() {
  if (!helpOpen.value) return null;
  const close = () => (helpOpen.value = false);
  return html`<${Dialog} label="Keyboard shortcuts" close=${close}><h2>Keyboard shortcuts</h2>
    <dl class="keys">${keys.map(([key, what]) => html`<div key=${key}><dt>${key.split(', ').map((each) => html`<kbd key=${each}>${each}</kbd> `)}</dt><dd>${what}</dd></div>`)}</dl>
    <footer><button class="btn" autofocus onClick=${close}>Close</button></footer><//>`;
}

/** Opens the record beside the one that is open. @param {number} step */
function walk(step) {
  const { partition, offset } = route.value;
  const { rows } = shown.value;
  const at = rows.findIndex((each) => each.partition === partition && each.offset === offset);
  const next = rows[at + step];
  if (at >= 0 && next) go({ ...route.value, partition: next.partition, offset: next.offset }, { replace: true });
}

function focusFilter() {
  if (route.value.view !== 'topic') return;
  if (route.value.query.tab && route.value.query.tab !== 'messages') ask({ tab: 'messages' });
  requestAnimationFrame(() => {
    const field = document.querySelector('.filters [name=filter]');
    if (field instanceof HTMLInputElement) field.select();
  });
}

/** @type {Record<string, () => void>} */
const actions = {
  '/': focusFilter,
  j: () => walk(1),
  k: () => walk(-1),
  l: () => setTail(shown.value.tail === 'live' ? 'paused' : 'live'),
  x: () => (shown.value.status === 'reading' ? stop() : more()),
  g: () => go({ view: 'groups' }),
  o: () => go({ view: 'topics' }),
  t: toggleTheme,
  '?': () => (helpOpen.value = true),
  Escape: () => route.value.offset !== undefined && go({ ...route.value, partition: undefined, offset: undefined }),
};

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target;
  const types = target instanceof HTMLElement && target.matches('input, textarea, select');
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || types || document.querySelector('dialog[open]')) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

export const listen = () => addEventListener('keydown', onKey);
