// The keys that work anywhere on the page, except while the user types or a dialog is open.
import { spam } from './actions.js';
import { chartsOpen, codeOpen, deleting, editing, filter, helpOpen, picked, presenting, tab } from './state.js';
import { toggleTheme } from './view/top_bar.js';

/** @param {'order' | 'events' | 'alerts'} where  @param {string} selector */
function focus(where, selector) {
  const input = /** @type {HTMLInputElement} */ (document.querySelector(selector));
  input.select();  // at once: the next key may already be meant for it
  if (tab.value === where) return;
  tab.value = where;
  requestAnimationFrame(() => input.select());
}

/** @type {Record<string, () => void>} */
const actions = {
  n: () => focus('order', '#order-form input'),
  s: () => void spam(),
  t: toggleTheme,
  p: () => (presenting.value = !presenting.value),
  q: () => (codeOpen.value = true),
  c: () => (chartsOpen.value = true),
  '/': () => focus('order', '#filter'),
  '?': () => (helpOpen.value = true),
  Escape: () => {
    filter.value = '';
    picked.value = '';
    presenting.value = false;
  },
};

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target;
  const types = target instanceof HTMLElement && target.matches('input, textarea, select');
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || deleting.value || editing.value || helpOpen.value || chartsOpen.value || codeOpen.value) return;
  if (event.key === 'Escape' && types) /** @type {HTMLElement} */ (target).blur();
  if (types && event.key !== 'Escape') return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

export const listen = () => addEventListener('keydown', onKey);
