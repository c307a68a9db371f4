import { generate } from '/vendor/lean-qr-nano.js';
import { useLayoutEffect, useRef } from '/vendor/preact-hooks.js';

import { access, links } from '../access.js';
import { html } from '../html.js';
import { codeOpen } from '../state.js';

const loopback = /^(localhost|127\.|\[::1\])/;

/** Where a phone in this room finds the page for orders; empty: nowhere. */
function orderLink() {
  const own = `${location.origin}/`;
  const base = loopback.test(location.host) ? links.value[0] : own;
  return base ? `${base}order` : '';
}

/** Black on white in both themes, with the four modules of quiet that readers need. @param {{of: string}} props */
function QrCode({ of }) {
  const code = generate(of);
  let path = '';
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) path += `M${x + 4} ${y + 4}h1v1h-1z`;
  }
  const side = code.size + 8;
  return html`<svg class="qr" viewBox=${`0 0 ${side} ${side}`} role="img" aria-label=${`QR code of ${of}`}><rect width=${side} height=${side} fill="#fff" /><path d=${path} fill="#000" /></svg>`;
}

/** How the room takes part. */
function Invitation() {
  const link = orderLink();
  if (link) {
    return html`<${QrCode} of=${link} /><div><h2>Order from your phone</h2><p class="address mono">${link.replace('http://', '')}</p>
      <p>Nothing is cooked, nothing is paid.</p></div>`;
  }
  const why = access.value === 'allowed' ? html`Start it with <code>--host 0.0.0.0</code>, and phones in this room can order.`
    : 'Open this page by the address of this machine, and phones in this room can order.';
  return html`<div><h2>Only this machine can order</h2><p>${why}</p></div>`;
}

/** On a projector. */
export const Room = () => html`<section class="room" aria-label="Order from your phone"><${Invitation} /></section>`;

/** The code as large as the screen allows, for the last row. */
export function LargeCode() {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return html`<dialog class="dialog code" ref=${dialog} aria-label="Order from your phone" onClose=${() => (codeOpen.value = false)}
    onKeyDown=${(/** @type {KeyboardEvent} */ { key }) => key === 'q' && close()}>
    <div class="room"><${Invitation} /></div><footer><button class="btn" autofocus onClick=${close}>Close</button></footer></dialog>`;
}
