// The drawer beside the page, which shows one order.

import { useLayoutEffect, useRef } from '/vendor/preact-hooks.js';

import { closeJourney } from '../route.js';
import { story } from '../stage.js';
import { picked, say } from '../state.js';
import { shortId } from '../text.js';

/** Keys are not the drawer's while somebody types, reads a value, or has a dialog, a story or a small form open. @param {KeyboardEvent} event */
function isForOthers({ target, ctrlKey, metaKey, altKey, defaultPrevented }) {
  const isTaken = target instanceof HTMLElement && (target.matches('input, textarea, select, pre') || target.closest('.faults'));
  return isTaken || document.querySelector('dialog[open]') || story.value || ctrlKey || metaKey || altKey || defaultPrevented;
}

/**
 * While the drawer is there its order stands out and names the tab, and Esc closes it. The focus goes to its title, and
 * back at its end.
 * @param {string} id  of the order
 * @param {(event: KeyboardEvent) => boolean} [onKey]  for its other keys: whether it has used one
 * @returns {import('preact').RefObject<HTMLElement | null>} for the title, which can be focused
 */
export function useDrawer(id, onKey = () => false) {
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const before = document.activeElement;
    title.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  useLayoutEffect(() => {  // a useEffect begins and ends with the next frame: a key before that would be lost
    const listener = (/** @type {KeyboardEvent} */ event) => {
      if (isForOthers(event)) return;
      if (event.key === 'Escape') closeJourney();
      else if (!onKey(event)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('keydown', listener, true);
    return () => removeEventListener('keydown', listener, true);
  }, []);
  useLayoutEffect(() => {
    picked.value = id;
    document.title = `Order ${shortId(id)} - foodorder`;
    return () => {
      picked.value = '';
      document.title = 'foodorder';
    };
  }, [id]);
  return title;
}

export async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    say('The link is copied.', { aloud: true });
  } catch {
    say(`The browser does not let the page copy. The link is ${location.href}`, { aloud: true });
  }
}
