// What is loaded when the first journey is opened or told.

export { graceMs, journeyNow } from './open_journey.js';
export { tellStory } from './slow_motion.js';
export { JourneyDrawer as Drawer } from './view/journey.js';
export { SlowMotion } from './view/slow_motion.js';
