import { html } from '../../html.js';
import { keepsText } from '../../inspector/settings_text.js';
import { configs } from '../../inspector/configs.js';
import { ask, line, route, system, topicOf } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { MessagesView } from './messages.js';
import { Choice, count } from './parts.js';
import { SettingsView } from './settings.js';

/** @param {string} tab  of the URL; empty: the first */
export const tabOf = (tab) => (tabs.some(([name]) => name === tab) ? tab : tabs[0][0]);

/** @type {[string, string][]} */
const tabs = [
  ['messages', 'Messages'], ['settings', 'Settings'],
];

/** "3 partitions, offsets 0 to 20 467, 0 to 20 430". @param {import('../../inspector/types.js').Topic} topic */
function factsOf({ name, partitions, cleanupPolicy }) {
  const most = 3;
  const ranges = partitions.slice(0, most).map(({ startOffset, endOffset }) => (startOffset === endOffset ? 'none' : `${grouped(startOffset)} to ${grouped(endOffset - 1)}`));
  const keeps = cleanupPolicy === 'compact' ? 'compacted' : keepsText(configs.value.get(name)) === 'all' ? 'keeps all' : `keeps ${keepsText(configs.value.get(name)) || '…'}`;
  return `${partitions.length} ${count(partitions.length, 'partition')}, offsets ${ranges.join(', ')}${partitions.length > most ? ' …' : ''}, ${keeps}`;
}

/** Why there is nothing to see. @param {{name: string}} props */
function Absent({ name }) {
  const isKnown = system.value !== undefined;
  const text = !isKnown ? (line.value.kind === 'live' ? 'Reading the topics …' : 'The topics are not known: the server does not answer.')
    : `There is no topic ${name}. It was deleted, or its name is another.`;
  return html`<div class="main"><div class="head"><h2 id="title" tabindex="-1"><bdi>${name}</bdi></h2></div>
    <p class="trouble" role="status">${text} ${isKnown && html`<a href="#/">All topics</a>`}</p></div>`;
}

/** One topic. */
export function TopicView() {
  const { topic: name, query } = route.value;
  const topic = topicOf(name);
  if (!topic) return html`<${Absent} name=${name} />`;
  const tab = tabOf(query.tab);
  const choose = (/** @type {string} */ next) => ask({ tab: next === tabs[0][0] ? '' : next });
  const view = { messages: MessagesView, settings: SettingsView }[tab];
  return html`<div class="main"><div class="head"><h2 id="title" tabindex="-1">${name}</h2>
      <span class="facts-line">${factsOf(topic)}</span><${Choice} label="View" of=${tabs} value=${tab} choose=${choose} /></div>
    <${view} key=${name} topic=${topic} /></div>`;
}
