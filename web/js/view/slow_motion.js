import { useLayoutEffect, useRef } from '/vendor/preact-hooks.js';

import { isShown } from '../first_minute.js';
import { html } from '../html.js';
import { current, isOver, isPlaying, position, stepTo, toggle } from '../slow_motion.js';
import { endStory, story } from '../stage.js';
import { durationUs, grouped } from '../text.js';
import { Icon, Shape } from './icon.js';
import './map_light.js';

/** More records than these have no room for a label each. */
const labelsMax = 7;

/** "14:01:52.318412", UTC as the log has it. @param {number} us  since the epoch */
const clockUs = (us) => `${new Date(us / 1000).toISOString().slice(11, 19)}.${String(us % 1_000_000).padStart(6, '0')}`;

/** Of the scrubber, which ends with the last record. @param {number} ms */
const share = (ms) => `${(100 * ms) / Math.max(story.value?.times.at(-1) ?? 0, 1)}%`;

/** Where a moment of the play stands. @param {number} ms */
const placed = (ms) => ({ left: share(ms) });

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target instanceof HTMLElement ? event.target : undefined;
  if (target?.matches('input, textarea, select') || document.querySelector('dialog[open]')) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !story.value) return;
  const { index } = position.value;
  /** @type {Record<string, () => void>} */
  const keys = { ArrowLeft: () => stepTo(index - 1), ArrowRight: () => stepTo(index + 1), Escape: endStory };
  /** Keys that a list has a meaning for. @type {Record<string, () => void>} */
  const others = target?.closest('.windowed') ? {} : { ' ': toggle, Home: () => stepTo(0), End: () => stepTo(Infinity) };
  const run = keys[event.key] ?? others[event.key];
  if (!run || (event.key === ' ' && target?.matches('button:not(.round), a'))) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

/** The record that is nearest to the pointer. @param {PointerEvent} event */
function scrub(event) {
  if (!story.value || event.buttons !== 1) return;
  const { left, width } = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
  const ms = ((event.clientX - left) / width) * (story.value.times.at(-1) ?? 0);
  const far = (/** @type {number} */ time) => Math.abs(time - ms);
  stepTo(story.value.times.reduce((best, time, n, times) => (far(time) < far(times[best]) ? n : best), 0));
}

function Scrubber() {
  const slider = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const before = document.activeElement;
    if (before === document.body || before?.closest('.drawer, .stage')) slider.current?.focus({ preventScroll: true });
    return () => void requestAnimationFrame(() => {
      if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body) before.focus();
    });
  }, []);
  if (!story.value || !current.value) return null;
  const { journey: { steps }, times, pauses } = story.value;
  const { index, step } = current.value;
  const last = steps.length - 1;
  const head = times[index] + (index < last ? ((position.value.us - step.us) / Math.max(steps[index + 1].us - step.us, 1)) * (times[index + 1] - times[index]) : 0);
  return html`<div class=${`scrub${steps.length > labelsMax ? ' many' : ''}`} role="slider" tabindex="0" ref=${slider} aria-label="Records of the journey"
    aria-valuemin="1" aria-valuemax=${steps.length} aria-valuenow=${index + 1}
    aria-valuetext=${`${durationUs(step.us)}, ${step.place} ${step.what}`} onPointerDown=${scrub} onPointerMove=${scrub}>
    <div class="track" style=${{ width: '100%' }}></div>
    <div class="track done" style=${{ width: share(Math.min(head, times[last])) }}></div>
    ${pauses.map(({ before, us, why }) => html`<div key=${before} class="pause" title=${`${why}: ${durationUs(us)}`}
      style=${{ ...placed(times[before - 1]), width: share(times[before] - times[before - 1]) }}><span>${durationUs(us)}</span></div>`)}
    ${steps.map((each, n) => html`<div key=${each.place} style=${placed(times[n])}
      class=${`stop g-${each.kind}${n <= index ? '' : ' todo'}${n === index ? ' here' : ''}${n === last ? ' last' : ''}`}>
      <span class="label"><b class="mono">${each.place}</b><bdi>${each.what.split(',')[0]}</bdi></span><${Shape} of=${each.kind} /><span class="us mono">${grouped(each.us)}</span></div>`)}
  </div>`;
}

/** Slow motion: the clock of the log, the records, and what each says. */
export function SlowMotion() {
  useLayoutEffect(() => {  // a useEffect waits for the next frame: a key before that would be lost
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, []);
  if (!story.value || !current.value) return null;
  const { journey: { steps }, ending } = story.value;
  const { sentence, nth, of } = current.value;
  const total = steps[steps.length - 1].us;
  return html`<section class="stage slow" aria-label="Slow motion">
    <p class="line" aria-live="polite" id="told">${isOver.value ? html`${ending} <kbd>Space</kbd> plays it again.${isShown.value && html` <kbd>2</kbd> goes on: four orders a second.`}`
      : html`<span class="nth">${nth} of ${of}</span> ${sentence}`}</p>
    <div class="player">
      <button class="icon round" aria-label=${isPlaying.value ? 'Pause' : 'Play'} onClick=${toggle}><${Icon} name=${isPlaying.value ? 'pause' : 'play'} /></button>
      <p class="log-clock"><b>${durationUs(position.value.us)}</b><span>of ${durationUs(total)}</span><span class="mono">${clockUs(steps[0].at + position.value.us)}</span></p>
      <${Scrubber} />
      <ul class="keys-list"><li><kbd>Space</kbd> pause, play</li><li><kbd>←</kbd> <kbd>→</kbd> record by record</li>
        <li><button class="btn small" onClick=${endStory}><kbd>Esc</kbd> ends it</button></li></ul>
    </div>
  </section>`;
}
