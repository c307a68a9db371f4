// kill -9 under load, on a real file. KILLS=200 FOODORDER_PATIENCE_MS=300000 is the long form, of some minutes.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Program, anOrder, eventually, run, temporaryFolder } from "./program.mjs";

const kills = Number(process.env.KILLS ?? 20);
const clients = 16;
const environment = { FAIL_RATE: "0.3" };

/** What became of each request, by the customer's name, which no other request has. */
class Clients {
  asked = new Set();
  acknowledged = new Map(); // name: id
  refused = new Set();

  /** Orders, one after the other, until the program is gone. */
  async order(url) {
    for (;;) {
      const customerName = randomUUID();
      this.asked.add(customerName);
      const body = JSON.stringify({ ...anOrder, customerName });
      const headers = { "Content-Type": "application/json", "Idempotency-Key": customerName };
      const answer = await fetch(`${url}/api/orders`, { method: "POST", headers, body }).catch(() => null);
      if (!answer) return;
      const text = await answer.text().catch(() => null);
      if (text === null) return; // cut off within the answer: its outcome is unknown
      if (answer.status === 201) this.acknowledged.set(customerName, JSON.parse(text).id);
      else if (!text.includes("outcome-unknown")) this.refused.add(customerName);
    }
  }
}

/** All pages of a list, by the function that asks for the one after `last`. */
async function* pages(ask) {
  for (let last; ; ) {
    const page = await ask(last);
    yield* page;
    if (page.length === 0) return;
    last = page.at(-1);
  }
}

const ordersOf = (program) =>
  pages(async (last) => (await program.get(`/api/orders?limit=1000${last ? `&after=${last.id}` : ""}`)).body);

const auditOf = (program) =>
  pages(async (last) => {
    const from = last ? last.offset + 1 : 0;
    const path = `/api/bus/topics/audit/messages?partition=0&from=${from}&limit=500`;
    return (await program.get(path)).body.messages;
  });

test(`Of ${kills} kills under load none loses an acknowledged order, makes a phantom, or gives two outcomes`, async (t) => {
  const folder = await temporaryFolder(t);
  const started = () =>
    Program.start(t, ["--architecture=monolith", `--database=sqlite:${folder}/test.db`], environment);
  const told = new Clients();
  for (let kill = 0; kill < kills; ++kill) {
    const program = await started();
    const target = told.acknowledged.size + 20 + ((kill * 37) % 80);
    const load = Array.from({ length: clients }, () => told.order(program.url));
    await eventually("orders", () => told.acknowledged.size >= target);
    await program.kill();
    await Promise.all(load);
  }
  const program = await started();
  await eventually("the end of all jobs", async () => {
    const { headers, body } = await program.get("/api/jobs?limit=1000");
    return body.length === Number(headers.get("x-total-count")) && body.every(({ state }) => state === "dead");
  });
  const stored = new Map();
  for await (const { id, customerName } of ordersOf(program)) {
    assert.ok(told.asked.has(customerName), `nobody ordered ${id}`);
    assert.ok(!stored.has(customerName), `${customerName} has two orders`);
    assert.ok(!told.refused.has(customerName), `${id} was refused`);
    stored.set(customerName, id);
  }
  for (const [customerName, id] of told.acknowledged) assert.equal(stored.get(customerName), id, "an acknowledged order is lost");
  const outcomes = new Map([...stored.values()].map((id) => [id, 0]));
  for await (const { json } of auditOf(program))
    if (["NOTIFIED", "DLQ", "DROPPED"].includes(json.action)) outcomes.set(json.orderId, outcomes.get(json.orderId) + 1);
  for (const [id, count] of outcomes) assert.equal(count, 1, `${id} has ${count} outcomes`);
  const { status, stdout } = await run(["verify", `--url=${program.url}`]);
  assert.match(stdout, new RegExp(`${stored.size} events: all right$`, "m"));
  assert.equal(status, 0);
  t.diagnostic(`${told.acknowledged.size} acknowledged of ${told.asked.size} asked, ${stored.size} stored`);
});
