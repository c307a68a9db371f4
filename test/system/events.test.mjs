import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "./event_stream.mjs";
import { Program, eventually, lacks } from "./program.mjs";

const place = async (program, count) => {
  for (let i = 0; i < count; ++i) await program.order({ customerName: `Customer ${i % 7}` });
};
const keyOf = ({ type, data }) => `${type} ${JSON.stringify(data)}`;

/** Waits until every group has done all that the log holds, and `stream` has told of it. */
async function settle(program, stream) {
  await eventually("groups without lag", async () => (await program.get("/api/bus/groups")).body.every(({ lag }) => lag === 0));
  const ends = [];
  for (const topic of ["orders", "audit", "orders-dlq"])
    ends.push(...(await program.get(`/api/bus/topics/${topic}`)).body.partitions.map(({ endOffset }) => endOffset));
  await eventually("the end of the stream", () => {
    const told = stream.lastEventId.replace(/^[^:]*:/, "").match(/\d+/g) ?? [];
    return told.length === ends.length && told.every((next, at) => Number(next) >= ends[at]);
  });
}

test("A stream that is cut and resumed by Last-Event-ID misses nothing and doubles nothing", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0.5" });
  const whole = await EventStream.open(t, `${program.url}/events`);
  await eventually("the start position", () => whole.lastEventId);
  let position = whole.lastEventId;
  const pieces = [];
  for (let cut = 0; cut < 6; ++cut) {
    const piece = await EventStream.open(t, `${program.url}/events`, position);
    await place(program, 25);
    if (cut % 2) await piece.collect(1, () => true);
    await piece.close();
    position = piece.lastEventId || position;
    pieces.push(...piece.messages);
    await place(program, 10); // while nobody listens
  }
  const last = await EventStream.open(t, `${program.url}/events`, position);
  await settle(program, whole);
  await settle(program, last);
  pieces.push(...last.messages);
  assert.deepEqual(pieces.map(keyOf).sort(), whole.messages.map(keyOf).sort());
  assert.equal(whole.gaps.length + last.gaps.length, 0);
});

test("A stream without a position starts at the end", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  const before = await EventStream.open(t, `${program.url}/events`);
  await eventually("the start position", () => before.lastEventId);
  await place(program, 3);
  await before.collect(3, ({ type }) => type === "order");  // an answer may come before the program has read its record
  const stream = await EventStream.open(t, `${program.url}/events`);
  await eventually("the start position", () => stream.lastEventId);
  const { id } = await program.order();
  const events = await stream.collect(1, ({ type }) => type === "order");
  assert.deepEqual(events.map(({ data }) => data.order.id), [id]);
});

test("A position of another log gives a gap and goes on live", async (t) => {
  const first = await Program.start(t);
  const stream = await EventStream.open(t, `${first.url}/events`);
  await first.order();
  await stream.collect(1, ({ type }) => type === "order");
  const second = await Program.start(t);
  const resumed = await EventStream.open(t, `${second.url}/events`, stream.lastEventId);
  await eventually("the gap", () => resumed.gaps.length === 1);
  await second.order();
  await resumed.collect(1, ({ type }) => type === "order");
});

test("A position that is no position gives a gap, too", async (t) => {
  const program = await Program.start(t);
  for (const position of ["x", "::::", "9".repeat(300)]) {
    const stream = await EventStream.open(t, `${program.url}/events`, position);
    await eventually("the gap", () => stream.gaps.length === 1);
  }
});

test("The system stream tells of topics, groups and modules, at most 4 times a second", async (t) => {
  const program = await Program.start(t);
  const stream = await EventStream.open(t, `${program.url}/events/system`);
  await stream.collect(1, ({ type }) => type === "system");
  const begin = Date.now();
  while (Date.now() - begin < 1500) await program.order();
  const seen = stream.messages.length;
  const seconds = (Date.now() - begin) / 1000;
  assert.ok(seen <= 4 * seconds + 3, `${seen} events in ${seconds} s`);
  const { data } = stream.messages.at(-1);
  assert.ok(data.topics.some(({ name }) => name === "orders"));
  if (!lacks.has("consumer groups"))
    assert.ok(data.groups.some(({ group, members }) => group === "notification-group" && members.length === 2));
  assert.ok(data.modules.some(({ instance }) => instance === "fraud-1"));
});
