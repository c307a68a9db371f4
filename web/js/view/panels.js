import { goesOn, limitOf } from '../fraud.js';
import { html } from '../html.js';
import { openJourney } from '../route.js';
import { alerts, audit, audited, dead, fraud, loaded, notifications, notified, now, passes, picked, topicOf } from '../state.js';
import { clockMs, duration, exactly, grouped, shortId } from '../text.js';
import { Icon, Shape } from './icon.js';
import { OwnershipPanel } from './ownership.js';
import { Windowed } from './windowed.js';

/** @import { Alert, Entry } from '../types.js' */

/**
 * @param {{id: string, title: string, shape?: string, end?: unknown, empty: string, count: number, children?: unknown}} props
 */
function Panel({ id, title, shape, end, empty, count, children }) {
  return html`<section class=${`panel p-${id}`} aria-labelledby=${`h-${id}`}>
    <h2 id=${`h-${id}`}>${shape && html`<${Shape} of=${shape} />`}${title} <span class="end">${end}</span></h2>
    ${count === 0 ? html`<p class="empty">${loaded.value ? empty : 'Not known yet.'}</p>` : children}
  </section>`;
}

/** @param {{orderId: string}} of */
const classOf = ({ orderId }) => (orderId && orderId === picked.value ? 'show' : '');
/** @param {{orderId: string}} of */
const open = ({ orderId }) => orderId && openJourney(orderId);
/** @param {{key: number}} of */
const keyOf = ({ key }) => String(key);

/** @param {{at: number}} props */
function Time({ at }) {
  const text = at ? clockMs(at) : '';
  return html`<time title=${exactly(at)}><span class="hour">${text.slice(0, 3)}</span>${text.slice(3)}</time>`;
}

/** @param {Entry} entry */
const matches = (entry) => passes(entry.customer, entry.item, entry.who, entry.orderId, entry.action, entry.source, entry.detail);

/** Whose order it is; its id where this page never saw it. @param {{of: Entry}} props */
const Who = ({ of }) => (of.customer
  ? html`<span><bdi>${of.customer}</bdi>: <bdi>${of.item}</bdi></span>`
  : html`<span class="mono">${shortId(of.orderId)}</span>`);

/** @type {Record<string, {icon: string, text: (entry: Entry) => string}>} */
const outcomes = {
  NOTIFIED: { icon: 'ok', text: (entry) => (entry.tookMs >= 0 ? duration(entry.tookMs) : '') },
  RETRY: { icon: 'loop', text: (entry) => `retry ${entry.retryCount}` },
  DLQ: { icon: 'x', text: () => 'gave up' },
  DROPPED: { icon: 'x', text: () => 'dropped' },
};

/** @param {Entry} entry */
function notification(entry) {
  const { icon, text } = outcomes[entry.action];
  const bad = entry.action === 'NOTIFIED' ? '' : ' bad';
  return html`<${Time} at=${entry.at} /><span class=${`st${bad}`}><${Icon} name=${icon} /></span><${Who} of=${entry} />
    <span class="quiet opt"><bdi>${entry.detail}</bdi></span><span class=${`num${bad}`}>${text(entry)}</span>`;
}

function Notifications() {
  const shown = notifications.value.filter(matches);
  const counts = notified.value;
  const end = counts && `${grouped(counts.notified)} notified, ${grouped(counts.retries)} retries`;
  return html`<${Panel} id="notifications" title="Notifications" shape="notification" end=${end} count=${shown.length}
    empty="Each order is notified here once, after retries or not.">
    <${Windowed} kind="feed notes" label="h-notifications" items=${shown} keyOf=${keyOf} classOf=${classOf} open=${open}
      content=${notification} />
  <//>`;
}

/** Failure alone is red. @param {string} action */
const loud = (action) => (['RETRY', 'DLQ', 'DROPPED'].includes(action) ? 'bad' : '');

/** @param {Entry} entry */
const auditLine = (entry) => html`<${Time} at=${entry.at} /><${Shape} of=${entry.source} />
  <span title=${entry.detail || entry.source}><bdi class=${loud(entry.action)}>${entry.action}</bdi><span class="sr"> ${entry.source}</span> <span class="mono quiet" title=${entry.orderId}>${shortId(entry.orderId)}</span></span>
  <span class="mono quiet num opt">${entry.offset >= 0 ? `@${entry.offset}` : ''}</span>`;

function Audit() {
  const shown = audit.value.filter(matches);
  const records = topicOf('audit')?.records;
  return html`<${Panel} id="audit" title="Audit stream" shape="audit" count=${shown.length}
    end=${records === undefined ? '' : `${grouped(records)} records`} empty="Every service reports here.">
    <${Windowed} kind="feed aud" label="h-audit" items=${shown} keyOf=${keyOf} classOf=${classOf} open=${open}
      content=${auditLine} />
  <//>`;
}

/** How far over its limit an alert is; the limit stands at half of the bar, or less. @param {{of: number, limit: number}} props */
function Bar({ of, limit }) {
  const end = Math.max(of, 2 * limit);
  const at = (/** @type {number} */ value) => (100 * value) / end;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect class="within" width=${at(Math.min(of, limit))} y="2" height="6" />
    <rect class="beyond" x=${at(limit)} width=${Math.max(0, at(of) - at(limit))} y="2" height="6" />
    <rect class="limit" x=${at(limit)} width="1" height="10" /></svg>`;
}

/** @param {Alert} alert  @param {number} limit */
function measure(alert, limit) {
  if (alert.type === 'AMOUNT') return `${alert.measured.toFixed(2)}, limit ${limit}`;
  return `${grouped(alert.measured)} in ${Math.round((fraud.value?.settings?.windowMs ?? 60_000) / 1000)} s, limit ${grouped(limit)}`;
}

/** @param {Alert} alert */
function alerted(alert) {
  const limit = limitOf(alert.type, fraud.value?.settings);
  const known = limit !== undefined && alert.measured >= 0;
  return html`<${Icon} name=${`sev-${alert.severity.toLowerCase()}`} />
    <span><b><bdi>${alert.type}</bdi></b> <bdi>${alert.severity}</bdi> <bdi>${alert.customerName || (alert.type === 'BURST' ? 'all customers' : '')}</bdi></span>
    <span class="opt"><${Time} at=${alert.at} /></span>
    <span class="sub" title=${alert.reason}>${known ? html`<${Bar} of=${alert.measured} limit=${limit} /><span>${measure(alert, limit)}</span>`
      : html`<bdi>${alert.reason}</bdi>`}${alert.records > 1 && html`<span class="quiet opt">${grouped(alert.records)} records</span>`}</span>`;
}

/** "3 passed; window: 12 orders of 8 customers": what was found in order, and what is looked at now. */
function fraudCounts() {
  const { windows, blocked } = fraud.value?.report ?? {};
  if (!audited.value && !windows) return '';
  const found = blocked === undefined ? `${grouped(audited.value?.['fraud-service FRAUD_CHECK_PASSED'] ?? 0)} passed` : `${grouped(blocked)} stopped`;
  return html`${found}${windows && html`<span class="opt">, window ${grouped(windows.orders)} orders of ${grouped(windows.customers)} customers</span>`}`;
}

function Fraud() {
  const shown = alerts.value.filter((each) => passes(each.customerName, each.orderId, each.type, each.severity, each.reason));
  return html`<${Panel} id="fraud" title="Fraud" shape="fraud" end=${fraudCounts()}
    count=${shown.length} empty="Many orders or a large total raise an alert.">
    <${Windowed} kind="feed alerts" label="h-fraud" items=${shown} keyOf=${keyOf} open=${open} content=${alerted}
      classOf=${(/** @type {Alert} */ each) => `${classOf(each)}${goesOn(each, now.value) ? '' : ' ended'}`} />
  <//>`;
}

/** @param {Entry} entry */
const deadLetter = (entry) => html`<span class="mono" title=${entry.orderId}>${shortId(entry.orderId) || 'no id'}</span>
  <span class="reason"><bdi>${entry.detail}</bdi></span>
  <span class="sub">${entry.who ? html`<bdi>${entry.who}</bdi>` : html`<${Who} of=${entry} />`}</span>
  <span><span class="mono quiet opt">${entry.offset >= 0 ? `@${entry.offset} ` : ''}</span><${Time} at=${entry.at} /></span>`;

function DeadLetters() {
  const shown = dead.value.filter(matches);
  const records = topicOf('orders-dlq')?.records;
  return html`<${Panel} id="dead" title="Dead letters" end=${records !== undefined && html`<a href="/inspector.html#orders-dlq" title="Look at them, and send them again">${grouped(records)} in orders-dlq</a>`}
    count=${shown.length} empty="What fails after retryCount 2 ends here.">
    <${Windowed} kind="feed dead" label="h-dead" items=${shown} keyOf=${keyOf} classOf=${classOf} open=${open}
      content=${deadLetter} />
  <//>`;
}

/** @param {{owners?: unknown}} props  what stands in place of the owners of partitions, where there are none */
export const Dock = ({ owners }) => html`<div class="dock" id="dock">
  ${owners ?? html`<${OwnershipPanel} />`}<${Notifications} /><${Audit} /><${Fraud} /><${DeadLetters} />
</div>`;
