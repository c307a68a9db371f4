import { useState } from '/vendor/preact-hooks.js';

import { add, adding, ask, askedOf } from '../commands.js';
import { actionsOf, commonSetting, whyFull } from '../controls.js';
import { html } from '../html.js';
import { factsOf, partitionWords } from '../map.js';
import { lineOf, rateText } from '../rates.js';
import { rates } from '../state.js';
import { grouped } from '../text.js';
import { whyNot } from './control_access.js';
import { Icon, Shape, hueOf } from './icon.js';

/** @import { Member, Team } from '../controls.js' */

/** @type {Record<string, {icon: string, label: string}>} */
const buttons = {
  pause: { icon: 'pause', label: 'Pause' },
  resume: { icon: 'pause', label: 'Resume' },
  stop: { icon: 'stop', label: 'Stop' },
  crash: { icon: 'crash', label: 'Crash' },
};

/**
 * Pressed from the click until module-status answers. A control that cannot be used stays in the tab order and says why.
 * @param {{instance: string, action: string, state: string}} props
 */
export function Command({ instance, action, state }) {
  const waits = askedOf(instance).some((each) => each.action === action);
  const possible = actionsOf(state).includes(action);
  const why = whyNot() || (possible ? '' : `${instance} is ${state}`);
  const on = waits || action === 'resume';
  const press = () => !why && !waits && void ask(instance, action);
  const common = { 'aria-disabled': why || waits ? 'true' : undefined, 'data-action': action, onClick: press };
  if (action === 'start') return html`<button class=${`btn small${on ? ' pressed' : ''}`} title=${why} ...${common}
    aria-label=${`Start ${instance}`}>${waits ? 'Starting …' : 'Start'}</button>`;
  const { icon, label } = buttons[action];
  return html`<button class=${`icon${on ? ' pressed' : ''}`} aria-pressed=${String(on)} title=${why ? `${label}: ${why}` : label}
    aria-label=${`${label} ${instance}`} ...${common}><${Icon} name=${icon} /></button>`;
}

/** @param {string} state */
export function shownActions(state) {
  if (['stopped', 'crashed'].includes(state)) return ['start'];
  if (state === 'failed') return ['start', 'stop'];
  return [state === 'paused' ? 'resume' : 'pause', 'stop', 'crash'];
}

/**
 * A slider whose value is sent when it is let go; until the answer it shows what was asked for.
 * @param {{of: Member, name: string, label: string, max: number, step: number, scale: number, unit: string}} props
 */
export function Slider({ of: { module }, name, label, max, step, scale, unit }) {
  const waits = askedOf(module.instance).find((each) => name in each.settings);
  const [moved, setMoved] = useState(/** @type {number | undefined} */ (undefined));
  const value = moved ?? Number(waits?.settings[name] ?? module.settings?.[name] ?? 0);
  const why = whyNot();
  const read = (/** @type {Event} */ event) => Number(/** @type {HTMLInputElement} */ (event.target).value) / scale;
  const shown = Math.round(value * scale);
  return html`<label class=${`slider${waits ? ' waits' : ''}`} title=${why}><span>${label}</span><output>${grouped(shown)} ${unit}</output>
    <input type="range" min="0" max=${max * scale} step=${step * scale} value=${shown} disabled=${Boolean(why)}
      aria-label=${`${label} of ${module.instance}`} aria-valuetext=${`${shown} ${unit}`} data-setting=${name}
      onInput=${(/** @type {Event} */ event) => setMoved(read(event))}
      onChange=${(/** @type {Event} */ event) => {
        setMoved(undefined);
        void ask(module.instance, 'configure', { [name]: read(event) });
      }} /></label>`;
}

/** @param {Member} member  what it is, and what it reads */
function stateOf({ module, owns, idle }) {
  const word = module.state === 'running' && !module.ready ? 'running, catching up' : module.state;
  if (idle) return idle;
  if (owns.length === 0) return word;
  const still = ['crashed', 'lost', 'failed'].includes(module.state) ? ', still owns' : '';
  return html`${word}${still} <span class="mono">${owns.join(' ')}</span>`;
}

/** How fast it reads, over half a minute. @param {{instance: string}} props */
function Rate({ instance }) {
  const mine = rates.value.get(instance) ?? [];
  return html`<div class="rate"><svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true"><path d="M0 23.500H100" /><polyline points=${lineOf(mine)} /></svg>
    <span title="records read a second">${rateText(mine)}</span></div>`;
}

/** @param {{of: Member}} props */
export function MemberRow({ of: member }) {
  const { module, lag } = member;
  const { instance, state, settings = {} } = module;
  const unanswered = askedOf(instance).some((each) => each.unanswered);
  return html`<li class=${`member ${hueOf(module.kind)} is-${state}${member.idle ? ' is-idle' : ''}`} data-instance=${instance} data-member=${instance}>
    <div class="who"><b>${instance}</b><span class="state">${stateOf(member)}</span>
      ${unanswered && html`<span class="state note" role="status">asked, no answer yet</span>`}
      ${module.error && html`<span class="state bad"><bdi>${module.error}</bdi></span>`}</div>
    <div class="lag"><b>${grouped(lag)}</b><span>lag</span></div>
    <${Rate} instance=${instance} />
    ${'failRate' in settings && html`<div class="sliders">
      <${Slider} of=${member} name="failRate" label="fail rate" max=${1} step=${0.05} scale=${100} unit="%" />
      ${'workMs' in settings && html`<${Slider} of=${member} name="workMs" label="work" max=${1000} step=${10} scale=${1} unit="ms" />`}
    </div>`}
    ${!('failRate' in settings) && html`<div class="report">${factsOf(module).map((fact) => html`<span key=${fact}>${fact}</span>`)}</div>`}
    <div class="acts">${shownActions(state).map((action) => html`<${Command} key=${action} instance=${instance} action=${action} state=${state} />`)}</div>
  </li>`;
}

const failModes = [['dlq', 'dlq'], ['drop', 'drop'], ['retry-forever', 'retry forever']];

/** @param {{of: Team}} props */
function FailMode({ of: team }) {
  const mode = commonSetting(team, 'failMode');
  const asked = team.members.flatMap(({ module }) => askedOf(module.instance)).find((each) => 'failMode' in each.settings);
  const shown = asked?.settings.failMode ?? mode;
  const why = whyNot();
  const choose = (/** @type {string} */ failMode) => !why && team.members.forEach(({ module }) => void ask(module.instance, 'configure', { failMode }));
  return html`<div class="fail-mode"><span class="quiet" id="fail-mode">after 2 retries</span>
    <div class=${`seg${asked ? ' waits' : ''}`} role="group" aria-labelledby="fail-mode">
      ${failModes.map(([value, label]) => html`<button key=${value} aria-pressed=${String(shown === value)} title=${why}
        aria-disabled=${why ? 'true' : undefined} data-mode=${value} onClick=${() => choose(value)}>${label}</button>`)}
    </div></div>`;
}

/** @param {{of: Team}} props */
function AddInstance({ of: team }) {
  const why = whyNot() || whyFull(team);
  const busy = adding.value === team.kind;
  const settings = team.members[0]?.module.settings ?? {};
  return html`<button class=${`btn small${busy ? ' pressed' : ''}`} data-action="add" title=${why || 'One more member of this group'}
    aria-disabled=${why || busy ? 'true' : undefined} onClick=${() => !why && void add(team.kind, settings)}>+ instance</button>`;
}

/** @param {Team} team */
const sizeOf = ({ members, foreign }) => members.length + foreign.length;

/**
 * A consumer group: its name, its members, their controls.
 * @param {{of: Team, unread?: number[]}} props  unread: partitions that nobody reads
 */
export const TeamCard = ({ of: team, unread = [] }) => html`<section class=${`team ${hueOf(team.kind)} t-${team.kind}`}
  data-group=${team.group || team.kind} aria-labelledby=${`team-${team.group || team.kind}`}>
  <header><h2 id=${`team-${team.group || team.kind}`}><${Shape} of=${team.kind} />${team.group || team.kind}</h2>
    ${unread.length > 0 ? html`<strong class="bad">nobody reads ${partitionWords(unread)}</strong>`
      : html`<span class="quiet">${sizeOf(team) === 1 ? '1 member' : `${sizeOf(team)} members`}${team.foreign.length > 0 && `, lag ${grouped(team.lag)}`}</span>`}
    ${team.kind === 'notification' && html`<${FailMode} of=${team} /><${AddInstance} of=${team} />`}</header>
  <ul>${team.members.map((member) => html`<${MemberRow} key=${member.module.instance} of=${member} />`)}
    ${team.foreign.map((id) => html`<li key=${id} class="member foreign" data-member=${id}><div class="who"><b><bdi>${id}</bdi></b><span class="state">another program</span></div></li>`)}</ul>
</section>`;
