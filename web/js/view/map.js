// The map: the order service writes from above, the log stands on the left and ends at one line, the groups that read it on
// the right, and the wires between them say who reads which partition.

import { useLayoutEffect, useRef, useState } from '/vendor/preact-hooks.js';

import { openCell } from '../actions.js';
import { teamsOf } from '../controls.js';
import { html } from '../html.js';
import { summaryOf } from '../map.js';
import { nextCell, reachable } from '../map_walk.js';
import { newestRecords } from '../records.js';
import { map, modules, notified, picked, system, told } from '../state.js';
import { grouped } from '../text.js';
import { TokenField } from './control_access.js';
import { Flights } from './map_flights.js';
import { TopicView } from './map_lane.js';
import { Wires, measure } from './map_wires.js';
import { MemberRow, TeamCard } from './members.js';

/** @import { FlowMap, MapGroup } from '../map.js' */
/** @import { Geometry } from '../map_wires.js' */

/** Cells at least, the next offset among them. */
const columnsMin = 6;

/** Digits of the longest offset. @param {Pick<FlowMap, 'topics'>} of */
const digitsOf = ({ topics }) => Math.max(4, ...topics.flatMap(({ lanes }) => lanes.map(({ end }) => String(end).length)));

/** What changes where things stand; the log's records do not. @param {FlowMap} of */
const shapeOf = ({ topics, groups }) => [
  ...topics.flatMap(({ lanes }) => lanes.map(({ key, tracks }) => `${key}:${tracks.length}`)),
  digitsOf({ topics }),
  ...groups.map(({ group, kind, members }) => `${group || kind}:${members.map(({ instance }) => instance)}`)].join(' ');

/**
 * Where things stand, and how many cells fit into a lane; measured anew when the sheet changes its size or its parts.
 * @param {import('preact').RefObject<HTMLElement | null>} sheet  @param {string} shape
 * @returns {{geometry: Geometry | undefined, columns: number}}
 */
function useMeasured(sheet, shape) {
  const [measured, setMeasured] = useState({ geometry: /** @type {Geometry | undefined} */ (undefined), columns: columnsMin });
  useLayoutEffect(() => {
    const root = sheet.current;
    if (!root) return undefined;
    const look = () => {
      const strip = root.querySelector('.strip');
      if (!strip?.clientWidth) return;
      const geometry = measure(root);
      const fit = Math.floor(strip.clientWidth / geometry.cell);
      setMeasured({ geometry, columns: Math.max(columnsMin, Math.min(fit, newestRecords)) });
    };
    const observer = new ResizeObserver(look);
    for (const part of [root, ...root.querySelectorAll('.writer, .topic, .team')]) observer.observe(part);
    look();
    return () => observer.disconnect();
  }, [shape]);
  return measured;
}

/** @import { Team } from '../controls.js' */

/** The order service, which writes every order and reads them back as a group of its own. @param {{of: Team | undefined}} props */
const Writer = ({ of }) => html`<ul class="writer g-order" data-group=${of?.group} aria-label="Order service">
  ${of?.members.map((member) => html`<${MemberRow} key=${member.module.instance} of=${member} />`)}</ul>`;

/** A group of our modules with their controls, or one of others. @param {MapGroup} group  @param {Team[]} teams  @returns {Team} */
function teamOf({ group, kind, topic, lag, members }, teams) {
  const own = teams.find((each) => (group ? each.group === group : each.kind === kind));
  return own ?? { kind, group, topic, lag, members: [], foreign: members.map(({ instance }) => instance) };
}

/** How notifications went, as analytics counts them in the log. */
function Outcomes() {
  const counts = notified.value;
  if (!counts) return null;
  const facts = [['notified', counts.notified], ['retries', counts.retries], ['gave up', counts.deadLettered], ['dropped', counts.dropped]];
  return html`<dl class="outcomes">${facts.map(([name, count]) => html`<div key=${name}><dt>${name}</dt><dd>${grouped(count ?? 0)}</dd></div>`)}</dl>`;
}

const Legend = () => html`<p class="legend" aria-hidden="true">
  <span><i class="cell unread"></i>not committed by some group</span><span><i class="cell"></i>by all, and kept</span>
  <span><i class="cell r1"></i><i class="cell r2"></i>retry 1, 2</span>
  <span>mark: committed</span><span>bar: lag</span><span>mark on a line: owner</span></p>`;

/** The arrows walk the cells, Home and End go to the ends of a lane; Enter is the button's own. @param {KeyboardEvent} event  @param {(cell: string) => void} go */
function onKey(event, go) {
  const root = /** @type {HTMLElement} */ (event.currentTarget);
  const at = /** @type {HTMLElement} */ (event.target).dataset?.cell;
  if (!at || event.altKey || event.ctrlKey || event.metaKey) return;
  const lanes = [...root.querySelectorAll('[data-lane]')].map((lane) => [...lane.querySelectorAll('[data-cell]')].map((cell) => /** @type {HTMLElement} */ (cell).dataset.cell ?? ''));
  const to = nextCell(lanes, at, event.key);
  if (!to) return;
  event.preventDefault();
  go(to);
  focusOn(root, to);
}

/** @param {HTMLElement | null} root  @param {string} cell */
const focusOn = (root, cell) => /** @type {HTMLElement | null | undefined} */ (root?.querySelector(`[data-cell="${CSS.escape(cell)}"]`))?.focus();

/** @param {{of: FlowMap}} props */
function Sheet({ of }) {
  const sheet = useRef(/** @type {HTMLElement | null} */ (null));
  const [walked, setWalked] = useState('');
  const { geometry, columns } = useMeasured(sheet, shapeOf(of));
  // A group that has just come has no place yet: it is measured after this drawing, and then there is another.
  const drawn = geometry && { ...of, groups: of.groups.filter(({ group }) => geometry.cards[group]) };
  const teams = teamsOf(system.value, modules.value);
  const readers = of.groups.filter(({ kind }) => kind !== 'order');
  const current = reachable(of, walked, columns);
  const focused = useFocus(sheet, current);
  const rest = { records: told.value.records, columns, picked: picked.value, current, open: openCell };
  return html`<div class="map-sheet" ref=${sheet} style=${{ '--digits': digitsOf(of) }} ...${focused} onKeyDown=${(/** @type {KeyboardEvent} */ event) => onKey(event, setWalked)}
    onClick=${(/** @type {any} */ event) => event.target.dataset.cell && setWalked(event.target.dataset.cell)}>
    ${drawn && html`<${Wires} of=${drawn} at=${geometry} />`}
    <div class="map-top"><${Writer} of=${teams.find(({ kind }) => kind === 'order')} /><${Outcomes} /></div>
    <div class="logs">${of.topics.map((topic) => html`<${TopicView} key=${topic.name} topic=${topic} ...${rest} />`)}</div>
    <section class="groups teams" aria-label="Consumer groups">
      <${TokenField} />
      ${readers.map((group) => html`<${TeamCard} key=${group.group || group.kind} of=${teamOf(group, teams)} unread=${group.unread} />`)}
      ${of.more > 0 && html`<p class="quiet">${of.more} more groups</p>`}
    </section>
    ${drawn && html`<${Flights} of=${drawn} at=${geometry} />`}
  </div>`;
}

/**
 * A cell that has the focus leaves its lane as others come: the focus goes to the one that is current then.
 * @param {import('preact').RefObject<HTMLElement | null>} sheet  @param {string} current
 */
function useFocus(sheet, current) {
  const has = useRef(false);
  useLayoutEffect(() => {
    if (has.current && document.activeElement === document.body) focusOn(sheet.current, current);
  }, [current]);
  return {
    onFocusIn: (/** @type {any} */ { target }) => (has.current = Boolean(target.dataset.cell)),
    onFocusOut: (/** @type {any} */ { target }) => setTimeout(() => {  // it may be on its way out of the page
      if (target.isConnected) has.current = document.activeElement?.matches('.map [data-cell]') ?? false;
    }),
  };
}

export function FlowMap() {
  const of = map.value;
  const empty = of?.topics.every(({ lanes }) => lanes.every(({ start, end }) => start === end));
  return html`<section class="map" id="map" aria-label="Map of the log and its readers" tabindex=${empty ? 0 : undefined}>
    ${of ? html`<${Sheet} of=${of} /><${Legend} /><ul class="sr" id="map-summary">${summaryOf(of).map((text) => html`<li key=${text}>${text}</li>`)}</ul>`
      : html`<p class="empty">Not known yet.</p>`}
  </section>`;
}
