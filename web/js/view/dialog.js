import { useLayoutEffect, useRef } from '/vendor/preact-hooks.js';

import { html } from '../html.js';

/**
 * A dialog over the page: it takes the focus to its first field, and gives it back. Esc and a click beside it close it.
 * @param {{label: string, close: () => void, kind?: string, children?: unknown}} props
 */
export function Dialog({ label, close, kind = '', children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector('input')?.select();
    return () => {
      shown?.close();  // while it is open nothing else takes the focus
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return html`<dialog class=${`dialog ${kind}`} ref=${dialog} aria-label=${label} onClose=${close}
    onClick=${(/** @type {Event} */ event) => event.target === dialog.current && close()}>
    <div class="sheet">${children}</div></dialog>`;
}
