// --architecture=rest, each service a process of its own: what they are to each other, and when one is wrong or away.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { EventStream } from "./event_stream.mjs";
import { Program, anOrder, assertRefused, eventually, freePort, run, temporaryFolder } from "./program.mjs";
import { Services, names } from "./services.mjs";

const environment = { FAIL_RATE: "0" };

const readiness = async (program) => (await fetch(`${program.url}/readyz`).catch(() => null))?.json();

/** Until it says why it is not ready. */
const reasonOf = (program, pattern) =>
  eventually(`${pattern}`, async () => {
    const body = await readiness(program);
    return pattern.test(body?.reason ?? "") && body;
  });

async function assertVerified(services, events) {
  const { status, stdout } = await services.verify();
  assert.match(stdout, new RegExp(`${events} events: all right$`, "m"));
  assert.doesNotMatch(stdout, /^note/m);
  assert.equal(status, 0);
}

test("Four processes are one shop: orders, outcomes, stream and history, and the copies agree", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), ["--outbox=on"], { ...environment, FAIL_RATE: "0.3" });
  const { order } = services;
  const stream = await EventStream.open(t, `${order.url}/events`);
  const placed = [];
  for (let i = 0; i < 12; ++i) placed.push(await order.order({ customerName: `customer ${i}` }));
  await order.call("PATCH", `/api/orders/${placed[0].id}`, { quantity: 7 });
  const done = ({ data }) => ["NOTIFIED", "DLQ"].includes(data.action);
  await stream.collect(13, done);
  assert.deepEqual(stream.gaps, []);
  const { body } = await order.get(`/api/orders/${placed[0].id}/history`);
  const told = new Set(body.map(({ topic }) => topic));
  assert.ok(told.has("orders") && told.has("audit"), [...told].join());
  await eventually("the statistics", async () => (await order.get("/api/stats")).body.orders.created === 12);
  await assertVerified(services, 13);
  const arrows = await services.arrows();
  assert.deepEqual(Object.keys(arrows).length, 5);
  assert.equal(arrows["order-fraud-check"].calls, 12);
  for (const { arrow, gaps } of Object.values(arrows)) assert.deepEqual([arrow, gaps], [arrow, 0]);
});

test("Each process has its own metrics, arrows and readiness, and answers for its own service only", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), [], environment);
  await services.order.order();
  const paths = { fraud: "/check", notification: "/notify", audit: "/audit" };
  for (const name of names) {
    const program = services[name];
    const { body } = await program.get("/metrics");
    const arrows = new Set([...body.matchAll(/^foodorder_calls_total\{arrow="(\w+)-/gm)].map(([, from]) => from));
    assert.deepEqual([...arrows], name === "audit" ? [] : [name]);
    const here = (await program.get("/api/services")).body.filter((service) => service.here).map(({ service }) => service);
    assert.deepEqual(here, [name]);
    assert.equal((await readiness(program)).ready, true);
    for (const [other, path] of Object.entries(paths)) {
      const { status } = await fetch(program.url + path, { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } });
      assert.equal(status, other === name ? 400 : 404, `${path} of ${name}`);
    }
    if (name === "order") continue;
    const refused = await program.post("/api/orders", anOrder);
    assert.equal(refused.status, 503);
    assert.match(refused.body.detail, /no order module/);
  }
});

test("A wrong address is named: another service's, a whole shop's, a stranger's, and nobody's", async (t) => {
  const folder = await temporaryFolder(t);
  const services = await Services.plan(t, folder, [], environment);
  for (const name of ["audit", "notification"]) await (await services.launch(name)).ready();
  const { ports } = services;
  const right = ports.fraud;
  ports.fraud = ports.audit;
  const order = await services.launch("order");
  const body = await reasonOf(order, /is not the fraud service, but audit/);
  assert.deepEqual(body.services.map(({ service, error }) => [service, error !== undefined]), [["audit", false], ["fraud", true], ["notification", false]]);
  assert.equal((await order.post("/api/orders", anOrder)).status, 503);
  assert.equal((await order.get("/api/orders")).body.length, 0);
  await order.stop();

  ports.fraud = right;
  await services.launch("order");
  await reasonOf(services.order, /the fraud service does not answer: .*Connection refused/);
  await services.order.stop();

  const stranger = createServer((request, response) => response.end("<html>hello</html>")).listen(0, "127.0.0.1");
  t.after(() => stranger.close());
  await eventually("the stranger", () => stranger.listening);
  ports.fraud = stranger.address().port;
  await services.launch("order");
  await reasonOf(services.order, /is not the fraud service: no foodorder with --architecture=rest answers there/);
  await services.order.stop();

  const shop = await Program.start(t, ["--architecture=rest", `--database=sqlite:${await temporaryFolder(t)}`], environment);
  ports.fraud = shop.port;
  await services.launch("order");
  await reasonOf(services.order, /is not the fraud service, but order/);
});

test("A name that means nothing is named, and one that means this machine works", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), [], environment);
  services.url = (name) => `http://localhost:${services.ports[name]}`;
  for (const name of names) await services.launch(name);
  for (const name of names) await services[name].ready();
  await services.order.order();
  await services.fraud.stop();
  services.url = () => "http://no-such-host.invalid:3001";
  const lost = await services.launch("fraud");
  await reasonOf(lost, /the audit service does not answer: no-such-host\.invalid:3001/);
});

test("An order service that starts alone takes orders, and tells the others when they are there", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), ["--outbox=on"], environment);
  const order = await services.launch("order", "--on-fraud-down=accept");
  await reasonOf(order, /does not answer/);
  const stream = await eventually("the stream", async () => EventStream.open(t, `${order.url}/events`).catch(() => null));
  const placed = await order.order();
  await stream.collect(1, ({ type, data }) => type === "order" && data.order.id === placed.id);
  for (const name of ["fraud", "notification", "audit"]) await services.launch(name);
  for (const name of names) await services[name].ready();
  await stream.collect(1, ({ data }) => data.action === "NOTIFIED");
  await assertVerified(services, 1);
  assert.equal((await order.messages("audit")).filter(({ json }) => json.action === "FRAUD_CHECK_SKIPPED").length, 1);
});

test("A service that goes is shown, and the others stay ready; it is back when it is", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), ["--outbox=on"], environment);
  await services.audit.kill();
  const seen = await eventually("the loss", async () => {
    const body = await readiness(services.order);
    return body.services.find(({ service }) => service === "audit").error && body;
  });
  assert.equal(seen.ready, true);
  const stream = await EventStream.open(t, `${services.order.url}/events`);
  await services.order.order();
  await stream.collect(1, ({ type }) => type === "order");
  await services.launch("audit");
  await services.audit.ready();
  await stream.collect(1, ({ data }) => data.action === "NOTIFIED");
  await assertVerified(services, 1);
});

test("Two order services on one file are one: a key is used once, and both tell all of it", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), ["--outbox=on"], environment);
  const first = services.order;
  services.ports.order = await freePort();
  const second = await services.launch("order");
  await second.ready();
  const stream = await EventStream.open(t, `${first.url}/events`);
  const place = async (i) => {
    const body = { ...anOrder, customerName: `customer ${i}` };
    const [a, b] = await Promise.all([first, second].map((order) => order.post("/api/orders", body, { "Idempotency-Key": `key-${i}` })));
    assert.deepEqual([a.status, b.status, a.body], [201, 201, b.body]);
  };
  for (let i = 0; i < 10; ++i) await place(i);
  await second.order({ customerName: "Ann" });
  await stream.collect(11, ({ data }) => data.action === "NOTIFIED");
  // Where both have asked fraud before one of them placed the order, verify notes a check without an order.
  const { status, stdout } = await services.verify();
  assert.match(stdout, /11 events: all right$/m);
  assert.doesNotMatch(stdout, /gap/);
  assert.equal(status, 0);
});

test("Two processes of each other service on one file are one, too", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), ["--outbox=on"], environment);
  const twins = [];
  for (const name of ["fraud", "notification", "audit"]) {
    const [first, port] = [services[name], services.ports[name]];
    services.ports[name] = await freePort();
    twins.push(await services.launch(name));
    await services[name].ready();
    [services[name], services.ports[name]] = [first, port];
  }
  for (let i = 0; i < 10; ++i) await services.order.order({ customerName: `customer ${i}` });
  const { body } = await services.fraud.get("/api/fraud");
  assert.ok(body);
  await assertVerified(services, 10);
});

/** A service that is none of ours: `answer(body)` gives what it says to a POST, or a status. */
async function strangeService(t, service, answer) {
  let requests = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.method === "GET") return void response.end(JSON.stringify([{ service, here: true }]));
    ++requests;
    const said = answer(body && JSON.parse(body), requests);
    response.writeHead(typeof said === "number" ? said : 200, { "Content-Type": "application/json" });
    response.end(typeof said === "number" ? "{}" : JSON.stringify(said));
  }).listen(0, "127.0.0.1");
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  await eventually("a strange service", () => server.listening);
  return { port: server.address().port, requests: () => requests };
}

test("Services of other versions understand each other: what they do not know they ignore, what is optional may be missing", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), [], environment);
  const fraud = await strangeService(t, "fraud", ({ order }) => ({
    source: "fraud-service", orderId: order.id, alerts: [], windowStats: { score: 3 }, since: "another version", action: "CHECKED" }));
  services.ports.fraud = fraud.port;
  for (const name of ["audit", "notification", "order"]) await services.launch(name);
  await services.order.ready();
  assert.equal((await services.order.post("/api/orders", anOrder)).status, 201);
  assert.equal(fraud.requests(), 1);

  const ask = (name, path, body, headers) =>
    fetch(services.url(name) + path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
  const event = { "ce-id": "1", "ce-time": "2026-01-01T00:00:00Z", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };
  const order = { id: "of-another-version", ...anOrder, status: "PENDING", createdAt: "2026-01-01T00:00:00.000Z", tip: 1, address: { street: "Main St" } };
  const notified = await ask("notification", "/notify", { action: "created", order, timestamp: "2026-01-01T00:00:00.000Z", channel: "sms" }, { ...event, "ce-priority": "high" });
  assert.deepEqual([notified.status, await notified.json()], [202, { taken: true }]);
  const logged = { source: "other-service", action: "SEEN", orderId: order.id, mood: "good" };
  const audited = await ask("audit", "/audit", logged, { ...event, "ce-causationid": "0" });
  assert.deepEqual([audited.status, await audited.json()], [201, { taken: true }]);
  await eventually("its notification", async () =>
    (await services.order.messages("audit")).some(({ json }) => json.orderId === order.id && json.action === "NOTIFIED"));
});

test("A request that comes after its deadline is answered with 504, and nothing is done", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), [], environment);
  const paths = { fraud: "/check", notification: "/notify", audit: "/audit" };
  for (const [name, path] of Object.entries(paths)) {
    const headers = { "Content-Type": "application/json", "X-Deadline-Ms": "0" };
    const { status } = await fetch(services.url(name) + path, { method: "POST", headers, body: JSON.stringify({ orderId: "late" }) });
    assert.equal(status, 504);
    assert.equal((await services[name].messages("audit")).length, 0);
  }
  // It comes in time, and the service is late.
  const event = { "ce-id": "1", "ce-time": "2026-01-01T00:00:00Z", "ce-causationid": "0", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };
  await services.audit.call("PATCH", "/api/modules/audit-1", { settings: { faultDelayMs: 300 } });
  const ask = async (deadline) => {
    const headers = { "Content-Type": "application/json", "X-Deadline-Ms": `${deadline}`, ...event };
    const body = JSON.stringify({ source: "test", action: "SEEN", orderId: "late" });
    return (await fetch(`${services.url("audit")}/audit`, { method: "POST", headers, body })).status;
  };
  assert.equal(await ask(100), 504);
  assert.equal((await services.audit.messages("audit")).length, 0);
  assert.equal(await ask(60_000), 201);
  await services.audit.call("PATCH", "/api/modules/audit-1", { settings: { faultDelayMs: 0, faultRate: 1 } });
  assert.equal(await ask(60_000), 503);
});

test("While fraud is killed each order is refused, nearly none is sent to it, and all are taken when it is back", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), [], environment);
  await services.order.order({ customerName: "Ann" });
  await services.fraud.kill();
  let slowest = 0;
  for (let i = 0; i < 60; ++i) {
    const asked = Date.now();
    const { status, body } = await services.order.post("/api/orders", { ...anOrder, customerName: `customer ${i}` });
    assert.deepEqual([status, body.type], [503, "/problems/fraud-unavailable"]);
    slowest = Math.max(slowest, Date.now() - asked);
  }
  const arrow = (await services.arrowsOf("order"))["order-fraud-check"];
  assert.ok(arrow.breakerOpenings >= 1);
  // Ten show that it is down; then one probe for each further opening.
  assert.ok(arrow.tries <= 1 + 11 + arrow.breakerOpenings, `${arrow.tries} tries`);
  await services.launch("fraud");
  await services.fraud.ready();
  const back = Date.now();
  await eventually("an order", async () => (await services.order.post("/api/orders", { ...anOrder, customerName: "Ben" })).status === 201);
  t.diagnostic(`refused within ${slowest} ms; taken again ${Date.now() - back} ms after it was back`);
  for (let i = 0; i < 5; ++i) await services.order.order({ customerName: `late ${i}` });
  assert.equal((await services.arrowsOf("order"))["order-fraud-check"].breaker, "closed");
});

test("Retries add no storm: at most a quarter to the calls of a service that always fails, and no more than the budget to another", async (t) => {
  for (const failing of [1, 0.4]) {
    const services = await Services.plan(t, await temporaryFolder(t), [], environment);
    const verdict = { source: "fraud-service", action: "CHECKED", alerts: [], windowStats: {} };
    const fraud = await strangeService(t, "fraud", (_, request) => (request % 5 < failing * 5 ? 503 : verdict));
    services.ports.fraud = fraud.port;
    for (const name of ["audit", "notification", "order"]) await services.launch(name);
    await services.order.ready();
    const begin = Date.now();
    const calls = 400;
    let left = calls;
    const client = async () => {
      while (left-- > 0) await services.order.post("/api/orders", { ...anOrder, customerName: `customer ${left}` });
    };
    await Promise.all(Array.from({ length: 8 }, client));
    // A fifth of the calls, and for those who call rarely 3 a second, which may be spent at once for the last 10 s.
    const budget = 0.2 * calls + 3 * (10 + (Date.now() - begin) / 1000);
    const most = failing === 1 ? 1.25 * calls : calls + budget;
    assert.ok(fraud.requests() <= most, `${fraud.requests()} requests of ${calls} calls`);
    const arrow = (await services.arrowsOf("order"))["order-fraud-check"];
    assert.equal(arrow.tries, fraud.requests());
    t.diagnostic(`${failing * 100} % failing: ${fraud.requests()} requests of ${calls} calls`);
    for (const name of ["audit", "notification", "order"]) await services[name].kill();
  }
});

test("A start that makes no sense is refused in one line", async (t) => {
  const folder = await temporaryFolder(t);
  const rest = (...more) => ["--architecture=rest", `--database=sqlite:${folder}`, ...more];
  const audit = "--audit-url=http://localhost:3004";
  assertRefused(await run(rest("--modules=order")), /order calls fraud, which is not among --modules: say where it is by --fraud-url/);
  assertRefused(await run(rest("--modules=fraud", "--port=4000")), /fraud calls audit, .* --audit-url/);
  assertRefused(await run(rest("--modules=fraud", audit)), /a process without order needs a --port/);
  assertRefused(await run(rest("--modules=analytics,audit", "--port=4000")), /analytics follows the order service/);
  assertRefused(await run(rest(audit)), /--audit-url is for the audit service of another process/);
  assertRefused(await run(rest("--modules=audit", "--port=4000", "--fraud-url=http://localhost:3002")), /nothing among --modules calls fraud/);
  assertRefused(await run(rest("--modules=audit", "--port=4000", "--on-fraud-down=accept")), /--on-fraud-down is for the order service/);
  assertRefused(await run(rest("--modules=fraud", "--port=4000", "--audit-url=localhost:3004")), /must be http:\/\/host:port/);
  assertRefused(await run([audit]), /--audit-url is for --architecture=rest, not events/);
});
