import { useEffect } from '/vendor/preact-hooks.js';

import { html } from '../../html.js';
import { sizeText } from '../../inspector/bytes.js';
import { topicLines } from '../../inspector/command_lines.js';
import { detail, readDetail } from '../../inspector/open_topic.js';
import { meaningOf } from '../../inspector/settings_text.js';
import { history, readersOf, where } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { Shape } from '../icon.js';
import { Command, Offset } from './parts.js';
import { rateText, shapeOf } from './side.js';

/** @import { Topic } from '../../inspector/types.js' */

/** @param {{topic: Topic}} props */
function Partitions({ topic: { name, partitions } }) {
  const readers = readersOf(name);
  return html`<h3 class="sec-h" id="h-partitions">Partitions</h3><table class="grid" aria-labelledby="h-partitions"><thead><tr><th scope="col">partition</th><th scope="col" class="num">first offset</th>
      <th scope="col" class="num">next offset</th><th scope="col" class="num">records</th><th scope="col" class="num">size</th><th scope="col" class="num">records / s</th>
      ${readers.map(({ group }) => html`<th key=${group} scope="col" class="num"><span class="gname"><${Shape} of=${shapeOf(group)} /><bdi>${group}</bdi></span></th>`)}</tr></thead>
    <tbody>${partitions.map(({ partition, startOffset, endOffset, records, sizeBytes }) => html`<tr key=${partition}><th scope="row" class="mono">p${partition}</th>
      <td class="num">${startOffset < endOffset ? html`<${Offset} topic=${name} partition=${partition} offset=${startOffset} text=${grouped(startOffset)} />` : grouped(startOffset)}</td>
      <td class="num">${startOffset < endOffset ? html`<${Offset} topic=${name} partition=${partition} offset=${endOffset - 1} text=${grouped(endOffset)} />` : grouped(endOffset)}</td>
      <td class="num">${grouped(records)}</td><td class="num">${sizeText(sizeBytes)}</td><td class="num">${rateText(history.value.recent.rate(`${name}/${partition}`))}</td>
      ${readers.map(({ group, partitions: own }) => {
        const lag = own.find((each) => each.topic === name && each.partition === partition)?.lag;
        return html`<td key=${group} class="num">${lag === undefined ? '–' : lag === 0 ? 'up to date' : `${grouped(lag)} behind`}</td>`;
      })}</tr>`)}</tbody></table>`;
}

/** Settings as the bus tells them: with one sentence each, and whether this topic changes it. @param {{topic: Topic}} props */
function Settings({ topic }) {
  const { detail: known, error } = detail.value.topic === topic.name ? detail.value : { detail: undefined, error: '' };
  const settings = (known?.settings ?? []).toSorted((a, b) => Number(b.changed) - Number(a.changed) || (a.name < b.name ? -1 : 1));
  const changed = settings.filter((each) => each.changed).length;
  return html`<h3 class="sec-h" id="h-settings">Settings <span>${settings.length > 0 && `${changed} changed, ${settings.length - changed} as the broker has them`}</span></h3>
    ${error && html`<p class="trouble" role="status">${error} <button class="btn small" onClick=${() => void readDetail(topic.name)}>Try again</button></p>`}
    ${known && settings.length === 0 && html`<p class="empty pad">The bus tells no settings.</p>`}
    <table class="grid settings" aria-labelledby="h-settings"><thead><tr><th scope="col">name</th><th scope="col">value</th><th scope="col">what it does</th></tr></thead>
      <tbody>${settings.map(({ name, value, changed: isChanged, explanation }) => html`<tr key=${name} class=${isChanged ? 'changed' : ''}><th scope="row" class="mono">${name} ${isChanged && html`<i class="tag">changed</i>`}</th>
        <td class="mono"><bdi>${value || '–'}</bdi> <span class="quiet">${meaningOf(name, value)}</span></td><td class="wrap">${explanation || 'A setting that is not known here.'}</td></tr>`)}</tbody></table>`;
}

/** @param {{topic: Topic}} props */
export function SettingsView({ topic }) {
  useEffect(() => void readDetail(topic.name), [topic.name]);
  return html`<div class="sheet-scroll" tabindex="0" role="region" aria-label="Partitions and settings"><${Partitions} topic=${topic} /><${Settings} topic=${topic} /></div>
    <${Command} lines=${topicLines(where.value, topic.name)} />`;
}
