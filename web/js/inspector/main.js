import { effect } from '/vendor/preact-signals.js';
import { render } from '/vendor/preact.js';

import { checkAccess, startAccess } from '../access.js';
import { html } from '../html.js';
import { TokenField } from '../view/control_access.js';
import { GroupsView } from '../view/inspector/groups.js';
import { Help, listen } from '../view/inspector/help.js';
import { Producing } from '../view/inspector/producing.js';
import { Side } from '../view/inspector/side.js';
import { TopBar } from '../view/inspector/top_bar.js';
import { TopicView, tabOf } from '../view/inspector/topic.js';
import { TopicsView } from '../view/inspector/topics.js';
import { startConfigs } from './configs.js';
import { startTopic } from './open_topic.js';
import { placeText } from './route.js';
import { announcement, line, notice, route, start } from './state.js';

const Notice = () => notice.value && html`<div class="notice" role="status"><p>${notice.value}</p>
  <button class="btn small" onClick=${() => (notice.value = '')}>Dismiss</button></div>`;

function Page() {
  const { view, topic } = route.value;
  const about = view === 'topic' ? tabOf(route.value) : view;
  const views = { topics: TopicsView, groups: GroupsView, topic: TopicView };
  return html`<${TopBar} /><${Notice} /><${TokenField} />
    <main class="insp" data-view=${view} data-lost=${['lost', 'silent'].includes(line.value.kind) ? '' : undefined}><${Side} about=${about} /><${views[view]} key=${view + topic} /></main>
    <p class="sr" aria-live="polite" id="announcement">${announcement.value}</p><${Producing} /><${Help} />`;
}

/** What the tab of the browser says. */
function titleOf() {
  const { view, topic, group, partition, offset } = route.value;
  if (view === 'groups') return group || 'Consumer groups';
  if (view === 'topics') return 'Topics';
  return partition === undefined || offset === undefined ? topic : placeText({ topic, partition, offset });
}

startAccess();
void checkAccess();
start();
startConfigs();
startTopic();
render(html`<${Page} />`, /** @type {HTMLElement} */ (document.getElementById('page')));
listen();
effect(() => void (document.title = `${titleOf()} - foodorder inspector`));
