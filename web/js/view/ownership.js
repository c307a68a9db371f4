import { broken, isShown } from '../first_minute.js';
import { html } from '../html.js';
import { countdownOf, passedOf, spanOf } from '../ownership.js';
import { ledger, missing, ownership, serverNow } from '../state.js';

/** @import { Missing, Segment } from '../ownership.js' */

/** The time until somebody is missed, in ten cells that are filled as it goes. @param {{of: {leftMs: number, sessionMs: number}}} props */
export const Session = ({ of }) => html`<div class="ten" aria-hidden="true">${passedOf(of).map((isPast, n) => html`<i key=${n} class=${isPast ? 'gone' : ''} />`)}</div>`;

/** @param {{of: Missing}} props */
function Countdown({ of }) {
  const { instance, when, waits } = countdownOf(of, ledger.value);
  return html`<div class="countdown"><p><b>${instance}</b> <b class="bad">${when}</b>; <b>${waits}</b></p><${Session} of=${of} />
    <p class="quiet">nobody reads ${of.owns.join(' ')}; session timeout ${of.sessionMs / 1000} s</p></div>`;
}

/** @param {Segment} segment */
function wordOf({ owner, how }) {
  if (how === 'nobody') return 'nobody';
  return how === 'reads' ? owner : `${owner}, ${how === 'gone' ? 'gone' : how}`;
}

/** @param {{segments: Segment[], end: number, spanMs: number, shades: string[]}} props */
function Strip({ segments, end, spanMs, shades }) {
  const at = (/** @type {number} */ time) => Math.max(0, 100 * (1 - (end - time) / spanMs));
  return html`<div class="lane">${segments.map((each, n) => {
    const to = n === segments.length - 1 ? end : each.to;
    const look = each.how === 'gone' || each.how === 'nobody' ? 'unread' : `shade-${shades.indexOf(each.owner) % 4}${each.how === 'paused' ? ' held' : ''}`;
    return html`<span key=${each.from} class=${look} style=${{ left: `${at(each.from)}%`, width: `${at(to) - at(each.from)}%` }}
      title=${`${wordOf(each)}, ${Math.round((to - each.from) / 1000)} s`}><i>${wordOf(each)}</i></span>`;
  })}</div>`;
}

/** Now, in words: also what a screen reader is told of the chart. @param {Segment[][]} partitions */
const nowText = (partitions) => partitions.map((segments, n) => `p${n}: ${wordOf(segments.at(-1) ?? { from: 0, to: 0, owner: '', how: 'nobody' })}`).join('; ');

/** Who owned p0 p1 p2 over the last five minutes, and who will be missed. */
export function OwnershipPanel() {
  const partitions = ownership.value.partitions;
  const end = serverNow.value;
  const isOnStage = isShown.value && broken.value !== undefined;
  const spanMs = spanOf(partitions, end);
  const shades = [...new Set(partitions.flat().map(({ owner }) => owner).filter(Boolean))].sort();
  return html`<section class="panel p-owners" aria-labelledby="h-owners">
    <h2 id="h-owners">Who owned which partition <span class="end">notification-group</span></h2>
    ${!isOnStage && missing.value.map((each) => html`<${Countdown} key=${each.instance} of=${each} />`)}
    ${partitions.length === 0 ? html`<p class="empty">Nobody has joined the group yet.</p>` : html`<div class="owners">
      <ul aria-hidden="true">${partitions.map((_, n) => html`<li key=${n}>p${n}</li>`)}</ul>
      <div class="own" role="img" aria-label=${`Now ${nowText(partitions)}`}>
        ${partitions.map((segments, n) => html`<${Strip} key=${n} segments=${segments} end=${end} spanMs=${spanMs} shades=${shades} />`)}</div>
      <p><span>-${spanMs < 60_000 ? `${spanMs / 1000} s` : `${spanMs / 60_000} min`}</span><span>now</span></p></div>`}
  </section>`;
}
