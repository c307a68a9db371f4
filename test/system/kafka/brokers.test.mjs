// Three brokers, one of which is killed while orders come in: with_kafka --brokers 3 starts them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EventStream } from "../event_stream.mjs";
import { Program, eventually, run } from "../program.mjs";
import { answered, atRest, brokers, groups, guests, outcomes, place } from "./broker.mjs";

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
const kafka = async (...args) => (await promisify(execFile)(script, args)).stdout;

const port = Number(brokers.split(":")[1]);
const three = [0, 1, 2].map((n) => `localhost:${port + n}`).join(",");
const start = (t, ...more) => Program.start(t, ["--bus=kafka", `--brokers=${three}`, "--fail-rate=0.3", ...more]);

/** What Kafka's own tool says of a topic's partitions; without a topic, of those of which a copy is missing. */
async function partitionsOf(...args) {
  const lines = (await kafka("console", "topics", "--describe", ...args)).matchAll(
    /Topic: (\S+)\s+Partition: (\d+)\s+Leader: (\d+)\s+Replicas: (\S+)\s+Isr: (\S*)/g);
  return [...lines].map(([, topic, partition, leader, replicas]) => ({ topic, partition, leader, replicas }));
}
const leaderOf = (topic) => eventually(`the leader of ${topic}-0`, async () => (await partitionsOf("--topic", topic))[0]?.leader);
/** Asked until it is told: the tool gives up after some seconds, and ends well all the same. */
const coordinatorOf = (group) => eventually(`the coordinator of ${group}`, async () =>
  (await kafka("console", "groups", "--describe", "--state", "--group", group)).match(/localhost:\d+\s+\((\d)\)/)?.[1]);

/** The sum of what each group has committed. */
async function committed(program) {
  const known = await answered(program, "/api/bus/groups");
  const sumOf = ({ partitions }) => partitions.reduce((sum, { committedOffset }) => sum + (committedOffset ?? 0), 0);
  return groups.map((name) => sumOf(known.find(({ group }) => group === name)));
}

/** Kills the broker, sees that all goes on without it, and starts it again. */
async function goesOnWithout(broker, { program, load, live }) {
  process.kill(Number(await kafka("pid", broker)), "SIGKILL");
  await load.more(20);
  await program.ready();
  const before = await committed(program);
  await load.more(20);
  await eventually("each group commits more", async () =>
    (await committed(program)).every((sum, index) => sum > before[index]));
  assert.equal(live.ended, false, "who listens to events is not cut off");
  await assert.rejects(kafka("pid", broker), "and all that without the broker");

  await kafka("start");
  await eventually("all copies are there again", async () =>
    (await partitionsOf("--under-replicated-partitions")).length === 0);
  await program.ready();
}

test("Each topic has a copy on each broker", async (t) => {
  const program = await start(t);
  await place(program);
  await atRest(program, groups);
  const partitions = await partitionsOf();
  const topics = new Set(partitions.map(({ topic }) => topic));
  for (const topic of ["orders", "orders-dlq", "audit", "order-status", "module-control", "module-status", "__consumer_offsets"])
    assert.ok(topics.has(topic), topic);
  for (const { topic, replicas } of partitions) assert.equal(replicas.split(",").sort().join(), "1,2,3", topic);
  assert.deepEqual(await program.stop(), { status: 0, signal: null });
});

test("Brokers that are killed one after the other, leader and coordinator: no order is lost, groups go on", async (t) => {
  const program = await start(t);
  const live = await EventStream.open(t, `${program.url}/events`);
  const load = guests(program, "Guest");
  await load.more(20);
  const leader = await leaderOf("orders");
  t.diagnostic(`broker ${leader} leads orders-0`);
  await goesOnWithout(leader, { program, load, live });
  const coordinator = await coordinatorOf("notification-group");
  t.diagnostic(`broker ${coordinator} coordinates notification-group`);
  await goesOnWithout(coordinator, { program, load, live });

  const taken = await load.close();
  t.diagnostic(`${taken.length} orders`);
  await atRest(program, groups);
  assert.equal(new Set(taken.map(({ id }) => id)).size, taken.length);
  const told = await outcomes(program);
  assert.deepEqual(taken.filter(({ id }) => !told.has(id)), [], "each order was notified or is a dead letter");
  for (const { id } of taken) assert.equal((await program.get(`/api/orders/${id}`)).status, 200);
  const verified = await run(["verify", `--url=${program.url}`]);
  assert.equal(verified.status, 0, verified.stdout);
  assert.match(verified.stdout, /: all right$/m);
  assert.doesNotMatch(verified.stdout, /at work|retention/, "the whole log was checked, at rest");
  assert.deepEqual(live.gaps, []);
  const seen = new Set(live.messages.filter(({ type }) => type === "order").map(({ data }) => data.order.id));
  assert.deepEqual(taken.filter(({ id }) => !seen.has(id)), [], "each order was an event on the one connection");
  assert.deepEqual(await program.stop(), { status: 0, signal: null });
});
