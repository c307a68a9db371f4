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
    this.onopen?.();
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

  heartbeat(lastEventId) {
    this.dispatchEvent(Object.assign(new Event('heartbeat'), { lastEventId, data: '{}' }));
  }

  gap(lastEventId, reason) {
    this.dispatchEvent(Object.assign(new Event('gap'), { lastEventId, data: JSON.stringify({ reason }) }));
  }

  close() {
    this.readyState = 2;
  }
}

/** A connection whose sources, timers, clock and news the test holds. */
function world({ opened = true } = {}) {
  const held = { now: 1000, sources: [], timers: [], states: [], breaks: [], events: [], watch: () => {} };
  const outside = {
    open: (url) => held.sources[held.sources.push(new HeldSource(url)) - 1],
    now: () => held.now,
    after: (run, ms) => held.timers[held.timers.push({ run, ms, live: true }) - 1],
    cancel: (timer) => timer && (timer.live = false),
    every: (run) => (held.watch = run),
  };
  const connection = new Connection('/events', {
    onEvent: (event, id) => held.events.push({ event, id }),
    onState: (state) => held.states.push(state),
    onBreak: (why) => held.breaks.push(why),
  }, outside);
  connection.start('a:0');
  held.connection = connection;
  held.state = () => held.states.at(-1).kind;
  held.source = () => held.sources.at(-1);
  held.pass = (ms) => {
    held.now += ms;
    held.watch();
  };
  held.fire = () => {
    const due = held.timers.filter((timer) => timer.live);
    assert.equal(due.length, 1, 'one timer at a time');
    due[0].live = false;
    due[0].run();
    return due[0].ms;
  };
  if (opened) held.source().open();
  return held;
}

test('it asks for what follows its position, and is live once it is open', () => {
  const held = world({ opened: false });
  assert.equal(held.state(), 'connecting');
  assert.equal(held.source().url, '/events?lastEventId=a%3A0');
  held.source().open();
  assert.equal(held.state(), 'live');
});

test('a drop is shown with a countdown, and EventSource itself reconnects', () => {
  const held = world();
  held.source().drop();
  assert.deepEqual(held.states.at(-1), { kind: 'lost', since: 1000, retryAt: 3000 });
  assert.equal(held.timers.filter((timer) => timer.live).length, 0);
  assert.equal(held.sources.length, 1);
});

test('one loss has one beginning, however often it tries', () => {
  const held = world();
  held.source().drop();
  held.now = 9000;
  held.source().giveUp();
  held.fire();
  held.source().giveUp();
  assert.equal(held.states.at(-1).since, 1000);
});

test('an event after the reconnect means that nothing was missed', () => {
  const held = world();
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

test('the greeting does not mean it: a gap may follow', () => {
  const held = world();
  held.source().drop();
  held.source().open();
  held.source().heartbeat('a:0');
  assert.equal(held.state(), 'catching-up');
  held.source().gap('a:5', 'removed-by-retention');
  assert.ok(!held.states.some(({ kind }) => kind === 'resumed'));
});

test('silence after the reconnect means it, too', () => {
  const held = world();
  held.source().drop();
  held.source().open();
  held.fire();
  assert.equal(held.state(), 'resumed');
});

test('without a sign of life for 12 s it is not live, and any sign makes it so again', () => {
  for (const sign of ['heartbeat', 'message']) {
    const held = world();
    held.pass(11_000);
    held.source().heartbeat('a:1');
    held.pass(12_000);
    assert.equal(held.state(), 'live');
    held.pass(1);
    assert.deepEqual(held.states.at(-1), { kind: 'silent', since: 12_000 });
    held.source()[sign]('a:2');
    assert.equal(held.state(), 'resumed');
  }
});

test('a connection that stays silent is made anew, from the position of the last heartbeat', () => {
  const held = world();
  held.source().heartbeat('a:7');
  held.pass(12_001);
  held.pass(14_999);
  assert.equal(held.sources.length, 1);
  held.pass(1);
  assert.equal(held.sources.length, 2);
  assert.equal(held.source().url, '/events?lastEventId=a%3A7');
  assert.equal(held.state(), 'silent');
  held.source().open();
  assert.equal(held.state(), 'catching-up');
});

test('silence of a server that never sent a heartbeat means nothing', () => {
  const held = world();
  held.pass(60_000);
  assert.equal(held.state(), 'live');
});

test('a lost connection is not also silent', () => {
  const held = world();
  held.source().heartbeat('a:1');
  held.source().drop();
  held.pass(60_000);
  assert.equal(held.state(), 'lost');
});

test('another log ends the stream, and it says so when it is started in the new one', () => {
  const ways = {
    gap: (source) => source.gap('b:0', 'another-log'),
    message: (source) => source.message('b:1'),
    heartbeat: (source) => source.heartbeat('b:0'),
  };
  for (const [name, meet] of Object.entries(ways)) {
    const held = world();
    meet(held.source());
    assert.deepEqual(held.breaks, ['new-log'], name);
    assert.equal(held.source().readyState, 2, name);
    assert.deepEqual(held.events, [], 'an event of a log that the page does not know yet');
    held.connection.start('b:5', 'new-log');
    held.source().open();
    assert.equal(held.state(), 'new-log');
    held.fire();
    assert.equal(held.state(), 'live');
  }
});

test('a gap in the same log is what retention removed', () => {
  const held = world();
  held.source().gap('a:50', 'removed-by-retention');
  assert.deepEqual(held.breaks, ['gap']);
});

test('given up, it is made anew from the last id that was seen, with growing patience', () => {
  const held = world();
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

test('asked to, it retries at once and not twice', () => {
  const held = world();
  held.source().giveUp();
  held.connection.retryNow();
  assert.equal(held.sources.length, 2);
  assert.equal(held.timers.filter((timer) => timer.live).length, 0);
  held.source().open();
  held.connection.retryNow();
  assert.equal(held.sources.length, 2);
});

test('a source that was replaced has no say', () => {
  const held = world();
  held.source().giveUp();
  held.connection.retryNow();
  held.source().open();
  held.sources[0].onerror();
  assert.equal(held.state(), 'catching-up');
});

test('an event that cannot be read stops nothing, and moves the position', () => {
  const held = world();
  held.source().message('a:1', '{');
  held.source().message('a:2');
  assert.equal(held.events.length, 1);
  assert.equal(held.events[0].id, 'a:2');
});
