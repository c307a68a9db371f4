// kill -9 of one service after the other under load, each a process of its own on a real file.
// KILLS=100 FOODORDER_PATIENCE_MS=300000 is the long form, of some minutes.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { anOrder, eventually, temporaryFolder } from "./program.mjs";
import { Services, names } from "./services.mjs";

const kills = Number(process.env.KILLS ?? 10);
const clients = 8;
const environment = { FAIL_RATE: "0.3", FAIL_MODE: "drop" };

/** What became of each request, by the customer's name, which no other request has. */
class Clients {
  asked = new Set();
  acknowledged = new Map(); // name: id
  refused = new Set();
  running = true;

  /** Orders, one after the other, also while nobody answers. */
  async order(url) {
    while (this.running) {
      const customerName = randomUUID();
      this.asked.add(customerName);
      const headers = { "Content-Type": "application/json", "Idempotency-Key": customerName };
      const answer = await fetch(`${url}/api/orders`, { method: "POST", headers, body: JSON.stringify({ ...anOrder, customerName }) }).catch(() => null);
      const text = await answer?.text().catch(() => null);
      if (answer?.status === 201 && text) this.acknowledged.set(customerName, JSON.parse(text).id);
      else if (text && !text.includes("outcome-unknown")) this.refused.add(customerName);
      if (answer?.status !== 201) await sleep(20);
    }
  }
}

async function* ordersOf(program) {
  for (let after = ""; ; ) {
    const { body } = await program.get(`/api/orders?limit=1000${after}`);
    yield* body;
    if (body.length === 0) return;
    after = `&after=${body.at(-1).id}`;
  }
}

async function* messagesOf(program, topic) {
  for (let from = 0; ; ) {
    const { messages } = (await program.get(`/api/bus/topics/${topic}/messages?partition=0&from=${from}&limit=500`)).body;
    yield* messages.map(({ json }) => json);
    if (messages.length === 0) return;
    from = messages.at(-1).offset + 1;
  }
}

/** What the others do not know of these orders, counted without verify: each has its creation, a verdict and an outcome. */
async function countGaps(services, ids) {
  const [created, judged, ended] = Array.from({ length: 3 }, () => new Set());
  for await (const { orderId, source, action, windowStats } of messagesOf(services.order, "audit")) {
    if (action === "created") created.add(orderId);
    if (source === "fraud-service" && windowStats) judged.add(orderId);
    if (["NOTIFIED", "DROPPED"].includes(action)) ended.add(orderId);
  }
  return ids.flatMap((id) => [created, judged, ended].filter((told) => !told.has(id))).length;
}

async function killUnderLoad(t, services, told) {
  const load = Array.from({ length: clients }, () => told.order(services.url("order")));
  for (let kill = 0; kill < kills; ++kill) {
    const victim = names[kill % names.length];
    const target = told.acknowledged.size + 10 + ((kill * 37) % 40);
    await eventually("orders", () => told.acknowledged.size >= target);
    await services[victim].kill();
    const asked = told.asked.size + 20;
    await eventually("requests without it", () => told.asked.size >= asked);
    await services.launch(victim);
    await services[victim].ready();
  }
  told.running = false;
  await Promise.all(load);
}

async function assertKept(services, told) {
  const stored = new Map();
  for await (const { id, customerName } of ordersOf(services.order)) {
    assert.ok(told.asked.has(customerName), `nobody ordered ${id}`);
    assert.ok(!stored.has(customerName), `${customerName} has two orders`);
    assert.ok(!told.refused.has(customerName), `${id} was refused`);
    stored.set(customerName, id);
  }
  for (const [customerName, id] of told.acknowledged) assert.equal(stored.get(customerName), id, "an acknowledged order is lost");
  return [...stored.values()];
}

for (const outbox of ["off", "on"])
  test(`With --outbox=${outbox}, ${kills} kills of one service at a time lose no acknowledged order${outbox === "on" ? ", and leave no gap" : ", and each gap is counted"}`, async (t) => {
    const services = await Services.start(t, await temporaryFolder(t), [`--outbox=${outbox}`], environment);
    const told = new Clients();
    await killUnderLoad(t, services, told);
    const isDone = ({ stdout }) => outbox === "off" || /all right$/m.test(stdout);
    const { status, stdout } = await services.verify(isDone);
    const stored = await assertKept(services, told);
    assert.match(stdout, new RegExp(` ${stored.length} events: all right$`, "m"));
    assert.equal(status, 0);
    const gaps = Number(stdout.match(/^note: (\d+) gaps/m)?.[1] ?? 0);
    assert.equal(gaps, await countGaps(services, stored), stdout);
    if (outbox === "on") assert.equal(gaps, 0, stdout);
    t.diagnostic(`${told.acknowledged.size} acknowledged of ${told.asked.size} asked, ${told.refused.size} refused, ${stored.length} stored, ${gaps} gaps`);
  });
