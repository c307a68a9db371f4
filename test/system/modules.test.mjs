import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "./event_stream.mjs";
import { Program, eventually } from "./program.mjs";

const membersOf = async (program, group) => (await program.get(`/api/bus/groups/${group}`)).body.members;
const stateOf = async (program, instance) => (await program.get(`/api/modules/${instance}`)).body.state;

test("The instances of the default configuration run and are ready", async (t) => {
  const program = await Program.start(t);
  const modules = await eventually("six instances", async () => {
    const { body } = await program.get("/api/modules");
    return body.length === 6 && body.every(({ state }) => state === "running") && body;
  });
  assert.deepEqual(modules.map(({ instance }) => instance).sort(), [
    "analytics-1",
    "audit-1",
    "fraud-1",
    "notification-1",
    "notification-2",
    "order-1",
  ]);
});

test("A stopped member leaves at once, a crashed one stays until its session ends, and nothing is lost", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  assert.equal((await program.post("/api/modules/notification-1/stop")).body.state, "stopped");
  await eventually("one member", async () => (await membersOf(program, "notification-group")).length === 1);
  await program.post("/api/modules/notification-1/start");
  await eventually("two members", async () => (await membersOf(program, "notification-group")).length === 2);

  assert.equal((await program.post("/api/modules/notification-2/crash")).body.state, "crashed");
  assert.equal((await membersOf(program, "notification-group")).length, 2, "a crash does not leave");
  for (let i = 0; i < 30; ++i) await program.order({ customerName: `c${i}` });
  await stream.collect(30, ({ data }) => data.action === "NOTIFIED", "NOTIFIED after the session ended");
  assert.equal((await membersOf(program, "notification-group")).length, 1);
});

test("A paused instance stays a member while its lag grows, and resumes", async (t) => {
  const program = await Program.start(t, ["--modules=order,fraud,audit"]);
  await eventually("a member", async () => (await membersOf(program, "fraud-group")).length === 1);
  await program.post("/api/modules/fraud-1/pause");
  for (let i = 0; i < 5; ++i) await program.order();
  const lag = async () => (await program.get("/api/bus/groups/fraud-group")).body.lag;
  assert.equal(await lag(), 5);
  assert.equal((await membersOf(program, "fraud-group")).length, 1);
  await program.post("/api/modules/fraud-1/resume");
  await eventually("lag 0", async () => (await lag()) === 0);
});

test("Settings change while it runs, and a wrong one is refused by name", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "1" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  for (const instance of ["notification-1", "notification-2"]) {
    const { body } = await program.call("PATCH", `/api/modules/${instance}`, { settings: { failRate: 0 } });
    assert.equal(body.settings.failRate, 0);
  }
  await program.order();
  await stream.collect(1, ({ data }) => data.action === "NOTIFIED");
  const wrong = await program.call("PATCH", "/api/modules/notification-1", { settings: { failRate: 2 } });
  assert.equal(wrong.status, 422);
  assert.match(wrong.body.detail, /failRate.*0.*1/);
  const unknown = await program.call("PATCH", "/api/modules/notification-1", { settings: { speed: 2 } });
  assert.equal(unknown.status, 422);
  assert.match(unknown.body.detail, /speed/);
});

test("One more instance takes a share of the partitions", async (t) => {
  const program = await Program.start(t);
  const { status, body } = await program.post("/api/modules", { kind: "notification" });
  assert.equal(status, 201);
  assert.equal(body.instance, "notification-3");
  await eventually("three members with a partition each", async () => {
    const members = await membersOf(program, "notification-group");
    return members.length === 3 && members.every(({ assignment }) => assignment.length === 1);
  });
  assert.equal((await program.post("/api/modules", { kind: "nonsense" })).status, 422);
  assert.equal((await program.post("/api/modules/nobody-1/stop")).status, 404);
  assert.equal((await program.post("/api/modules/fraud-1/dance")).status, 404);
});

test("A stopped order module answers 503, control goes on, and started again it has all orders", async (t) => {
  const program = await Program.start(t);
  const placed = [await program.order(), await program.order()];
  await program.post("/api/modules/order-1/stop");
  const refused = await program.post("/api/orders", { customerName: "A", item: "B", quantity: 1, price: 1 });
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.get("retry-after"));
  assert.equal(await stateOf(program, "order-1"), "stopped");
  for (const end of ["start", "crash", "start"]) await program.post(`/api/modules/order-1/${end}`);
  const orders = await eventually("the orders", async () => {
    const answer = await program.get("/api/orders");
    return answer.status === 200 && answer.body.length === 2 && answer.body;
  });
  assert.deepEqual(orders, placed);
});

test("Fraud replays its log, writes nothing to live topics and finds the same alerts", async (t) => {
  const program = await Program.start(t);
  for (let i = 0; i < 8; ++i) await program.order({ customerName: "Greedy" });
  const checks = async () => (await program.messages("audit")).filter(({ json }) => json.source === "fraud-service");
  await eventually("eight checks", async () => (await checks()).length === 8);
  const { status } = await program.post("/api/modules/fraud-1/replay");
  assert.equal(status, 200);
  const replay = await eventually("the end of the replay", async () => {
    const { body } = await program.get("/api/modules/fraud-1");
    return body.report.replay?.state === "done" && body.report.replay;
  });
  assert.equal(replay.summary.orders, 8);
  assert.deepEqual(replay.summary.differences, []);
  assert.equal((await checks()).length, 8);
});
