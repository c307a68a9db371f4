// The log: a topic, its partitions as lanes of cells, and below each lane how far every group has read.

import { html } from '../html.js';
import { cellsOf } from '../map.js';
import { grouped, shortId } from '../text.js';
import { Shape, hueOf } from './icon.js';

/** @import { Cell, Lane, MapTopic, Track } from '../map.js' */
/** @import { Records } from '../records.js' */

/** @type {Record<string, (topic: MapTopic) => string>} */
const notes = {
  orders: () => 'the key is the order\'s id',
  'orders-dlq': () => 'what gave up',
  'order-status': ({ records }) => `compacted: the newest of each order stays, ${grouped(records)} kept`,
  audit: () => 'every service reports here',
};

/** What a cell says aloud. @param {Cell} cell  @param {Lane} lane */
function wordsOf({ offset, known, superseded, unreadBy }, { topic, partition }) {
  const parts = [`${topic} p${partition}, offset ${offset}`];
  if (known?.orderId) parts.push(`order ${shortId(known.orderId)}`);
  if (known?.retryCount) parts.push(`retryCount ${known.retryCount}`);
  if (known?.tombstone) parts.push('a tombstone');
  if (superseded) parts.push('superseded by a newer record of its key');
  if (unreadBy.length > 0) parts.push(`not yet committed by ${unreadBy.join(', ')}`);
  return parts.join(', ');
}

/** @param {Cell} cell  @param {string} topic  @param {string} picked */
function classOf({ known, superseded, unreadBy }, topic, picked) {
  const classes = ['cell'];
  if (unreadBy.length > 0) classes.push('unread');
  if (topic === 'orders-dlq') classes.push('dead');
  if (known?.retryCount) classes.push(known.retryCount > 1 ? 'r2' : 'r1');
  if (superseded) classes.push('old');
  if (known?.tombstone) classes.push('tomb');
  if (known?.orderId && known.orderId === picked) classes.push('picked');
  return classes.join(' ');
}

/** The mark of what a group has committed, and its lag as a length. @param {{track: Track, columns: number}} props */
function GroupTrack({ track, columns }) {
  const { group, kind, lag } = track;
  const outside = lag > columns - 1;
  return html`<div class=${`reads ${hueOf(kind)}${outside ? ' off' : ''}`} data-track=${group} title=${`${group}: committed ${track.committed}, lag ${lag}`}
    style=${{ '--lag': Math.min(lag, columns - 1) }}>
    <i class="lag-bar"></i><${Shape} of=${kind} />${lag > 0 && html`<b>${grouped(lag)}${outside ? ' behind' : ''}</b>`}
    ${track.removed > 0 && html`<span class="bad">${grouped(track.removed)} removed before it read them</span>`}
  </div>`;
}

/**
 * @param {{lane: Lane, records: Records, columns: number, picked: string, current: string, open: (lane: Lane, cell: Cell) => void}} props
 * `current`: the cell that Tab reaches, as "topic/partition/offset"
 */
function LaneView({ lane, records, columns, picked, current, open }) {
  const { key, topic, partition, start, end, tracks } = lane;
  const cells = cellsOf(lane, records, columns - 1);
  return html`<div class="lane" role="group" aria-label=${`${topic} p${partition}`} data-lane=${key}>
    <span class="pname">p${partition}</span>
    <div class="strip">
      <div class=${`cells${cells.length > 0 && cells[0].offset > start ? ' more' : ''}`}>
        ${cells.map((cell) => html`<button key=${cell.offset} class=${classOf(cell, topic, picked)} aria-label=${wordsOf(cell, lane)} data-cell=${`${key}/${cell.offset}`}
          tabindex=${`${key}/${cell.offset}` === current ? 0 : -1} onClick=${() => open(lane, cell)}>${cell.offset}</button>`)}
        <span class="cell next" title="The next offset">${end}</span>
      </div>
      ${tracks.map((track) => html`<${GroupTrack} key=${track.group} track=${track} columns=${columns} />`)}
    </div>
  </div>`;
}

/** @param {{topic: MapTopic, [rest: string]: any}} props */
export function TopicView({ topic, ...rest }) {
  const { name, lanes } = topic;
  return html`<section class=${`topic topic-${name}`}>
    <h2><b>${name}</b> ${lanes.length} ${lanes.length === 1 ? 'partition' : 'partitions'}, ${notes[name](topic)}</h2>
    ${lanes.map((lane) => html`<${LaneView} key=${lane.key} lane=${lane} ...${rest} />`)}
  </section>`;
}
