import { html } from '../html.js';
import { waitText, waitingOn } from '../ledger.js';
import { keptMs, missingOf } from '../ownership.js';
import { ledger, ownership, serverNow, system } from '../state.js';

/** @import { Missing, Segment } from '../ownership.js' */

/** "notification-2 will be missed within 7 s; 31 orders wait on p2". @param {Missing} missing */
export function missingText({ instance, owns, leftMs }) {
  const waiting = waitingOn(ledger.value?.waitingByPartition, owns);
  return html`<b>${instance}</b> will be missed within <b class="bad">${Math.ceil(leftMs / 1000)} s</b>; <b>${waitText(waiting)}</b> on <b>${owns.join(' ')}</b>`;
}

/** Ten cells for the session, filled as time goes. @param {{of: Missing}} props */
const Countdown = ({ of }) => html`<div class="countdown">
  <p>${missingText(of)}</p>
  <svg viewBox="0 0 200 8" preserveAspectRatio="none" aria-hidden="true">${Array.from({ length: 10 }, (_, n) => html`<rect key=${n} x=${n * 20 + 1} y="1" width="18" height="6"
    class=${n < Math.round(10 * (1 - of.leftMs / of.sessionMs)) ? 'past' : ''} />`)}</svg>
  <p class="quiet">nobody reads ${of.owns.join(' ')}; session timeout ${of.sessionMs / 1000} s</p>
</div>`;

/** @param {Segment} segment */
function wordOf({ owner, how }) {
  if (how === 'nobody') return 'nobody';
  return how === 'reads' ? owner : `${owner}, ${how === 'gone' ? 'gone' : how}`;
}

/** @param {{segments: Segment[], end: number, shades: string[]}} props */
function Strip({ segments, end, shades }) {
  const at = (/** @type {number} */ time) => Math.max(0, 100 * (1 - (end - time) / keptMs));
  return html`<div class="lane">${segments.map((each, n) => {
    const to = n === segments.length - 1 ? end : each.to;
    const look = each.how === 'gone' || each.how === 'nobody' ? 'unread' : `shade-${shades.indexOf(each.owner) % 4}${each.how === 'paused' ? ' held' : ''}`;
    return html`<span key=${each.from} class=${look} style=${{ left: `${at(each.from)}%`, width: `${at(to) - at(each.from)}%` }}
      title=${`${wordOf(each)}, ${Math.round((to - each.from) / 1000)} s`}>${at(to) - at(each.from) > 12 && wordOf(each)}</span>`;
  })}</div>`;
}

/** Now, in words: also what a screen reader is told of the chart. @param {Segment[][]} partitions */
const nowText = (partitions) => partitions.map((segments, n) => `p${n}: ${wordOf(segments.at(-1) ?? { from: 0, to: 0, owner: '', how: 'nobody' })}`).join('; ');

/** Who owned p0 p1 p2 over the last five minutes, and who will be missed. */
export function OwnershipPanel() {
  const partitions = ownership.value.partitions;
  const end = serverNow.value;
  const shades = [...new Set(partitions.flat().map(({ owner }) => owner).filter(Boolean))].sort();
  const missing = missingOf(system.value, ownership.value, end);
  return html`<section class="panel p-owners" aria-labelledby="h-owners">
    <h2 id="h-owners">Who owned which partition <span class="end">notification-group</span></h2>
    ${missing.map((each) => html`<${Countdown} key=${each.instance} of=${each} />`)}
    ${partitions.length === 0 ? html`<p class="empty">Nobody has joined the group yet.</p>` : html`<div class="owners">
      <ul aria-hidden="true">${partitions.map((_, n) => html`<li key=${n}>p${n}</li>`)}</ul>
      <div class="own" role="img" aria-label=${`Now ${nowText(partitions)}`}>
        ${partitions.map((segments, n) => html`<${Strip} key=${n} segments=${segments} end=${end} shades=${shades} />`)}</div>
      <p><span>-5 min</span><span>now</span></p></div>`}
  </section>`;
}
