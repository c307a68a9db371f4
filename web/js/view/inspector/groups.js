import { signal } from '/vendor/preact-signals.js';

import { html } from '../../html.js';
import { groupLines } from '../../inspector/command_lines.js';
import { behind, topicsOf, trendOf } from '../../inspector/history.js';
import { history, line, route, serverNow, system, where } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { Shape, hueOf } from '../icon.js';
import { Choice, Command, Offset, count, lagSeconds, seconds } from './parts.js';
import { Reset, resetting } from './reset.js';
import { shapeOf } from './side.js';

/** @import { Group, GroupPartition } from '../../inspector/types.js' */

/** Minutes that the lines show. */
const minutes = signal('5');

/** @param {number[]} values  @param {number} most  @param {number} width  @param {number} height  @returns {string} a path, with gaps where nothing is known */
function pathOf(values, most, width, height) {
  const step = width / Math.max(1, values.length - 1);
  let pen = 'M';
  return values.map((value, n) => {
    if (Number.isNaN(value)) {
      pen = 'M';
      return '';
    }
    const point = `${pen}${(n * step).toFixed(1)} ${(height - 1 - (height - 2) * value / Math.max(1, most)).toFixed(1)}`;
    pen = 'L';
    return point;
  }).join('');
}

/** @param {GroupPartition} of  @param {Group} group */
function ownerOf({ topic, partition, owner }, { members }) {
  return owner ?? members.find(({ assignment }) => assignment.some((each) => each.topic === topic && each.partition === partition))?.clientId ?? '';
}

/** @param {{group: Group, of: GroupPartition, most: number, from: number, isFirst: boolean, rows: number}} props */
function Row({ group, of, most, from, isFirst, rows }) {
  const lags = history.value.long.lag(group.group, of.topic, of.partition, from);
  const waits = lagSeconds(of) ?? behind([history.value.recent, history.value.long], of, serverNow.value);
  const trend = trendOf(lags);
  const owner = ownerOf(of, group);
  return html`<tr class=${`${hueOf(shapeOf(group.group))}${isFirst ? ' lead' : ''}`}>${isFirst && html`<${GroupCell} of=${group} rows=${rows} />`}
    <td class="mono">${of.topic} p${of.partition}</td><td class="wide-col"><bdi>${owner || html`<span class="quiet">nobody</span>`}</bdi></td>
    <td class="num wide-col">${of.committedOffset === null ? html`<span class="quiet">nothing yet</span>` : of.committedOffset < of.endOffset
      ? html`<${Offset} topic=${of.topic} partition=${of.partition} offset=${of.committedOffset} text=${grouped(of.committedOffset)} />` : grouped(of.committedOffset)}</td>
    <td class="num wide-col">${of.endOffset > 0 ? html`<${Offset} topic=${of.topic} partition=${of.partition} offset=${of.endOffset - 1} text=${grouped(of.endOffset)} />` : '0'}</td>
    <td class="num lagn">${grouped(of.lag)}</td>
    <td class="bar-cell opt"><svg class="lag" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="ax" width="1" height="8" /><rect class="lb" width=${100 * of.lag / Math.max(1, most)} y="1" height="6" /></svg></td>
    <td class="num">${of.lag === 0 ? '0' : waits ? seconds(waits) : '–'}</td>
    <td class="opt"><svg class="spark" viewBox="0 0 160 18" preserveAspectRatio="none" aria-hidden="true"><path d=${pathOf(lags, most, 160, 18)} /></svg></td>
    <td class=${`trend-${trend}`}>${trend || html`<span class="quiet">not known yet</span>`}</td></tr>`;
}

/** @param {{of: Group, rows: number}} props */
const GroupCell = ({ of, rows }) => html`<th scope="rowgroup" class="gcell" rowspan=${rows}><span class="gname"><${Shape} of=${shapeOf(of.group)} /><a href=${`#/groups/${encodeURIComponent(of.group)}`}><bdi>${of.group}</bdi></a></span>
  <span class="quiet">${of.state}${of.membersKnown ? `, ${of.members.length} ${count(of.members.length, 'member')}` : ', members of a protocol that is not known here'}</span>
  ${of.type !== 'consumer' && html`<span class="quiet">${of.type} group</span>`}
  <button class="btn small" data-reset=${of.group} onClick=${() => (resetting.value = of.group)}>Reset offsets</button></th>`;

/** Lag of each group over time, all on one scale. @param {{groups: Group[], from: number}} props */
function Charts({ groups, from }) {
  const series = groups.map((group) => {
    const all = group.partitions.map((each) => history.value.long.lag(group.group, each.topic, each.partition, from));
    const lags = (all[0] ?? []).map((_, n) => all.reduce((sum, lag) => sum + (lag[n] ?? NaN), 0));
    return { group, lags, peak: Math.max(0, ...lags.filter((lag) => !Number.isNaN(lag))), trend: trendOf(lags) };
  });
  const most = Math.max(1, ...series.map(({ peak }) => peak));
  return html`<h3 class="sec-h">Lag per group <span>last ${minutes.value} min as far as this browser looked, one scale for all: 0 to ${grouped(most)} ${count(most, 'record')}</span></h3>
    <div class="multi">${series.map(({ group, lags, peak, trend }) => html`<figure key=${group.group} class=${hueOf(shapeOf(group.group))}>
      <figcaption><${Shape} of=${shapeOf(group.group)} /><b><bdi>${group.group}</bdi></b> <span class="quiet">peak ${grouped(peak)}${trend && `, ${trend}`}</span></figcaption>
      <svg viewBox="0 0 300 120" preserveAspectRatio="none" role="img" aria-label=${`Lag of ${group.group}: now ${group.lag}, peak ${peak}${trend && `, ${trend}`}`}>
        <line x2="300" y1="1" y2="1" /><line class="mid" x2="300" y1="60" y2="60" /><line x2="300" y1="119" y2="119" /><path d=${pathOf(lags, most, 300, 120)} /></svg>
      <p class="ax"><span>-${minutes.value} min</span><span>now</span></p></figure>`)}</div>`;
}

/** @param {{of: Group}} props */
const Members = ({ of }) => html`<h3 class="sec-h" id="h-members">Members <span>${of.membersKnown ? of.members.length : 'not known'}</span></h3>
  <table class="grid" aria-labelledby="h-members"><thead><tr><th scope="col">client id</th><th scope="col">member id</th><th scope="col">reads</th></tr></thead>
    <tbody>${of.members.map(({ memberId, clientId, assignment }) => html`<tr key=${memberId}><th scope="row"><bdi>${clientId}</bdi></th><td class="mono"><bdi>${memberId}</bdi></td>
      <td class="mono wrap">${assignment.length === 0 ? html`<span class="quiet">nothing: it is idle</span>` : assignment.map(({ topic, partition }) => `${topic} p${partition}`).join(', ')}</td></tr>`)}</tbody></table>
  ${of.members.length === 0 && html`<p class="empty pad">${of.membersKnown ? 'It has no members: its offsets can be reset.' : 'The broker does not tell this client.'}</p>`}`;

/** Consumer groups: all, or one. */
export function GroupsView() {
  const all = system.value?.groups ?? [];
  const { group: name } = route.value;
  const groups = name ? all.filter(({ group }) => group === name) : all;
  const lag = groups.reduce((sum, each) => sum + each.lag, 0);
  const members = groups.reduce((sum, each) => sum + each.members.length, 0);
  const most = Math.max(10, ...groups.flatMap(({ partitions }) => partitions.map((each) => each.lag)));
  const from = serverNow.value - Number(minutes.value) * 60_000;
  const none = line.value.kind !== 'live' ? 'Not known yet.' : name ? `There is no group ${name}.` : 'No group has committed anything yet.';
  return html`<div class="main"><div class="head"><h2 class="plain" id="title" tabindex="-1">${name ? html`<bdi>${name}</bdi>` : 'Consumer groups'}</h2>
      <span class="facts-line">${name ? topicsOf(groups[0] ?? { partitions: [] }).join(', ') : `${groups.length} ${count(groups.length, 'group')}`}, ${members} ${count(members, 'member')}, ${grouped(lag)} ${count(lag, 'record')} waiting</span>
      <${Choice} label="Time" of=${[['5', '5 min'], ['30', '30 min']]} value=${minutes.value} choose=${(/** @type {string} */ to) => (minutes.value = to)} /></div>
    <div class="sheet-scroll" tabindex="0" role="region" aria-labelledby="title">
      <table class="grid gt"><thead><tr><th scope="col">group</th><th scope="col">partition</th><th scope="col" class="wide-col">owner</th><th scope="col" class="num wide-col">committed</th><th scope="col" class="num wide-col">log end</th>
        <th scope="col" class="num">lag</th><td class="opt"></td><th scope="col" class="num">behind</th><th scope="col" class="opt">lag, ${minutes.value} min, scale 0 to ${grouped(most)}</th><th scope="col">trend</th></tr></thead>
        ${groups.map((group) => html`<tbody key=${group.group}>${group.partitions.length === 0 ? html`<tr class="lead"><${GroupCell} of=${group} rows=${1} /><td colspan="9" class="quiet">It has committed nothing, and reads nothing.</td></tr>`
          : group.partitions.map((of, n) => html`<${Row} key=${`${of.topic}/${of.partition}`} group=${group} of=${of} most=${most} from=${from} isFirst=${n === 0} rows=${group.partitions.length} />`)}</tbody>`)}</table>
      ${groups.length === 0 && html`<p class="empty pad">${none}</p>`}
      ${name && groups[0] && html`<${Members} of=${groups[0]} />`}
      ${groups.length > 0 && html`<${Charts} groups=${groups} from=${from} />`}</div>
    <${Command} lines=${groupLines(where.value, name)} />
    ${resetting.value && html`<${Reset} key=${resetting.value} group=${resetting.value} />`}</div>`;
}
