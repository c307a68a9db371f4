// A reader of events goes on where it was, whatever became of the order service: its id is a place in the log.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "../event_stream.mjs";
import { Program, eventually } from "../program.mjs";
import { atRest, logOf, onKafka, place } from "./broker.mjs";

const everything = onKafka("--modules=order,notification:2,fraud,analytics,audit", "--fail-rate=0.5");
const groups = ["order-group", "notification-group", "fraud-group", "analytics-group", "audit-group"];
const relayed = { orders: "order", audit: "audit", "orders-dlq": "dlq" };
const isRetry = ({ headers }) => headers.some(({ name }) => name === "retryCount");
const textOf = ({ type, data }) => `${type} ${JSON.stringify(data)}`;

/** The next offsets that an event's id names, by topic and partition. */
function placesIn(id) {
  const places = {};
  for (const part of id.slice(id.indexOf(":orders=") + 1).split(";")) {
    const [topic, offsets] = part.split("=");
    offsets.split(",").forEach((offset, partition) => (places[`${topic}-${partition}`] = Number(offset)));
  }
  return places;
}

/** All that the log has for readers from there on, as they get it; each partition in its order. */
async function eventsBehind(program, id) {
  const places = placesIn(id);
  const events = [];
  for (const [topic, type] of Object.entries(relayed))
    for (const record of await logOf(program, topic)) {
      const place = `${topic}-${record.partition}`;
      if (record.offset < places[place] || (topic === "orders" && isRetry(record))) continue;
      events.push({ place, text: `${type} ${JSON.stringify(record.json)}` });
    }
  return events;
}

/** Nothing is lost, nothing doubled, and each partition is in its order. */
function assertSame(seen, events, what) {
  const texts = seen.map(textOf);
  assert.deepEqual([...texts].sort(), events.map(({ text }) => text).sort(), what);
  const placeOf = new Map(events.map(({ text, place }) => [text, place]));
  for (const place of new Set(placeOf.values()))
    assert.deepEqual(
      texts.filter((text) => placeOf.get(text) === place),
      events.filter((event) => event.place === place).map(({ text }) => text),
      `${what}: ${place}`,
    );
}

const open = async (t, program, id) => {
  const stream = await EventStream.open(t, `${program.url}/events`, id);
  await eventually("the stream's first id", () => stream.lastEventId);
  return stream;
};

const orders = async (program, count) => {
  for (let i = 0; i < count; ++i) await place(program, { customerName: `Guest ${i % 3}`, price: 9 * i });
};

/** Reads what an order service tells, ends it, and reads on at the next one behind one event and another. */
async function resumesAfter(t, end) {
  const first = await Program.start(t, everything);
  const live = await open(t, first);
  const begin = live.lastEventId;
  await orders(first, 12);
  await atRest(first, groups);
  const before = await eventsBehind(first, begin);
  await live.collect(before.length, () => true, "events of the first orders");
  assertSame(live.messages, before, "the first stream");
  await end(first);

  // Somebody else takes orders while nobody reads.
  const other = await Program.start(t, onKafka("--modules=order"));
  await orders(other, 5);
  assert.equal((await other.stop()).status, 0);

  const second = await Program.start(t, everything);
  const seen = live.messages;
  const last = seen.length - 1;
  const streams = [];
  for (const behind of [0, 1, Math.floor(last / 2), last - 1, last])
    streams.push({ behind, stream: await open(t, second, seen[behind].id) });
  await orders(second, 5);
  await atRest(second, groups);

  const all = await eventsBehind(second, begin);
  assert.ok(all.length > before.length + 10 * 3, "each order told by order, fraud and notification");
  for (const { behind, stream } of streams) {
    await stream.collect(all.length - behind - 1, () => true, `events behind number ${behind}`);
    assert.deepEqual(stream.gaps, []);
    assertSame([...seen.slice(0, behind + 1), ...stream.messages], all, `resumed behind number ${behind}`);
  }
  assert.equal((await second.stop()).status, 0);
}

test("A reader resumes after a restart of the order service: nothing is lost, nothing doubled", (t) =>
  resumesAfter(t, async (program) => assert.equal((await program.stop()).status, 0)));

test("A reader resumes after the order service was killed: nothing is lost, nothing doubled", (t) =>
  resumesAfter(t, (program) => program.kill()));

test("A reader goes on at another order service, with the id that the first one gave", async (t) => {
  const one = await Program.start(t, everything);
  const two = await Program.start(t, onKafka("--modules=order"));
  const live = await open(t, one);
  const begin = live.lastEventId;
  await orders(one, 6);
  await atRest(one, groups);
  const half = (await eventsBehind(one, begin)).length;
  await live.collect(half, () => true, "events");
  const middle = Math.floor(half / 2);
  const moved = await open(t, two, live.messages[middle].id);
  await orders(two, 6);
  await atRest(two, groups);
  const all = await eventsBehind(two, begin);
  await live.collect(all.length, () => true, "events at the first");
  await moved.collect(all.length - middle - 1, () => true, "events at the other");
  assertSame(live.messages, all, "the reader that stayed");
  assertSame([...live.messages.slice(0, middle + 1), ...moved.messages], all, "the reader that moved");
  for (const program of [two, one]) assert.equal((await program.stop()).status, 0);
});
