// Records in flight: small marks that run along the wires, drawn by the browser's own animations. None where the user wants
// less motion, none in a hidden page, and at most as many as an eye can follow.

import { Component, createRef } from '/vendor/preact.js';

import { html } from '../html.js';
import { Sampler, flightsMax, flightsOf } from '../map_flights.js';
import { pathOf } from '../map_wires.js';
import { onEvents } from '../state.js';
import { hueOf } from './icon.js';

/** @import { FlowMap } from '../map.js' */
/** @import { Flight } from '../map_flights.js' */
/** @import { Geometry } from '../map_wires.js' */

/** rem of the way a second. */
const speed = 34;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** @extends {Component<{of: FlowMap, at: Geometry}>} */
export class Flights extends Component {
  /** @type {import('preact').RefObject<HTMLElement | null>} */
  #sky = createRef();
  #sampler = new Sampler();
  /** @type {(() => void) | undefined} */
  #unfollow;

  componentDidMount() {
    this.#unfollow = onEvents((envelope, place) => {
      const { of, at } = this.props;
      if (calm.matches || document.hidden || at.groups < at.right + at.unit) return;
      flightsOf(of, at, this.#sampler, envelope, place, performance.now()).forEach((flight) => this.#launch(flight));
    });
  }

  componentWillUnmount() {
    this.#unfollow?.();
  }

  /** What is in the air is no part of the rendered tree. Where the ways have moved, it flies on none of them. @param {{at: Geometry}} next */
  shouldComponentUpdate({ at }) {
    if (at !== this.props.at && JSON.stringify(at) !== JSON.stringify(this.props.at)) this.#sky.current?.replaceChildren();
    return false;
  }

  /** @param {Flight} flight */
  #launch({ points, kind, hue, text, then }) {
    const sky = this.#sky.current;
    if (!sky || sky.childElementCount >= flightsMax) return;
    const mark = document.createElement('i');
    mark.className = `flight f-${kind} ${hueOf(hue)}`;
    mark.textContent = text;
    mark.style.offsetPath = `path("${pathOf(points)}")`;
    sky.append(mark);
    const { unit } = this.props.at;
    const px = points.slice(1).reduce((sum, [x, y], at) => sum + Math.hypot(x - points[at][0], y - points[at][1]), 0);
    const flown = mark.animate([{ offsetDistance: '0%' }, { offsetDistance: '100%' }], { duration: (px / (speed * unit)) * 1000 });
    flown.onfinish = () => {
      mark.remove();
      if (then) this.#launch(then);
    };
    flown.oncancel = () => mark.remove();
  }

  render() {
    return html`<div class="sky" ref=${this.#sky} aria-hidden="true"></div>`;
  }
}
