// The program on a real broker: what is kept, what happens when the broker goes, and several processes on one log.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EventStream } from "../event_stream.mjs";
import { Program, anOrder, eventually, freePort, run as runProgram } from "../program.mjs";
import { answered, brokers, onKafka } from "./broker.mjs";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));

const broker = {
  start: () => run(script, ["start"]),
  kill: async () => process.kill(Number((await run(script, ["pid"])).stdout), "SIGKILL"),
};

const ready = async (program) => (await fetch(`${program.url}/readyz`)).json();
const notified = (id) => (message) => message.data.action === "NOTIFIED" && message.data.orderId === id;

test("Orders outlive the program, and a reader of events resumes over its restart", async (t) => {
  const first = await Program.start(t, onKafka("--fail-rate=0"));
  const live = await EventStream.open(t, `${first.url}/events`);
  const before = await first.order({ customerName: "Before" });
  await live.collect(1, notified(before.id), "NOTIFIED of the first order");
  assert.deepEqual(await first.stop(), { status: 0, signal: null });

  const second = await Program.start(t, onKafka("--fail-rate=0"));
  const listed = (await second.get("/api/orders")).body;
  assert.ok(listed.some((order) => order.id === before.id), "the order is in the list of the next process");
  const between = await second.order({ customerName: "Between" });
  const resumed = await EventStream.open(t, `${second.url}/events`, live.lastEventId);
  await resumed.collect(1, notified(between.id), "NOTIFIED of the second order");
  assert.deepEqual(resumed.gaps, []);
  const orders = (stream) => stream.messages.filter((message) => message.type === "order");
  const ids = [...orders(live), ...orders(resumed)].map((message) => message.data.order.id);
  assert.deepEqual(ids, [before.id, between.id], "each order once, over both connections");
  await second.stop(); // killed, its members would hold up the next test's for a session
});

test("Another client reads our keys and headers", async (t) => {
  const program = await Program.start(t, onKafka());
  const order = await program.order();
  const { stdout } = await run("kcat", ["-b", brokers, "-C", "-t", "orders", "-o", "beginning", "-e", "-q", "-J"]);
  const records = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const record = records.find((it) => it.key === order.id);
  assert.ok(record, "the record has the order's id as its key");
  assert.equal(JSON.parse(record.payload).order.id, order.id);
  assert.ok(record.headers.includes("ce_id") && record.headers.includes("traceparent"));
  await program.stop();
});

test("A replay beside the running services finds the same, joins no group, writes nothing and ends", async (t) => {
  const program = await Program.start(t, onKafka("--fail-rate=0"));
  for (let i = 0; i < 8; ++i) await program.order({ customerName: "Greedy" });
  const checks = async () => (await program.messages("audit")).filter(({ json }) => json.source === "fraud-service");
  const isNew = ({ json, headers }) => json.action === "created" && headers.every(({ name }) => name !== "retryCount");
  const orders = (await program.messages("orders")).filter(isNew).length;
  await eventually("a verdict on each", async () => (await checks()).length === orders);
  const fraudGroup = async () => (await answered(program, "/api/bus/groups/fraud-group")).members;
  const members = await fraudGroup();

  const replay = await runProgram(onKafka("--modules=fraud", "--instance-id=fraud-again"), { REPLAY: "true" });
  assert.equal(replay.status, 0, replay.stderr);
  assert.match(replay.stdout, new RegExp(`fraud-again: ${orders} orders judged again, .*; the same as the first time`));
  assert.deepEqual(await fraudGroup(), members);
  assert.equal((await checks()).length, orders);
  const instances = (await program.get("/api/modules")).body.map(({ instance }) => instance);
  assert.ok(!instances.includes("fraud-again"), "it is no member of the running system");
  await program.stop();
});

test("A broker that is killed: writes are refused, reads go on, and it resumes by itself", async (t) => {
  const program = await Program.start(t, onKafka("--fail-rate=0"));
  const order = await program.order();
  const live = await EventStream.open(t, `${program.url}/events`);
  await broker.kill();

  const refused = await program.post("/api/orders", anOrder);
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.get("retry-after"));
  const state = await eventually("not ready", async () => {
    const body = await ready(program);
    return !body.ready && body;
  });
  assert.match(state.reason, /broker/);
  assert.equal((await program.get("/livez")).status, 200);
  assert.equal((await program.get(`/api/orders/${order.id}`)).status, 200);
  assert.equal(live.ended, false);

  await broker.start();
  await program.ready();
  const later = await eventually("a write that is taken", async () => {
    const answer = await program.post("/api/orders", { ...anOrder, customerName: "Later" });
    return answer.status === 201 && answer.body;
  });
  await live.collect(1, notified(later.id), "NOTIFIED on the connection that was there all the time");
  await program.stop();
});

test("Without a broker the program is up and says why it is not ready", async (t) => {
  const nowhere = `localhost:${await freePort()}`;
  const program = await Program.launch(t, ["--bus=kafka", `--brokers=${nowhere}`]);
  await eventually("an answer", async () => (await fetch(`${program.url}/livez`).catch(() => null))?.ok);
  const state = await eventually("a reason", async () => {
    const body = await ready(program);
    return body.reason?.includes(nowhere) && body;
  });
  assert.equal(state.ready, false);
  assert.equal((await program.post("/api/orders", anOrder)).status, 503);
  assert.deepEqual(await program.stop(), { status: 0, signal: null });
});

test("The program is ready soon after the broker has come", async (t) => {
  await broker.kill();
  const program = await Program.launch(t, onKafka());
  await sleep(1000);
  assert.equal((await ready(program)).ready, false);
  await broker.start();
  await program.ready();
  assert.equal((await program.post("/api/orders", anOrder)).status, 201);
  await program.stop();
});

test("A program whose broker is away ends when it is told to, with an order on its way", async (t) => {
  const program = await Program.start(t, onKafka("--fail-rate=0"));
  await program.order();
  await broker.kill();
  t.after(() => broker.start());
  const onItsWay = program.post("/api/orders", anOrder).catch(() => "cut short");
  assert.deepEqual(await program.stop(), { status: 0, signal: null });
  assert.notEqual((await onItsWay).status, 201);
});

test("Modules in other processes share the work, and one that is killed is replaced", async (t) => {
  const shop = await Program.start(t, onKafka("--modules=order,analytics,audit", "--fail-rate=0"));
  const live = await EventStream.open(t, `${shop.url}/events`);
  const cook = (id) => Program.start(t, onKafka("--modules=notification", `--instance-id=${id}`, "--fail-rate=0"));
  const [one, two] = [await cook("notification-3"), await cook("notification-4")];
  const partitionsOfMembers = async () => {
    const { members } = await answered(shop, "/api/bus/groups/notification-group");
    return members.map(({ assignment }) => assignment.length).sort();
  };
  const areOwned = (...wanted) => async () => `${await partitionsOfMembers()}` === `${wanted}`;
  const order = async (_, number) => (await shop.order({ customerName: `Guest ${number}` })).id;
  const orders = async (count) => Promise.all(Array.from({ length: count }, order));
  const isNotified = (id) => live.messages.some(notified(id));

  await eventually("both have partitions", areOwned(1, 2));
  const first = await orders(12);
  await eventually("each is notified, by one or the other", () => first.every(isNotified));
  await eventually("both are shown", async () => {
    const names = (await shop.get("/api/modules")).body.map(({ instance }) => instance);
    return names.includes("notification-3") && names.includes("notification-4");
  });

  await one.kill();
  const late = await orders(12);
  await eventually("the one that is left notifies all of them", () => late.every(isNotified));
  await eventually("and has all partitions", areOwned(3));
  assert.deepEqual(await two.stop(), { status: 0, signal: null });
  await shop.stop();
});
