import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncapi, checkRecord, openapi } from "./contract.mjs";
import { EventStream } from "./event_stream.mjs";
import { Program, anOrder, eventually } from "./program.mjs";

const about = (id) => (event) => (event.data.orderId ?? event.data.order?.id) === id;
const actions = (events) => events.map((event) => `${event.type}:${event.data.action}`).sort();

test("One order becomes a notification, a fraud check, statistics and an audit trail", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  const order = await program.order();
  const seen = await stream.collect(5, about(order.id));
  assert.deepEqual(actions(seen), [
    "audit:FRAUD_CHECK_PASSED",
    "audit:NOTIFIED",
    "audit:STATS_UPDATED",
    "audit:created",
    "order:created",
  ]);
  assert.deepEqual(seen.find((event) => event.type === "order").data.order, order);

  const history = await eventually("six records", async () => {
    const { body } = await program.get(`/api/orders/${order.id}/history`);
    return body.length >= 6 && body;
  });
  assert.deepEqual([...new Set(history.map((record) => record.topic))].sort(), ["audit", "order-status", "orders"]);

  const stats = await eventually("statistics", async () => {
    const { body } = await program.get("/api/stats");
    return JSON.stringify(body).includes("Pizza") && body;
  });
  assert.ok(stats);
  await eventually("lag 0 of every group", async () => {
    const { body } = await program.get("/api/bus/groups");
    return body.length >= 5 && body.every((group) => group.lag === 0);
  });
});

test("Every record on every topic is as the contract says, and derived ones carry the trace of their cause", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0.5" });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const { body: order } = await program.post("/api/orders", anOrder, { traceparent });
  await program.call("PATCH", `/api/orders/${order.id}`, { status: "cooking" });
  await program.call("DELETE", `/api/orders/${order.id}`);
  const terminal = ["NOTIFIED", "DLQ"];
  await eventually("three outcomes", async () => {
    const audit = await program.messages("audit");
    return audit.filter(({ json }) => terminal.includes(json.action)).length === 3;
  });
  for (const topic of Object.keys(asyncapi.channels).filter((name) => !name.startsWith("events")))
    for (const message of await program.messages(topic)) checkRecord(message);

  const created = (await program.messages("audit")).filter(({ json }) => json.action === "created");
  assert.equal(created.length, 1);
  const trace = created[0].headers.find(({ name }) => name === "traceparent").value.text;
  assert.equal(trace.split("-")[1], traceparent.split("-")[1]);
  const status = await program.messages("order-status");
  assert.equal(status.at(-1).value, null, "a deleted order leaves a tombstone");
});

test("With FAIL_RATE=1 every order is retried twice and then dead-lettered, with its headers", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "1" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  const orders = [];
  for (let i = 0; i < 5; ++i) orders.push(await program.order({ customerName: `Customer ${i}` }));
  await stream.collect(5, ({ type }) => type === "dlq", "dead letters");
  await stream.collect(5, ({ data }) => data.action === "DLQ", "DLQ reports");
  for (const order of orders) {
    const reports = stream.messages
      .filter(({ data }) => data.source === "notification-service" && data.orderId === order.id)
      .map(({ data }) => `${data.action} ${data.retryCount}`);
    assert.deepEqual(reports, ["RETRY 1", "RETRY 2", "DLQ 2"]);
  }
  const letters = await program.messages("orders-dlq");
  assert.equal(letters.length, 5);
  for (const letter of letters) {
    const headers = Object.fromEntries(letter.headers.map(({ name, value }) => [name, value?.text]));
    assert.equal(headers["kafka_dlt-original-topic"], "orders");
    assert.match(headers["kafka_dlt-original-partition"], /^[0-2]$/);
    assert.equal(headers["kafka_dlt-exception-message"], "Max retries exceeded");
    assert.equal(letter.json.reason, "Max retries exceeded");
  }
});

test("The sixth order of a customer within a minute is a VELOCITY alert, a total above 100 an AMOUNT alert", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  for (let i = 0; i < 6; ++i) await program.order({ customerName: "Greedy", price: 1 });
  await program.order({ customerName: "Rich", quantity: 1, price: 100 });
  await program.order({ customerName: "Richer", quantity: 1, price: 100.01 });
  const checks = await stream.collect(8, ({ data }) => data.source === "fraud-service", "fraud checks");
  const alerts = checks.flatMap(({ data }) => data.alerts.map(({ type, severity }) => `${data.customerName} ${type} ${severity}`));
  assert.deepEqual(alerts.sort(), ["Greedy VELOCITY HIGH", "Richer AMOUNT LOW"]);
});

test("The documents that the program serves are the ones that the tests hold it against", async (t) => {
  const program = await Program.start(t);
  assert.deepEqual((await program.get("/openapi.json")).body, openapi);
  assert.deepEqual((await program.get("/asyncapi.json")).body, asyncapi);
});
