import { signal } from '/vendor/preact-signals.js';
import { useEffect, useRef, useState } from '/vendor/preact-hooks.js';

import { command } from '../../api.js';
import { html } from '../../html.js';
import { resetOffsets } from '../../inspector/api.js';
import { resetLines } from '../../inspector/command_lines.js';
import { topicsOf } from '../../inspector/history.js';
import { announce, say, system, where } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { Dialog } from '../dialog.js';
import { Icon, Shape } from '../icon.js';
import { whyNot } from '../control_access.js';
import { Choice, Command, count } from './parts.js';
import { shapeOf } from './side.js';

/** The group whose offsets are about to be reset; empty: none. */
export const resetting = signal('');

/** @typedef {{topic: string, partition: number, before: number | null, after: number, startOffset: number, endOffset: number, note?: string}} Moved */
/** @typedef {{error: string, field: string, moved: Moved[], seen: string, members: string[], isDone: boolean}} Plan */

/** @type {[string, string][]} */
const targets = [['earliest', 'earliest'], ['latest', 'latest'], ['current', 'current'], ['offset', 'offset'], ['shift', 'shift by'], ['time', 'time'], ['duration', 'duration']];

/** @type {Record<string, [string, string]>} label and explanation of the value */
const values = {
  offset: ['Offset', 'the same in each partition, kept inside the log'],
  shift: ['Shift by', 'records; below zero is back'],
  time: ['Time', 'first record at or after it, per partition'],
  duration: ['Duration', 'ISO 8601, back from now: PT1H30M'],
};

/** @param {string} to  @returns {string} */
function firstValue(to) {
  if (to === 'time') return new Date(Date.now() - 600_000).toISOString().slice(0, 19) + 'Z';
  return { offset: '0', shift: '-100', duration: 'PT10M' }[to] ?? '';
}

/** @param {string} to  @param {string} value */
const valueOf = (to, value) => (['offset', 'shift'].includes(to) && /^[+-]?\d+$/.test(value) ? Number(value) : value);

/** Where the offset goes, in the picture of the log. @param {{of: Moved}} props */
function Strip({ of: { before, after, startOffset, endOffset } }) {
  const at = (/** @type {number} */ offset) => 6 + 148 * (Math.min(Math.max(offset, startOffset), endOffset) - startOffset) / Math.max(1, endOffset - startOffset);
  const from = at(before ?? startOffset);
  return html`<svg class="strip-log" viewBox="0 0 160 12" aria-hidden="true"><line x1="6" x2="154" y1="6" y2="6" />
    <rect x=${Math.min(from, at(after))} width=${Math.abs(from - at(after))} y="3" height="6" /><circle cx=${from} cy="6" r="4" /><circle class="to" cx=${at(after)} cy="6" r="4" /></svg>`;
}

/** @param {{plan: Plan}} props */
const Table = ({ plan }) => html`<table class="grid" id="reset-plan"><caption class="sr">Offsets before and after</caption><thead><tr><th scope="col">${plan.isDone ? 'done' : 'dry run'}</th><th scope="col" class="num">committed</th>
    <th scope="col" class="num">new</th><th scope="col" class="num">change</th><td class="opt"></td></tr></thead>
  <tbody>${plan.moved.map((each) => html`<tr key=${`${each.topic}/${each.partition}`}><th scope="row" class="mono">${each.topic} p${each.partition}</th>
    <td class="num">${each.before === null ? '–' : grouped(each.before)}</td><td class="num"><b>${grouped(each.after)}</b></td>
    <td class="num">${each.before === null ? '–' : `${each.after > each.before ? '+' : ''}${each.after - each.before}`}</td><td class="opt"><${Strip} of=${each} /></td></tr>
    ${each.note && html`<tr><td colspan="5" class="quiet wrap">${each.note}</td></tr>`}`)}</tbody></table>`;

/** What the reset means. @param {{plan: Plan, group: string}} props */
function Meaning({ plan: { moved, members }, group }) {
  const again = moved.reduce((sum, { before, after, startOffset }) => sum + Math.max(0, (before ?? startOffset) - after), 0);
  const skipped = moved.reduce((sum, { before, after, startOffset }) => sum + Math.max(0, after - (before ?? startOffset)), 0);
  const sends = group === 'notification-group' && again > 0 ? ` notification sends a message for each, so customers would get up to ${grouped(again)} repeats.` : '';
  return html`<p class="note">${again > 0 && html`<b>${grouped(again)} ${count(again, 'record')} would be read again.</b>${sends} `}${skipped > 0 && html`<b>${grouped(skipped)} ${count(skipped, 'record')} would never be read by this group.</b> `}
    ${again + skipped === 0 && 'No offset would change. '}${members.length > 0 && html`Kafka refuses while the group has members: <b><bdi>${members.join(', ')}</bdi> ${members.length === 1 ? 'is' : 'are'} running.</b>`}</p>`;
}

/** Members that this system can stop. @param {string[]} members */
const ours = (members) => (system.value?.modules ?? []).filter(({ instance, state }) => members.includes(instance) && ['running', 'paused'].includes(state));

/** @param {{group: string}} props */
export function Reset({ group }) {
  const known = system.value?.groups.find((each) => each.group === group);
  const topics = topicsOf(known ?? { partitions: [] });
  const [to, chooseTo] = useState('earliest');
  const [value, type] = useState('');
  const [left, leave] = useState(/** @type {string[]} */ ([]));
  const [plan, know] = useState(/** @type {Plan | undefined} */ (undefined));
  const [busy, work] = useState(false);
  const turn = useRef(0);
  const parts = (known?.partitions ?? []).map(({ topic, partition }) => `${topic}:${partition}`);
  const kept = parts.filter((each) => !left.includes(each));
  const close = () => (resetting.value = '');
  const named = left.length === 0 ? undefined : topics.map((topic) => `${topic}:${kept.filter((each) => each.startsWith(`${topic}:`)).map((each) => each.slice(topic.length + 1)).join(',')}`).filter((each) => !each.endsWith(':'));
  const body = { to, ...(values[to] ? { value: valueOf(to, value) } : {}), ...(named ? { topics: named } : {}) };
  const members = known?.members.map(({ clientId }) => clientId).join() ?? '';

  async function look() {
    const own = ++turn.current;
    if (kept.length === 0 || (values[to] && !value)) return know(undefined);
    const answer = await resetOffsets(group, { ...body, dryRun: true });
    if (own !== turn.current) return undefined;
    return know({ error: answer.error, field: Object.values(answer.fields).join(' '), moved: answer.body?.partitions ?? [], seen: answer.header('etag'), members: answer.body?.members ?? [], isDone: false });
  }
  async function apply() {
    work(true);
    const answer = await resetOffsets(group, body, plan?.seen);
    work(false);
    if (answer.unknown) return know({ ...(plan ?? { moved: [], seen: '', members: [] }), error: 'Whether the offsets were reset is not known: the server did not answer. Look at the group.', field: '', isDone: false });
    if (answer.error) return know({ ...(plan ?? { moved: [], seen: '', members: [] }), error: answer.status === 412 ? 'Somebody else has changed the offsets since the dry run. Look again.' : answer.error, field: '', isDone: false });
    announce(`The offsets of ${group} are reset.`);
    return know({ error: '', field: '', moved: answer.body.partitions, seen: '', members: [], isDone: true });
  }
  useEffect(() => void look(), [to, value, left, members]);
  const choose = (/** @type {string} */ next) => {
    chooseTo(next);
    type(firstValue(next));
  };
  const why = whyNot() || (busy ? 'it is being done' : !plan || plan.moved.length === 0 ? 'there is nothing to reset yet' : plan.members.length > 0 ? `${plan.members.join(', ')} ${count(plan.members.length, 'reads', 'read')}` : plan.field || '');
  const stoppable = ours(plan?.members ?? []);
  const lines = resetLines(where.value, group, { to, value, topics: named ?? [], execute: Boolean(plan && !plan.members.length) });
  return html`<${Dialog} label=${`Reset offsets of ${group}`} close=${close} kind="wide">
    <header><h2 class="gname"><${Shape} of=${shapeOf(group)} />Reset offsets of <bdi>${group}</bdi></h2><button class="icon" aria-label="Close" title="Close (Esc)" onClick=${close}><${Icon} name="x" /></button></header>
    <div class="line"><span>Move to</span><${Choice} label="Move to" of=${targets} value=${to} choose=${choose} /></div>
    ${values[to] && html`<div class="line"><label for="reset-value">${values[to][0]}</label><span class="row"><input class="input mono" id="reset-value" value=${value} autocomplete="off" aria-invalid=${plan?.field ? 'true' : undefined} aria-describedby="reset-why"
      onInput=${(/** @type {any} */ event) => type(event.currentTarget.value.trim())} /><span class="quiet">${values[to][1]}</span></span></div>`}
    <div class="line"><span>Partitions</span><span class="row wrap">${parts.map((each) => html`<label key=${each} class="check"><input type="checkbox" checked=${!left.includes(each)} onChange=${() => leave(left.includes(each) ? left.filter((other) => other !== each) : [...left, each])} />${each.replace(':', ' p')}</label>`)}</span></div>
    ${plan && plan.moved.length > 0 && html`<${Table} plan=${plan} />`}
    ${plan && !plan.isDone && plan.moved.length > 0 && html`<${Meaning} plan=${plan} group=${group} />`}
    <p class="wrong" id="reset-why" role="alert"><bdi>${plan?.field || plan?.error}</bdi></p>
    <${Command} lines=${lines} />
    <footer><span class="quiet" role="status">${plan?.isDone ? 'Done. The group begins there when it reads again.' : whyNot() || 'Nothing has changed yet.'}</span><button class="btn" onClick=${close}>${plan?.isDone ? 'Close' : 'Cancel'}</button>
      ${stoppable.length > 0 && html`<button class="btn" id="stop-members" onClick=${async () => {
        for (const { instance } of stoppable) {
          const { error } = await command(instance, 'stop');
          if (error) say(`${instance} was not stopped: ${error}`);
        }
      }}>Stop ${stoppable.length === 1 ? stoppable[0].instance : `${stoppable.length} members`}</button>`}
      ${!plan?.isDone && html`<button class="btn primary" id="apply-reset" aria-disabled=${why ? 'true' : undefined} title=${why} onClick=${() => !why && void apply()}>Reset ${kept.length} ${count(kept.length, 'partition')}</button>`}</footer>
  <//>`;
}
