// Copies text, also where the page is served by plain http from another machine: there browsers have no Clipboard API.

import { announce, say } from './state.js';

/** The old way: a selection in a field that nobody sees. @param {string} text */
function copyBySelection(text) {
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.className = 'sr';
  (document.querySelector('dialog[open]') ?? document.body).append(field);  // outside of an open dialog nothing can be focused
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return copied;
}

/** @param {string} text  @param {string} what  "The key" */
export async function copy(text, what) {
  try {
    if (!navigator.clipboard) throw new Error('no Clipboard API here');
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyBySelection(text)) return say('The browser does not let the page copy.');
  }
  return announce(`${what} is copied.`);
}
