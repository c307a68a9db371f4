import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream } from "./event_stream.mjs";
import { Program, eventually, run } from "./program.mjs";

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

test("Settings change while it runs", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "1" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  for (const instance of ["notification-1", "notification-2"]) {
    const { body } = await program.call("PATCH", `/api/modules/${instance}`, { settings: { failRate: 0 } });
    assert.equal(body.settings.failRate, 0);
  }
  await program.order();
  await stream.collect(1, ({ data }) => data.action === "NOTIFIED");
});

const fieldsOf = ({ body }) => Object.fromEntries(body.errors.map(({ field, message }) => [field, message]));

test("A wrong change of settings is refused with the name of each and what is allowed, and changes nothing", async (t) => {
  const program = await Program.start(t, ["--modules=notification,audit"], { FAIL_RATE: "0.3" });
  const patch = (body) => program.call("PATCH", "/api/modules/notification-1", body);
  const several = await patch({ settings: { failRate: 2, failMode: "explode", speed: 2, retryBackoffMs: 100 } });
  assert.equal(several.status, 422);
  assert.match(several.headers.get("content-type"), /problem\+json/);
  const fields = fieldsOf(several);
  assert.deepEqual(Object.keys(fields).sort(), ["settings.failMode", "settings.failRate", "settings.speed"]);
  assert.match(fields["settings.failRate"], /failRate.*0.*1/);
  assert.match(fields["settings.failMode"], /dlq, drop, retry-forever/);
  assert.match(fields["settings.speed"], /speed.*failRate/);
  assert.deepEqual(Object.keys(fieldsOf(await patch({ failRate: "often" }))), ["failRate"], "the bare settings");
  assert.deepEqual(Object.keys(fieldsOf(await patch({ settings: { failRate: null, retryBackoffMs: [1] } }))), [
    "settings.failRate",
    "settings.retryBackoffMs",
  ]);
  assert.deepEqual(Object.keys(fieldsOf(await patch({ settings: 5 }))), ["settings"]);
  assert.deepEqual(Object.keys(fieldsOf(await patch({ settings: {}, state: "stopped" }))), ["state"]);
  for (const malformed of ["[]", "5", '"failRate"', "null", "{", ""]) assert.equal((await patch(malformed)).status, 400);
  const { settings } = (await program.get("/api/modules/notification-1")).body;
  assert.equal(settings.failRate, 0.3);
  assert.equal(settings.retryBackoffMs, 200);
});

test("One more instance is refused with the name of each field that is wrong", async (t) => {
  const program = await Program.start(t, ["--modules=notification,audit"]);
  const add = (body) => program.post("/api/modules", body);
  const nonsense = await add({ kind: "nonsense", settings: "fast", size: 3 });
  assert.equal(nonsense.status, 422);
  const fields = fieldsOf(nonsense);
  assert.deepEqual(Object.keys(fields).sort(), ["kind", "settings", "size"]);
  assert.match(fields.kind, /one of order, notification, fraud, analytics, audit/);
  assert.deepEqual(Object.keys(fieldsOf(await add({}))), ["kind"]);
  assert.deepEqual(Object.keys(fieldsOf(await add({ kind: 7 }))), ["kind"]);
  const settings = await add({ kind: "notification", settings: { failRate: 2, speed: 1 } });
  assert.equal(settings.status, 422);
  assert.deepEqual(Object.keys(fieldsOf(settings)).sort(), ["settings.failRate", "settings.speed"]);
  assert.equal((await add("[1]")).status, 400);
  assert.equal((await add({ kind: "x".repeat(65_536) })).status, 413);
  assert.equal((await program.get("/api/modules")).body.length, 2);
});

test("An action that an instance's state does not allow is a conflict that says why", async (t) => {
  const program = await Program.start(t, ["--modules=fraud,audit"]);
  await program.post("/api/modules/fraud-1/stop");
  const refused = await program.post("/api/modules/fraud-1/pause");
  assert.equal(refused.status, 409);
  assert.match(refused.body.detail, /fraud-1 is stopped/);
  assert.equal((await program.post("/api/modules/audit-1/replay")).status, 409);
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
  assert.equal((await program.post("/api/modules/nobody-1/stop")).status, 404);
  assert.equal((await program.post("/api/modules/fraud-1/dance")).status, 404);
});

test("One more instance has the settings that the program was started with", async (t) => {
  const program = await Program.start(t, ["--modules=notification,audit", "--fail-rate=1"], { FAIL_MODE: "drop" });
  const { settings } = (await program.post("/api/modules", { kind: "notification" })).body;
  assert.equal(settings.failRate, 1);
  assert.equal(settings.failMode, "drop");
  const given = await program.post("/api/modules", { kind: "notification", settings: { failRate: 0.5 } });
  assert.equal(given.body.settings.failRate, 0.5);
  assert.equal(given.body.settings.failMode, "drop");
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

test("Figures are whole or not there, also while the module reads its log again", async (t) => {
  const program = await Program.start(t);
  for (let i = 0; i < 5; ++i) await program.order();
  const created = async () => (await program.get("/api/stats")).body.orders?.created;
  await eventually("five orders", async () => (await created()) === 5);
  for (const end of ["stop", "crash"]) {
    await program.post(`/api/modules/analytics-1/${end}`);
    await program.post("/api/modules/analytics-1/start");
    await eventually("the figures", async () => {
      const { status, body } = await program.get("/api/stats");
      if (status === 503) return false;
      assert.equal(body.orders.created, 5);
      return true;
    });
  }
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

test("--replay reads orders again at the start, and tells the terminal, the report and the live feed", async (t) => {
  for (const [args, env] of [
    [["--replay"], {}],
    [[], { REPLAY: "true" }],
  ]) {
    const program = await Program.start(t, args, env);
    await eventually("the summary", () => /replay {5}fraud-1: .*0 orders were replayed \(a memory bus/.test(program.output));
    const replay = await eventually("the end of the replay", async () => {
      const { body } = await program.get("/api/modules/fraud-1");
      return body.report.replay?.state === "done" && body.report.replay;
    });
    assert.equal(replay.summary.orders, 0);
    assert.deepEqual(replay.summary.differences, []);
    const feed = await EventStream.open(t, `${program.url}/events/system`);
    await feed.collect(1, ({ data }) =>
      data.modules.some(({ instance, report }) => instance === "fraud-1" && report.replay?.state === "done"),
    );
  }
});

test("A fraud process of its own with --replay replays, says what came of it and ends", async () => {
  const command = ["--modules=fraud", "--instance-id=fraud-service"];
  const { status, stdout } = await run(command, { REPLAY: "true", PORT: "3001", HOST: "0.0.0.0", TOKEN: "none" });
  assert.equal(status, 0);
  assert.match(stdout, /^replay {5}fraud-service: reads orders from the beginning and writes nothing$/m);
  assert.match(stdout, /^replay {5}fraud-service: .*0 orders were replayed \(a memory bus/m);
  assert.doesNotMatch(stdout, /dashboard|inspector/);
});

test("--replay in a process without fraud says that nothing is replayed", async (t) => {
  const program = await Program.start(t, ["--replay", "--modules=order,audit"]);
  await eventually("the line", () => /no fraud module in this process/.test(program.output));
});
