// The wires of the map, as one drawing under it. They join what was measured of the page, so that any size works.

import { html } from '../html.js';
import { labelsOf, patchesOf, wiresOf } from '../map_wires.js';
import { hueOf, shapeName } from './icon.js';

/** @import { FlowMap } from '../map.js' */
/** @import { Geometry } from '../map_wires.js' */

/** @param {HTMLElement} root  the map's sheet  @returns {Geometry} */
export function measure(root) {
  const from = root.getBoundingClientRect();
  const box = (/** @type {Element} */ element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { left: left - from.left, right: right - from.left, top: top - from.top, bottom: bottom - from.top, y: (top + bottom) / 2 - from.top };
  };
  const all = (/** @type {string} */ selector, within = root) => /** @type {HTMLElement[]} */ ([...within.querySelectorAll(selector)])
    .filter((each) => each.offsetParent);  // in sight: the presenter's page leaves some out
  const one = (/** @type {string} */ selector) => box(root.querySelector(selector) ?? root);
  const next = one('.cell.next');
  const groups = one('.groups');
  return {
    unit: parseFloat(getComputedStyle(document.documentElement).fontSize),
    left: one('.strip').left,
    right: next.right,
    cell: next.right - next.left + 2,  // with the gap
    groups: groups.left,
    groupsRight: groups.right,
    writer: one('.writer'),
    lanes: Object.fromEntries(all('[data-lane]').map((lane) => [lane.dataset.lane, {
      y: box(lane.querySelector('.cells') ?? lane).y,
      tracks: Object.fromEntries(all('[data-track]', lane).map((track) => [track.dataset.track, box(track).y])),
    }])),
    members: Object.fromEntries(all('[data-member]').map((member) => [member.dataset.member, box(member).y])),
    cards: Object.fromEntries(all('[data-group]').map((card) => [card.dataset.group, box(card)])),
  };
}

/** @param {{of: FlowMap, at: Geometry}} props */
export function Wires({ of, at }) {
  if (at.groups < at.right + at.unit) return null;  // stacked: words say who reads what
  return html`<svg class="wires" aria-hidden="true">
    ${wiresOf(of, at).map(({ key, d, kind, hue }) => html`<path key=${key} data-wire=${key} class=${`wire w-${kind} ${hueOf(hue)}`} d=${d} />`)}
    ${patchesOf(of, at).map(({ key, x, y, hue, hollow }) => html`<use key=${key} class=${`patch ${hueOf(hue)}${hollow ? ' hollow' : ''}`}
      href=${`#s-${shapeName(hue)}`} x=${x - 0.375 * at.unit} y=${y - 0.375 * at.unit} width=${0.75 * at.unit} height=${0.75 * at.unit} />`)}
    ${labelsOf(of, at).map(({ x, y, text, kind }) => html`<text key=${`${kind}${text}`} class=${`label l-${kind}`} x=${x} y=${y}>${text}</text>`)}
  </svg>`;
}
