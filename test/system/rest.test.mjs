import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Program, anOrder, assertRefused, eventually, run, temporaryFolder } from "./program.mjs";
import { assertGoesOn } from "./restart.mjs";

const rest = (folder, ...more) => ["--architecture=rest", `--database=sqlite:${folder}`, ...more];

const arrowsOf = async (program) =>
  Object.fromEntries((await program.get("/api/calls")).body.map((arrow) => [arrow.arrow, arrow]));

const disturb = async (program, arrow, fault) => {
  const { status, body } = await program.call("PATCH", `/api/calls/${arrow}`, fault);
  assert.equal(status, 200);
  return body;
};

const act = async (program, instance, action) =>
  assert.equal((await program.post(`/api/modules/${instance}/${action}`)).status, 200);

/** All that was caused is done: no jobs wait, and what the services tell each other has been told. */
async function settled(program) {
  let before = "";
  await eventually("the end of all work", async () => {
    const { body } = await program.get("/api/jobs?limit=1000");
    const topics = JSON.stringify((await program.get("/api/bus/topics")).body.map(({ name, endOffset }) => [name, endOffset]));
    const calls = (await program.get("/api/calls")).body;
    const quiet = body.every(({ state }) => state === "dead") && calls.every(({ inFlight }) => inFlight === 0);
    const same = topics === before;
    before = topics;
    return quiet && same;
  });
}

async function verify(program) {
  await settled(program);
  return run(["verify", `--url=${program.url}`]);
}

async function assertVerified(program, events) {
  const { status, stdout } = await verify(program);
  assert.match(stdout, new RegExp(`${events} events: all right$`, "m"));
  assert.doesNotMatch(stdout, /^note/m);
  assert.equal(status, 0);
}

test("Orders, changes, retries and dead jobs are told to every service, and the copies agree", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0.5" });
  for (let i = 0; i < 30; ++i) {
    const { id } = await program.order({ customerName: `customer ${i % 10}`, item: `dish ${i % 4}`, price: 5.25 * i });
    if (i % 3 === 0) await program.call("PATCH", `/api/orders/${id}`, { quantity: i + 1 });
    if (i % 5 === 0) await program.call("DELETE", `/api/orders/${id}`);
  }
  await assertVerified(program, 46);
  const arrows = await arrowsOf(program);
  assert.equal(arrows["order-fraud-check"].calls, 30);
  assert.equal(arrows["order-notification-notify"].calls, 46);
  assert.equal(arrows["order-audit-audit"].calls, 46);
  assert.equal(arrows["fraud-audit-audit"].calls, 30);
  assert.ok(arrows["notification-audit-audit"].calls >= 46);
  const { accepted, notified, gaveUp, dropped, waiting } = (await program.get("/api/stats")).body.ledger;
  assert.deepEqual([accepted, notified + gaveUp + dropped, waiting], [46, 46, 0]);
  for (const { arrow, gaps, breaker } of Object.values(arrows)) assert.deepEqual([arrow, gaps, breaker], [arrow, 0, "closed"]);
  const { body } = await program.call("GET", "/metrics");
  assert.match(body, /^foodorder_calls_total\{arrow="order-fraud-check"\} 30$/m);
});

test("The sixth order of a customer within a minute gets 422, and the verdict is on audit", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  for (let i = 0; i < 5; ++i) await program.order({ customerName: "Omar" });
  const { status, body } = await program.post("/api/orders", { ...anOrder, customerName: "Omar" });
  assert.equal(status, 422);
  assert.match(body.type, /fraud-alert$/);
  assert.equal(body.alerts[0].type, "VELOCITY");
  assert.deepEqual(body.windowStats, { customerOrdersInWindow: 6, globalOrdersInWindow: 6 });
  assert.equal((await program.get("/api/orders")).body.length, 5);
  await assertVerified(program, 5);
  assert.equal((await program.messages("audit")).filter(({ json }) => json.blocked).length, 1);
});

test("A check whose answer is lost is tried again, and counts the order once", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  await disturb(program, "order-fraud-check", { failRate: 0.4 });
  let placed = 0;
  for (let i = 0; i < 5; ++i) {
    const { status } = await program.post("/api/orders", { ...anOrder, customerName: `customer ${i}` }, { "Idempotency-Key": `key-${i}` });
    if (status === 201) ++placed;
  }
  await disturb(program, "order-fraud-check", { failRate: 0 });
  // What was refused because no verdict came is asked for again: its order is counted in the place of the first one.
  for (let i = 0; i < 5; ++i) {
    const answer = await eventually("a closed breaker", async () => {
      const again = await program.post("/api/orders", { ...anOrder, customerName: `customer ${i}` }, { "Idempotency-Key": `key-${i}` });
      return again.status === 201 && again;
    });
    assert.equal(answer.body.customerName, `customer ${i}`);
  }
  assert.ok(placed <= 5);
  const { status, body } = await program.post("/api/orders", { ...anOrder, customerName: "customer 0", price: 99, quantity: 9 });
  assert.equal(status, 201, JSON.stringify(body));
  await settled(program);
  const verdicts = (await program.messages("audit")).filter(({ json }) => json.orderId === body.id && json.windowStats);
  assert.deepEqual(verdicts[0].json.windowStats, { customerOrdersInWindow: 2, globalOrdersInWindow: 6 });
});

test("Requests that come at once under one key are one: fraud is asked once, and another body is refused as such", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  const ask = (customerName, key) => program.post("/api/orders", { ...anOrder, customerName }, { "Idempotency-Key": key });
  const same = await Promise.all(Array.from({ length: 8 }, () => ask("Ann", "same")));
  assert.deepEqual(same.map(({ status, body }) => [status, body.id]), same.map(() => [201, same[0].body.id]));
  assert.equal((await arrowsOf(program))["order-fraud-check"].calls, 1);
  for (let i = 0; i < 4; ++i) await program.order({ customerName: "Ann" });
  // Ann's sixth would be blocked, so whichever is first decides, and the order that stands is counted.
  for (let i = 0; i < 4; ++i) {
    const [ben, ann] = await Promise.all([ask("Ben", `key-${i}`), ask("Ann", `key-${i}`)]);
    assert.equal(ben.status, 201, JSON.stringify(ben.body));
    assert.equal(ann.status, 422, JSON.stringify(ann.body));
  }
  await program.order({ customerName: "Ben" });
  assert.equal((await program.post("/api/orders", { ...anOrder, customerName: "Ben" })).status, 422);
  await settled(program);
});

test("What an order has caused is told: its steps, each try, what was skipped, and what came later", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  await disturb(program, "order-notification-notify", { refuse: true });
  const { id } = await program.order({ customerName: "Ann" });
  await settled(program);
  const { body } = await program.get(`/api/orders/${id}/calls`);
  assert.deepEqual(body.steps.map(({ step, outcome }) => [step, outcome]), [["place", "placed"], ["insert", "inserted"]]);
  const calls = Object.fromEntries(body.calls.map(({ arrow, event, outcome, tries }) => [arrow, [event, outcome, tries.length]]));
  assert.deepEqual(calls, {
    "order-fraud-check": ["created", "answered", 1], "order-audit-audit": ["created", "answered", 1],
    "order-notification-notify": ["created", "failed", 2], "fraud-audit-audit": ["FRAUD_CHECK_PASSED", "answered", 1] });
  const traces = body.calls.map(({ traceparent }) => traceparent.split("-")[1]);
  assert.deepEqual([...new Set(traces)], [body.steps[0].traceId]);
  assert.equal((await program.get(`/api/orders/${randomUUID()}/calls`)).status, 404);
});

test("While fraud is stopped orders are refused, at once when its breaker has opened, and are taken soon after", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  await program.order({ customerName: "Ann" });
  await act(program, "fraud-1", "stop");
  for (let i = 0; i < 12; ++i) {
    const { status, body, headers } = await program.post("/api/orders", { ...anOrder, customerName: `customer ${i}` });
    assert.equal(status, 503);
    assert.match(body.type, /fraud-unavailable$/);
    assert.ok(headers.get("retry-after"));
  }
  const open = (await arrowsOf(program))["order-fraud-check"];
  assert.equal(open.breaker, "open");
  assert.ok(open.refused > 0);
  assert.ok(open.tries <= 11, `${open.tries} tries`);
  assert.match(open.lastError, /Connection refused/);
  assert.equal((await program.get("/api/orders")).body.length, 1);
  await act(program, "fraud-1", "start");
  await eventually("a verdict", async () => (await program.post("/api/orders", { ...anOrder, customerName: "Ben" })).status === 201);
  for (let i = 0; i < 3; ++i) await program.order({ customerName: `late ${i}` });
  assert.equal((await arrowsOf(program))["order-fraud-check"].breaker, "closed");
  await settled(program);
});

test("With --on-fraud-down=accept orders are placed unchecked, and audit says so", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t), "--on-fraud-down=accept"), { FAIL_RATE: "0" });
  await act(program, "fraud-1", "crash");
  const order = await program.order();
  await assertVerified(program, 1);
  const skipped = (await program.messages("audit")).filter(({ json }) => json.action === "FRAUD_CHECK_SKIPPED");
  assert.deepEqual(skipped.map(({ json }) => json.orderId), [order.id]);
});

test("An order whose notification and audit fail is placed, and the gaps are counted", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  await disturb(program, "order-notification-notify", { refuse: true });
  await disturb(program, "order-audit-audit", { refuse: true });
  await program.order({ customerName: "Ann" });
  await disturb(program, "order-notification-notify", { refuse: false });
  await disturb(program, "order-audit-audit", { refuse: false });
  await program.order({ customerName: "Ben" });
  const arrows = await arrowsOf(program);
  assert.equal(arrows["order-notification-notify"].gaps, 1);
  assert.equal(arrows["order-audit-audit"].gaps, 1);
  const { status, stdout } = await verify(program);
  assert.match(stdout, /^note: 2 gaps, because a service was not told/m);
  assert.match(stdout, /2 events: all right$/m);
  assert.equal(status, 0);
  // Nobody passes an event over, so none is lost: one of which notification was not told waits.
  const { accepted, notified, waiting, lost } = (await program.get("/api/stats")).body.ledger;
  assert.deepEqual([accepted, notified, waiting, lost], [2, 1, 1, 0]);
});

test("With --outbox=on the same trouble is a delay, also over a restart: no gap is left", async (t) => {
  const folder = await temporaryFolder(t);
  const first = await Program.start(t, rest(folder, "--outbox=on"), { FAIL_RATE: "0" });
  await disturb(first, "order-notification-notify", { refuse: true });
  await disturb(first, "order-audit-audit", { failRate: 0.5 });
  await disturb(first, "fraud-audit-audit", { refuse: true });
  for (let i = 0; i < 5; ++i) await first.order({ customerName: `customer ${i}` });
  await first.kill();
  const second = await Program.start(t, rest(folder, "--outbox=on"), { FAIL_RATE: "0" });
  await second.order({ customerName: "Ann" });
  await eventually("all outcomes", async () =>
    (await second.messages("audit")).filter(({ json }) => json.action === "NOTIFIED").length === 6);
  await eventually("all verdicts", async () =>
    (await second.messages("audit")).filter(({ json }) => json.windowStats).length === 6);
  await assertVerified(second, 6);
});

test("A paused service costs its timeouts, no more; a request whose caller is gone is not worked on", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  await act(program, "fraud-1", "pause");
  const { status, body } = await program.post("/api/orders", anOrder);
  assert.equal(status, 503);
  assert.match(body.detail, /no whole answer in time/);
  assert.equal((await arrowsOf(program))["order-fraud-check"].tries, 2);
  await act(program, "fraud-1", "resume");
  await program.order({ customerName: "Ben" });
  const verdicts = (await program.get("/api/fraud")).body;
  await settled(program);
  assert.equal((await program.messages("audit")).filter(({ json }) => json.windowStats).length, 1, JSON.stringify(verdicts));
});

test("Two notification services share the calls, and those of one that is stopped go to the other", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  for (let i = 0; i < 4; ++i) await program.order({ customerName: `customer ${i}` });
  for (const instance of ["notification-1", "notification-2"])
    await eventually("its figures", async () => (await program.get(`/api/modules/${instance}`)).body.report?.service?.requests === 2);
  await act(program, "notification-2", "stop");
  for (let i = 4; i < 8; ++i) await program.order({ customerName: `customer ${i}` });
  const arrow = (await arrowsOf(program))["order-notification-notify"];
  assert.deepEqual([arrow.gaps, arrow.errors, arrow.breaker], [0, 0, "closed"]);
  await assertVerified(program, 8);
});

test("The orders, the keys, the jobs and the event stream go on after a restart", async (t) => {
  const second = await assertGoesOn(t, rest(await temporaryFolder(t)), async (second) => assert.equal((await arrowsOf(second))["order-fraud-check"].calls, 0));
  await assertVerified(second, 2);
});

test("A process that is killed under load has lost no order that it acknowledged", async (t) => {
  const folder = await temporaryFolder(t);
  const acknowledged = new Set();
  for (let round = 0; round < 3; ++round) {
    const program = await Program.start(t, rest(folder), { FAIL_RATE: "0.3" });
    let running = true;
    const client = async () => {
      while (running) {
        const body = JSON.stringify({ ...anOrder, customerName: randomUUID() });
        const headers = { "Content-Type": "application/json" };
        const answer = await fetch(`${program.url}/api/orders`, { method: "POST", headers, body }).catch(() => null);
        if (answer?.status !== 201) return;
        const order = await answer.json().catch(() => null);
        if (order) acknowledged.add(order.id);
      }
    };
    const target = acknowledged.size + 60;
    const clients = Array.from({ length: 8 }, client);
    await eventually("orders", () => acknowledged.size >= target);
    await program.kill();
    running = false;
    await Promise.all(clients);
  }
  const program = await Program.start(t, rest(folder), { FAIL_RATE: "0.3" });
  for (const id of acknowledged) assert.equal((await program.get(`/api/orders/${id}`)).status, 200, id);
  const { status, stdout } = await verify(program);
  assert.match(stdout, /all right$/m);
  assert.equal(status, 0);
});

test("A fault that is none is refused, and so is an arrow that is none", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)));
  const refused = async (arrow, body) => (await program.call("PATCH", `/api/calls/${arrow}`, body)).status;
  assert.equal(await refused("order-fraud-check", { delayMs: -1 }), 422);
  assert.equal(await refused("order-fraud-check", { failRate: 2 }), 422);
  assert.equal(await refused("order-fraud-check", { refuse: "yes" }), 422);
  assert.equal(await refused("order-fraud-check", { loss: 1 }), 422);
  assert.equal(await refused("none", { refuse: true }), 404);
  const { fault } = await disturb(program, "order-fraud-check", { delayMs: 5 });
  assert.deepEqual(fault, { refuse: false, delayMs: 5, failRate: 0 });
});

test("A service answers what is no event with 400, and does nothing", async (t) => {
  const program = await Program.start(t, rest(await temporaryFolder(t)), { FAIL_RATE: "0" });
  const { address } = (await eventually("its address", async () => {
    const { report } = (await program.get("/api/modules/audit-1")).body;
    return report?.service;
  }));
  const ask = (path, body, headers = {}) =>
    fetch(`http://${address}${path}`, { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } });
  assert.equal((await ask("/audit", "{}")).status, 400);
  assert.equal((await ask("/check", "{}")).status, 404);
  assert.equal((await ask("/audit", "<html>", { "Content-Type": "text/html" })).status, 415);
  assert.equal((await ask("/audit", "{}", { "X-Deadline-Ms": "0" })).status, 504);
  assert.equal((await program.messages("audit")).length, 0);
});

test("A start that cannot be says in one line why", async (t) => {
  const folder = await temporaryFolder(t);
  assertRefused(await run(["--architecture=rest", "--bus=kafka"]), /--bus=kafka is for --architecture=events, not rest/);
  assertRefused(await run(["--outbox=on"]), /--outbox is for --architecture=rest, not events/);
  assertRefused(await run(["--architecture=monolith", "--on-fraud-down=accept"]), /--on-fraud-down is for --architecture=rest, not monolith/);
  assertRefused(await run(rest(folder, "--fraud-query=scan")), /--fraud-query is for --architecture=monolith, not rest/);
  const program = await Program.start(t, rest(folder));
  await program.stop();
  assertRefused(await run(["--architecture=monolith", `--database=sqlite:${folder}/order.db`]), /was made by --architecture=rest/);
});
