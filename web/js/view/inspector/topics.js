import { html } from '../../html.js';
import { sizeText } from '../../inspector/bytes.js';
import { topicLines } from '../../inspector/command_lines.js';
import { hashOf } from '../../inspector/route.js';
import { go, line, readersOf, system, where } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { Shape } from '../icon.js';
import { Command, count } from './parts.js';
import { Keeps, onRow, rateOf, rateText, shapeOf } from './side.js';

/** @import { Topic } from '../../inspector/types.js' */

/** The groups that read a topic, and the lag of each on it. @param {{of: string}} props */
function Readers({ of }) {
  const readers = readersOf(of);
  if (readers.length === 0) return html`<span class="quiet">nobody</span>`;
  return html`<ul class="readers">${readers.map(({ group, partitions }) => {
    const lag = partitions.filter(({ topic }) => topic === of).reduce((sum, each) => sum + each.lag, 0);
    return html`<li key=${group}><${Shape} of=${shapeOf(group)} /><a href=${hashOf({ view: 'groups', group })}><bdi>${group}</bdi></a> <span class="quiet">${lag === 0 ? 'up to date' : `${grouped(lag)} behind`}</span></li>`;
  })}</ul>`;
}

/** @param {{of: Topic}} props */
const Row = ({ of }) => html`<tr onClick=${(/** @type {Event} */ event) => onRow(event, () => go({ view: 'topic', topic: of.name }))}>
  <td class="mono name"><a href=${hashOf({ view: 'topic', topic: of.name })}>${of.name}</a></td><td class="num">${of.partitions.length}</td>
  <td class="num">${grouped(of.records)}</td><td class="num opt">${of.partitions.map(({ startOffset, endOffset }) => `${grouped(startOffset)}–${grouped(endOffset)}`).slice(0, 4).join(', ')}${of.partitions.length > 4 && ' …'}</td>
  <td class="num">${sizeText(of.sizeBytes)}</td><td class="opt"><${Keeps} of=${of} /></td><td class="num">${rateText(rateOf(of))}</td>
  <td class="wrap"><${Readers} of=${of.name} /></td></tr>`;

/** All topics, and who reads them. */
export function TopicsView() {
  const topics = system.value?.topics ?? [];
  const partitions = topics.reduce((sum, each) => sum + each.partitions.length, 0);
  const none = line.value.kind === 'live' ? 'The bus has no topics yet.' : 'Not known yet.';
  return html`<div class="main"><div class="head"><h2 class="plain" id="title" tabindex="-1">Topics</h2>
      <span class="facts-line">${topics.length} ${count(topics.length, 'topic')}, ${partitions} ${count(partitions, 'partition')}</span></div>
    <div class="sheet-scroll" tabindex="0" role="region" aria-labelledby="title">
      <table class="grid tall"><thead><tr><th scope="col">name</th><th scope="col" class="num">partitions</th><th scope="col" class="num">records</th>
        <th scope="col" class="num opt">offsets, of each partition</th><th scope="col" class="num">size</th><th scope="col" class="opt">keeps</th>
        <th scope="col" class="num">records / s</th><th scope="col">read by</th></tr></thead>
        <tbody>${topics.map((each) => html`<${Row} key=${each.name} of=${each} />`)}</tbody></table>
      ${topics.length === 0 && html`<p class="empty pad">${none}</p>`}</div>
    <${Command} lines=${topicLines(where.value)} /></div>`;
}
