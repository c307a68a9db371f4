import { html } from '../html.js';
import { parts } from '../ledger.js';
import { ledger } from '../state.js';
import { grouped } from '../text.js';

/** @param {number | undefined} n  unknown is not zero */
const shown = (n) => (n === undefined ? '–' : grouped(n));

/** Always in sight: what became of all that was accepted. */
export function LedgerBar() {
  const now = ledger.value;
  const lost = now?.lost ?? 0;
  return html`<section class="ledger" aria-label="Ledger" id="ledger">
    <dl>
      <div><dt>accepted</dt><dd data-figure="accepted">${shown(now?.accepted)}</dd></div>
      ${parts.map(([name, label], n) => html`<i key=${`i-${name}`} aria-hidden="true">${n === 0 ? '=' : '+'}</i>
        <div key=${name} class=${name === 'waiting' && (now?.waiting ?? 0) > 0 ? 'has' : ''}><dt>${label}</dt><dd data-figure=${name}>${shown(now?.[name])}</dd></div>`)}
      <div class=${`verdict${lost > 0 ? ' bad' : ''}`}><dt>lost</dt><dd data-figure="lost">${shown(now?.lost)}
        ${lost > 0 && html`<small> ${now?.lostAt.join(', ')}${lost > (now?.lostAt.length ?? 0) ? ' …' : ''}</small>`}</dd></div>
      <div><dt>done twice, folded</dt><dd data-figure="doneTwice">${shown(now?.doneTwice)}</dd></div>
    </dl>
    <p>${now ? html`counted from the log, by the rules of <code>foodorder verify</code>` : 'no analytics instance counts'}${
      now && now.uncounted > 0 && html`; ${grouped(now.uncounted)} more than it can hold are not in it`}</p>
  </section>`;
}
