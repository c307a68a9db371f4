// The stage: which story is told on it. slow_motion.js, which is loaded when there is one, plays it.

import { signal } from '/vendor/preact-signals.js';

/** @import { Beat, Journey, Pause } from './types.js' */

/** @typedef {{journey: Journey, beats: Beat[], pauses: Pause[], times: number[], ending: string}} Story */

/** What is told; none: the stage is free. @type {import('/vendor/preact-signals.js').Signal<Story | undefined>} */
export const story = signal(undefined);

export function endStory() {
  story.value = undefined;
}
