import { html } from '../html.js';

/** An icon of the sprite in index.html. @param {{name: string}} props */
export const Icon = ({ name }) => html`<svg aria-hidden="true"><use href=${`#i-${name}`} /></svg>`;

const shapes = ['notification', 'fraud', 'analytics', 'audit', 'order'];

/** The shape of a module or of an audit record's source; a triangle for what is not of this project. @param {string} name */
export const shapeName = (name) => shapes.find((each) => each === name.replace(/-service$/, '')) ?? 'plugin';

/** The colour class of a module, of an audit record's source ("fraud-service"), or of a failure ("bad"). @param {string} name */
export const hueOf = (name) => (name === 'bad' ? 'g-bad' : `g-${shapeName(name)}`);

/** A module's shape: colour never stands alone. @param {{of: string}} props */
export const Shape = ({ of }) => {
  const name = shapeName(of);
  return html`<svg class=${`shape g-${name}`} viewBox="0 0 12 12" aria-hidden="true"><use href=${`#s-${name}`} /></svg>`;
};
