// Slow motion: the records of a journey are played one after the other, at the speed of a person. What is played is what the
// log holds; nothing is simulated. The map and the timeline show the step of `current`.

import { computed, effect, signal } from '/vendor/preact-signals.js';

import { story } from './stage.js';
import { architecture } from './state.js';
import { beatsOf, endingOf, pausesOf, play, playTimes, playedAt, wordsFor } from './telling.js';

/** @import { Journey, Step } from './types.js' */

export const isPlaying = signal(false);
/** The step that was played last, and the time of the log. */
export const position = signal({ index: 0, us: 0 });
/** It was played to its end. */
export const isOver = signal(false);

/**
 * What the page highlights now: the step, the steps played so far, and all that its sentence is about.
 * @typedef {{step: Step, index: number, played: Step[], together: Step[], sentence: string, nth: number, of: number}} Current
 */
/** @type {import('/vendor/preact-signals.js').ReadonlySignal<Current | undefined>} */
export const current = computed(() => {
  if (!story.value) return undefined;
  const { journey: { steps }, beats } = story.value;
  const { index } = position.value;
  const nth = beats.findIndex(({ indexes }) => indexes.includes(index));
  const together = beats[nth].indexes.map((each) => steps[each]);
  return { step: steps[index], index, played: steps.slice(0, index + 1), together, sentence: beats[nth].sentence, nth: nth + 1, of: beats.length };
});

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** ms of the play when it last began to run, and when that was. */
let from = 0;
let begunAt = 0;
/** @type {number} */
let frame = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function halt() {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  isPlaying.value = false;
}

function finish() {
  halt();
  isOver.value = true;
}

function draw() {
  if (!story.value) return;
  let ms = from + performance.now() - begunAt;
  const { journey: { steps }, times } = story.value;
  const due = position.value.index + 1;
  if (ms >= (times[due + 1] ?? Infinity)) {  // a frame that took long skips no record: the play goes on from the next one
    ms = from = times[due];
    begunAt = performance.now();
  }
  const next = playedAt(steps, times, ms);
  if (next.us !== position.value.us || next.index !== position.value.index) position.value = next;
  if (ms >= play.totalMs) finish();
  else frame = requestAnimationFrame(draw);
}

/** Without animation: record by record. */
function stepOn() {
  if (!story.value) return;
  const { index } = position.value;
  if (index + 1 >= story.value.times.length) return finish();
  seek(index + 1);
  timer = setTimeout(stepOn, play.stillMs);
}

/** @param {number} index */
function seek(index) {
  if (story.value) position.value = { index, us: story.value.journey.steps[index].us };
}

function run() {
  if (!story.value) return;
  if (isOver.value) seek(0);
  isOver.value = false;
  isPlaying.value = true;
  if (calm.matches) {
    timer = setTimeout(stepOn, play.stillMs);
  } else {
    from = story.value.times[position.value.index];
    begunAt = performance.now();
    frame = requestAnimationFrame(draw);
  }
}

/** Plays a journey from its beginning. @param {Journey} journey  @param {number} [graceMs]  how long fraud waits */
export function tellStory(journey, graceMs) {
  halt();
  const words = wordsFor(architecture.value);
  story.value = { journey, beats: beatsOf(journey, graceMs, words), pauses: pausesOf(journey.steps, words),
    times: playTimes(journey.steps), ending: endingOf(journey, graceMs, words) };
  isOver.value = false;
  seek(0);
  run();
}

effect(() => {
  if (!story.value) halt();
});

/** Plays on, or pauses; from the beginning where it is over. */
export function toggle() {
  if (isPlaying.value) halt();
  else run();
}

/** To a record, and there it stays. @param {number} index  of a step; beyond the ends: the end */
export function stepTo(index) {
  if (!story.value) return;
  halt();
  isOver.value = false;
  seek(Math.max(0, Math.min(index, story.value.times.length - 1)));
}
