import { html } from '../../html.js';
import { keepsText } from '../../inspector/settings_text.js';
import { configs } from '../../inspector/configs.js';
import { go, line, route, system, topicOf } from '../../inspector/state.js';
import { grouped } from '../../text.js';
import { CompactedView } from './compacted.js';
import { DeadLettersView } from './dead_letters.js';
import { MessagesView } from './messages.js';
import { Choice, count } from './parts.js';
import { SettingsView } from './settings.js';

/** Where notification puts what it gave up. */
export const deadLetters = 'orders-dlq';

/** A link to a record opens the messages. @param {import('../../inspector/types.js').Route} route */
export function tabOf({ topic, query: { tab }, offset }) {
  if (tabsOf(topic).some(([name]) => name === tab)) return tab;
  return offset === undefined ? tabsOf(topic)[0][0] : 'messages';
}

/** @param {string} topic  @returns {[string, string][]} */
const tabsOf = (topic) => [
  ...(topic === deadLetters ? [/** @type {[string, string]} */ (['reasons', 'By reason'])] : []),
  ['messages', 'Messages'], ['compacted', 'Log and compacted'], ['settings', 'Settings'],
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
  const tab = tabOf(route.value);
  const choose = (/** @type {string} */ next) => {
    const record = ['messages', 'compacted'].includes(next) ? {} : { partition: undefined, offset: undefined };
    go({ ...route.value, ...record, query: { ...query, tab: next === tabsOf(name)[0][0] ? '' : next } });
  };
  const view = { messages: MessagesView, compacted: CompactedView, settings: SettingsView, reasons: DeadLettersView }[tab];
  return html`<div class="main"><div class="head"><h2 id="title" tabindex="-1">${name}</h2>
      <span class="facts-line">${factsOf(topic)}</span><${Choice} label="View" of=${tabsOf(name)} value=${tab} choose=${choose} /></div>
    <${view} key=${name} topic=${topic} /></div>`;
}
