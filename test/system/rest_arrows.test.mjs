// --architecture=rest, each service a process of its own: the order process shows the arrows and the calls of all, and passes a
// fault on.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Program, eventually, temporaryFolder } from "./program.mjs";
import { Services, names } from "./services.mjs";

const environment = { FAIL_RATE: "0" };
const own = ["order-fraud-check", "order-notification-notify", "order-audit-audit"];
const others = ["fraud-audit-audit", "notification-audit-audit"];

/** The arrows as the order process shows them, once they are as wanted. */
const arrowsWhen = (services, what, wanted) =>
  eventually(what, async () => {
    const arrows = await services.arrowsOf("order").catch(() => ({}));
    return wanted(arrows) && arrows;
  });

/** What /events/system says of the arrows, once it is as wanted. */
async function systemWhen(program, wanted) {
  const ending = new AbortController();
  const { body } = await fetch(`${program.url}/events/system`, { signal: ending.signal });
  let text = "";
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const said = JSON.parse(event.slice(event.indexOf("data: ") + 6));
      if (said.type !== "system" || !wanted(said.data.architecture)) continue;
      ending.abort();
      return said.data.architecture;
    }
  }
}

test("The order process shows every arrow, with what another process counts and where", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), [], environment);
  for (let i = 0; i < 3; ++i) await services.order.order({ customerName: `customer ${i}` });
  const arrows = await arrowsWhen(services, "all calls", (all) => others.every((name) => all[name]?.calls === 3 && all[name].untold === 0));
  assert.deepEqual(Object.keys(arrows), [...own, ...others]);
  const told = { ...(await services.arrowsOf("fraud")), ...(await services.arrowsOf("notification")) };
  for (const name of others) {
    const { url, ...figures } = arrows[name];
    assert.deepEqual(figures, told[name]);
    assert.equal(url, services.url(name.split("-")[0]));
  }
  for (const name of own) assert.equal(arrows[name].url, undefined);
  assert.deepEqual(Object.keys(await services.arrowsOf("fraud")), ["fraud-audit-audit"]);
  const { calls, untold } = await systemWhen(services.order, (shown) => shown.calls.length === 5 && shown.untold.notification === 0);
  assert.deepEqual(calls.map(({ arrow, calls: n }) => [arrow, n]), [...own, ...others].map((name) => [name, 3]));
  assert.deepEqual(untold, { fraud: 0, notification: 0 });
});

test("An arrow of a process that ends keeps its last figures and says so, and is live again when it is back", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), [], environment);
  for (const name of names) await services.launch(name, ...(name === "order" ? ["--on-fraud-down=accept"] : []));
  for (const name of names) await services[name].ready();
  await services.order.order();
  await arrowsWhen(services, "its call", (all) => all["fraud-audit-audit"]?.calls === 1);
  const killed = Date.now();
  await services.fraud.kill();
  const stale = (await arrowsWhen(services, "the silence", (all) => all["fraud-audit-audit"]?.trouble))["fraud-audit-audit"];
  assert.match(stale.trouble, /^the fraud service does not answer: .*Connection refused/);
  assert.equal(stale.calls, 1);
  assert.ok(Math.abs(Date.parse(stale.heardAt) - killed) < 2000, stale.heardAt);
  await services.order.order();
  assert.equal((await services.arrowsOf("order"))["notification-audit-audit"].trouble, undefined);
  await services.launch("fraud");
  await services.fraud.ready();
  await arrowsWhen(services, "its figures", (all) => all["fraud-audit-audit"].calls === 0);
});

test("A process that hangs holds up neither the arrows nor the page, and one that never was there is not known", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), [], environment);
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  t.after(() => silent.closeAllConnections());
  t.after(() => silent.close());
  await eventually("the silent one", () => silent.listening);
  services.ports.fraud = silent.address().port;
  for (const name of ["audit", "notification", "order"]) await services.launch(name);
  const arrows = await arrowsWhen(services, "the silence", (all) => /no whole answer in time/.test(all["fraud-audit-audit"]?.trouble));
  assert.deepEqual(arrows["fraud-audit-audit"], {
    arrow: "fraud-audit-audit", from: "fraud", to: "audit", path: "/audit", url: services.url("fraud"),
    trouble: `the fraud service does not answer: 127.0.0.1:${services.ports.fraud}: no whole answer in time` });
  for (let i = 0; i < 20; ++i) {
    const asked = Date.now();
    await services.arrowsOf("order");
    assert.ok(Date.now() - asked < 400, `${Date.now() - asked} ms`);
  }
  await systemWhen(services.order, ({ calls }) => calls.some(({ arrow, calls: n }) => arrow === "notification-audit-audit" && n === 0));
});

test("What is at the address of another service is not shown as that one's arrow, and nothing goes in circles", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), [], environment);
  // Each has the other at the address of a service that neither has.
  const second = await Services.plan(t, await temporaryFolder(t), [], environment);
  services.ports.fraud = second.ports.order;
  second.ports.fraud = services.ports.order;
  const shop = await Program.start(t, ["--architecture=rest", `--database=sqlite:${await temporaryFolder(t)}`], environment);
  await shop.order();
  services.ports.notification = second.ports.notification = shop.port;
  await services.launch("order");
  await second.launch("order");
  const seen = (all, name, why) => why.test(all[name]?.trouble) && all[name].calls === undefined;
  for (const each of [services, second])
    await arrowsWhen(each, "the wrong services", (all) =>
      seen(all, "fraud-audit-audit", /is not the fraud service, but order$/) && seen(all, "notification-audit-audit", /is not the notification service, but order$/));
  const passed = await services.order.call("PATCH", "/api/calls/fraud-audit-audit", { refuse: true });
  assert.deepEqual([passed.status, passed.body.type], [503, "/problems/service-unavailable"]);
  assert.match(passed.body.detail, /is not the fraud service, but order/);
  assert.equal((await shop.get("/api/calls")).body.find(({ arrow }) => arrow === "notification-audit-audit").fault.refuse, false);
});

test("A fault that is set on an arrow of another process is set there, and one that is wrong is not", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), [], environment);
  const { order, notification } = services;
  await arrowsWhen(services, "its arrow", (all) => all["notification-audit-audit"]?.calls === 0);
  const set = await order.call("PATCH", "/api/calls/notification-audit-audit", { refuse: true, delayMs: 5 });
  const fault = { refuse: true, delayMs: 5, failRate: 0 };
  assert.equal(set.status, 200);
  assert.deepEqual([set.body.fault, set.body.url], [fault, services.url("notification")]);
  assert.deepEqual((await services.arrowsOf("notification"))["notification-audit-audit"].fault, fault);
  assert.deepEqual((await services.arrowsOf("order"))["notification-audit-audit"].fault, fault);
  const refused = async (arrow, body) => (await order.call("PATCH", `/api/calls/${arrow}`, body)).status;
  assert.equal(await refused("notification-audit-audit", { delayMs: -1 }), 422);
  assert.equal(await refused("notification-audit-audit", "[]"), 400);
  assert.equal(await refused("audit-order-order", { refuse: true }), 404);
  assert.equal((await notification.call("PATCH", "/api/calls/order-fraud-check", { refuse: true })).status, 404);
  await notification.kill();
  const { status, body } = await order.call("PATCH", "/api/calls/notification-audit-audit", { refuse: false });
  assert.equal(status, 503);
  assert.ok(body.detail.includes(services.url("notification")), body.detail);
});

test("A process that asks for a token gets the one that the client sends, and says where another one is needed", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), ["--host=0.0.0.0"], environment);
  for (const name of names) await services.launch(name, `--token=${name === "fraud" ? "theirs" : "ours"}`);
  for (const name of names) await services[name].ready();
  const patch = (arrow, token) => services.order.call("PATCH", `/api/calls/${arrow}`, { refuse: true }, token && { Authorization: `Bearer ${token}` });
  assert.equal((await patch("notification-audit-audit")).status, 401);
  assert.equal((await patch("notification-audit-audit", "ours")).status, 200);
  const other = await patch("fraud-audit-audit", "ours");
  assert.equal(other.status, 403);
  assert.ok(other.body.detail.startsWith(`the fraud service at ${services.url("fraud")} answers 401: this needs the token`), other.body.detail);
});

test("The calls of an order are those of all processes, and who does not answer is named", async (t) => {
  const services = await Services.start(t, await temporaryFolder(t), [], environment);
  const { id } = await services.order.order();
  const tree = async (name = "order", query = "") => (await services[name].get(`/api/orders/${id}/calls${query}`)).body;
  const whole = await eventually("all calls", async () => {
    const told = await tree();
    return told.calls.length === 5 && told;
  });
  assert.deepEqual(whole.missing, []);
  assert.deepEqual(new Set(whole.calls.map(({ arrow }) => arrow)), new Set([...own, ...others]));
  assert.deepEqual(whole.steps.map(({ step }) => step), ["place", "insert"]);
  const starts = Object.fromEntries(whole.calls.map(({ arrow, startMs }) => [arrow, startMs]));
  assert.deepEqual(Object.values(starts), Object.values(starts).toSorted((a, b) => a - b));
  assert.ok(starts["fraud-audit-audit"] > starts["order-fraud-check"], "its verdict comes after it was asked");
  assert.ok(starts["notification-audit-audit"] > starts["order-notification-notify"]);
  for (const { startMs, tries } of whole.calls) assert.ok(tries[0].startMs >= startMs && tries[0].startMs < startMs + 5);

  const [fraud, notification] = ["fraud", "notification"].map((service) => ({ service, url: services.url(service) }));
  assert.deepEqual((await tree("order", "?here=true")).missing, [fraud, notification]);
  const alone = await tree("fraud");
  assert.deepEqual([alone.calls.map(({ arrow }) => arrow), alone.missing], [["fraud-audit-audit"], [{ service: "order" }, { service: "notification" }]]);
  assert.equal((await services.order.get("/api/orders/none/calls")).status, 404);

  await services.fraud.kill();
  const part = await tree();
  assert.deepEqual(part.calls.map(({ arrow }) => arrow).toSorted(), [...own, others[1]].toSorted());
  assert.deepEqual(part.missing.map(({ service, url }) => [service, url]), [["fraud", fraud.url]]);
  assert.match(part.missing[0].error, /^the fraud service does not answer: .*Connection refused/);

  await services.order.kill();
  await services.launch("order");
  const left = await eventually("what is kept elsewhere", () => tree().catch(() => null));
  assert.deepEqual([left.calls.map(({ arrow }) => arrow), left.steps, left.calls[0].startMs], [[others[1]], [], 0]);
});

test("Who is asked for the calls of an order asks nobody, and a process that hangs costs its deadline", async (t) => {
  const services = await Services.plan(t, await temporaryFolder(t), [], environment);
  const asked = [];
  let hangs = false;
  const fraud = createServer(async (request, response) => {
    asked.push(request.url);
    if (request.url === "/check") {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(200, { "Content-Type": "application/json" });
      const orderId = JSON.parse(body).order.id;
      return void response.end(JSON.stringify({ source: "fraud-service", action: "CHECKED", orderId, alerts: [], windowStats: {} }));
    }
    if (!hangs) response.end(request.url === "/api/services" ? '[{"service": "fraud", "here": true}]' : '{"calls": 1}');
  }).listen(0, "127.0.0.1");
  t.after(() => fraud.closeAllConnections());
  t.after(() => fraud.close());
  await eventually("a fraud service", () => fraud.listening);
  services.ports.fraud = fraud.address().port;
  for (const name of ["audit", "notification", "order"]) await services.launch(name);
  await services.order.ready();
  const { id } = await services.order.order();
  const tree = async () => (await services.order.get(`/api/orders/${id}/calls`)).body;
  const strange = await tree();
  assert.equal(strange.missing[0].error, `the fraud service at ${services.url("fraud")} does not tell of its calls`);
  assert.ok(strange.calls.length >= 3);
  assert.deepEqual(asked.filter((path) => path.startsWith("/api/orders")), [`/api/orders/${id}/calls?here=true`]);
  hangs = true;
  const begun = Date.now();
  assert.match((await tree()).missing[0].error, /no whole answer in time/);
  assert.ok(Date.now() - begun < 1500, `${Date.now() - begun} ms`);
});
