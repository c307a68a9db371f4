import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection } from '../../web/js/connection.js';

/** An EventSource that does what the test says. */
class HeldSource extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.readyState = 0;
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  drop() {
    this.readyState = 0;
    this.onerror();
  }

  giveUp() {
    this.readyState = 2;
    this.onerror();
  }

  message(lastEventId, data = '{"type":"order","data":{},"timestamp":""}') {
    this.onmessage({ lastEventId, data });
  }

  gap(lastEventId, reason) {
    this.dispatchEvent(Object.assign(new Event('gap'), { lastEventId, data: JSON.stringify({ reason }) }));
  }

  close() {
    this.readyState = 2;
  }
}

/** A connection whose sources, timers and news the test holds. */
function world() {
  const held = { sources: [], timers: [], states: [], breaks: [], events: [] };
  const outside = {
    open: (url) => held.sources[held.sources.push(new HeldSource(url)) - 1],
    now: () => 1000,
    after: (run, ms) => held.timers[held.timers.push({ run, ms, live: true }) - 1],
    cancel: (timer) => timer && (timer.live = false),
  };
  const connection = new Connection('/events', {
    onEvent: (event) => held.events.push(event),
    onState: (state) => held.states.push(state),
    onBreak: (why) => held.breaks.push(why),
  }, outside);
  connection.start();
  held.connection = connection;
  held.state = () => held.states.at(-1).kind;
  held.source = () => held.sources.at(-1);
  held.fire = () => {
    const due = held.timers.filter((timer) => timer.live);
    assert.equal(due.length, 1, 'one timer at a time');
    due[0].live = false;
    due[0].run();
    return due[0].ms;
  };
  return held;
}

test('it is live once it is open', () => {
  const held = world();
  assert.equal(held.state(), 'connecting');
  held.source().open();
  assert.equal(held.state(), 'live');
  assert.equal(held.source().url, '/events');
});

test('a drop is shown with a countdown, and EventSource itself reconnects', () => {
  const held = world();
  held.source().open();
  held.source().drop();
  assert.deepEqual(held.states.at(-1), { kind: 'lost', retryAt: 3000 });
  assert.equal(held.timers.filter((timer) => timer.live).length, 0);
  assert.equal(held.sources.length, 1);
});

test('an event after the reconnect means that nothing was missed', () => {
  const held = world();
  held.source().open();
  held.source().message('a:1');
  held.source().drop();
  held.source().open();
  assert.equal(held.state(), 'catching-up');
  held.source().message('a:2');
  assert.equal(held.state(), 'resumed');
  held.fire();
  assert.equal(held.state(), 'live');
  assert.deepEqual(held.breaks, []);
});

test('silence after the reconnect means it, too', () => {
  const held = world();
  held.source().open();
  held.source().message('a:1');
  held.source().drop();
  held.source().open();
  held.fire();
  assert.equal(held.state(), 'resumed');
});

test('a gap in another log is a new server, even before any event was seen', () => {
  for (const seen of [true, false]) {
    const held = world();
    held.source().open();
    if (seen) held.source().message('a:9');
    held.source().drop();
    held.source().open();
    held.source().gap('b:0', 'another-log');
    assert.equal(held.state(), 'new-log');
    held.source().message('b:1');
    assert.deepEqual(held.breaks, ['new-log']);
  }
});

test('a gap that comes late takes back that nothing was missed', () => {
  const held = world();
  held.source().open();
  held.source().message('a:9');
  held.source().drop();
  held.source().open();
  held.fire();
  held.source().gap('b:0', 'another-log');
  assert.equal(held.state(), 'new-log');
});

test('another log in the ids is a new server without a gap', () => {
  const held = world();
  held.source().open();
  held.source().message('a:9');
  held.source().message('b:1');
  assert.equal(held.state(), 'new-log');
  assert.deepEqual(held.breaks, ['new-log']);
});

test('a gap in the same log is what retention removed', () => {
  const held = world();
  held.source().open();
  held.source().message('a:9');
  held.source().gap('a:50', 'removed-by-retention');
  assert.equal(held.state(), 'gap');
  assert.deepEqual(held.breaks, ['gap']);
});

test('given up, it is made anew from the last id that was seen, with growing patience', () => {
  const held = world();
  held.source().open();
  held.source().message('a:orders=1,2,3;audit=4');
  const waits = [];
  for (let i = 0; i < 6; i += 1) {
    held.source().giveUp();
    assert.equal(held.state(), 'lost');
    waits.push(held.fire());
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.equal(held.source().url, '/events?lastEventId=a%3Aorders%3D1%2C2%2C3%3Baudit%3D4');
  held.source().open();
  held.source().giveUp();
  assert.equal(held.fire(), 1000);
});

test('given up before any id was seen, it does not claim that nothing was missed', () => {
  const held = world();
  held.source().open();
  held.source().giveUp();
  held.fire();
  held.source().open();
  assert.equal(held.state(), 'rejoined');
  assert.deepEqual(held.breaks, ['rejoined']);
});

test('asked to, it retries at once and not twice', () => {
  const held = world();
  held.source().open();
  held.source().giveUp();
  held.connection.retryNow();
  assert.equal(held.sources.length, 2);
  assert.equal(held.timers.filter((timer) => timer.live).length, 0);
  held.source().open();
  held.connection.retryNow();
  assert.equal(held.sources.length, 2);
});

test('an event that cannot be read stops nothing, and moves the position', () => {
  const held = world();
  held.source().open();
  held.source().message('a:1', '{');
  held.source().message('a:2');
  assert.equal(held.events.length, 1);
});
