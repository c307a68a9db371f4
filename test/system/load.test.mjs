import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "./event_stream.mjs";
import { Program, eventually } from "./program.mjs";

const put = (program, load) => program.call("PUT", "/api/load", load);
const load = async (program) => (await program.get("/api/load")).body;

test("The server generates a load until it is told to end, and counts what became of it", async (t) => {
  const program = await Program.start(t);
  assert.deepEqual(await load(program), { running: false });
  const started = await put(program, { rate: 200, scenario: "greedy", seed: 7 });
  assert.equal(started.status, 200);
  assert.equal(started.body.running, true);
  assert.equal(Date.parse(started.body.endsAt) - Date.parse(started.body.startedAt), 600_000);
  await eventually("50 orders", async () => (await load(program)).accepted >= 50);
  const ended = await program.call("DELETE", "/api/load");
  assert.equal(ended.body.running, false);
  await eventually("all are answered", async () => (await load(program)).inFlight === 0);
  const { sent, accepted, refused } = await load(program);
  assert.equal(accepted, sent);
  assert.equal(refused, 0);
  const orders = (await program.get("/api/orders")).body;
  assert.equal(orders.length, accepted);
  assert.ok(orders.some(({ customerName }) => customerName === "Greedy Gus"));
});

test("Whoever watches the system sees the load", async (t) => {
  const program = await Program.start(t);
  const stream = await EventStream.open(t, `${program.url}/events/system`);
  await put(program, { rate: 1 });
  await stream.collect(1, ({ data }) => data.load.running && data.load.rate === 1);
  await put(program, { rate: 0 });
  await stream.collect(1, ({ data }) => data.load.running === false && data.load.rate === 1);
});

test("A load that cannot be is refused with the field and what is allowed", async (t) => {
  const program = await Program.start(t);
  const wrong = await put(program, { rate: 2001, scenario: "chaos", seed: -1, speed: 3 });
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.body.errors.map(({ field }) => field).sort(), ["rate", "scenario", "seed", "speed"]);
  assert.match(wrong.body.errors.find(({ field }) => field === "rate").message, /from 0 to 2000/);
  assert.match((await put(program, {})).body.errors[0].message, /rate is required/);
  assert.equal((await put(program, [1])).status, 400);
  assert.equal((await load(program)).running, false);
});

test("A program under load drains and ends when it is asked to", async (t) => {
  const program = await Program.start(t);
  await put(program, { rate: 500 });
  await eventually("orders", async () => (await load(program)).accepted > 20);
  assert.equal((await program.stop()).status, 0);
});
