// Which cell an arrow key leads to, and which one Tab reaches. Pure.

/** @import { FlowMap } from './map.js' */

/**
 * @param {string[][]} lanes  the cells of each lane, oldest first
 * @param {string} at  @param {string} key  @returns {string | undefined} nothing: no cell there, or another key
 */
export function nextCell(lanes, at, key) {
  const row = lanes.findIndex((lane) => lane.includes(at));
  if (row < 0) return undefined;
  const lane = lanes[row];
  const column = lane.indexOf(at);
  switch (key) {
    case 'ArrowLeft': return lane[column - 1];
    case 'ArrowRight': return lane[column + 1];
    case 'Home': return lane[0];
    case 'End': return lane.at(-1);
    case 'ArrowUp': return beside(lanes.slice(0, row).reverse(), lane.length - column);
    case 'ArrowDown': return beside(lanes.slice(row + 1), lane.length - column);
    default: return undefined;
  }
}

/** All lanes end at the same line, so a column is counted from there. @param {string[][]} lanes  @param {number} fromEnd */
function beside(lanes, fromEnd) {
  const lane = lanes.find((each) => each.length > 0);
  return lane?.[Math.max(0, lane.length - fromEnd)];
}

/**
 * The cell that Tab reaches: the one walked to, the oldest of its lane when it has left, the newest of all lanes before that.
 * @param {FlowMap} of  @param {string} walked  @param {number} columns  @returns {string} empty: there is no cell
 */
export function reachable({ topics }, walked, columns) {
  const lanes = topics.flatMap((topic) => topic.lanes).filter(({ start, end }) => end > start);
  const own = lanes.find(({ key }) => walked.startsWith(`${key}/`));
  if (own) {
    const oldest = Math.max(own.start, own.end - columns + 1);
    return `${own.key}/${Math.min(own.end - 1, Math.max(oldest, Number(walked.slice(own.key.length + 1))))}`;
  }
  return lanes[0] ? `${lanes[0].key}/${lanes[0].end - 1}` : '';
}
