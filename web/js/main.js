import { effect } from '/vendor/preact-signals.js';
import { render } from '/vendor/preact.js';

import { checkAccess, startAccess } from './access.js';
import { isShown, startFirstMinute } from './first_minute.js';
import { html } from './html.js';
import { listen } from './keys.js';
import { opened } from './route.js';
import { story } from './stage.js';
import { announcement, architecture, chartsOpen, codeOpen, life, loaded, notice, presenting, rows, sentence, start, tab } from './state.js';
import { Dialogs } from './view/dialogs.js';
import { FirstMinute } from './view/first_minute.js';
import { lazily } from './view/lazily.js';
import { LedgerBar } from './view/ledger.js';
import { LoadPanel } from './view/load.js';
import { FlowMap } from './view/map.js';
import { OrderForm } from './view/order_form.js';
import { OrderList } from './view/order_list.js';
import { Dock } from './view/panels.js';
import { TopBar } from './view/top_bar.js';

const Notice = () => notice.value && html`<div class="notice" role="status">
  <p>${notice.value}</p><button class="btn small" onClick=${() => (notice.value = '')}>Dismiss</button>
</div>`;

function Sentence() {
  if (isShown.value || story.value) return null;  // the stage has words of its own
  const { text, urgent } = sentence.value;
  const quiet = !loaded.value ? 'Reading the orders …' : rows.value.length === 0 ? 'No orders yet. Place one (n).' : 'Waiting for the next event.';
  return html`<p class=${`caption${urgent ? ' urgent' : ''}`} id="sentence">${text || quiet}</p>`;
}

/** @type {Array<[typeof tab.value, string]>} */
const tabs = [['order', 'Order'], ['map', 'Map'], ['events', 'Events'], ['alerts', 'Alerts']];

const Tabs = () => html`<nav class="tabs-phone" aria-label="Sections">
  ${tabs.map(([name, label]) => html`<button key=${name} aria-current=${name === tab.value ? 'true' : undefined}
    onClick=${() => (tab.value = name)}>${label}</button>`)}
</nav>`;

const Monolith = lazily(() => architecture.value === 'monolith', async () => (await import('./view/monolith.js')).part);
const Rest = lazily(() => architecture.value === 'rest', async () => (await import('./view/rest.js')).part);
/** @param {'map' | 'panel'} part */
const ownPart = (part) => html`<${Monolith} part=${part} /><${Rest} part=${part} />`;
const isEvents = () => ['events', ''].includes(architecture.value);

/** What an order was: its records, or where services call each other, its calls. */
const Journey = lazily(() => opened.value && architecture.value, async () =>
  (await (architecture.value === 'rest' ? import('./view/waterfall.js') : import('./journeys.js'))).Drawer);
const SlowMotion = lazily(() => story.value, async () => (await import('./journeys.js')).SlowMotion);
const LargeCode = lazily(() => codeOpen.value, async () => (await import('./view/room.js')).LargeCode);
const Charts = lazily(() => chartsOpen.value, async () => (await import('./view/charts.js')).Charts);
const Room = lazily(() => presenting.value, async () => (await import('./view/room.js')).Room);

const Page = () => html`
  <${TopBar} />
  <main class="dash" aria-busy=${loaded.value ? undefined : 'true'} data-tab=${tab.value} data-lost=${life.value.look === 'bad' ? '' : undefined}>
    <aside class="left" aria-label="Place and watch orders"><${OrderForm} /><${LoadPanel} /><${OrderList} /></aside>
    <div class="right"><${Notice} />${isEvents() ? html`<${FlowMap} />` : ownPart('map')}<${SlowMotion} />${isShown.value && html`<${FirstMinute} />`}<${Sentence} /><${LedgerBar} /><${Dock} owners=${isEvents() ? undefined : ownPart('panel')} /><${Room} /></div>
    <${Tabs} />
  </main>
  <p class="sr" aria-live="polite" id="announcement">${announcement.value}</p>
  <${Journey} />
  <${Charts} />
  <${LargeCode} />
  <${Dialogs} />`;

render(html`<${Page} />`, /** @type {HTMLElement} */ (document.getElementById('page')));
listen();
start();
startAccess();
let isAsked = false;
effect(() => {  // the first frame comes first
  if (isAsked || !(loaded.value || life.value.look === 'bad')) return;
  isAsked = true;
  void checkAccess();
});
startFirstMinute();
