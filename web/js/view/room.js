import { generate } from '/vendor/lean-qr-nano.js';

import { access, links } from '../access.js';
import { html } from '../html.js';

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
export function Room() {
  const link = orderLink();
  if (link) {
    return html`<section class="room" aria-label="Order from your phone"><${QrCode} of=${link} />
      <div><h2>Order from your phone</h2><p class="address mono">${link.replace('http://', '')}</p>
        <p>Nothing is cooked, nothing is paid.</p></div></section>`;
  }
  const why = access.value === 'allowed' ? html`Start it with <code>--host 0.0.0.0</code>, and phones in this room can order.`
    : 'Open this page by the address of this machine, and phones in this room can order.';
  return html`<section class="room" aria-label="Order from your phone"><div><h2>Only this machine can order</h2><p>${why}</p></div></section>`;
}
