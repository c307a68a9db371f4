import { html } from '../../html.js';
import { behind } from '../../inspector/history.js';
import { configs } from '../../inspector/configs.js';
import { hashOf } from '../../inspector/route.js';
import { keepsText } from '../../inspector/settings_text.js';
import { sizeText } from '../../inspector/bytes.js';
import { go, history, route, serverNow, system } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { Shape } from '../icon.js';
import { lagSeconds, seconds } from './parts.js';

/** @import { Group, Topic } from '../../inspector/types.js' */

/** A click anywhere in a row follows its link. @param {Event} event  @param {() => void} open */
export function onRow(event, open) {
  if (event.target instanceof HTMLElement && event.target.closest('a, button, input')) return;
  open();
}

/** How much a topic grows: records a second. @param {Topic} topic */
export function rateOf({ name, partitions }) {
  const rates = partitions.map(({ partition }) => history.value.recent.rate(`${name}/${partition}`));
  return rates.some((each) => each === undefined) ? undefined : rates.reduce((/** @type {number} */ sum, each) => sum + (each ?? 0), 0);
}

/** @param {number | undefined} rate */
export const rateText = (rate) => (rate === undefined ? '–' : rate === 0 ? '0' : rate < 100 ? rate.toFixed(1) : grouped(Math.round(rate)));

/** @param {{of: Topic}} props */
export function Keeps({ of: { name, cleanupPolicy } }) {
  if (cleanupPolicy === 'compact') return html`<span class="tag">compact</span>`;
  const text = keepsText(configs.value.get(name));
  return html`<span title=${text}>${text.split(', ')[0]}</span>`;
}

/** The largest of its partitions. @param {Group} group */
export function groupBehind(group) {
  const known = group.partitions.map((each) => lagSeconds(each) ?? behind([history.value.recent, history.value.long], each, serverNow.value)).filter((each) => each !== undefined);
  return known.reduce((most, each) => (each.ms > most.ms ? each : most), { ms: 0, atLeast: false });
}

/** Whose shape a group has. @param {string} group */
export const shapeOf = (group) => group.replace(/-group$/, '');

/** Topics of Kafka's own begin with two underscores. @param {string} name */
const isInternal = (name) => name.startsWith('__');

/** @param {{of: Topic}} props */
function TopicRow({ of }) {
  const isOpen = route.value.view === 'topic' && route.value.topic === of.name;
  const open = () => go({ view: 'topic', topic: of.name });
  return html`<tr class=${`${isOpen ? 'sel' : ''}${isInternal(of.name) ? ' sys' : ''}`} onClick=${(/** @type {Event} */ event) => onRow(event, open)}>
    <td class="mono name"><a href=${hashOf({ view: 'topic', topic: of.name })} aria-current=${isOpen ? 'page' : undefined} title=${of.name}>${of.name}</a></td>
    <td class="num opt">${of.partitions.length}</td><td class="num">${grouped(of.records)}</td>
    <td class="num">${sizeText(of.sizeBytes)}</td><td class="opt"><${Keeps} of=${of} /></td><td class="num">${rateText(rateOf(of))}</td></tr>`;
}

function Topics() {
  const topics = (system.value?.topics ?? []).toSorted((a, b) => Number(isInternal(a.name)) - Number(isInternal(b.name)));
  return html`<section><h2 id="h-topics"><a href="#/">Topics</a> <span>${topics.length}</span></h2>
    <table class="grid" aria-labelledby="h-topics"><thead><tr><th scope="col">name</th><th scope="col" class="num opt">part.</th><th scope="col" class="num">records</th>
      <th scope="col" class="num">size</th><th scope="col" class="opt">keeps</th><th scope="col" class="num"><abbr title="records a second, over 10 s">/ s</abbr></th></tr></thead>
      <tbody>${topics.map((each) => html`<${TopicRow} key=${each.name} of=${each} />`)}</tbody></table></section>`;
}

/** @param {{of: Group}} props */
function GroupRow({ of }) {
  const isOpen = route.value.view === 'groups' && route.value.group === of.group;
  const open = () => go({ view: 'groups', group: of.group });
  return html`<tr class=${isOpen ? 'sel' : ''} onClick=${(/** @type {Event} */ event) => onRow(event, open)}>
    <td class="name"><span class="gname"><${Shape} of=${shapeOf(of.group)} /><a href=${hashOf({ view: 'groups', group: of.group })} aria-current=${isOpen ? 'page' : undefined} title=${of.group}><bdi>${of.group}</bdi></a></span></td>
    <td>${of.state}</td><td class="num opt">${of.membersKnown ? of.members.length : '–'}</td><td class="num">${grouped(of.lag)}</td>
    <td class="num">${of.lag === 0 ? '0' : seconds(groupBehind(of))}</td></tr>`;
}

function Groups() {
  const groups = system.value?.groups ?? [];
  return html`<section><h2 id="h-groups"><a href="#/groups">Consumer groups</a> <span>${groups.length}</span></h2>
    <table class="grid" aria-labelledby="h-groups"><thead><tr><th scope="col">group</th><th scope="col">state</th><th scope="col" class="num opt">members</th>
      <th scope="col" class="num">lag</th><th scope="col" class="num">behind</th></tr></thead>
      <tbody>${groups.map((each) => html`<${GroupRow} key=${each.group} of=${each} />`)}</tbody></table>
    ${groups.length === 0 && html`<p class="why">No group has committed anything yet.</p>`}</section>`;
}

/** @type {Record<string, [string, string]>} */
const sentences = {
  messages: ['What is shown', 'Filters run on the server, and they stand in the address of this page. A value that is no JSON cannot be judged by a path: it is shown and never hidden in silence. Offsets keep the place of markers and of what compaction took, so gaps are normal.'],
  compacted: ['What compaction keeps', 'The newest record of each key stays. Older ones are struck through here until the cleaner removes them. A record with the value null, a tombstone, deletes its key and goes itself some time later. Offsets never change, so gaps are normal.'],
  settings: ['What a setting says', 'Settings that this topic changes stand first and are marked. All others have the value that the broker gives to every topic.'],
  reasons: ['What redrive does', 'It produces the record again, with its key, to the topic in kafka_dlt-original-topic, at the end. retryCount is left out, so notification starts from the first try. redriveCount counts the trips: above 3 it asks again. The dead letter itself stays, and redriveOffset in the record names it: one that was redriven already asks again, too.'],
  groups: ['What lag says', 'Log end minus committed. Records tell how much work waits; seconds tell how old the oldest unread record is. A flat trend is fine at any height. A rising one means the group is slower than the producers.'],
  topics: ['What a topic is', 'A log in partitions. Records are appended and keep their offset for ever. Each group of consumers has its own position in each partition: its lag is what lies between that position and the end.'],
};

/** @param {{about: string}} props */
const Why = ({ about }) => {
  const [title, text] = sentences[about] ?? sentences.messages;
  return html`<section class="wide-only"><h2>${title}</h2><p class="why">${text}</p></section>`;
};

/** @param {{about: string}} props */
export const Side = ({ about }) => html`<aside class="side" aria-label="Topics and groups"><${Topics} /><${Groups} /><${Why} about=${about} /></aside>`;
