import { html } from '../html.js';
import { alerts, audit, dead, modules, notifications, passes, pick, picked, totals } from '../state.js';
import { clock, duration, exactly, grouped, shortId } from '../text.js';
import { Icon, Shape, hueOf } from './icon.js';

/** @import { Alert, Entry } from '../types.js' */

/**
 * @param {{id: string, title: string, shape?: string, end?: unknown, empty: string, count: number, children?: unknown}} props
 */
function Panel({ id, title, shape, end, empty, count, children }) {
  return html`<section class=${`panel p-${id}`} aria-labelledby=${`h-${id}`}>
    <h2 id=${`h-${id}`}>${shape && html`<${Shape} of=${shape} />`}${title} <span class="end">${end}</span></h2>
    ${count === 0 ? html`<p class="empty">${empty}</p>` : children}
  </section>`;
}

/** The class of a line, and what a click on it does. @param {string} orderId  @param {string} [more] */
const line = (orderId, more = '') => ({
  class: `${orderId && orderId === picked.value ? 'show ' : ''}${more}`,
  onClick: () => orderId && pick(orderId),
});

/** @param {{at: number}} props */
const Time = ({ at }) => html`<time title=${exactly(at)}>${at ? clock(at) : ''}</time>`;

/** @param {Entry} entry */
const matches = (entry) => passes(entry.who, entry.orderId, entry.action, entry.source, entry.detail);

/** @type {Record<string, {icon: string, text: (entry: Entry) => string}>} */
const outcomes = {
  NOTIFIED: { icon: 'ok', text: (entry) => (entry.tookMs >= 0 ? duration(entry.tookMs) : '') },
  RETRY: { icon: 'loop', text: (entry) => `retry ${entry.retryCount}` },
  DLQ: { icon: 'x', text: () => 'gave up' },
  DROPPED: { icon: 'x', text: () => 'dropped' },
};

function Notifications() {
  const shown = notifications.value.filter(matches);
  const { notified, retries } = totals.value;
  const end = html`${grouped(notified)} notified${retries > 0 && html`, <span class="bad">${grouped(retries)} retries</span>`}`;
  return html`<${Panel} id="notifications" title="Notifications" shape="notification" end=${end} count=${shown.length}
    empty="Each order is notified once; failures and retries show here too.">
    <ol class="feed notes">${shown.map((entry) => {
      const { icon, text } = outcomes[entry.action];
      return html`<li key=${entry.key} ...${line(entry.orderId, entry.action === 'NOTIFIED' ? '' : 'bad')}>
        <${Time} at=${entry.at} /><${Icon} name=${icon} />
        <span>${entry.who || html`<span class="mono">${shortId(entry.orderId)}</span>`}</span>
        <span class="quiet opt">${entry.detail}</span><span class="num">${text(entry)}</span></li>`;
    })}</ol>
  <//>`;
}

function Audit() {
  const shown = audit.value.filter(matches);
  return html`<${Panel} id="audit" title="Audit stream" shape="audit" end=${`${grouped(totals.value.audit)} seen`}
    count=${shown.length} empty="Every service reports here what it did.">
    <ol class="feed aud">${shown.map((entry) => html`<li key=${entry.key} ...${line(entry.orderId)}>
      <${Time} at=${entry.at} /><${Shape} of=${entry.source} />
      <span class=${loud(entry.action)}>${entry.action}</span>
      <span class="mono quiet" title=${entry.orderId}>${shortId(entry.orderId)}</span>
      <span class="quiet opt num">${entry.detail || entry.source.replace(/-service$/, '')}</span></li>`)}</ol>
  <//>`;
}

/** Failure alone is red. @param {string} action */
const loud = (action) => (['RETRY', 'DLQ', 'DROPPED'].includes(action) ? 'bad' : '');

/** One bar an order of the window, those above the limit of five in red. @param {{alert: Alert}} props */
function Tally({ alert }) {
  if (alert.type !== 'VELOCITY' || alert.customerOrders < 1) return null;
  const bars = Math.min(alert.customerOrders, 12);
  return html`<span class="tally" aria-hidden="true">
    ${Array.from({ length: bars }, (_, n) => html`<i key=${n} class=${n >= 5 ? 'over' : ''} />`)}</span>`;
}

function Fraud() {
  const shown = alerts.value.filter((each) => passes(each.customerName, each.orderId, each.type, each.severity, each.reason));
  const { passed } = totals.value;
  return html`<${Panel} id="fraud" title="Fraud" shape="fraud" end=${`${grouped(totals.value.alerts)} alerts, ${grouped(passed)} passed`}
    count=${shown.length} empty="Many orders in a minute, or a large total, raise an alert.">
    <ol class="feed alerts">${shown.map((alert) => html`<li key=${alert.key} ...${line(alert.orderId, 'alert')}>
      <${Icon} name=${`sev-${alert.severity.toLowerCase()}`} />
      <span><b>${alert.type}</b> ${alert.severity}</span><${Time} at=${alert.at} />
      <span class="sub"><${Tally} alert=${alert} /><span>${alert.reason}</span></span></li>`)}</ol>
  <//>`;
}

function DeadLetters() {
  const shown = dead.value.filter(matches);
  return html`<${Panel} id="dead" title="Dead letters" end=${`${grouped(totals.value.dead)} seen`} count=${shown.length}
    empty="What fails after retryCount 2, or cannot be read, ends here.">
    <ol class="feed dead">${shown.map((entry) => html`<li key=${entry.key} ...${line(entry.orderId)}>
      <${Time} at=${entry.at} /><span class="mono" title=${entry.orderId}>${shortId(entry.orderId) || 'no id'}</span>
      <span class="reason">${entry.detail}</span><span class="sub">${entry.who}</span></li>`)}</ol>
  <//>`;
}

export const Dock = () => html`<div class="dock" id="dock">
  <${Notifications} /><${Audit} /><${Fraud} /><${DeadLetters} />
</div>`;

/** The instances of all modules and how they are; colour and word, never colour alone. */
export function Services() {
  if (modules.value.length === 0) return null;
  return html`<section class="services" aria-label="Services"><ul>
    ${modules.value.map((each) => html`<li key=${each.instance} class=${`inst ${hueOf(each.module)} is-${each.state}`}>
      <${Shape} of=${each.module} /><b>${each.instance}</b>
      <span class="state">${each.state}${each.state === 'running' && !each.ready ? ', catching up' : ''}</span>
    </li>`)}
  </ul></section>`;
}
