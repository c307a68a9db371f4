import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Program, anOrder, eventually, lacks } from "./program.mjs";

let program;
before(async () => {
  program = await Program.start({ after: () => {} }, [], { FAIL_RATE: "0" });
});
after(() => program.kill());

const fieldsOf = (problem) => problem.errors.map(({ field }) => field).sort();

test("A refused order names every bad field at once and leaves no trace on any topic", async () => {
  const before = (await program.get("/api/bus/topics")).body.find(({ name }) => name === "orders").records;
  const { status, body } = await program.post("/api/orders", {
    customerName: "",
    item: "x".repeat(101),
    quantity: 1.5,
    price: 12.999,
    colour: "red",
    id: "mine",
  });
  assert.equal(status, 422);
  assert.deepEqual(fieldsOf(body), ["colour", "customerName", "id", "item", "price", "quantity"]);
  const after = (await program.get("/api/bus/topics")).body.find(({ name }) => name === "orders").records;
  assert.equal(after, before);
});

test("Each check stands at its edge", async () => {
  const accepted = [{ quantity: 1 }, { quantity: 1000 }, { price: 0 }, { price: 100000 }, { price: 0.01 }, { customerName: "x".repeat(100) }, { item: "\u{1F355}" }];
  const refused = [{ quantity: 0 }, { quantity: 1001 }, { quantity: "2" }, { price: -0.01 }, { price: 100000.01 }, { price: 0.001 }, { price: "5" }, { customerName: "x".repeat(101) }, { customerName: 7 }, { item: null }, { item: "a\nb" }];
  for (const fields of accepted)
    assert.equal((await program.post("/api/orders", { ...anOrder, ...fields })).status, 201, JSON.stringify(fields));
  for (const fields of refused) {
    const { status, body } = await program.post("/api/orders", { ...anOrder, ...fields });
    assert.equal(status, 422, JSON.stringify(fields));
    assert.deepEqual(fieldsOf(body), Object.keys(fields));
  }
});

test("What is not JSON is malformed, and another media type is refused", async () => {
  for (const body of ["", "{", "[]", "nul", '{"quantity":1,"quantity":2}', `{"price":1e400}`, '{"item":"\\ud800"}', "\u0000"])
    assert.ok([400, 422].includes((await program.post("/api/orders", body)).status), body);
  assert.equal((await program.post("/api/orders", "{")).status, 400);
  const text = await program.post("/api/orders", "{}", { "Content-Type": "text/plain" });
  assert.equal(text.status, 415);
  const large = await program.post("/api/orders", { ...anOrder, item: "x".repeat(70_000) });
  assert.equal(large.status, 413);
});

test("An order is placed, read, changed and deleted, and its ETag guards it", async () => {
  const placed = await program.post("/api/orders", anOrder);
  assert.equal(placed.status, 201);
  const path = placed.headers.get("location");
  const first = placed.headers.get("etag");
  assert.equal(path, `/api/orders/${placed.body.id}`);
  assert.deepEqual({ ...anOrder, id: placed.body.id, status: "created", createdAt: placed.body.createdAt }, placed.body);

  const changed = await program.call("PATCH", path, { quantity: 3 }, { "If-Match": first });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.quantity, 3);
  assert.equal(changed.body.status, "updated");
  assert.notEqual(changed.headers.get("etag"), first);
  assert.equal((await program.call("PATCH", path, { quantity: 4 }, { "If-Match": first })).status, 412);
  const named = await program.call("PUT", path, { status: "cooking" });
  assert.equal(named.body.status, "cooking");
  assert.equal(named.body.quantity, 3);
  assert.deepEqual((await program.get(path)).body, named.body);

  const deleted = await program.call("DELETE", path);
  assert.equal(deleted.status, 200);
  assert.equal(deleted.body.status, "deleted");
  assert.equal((await program.get(path)).status, 404);
  assert.equal((await program.call("DELETE", path)).status, 404);
  assert.equal((await program.call("PATCH", path, { quantity: 4 })).status, 404);
});

test("An update must say something, and only what it may", async () => {
  const { id } = await program.order();
  for (const [body, field] of [[{ quantity: 0 }, "quantity"], [{ id: "x" }, "id"], [{ createdAt: "x" }, "createdAt"], [{ status: "" }, "status"]]) {
    const answer = await program.call("PATCH", `/api/orders/${id}`, body);
    assert.equal(answer.status, 422);
    assert.deepEqual(fieldsOf(answer.body), [field]);
  }
  assert.equal((await program.call("PATCH", `/api/orders/${id}`, {})).status, 422);
});

test("The same Idempotency-Key and body give the first answer again, another body is refused", async () => {
  const key = { "Idempotency-Key": `key-${Date.now()}` };
  const answers = await Promise.all(Array.from({ length: 8 }, () => program.post("/api/orders", anOrder, key)));
  const again = await program.post("/api/orders", anOrder, key);
  for (const answer of [...answers, again]) {
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.body, again.body);
    assert.equal(answer.headers.get("etag"), again.headers.get("etag"));
  }
  assert.equal((await program.post("/api/orders", { ...anOrder, quantity: 9 }, key)).status, 422);
  const list = (await program.get("/api/orders")).body.filter(({ id }) => id === again.body.id);
  assert.equal(list.length, 1);
});

test("The list is oldest first and is paged by Link", async (t) => {
  const own = await Program.start(t);
  const placed = [];
  for (let i = 0; i < 7; ++i) placed.push((await own.order({ customerName: `c${i}` })).id);
  assert.deepEqual((await own.get("/api/orders")).body.map(({ id }) => id), placed);
  const seen = [];
  let path = "/api/orders?limit=3";
  while (path) {
    const page = await own.get(path);
    assert.ok(page.body.length <= 3);
    seen.push(...page.body.map(({ id }) => id));
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  assert.deepEqual(seen, placed);
  assert.equal((await own.get("/api/orders?limit=0")).status, 422);
});

test("The history of an order has every record about it, in time order, and says so when there is none", async () => {
  const { id } = await program.order();
  await program.call("PATCH", `/api/orders/${id}`, { quantity: 5 });
  const records = lacks.has("records of statistics") ? 9 : 10;
  const history = await eventually("two orders records and their outcomes", async () => {
    const { body } = await program.get(`/api/orders/${id}/history`);
    return body.length >= records && body;
  });
  // Services that tell another one of their events do so at the same time: these come nearly in the order of their times.
  const inTime = lacks.has("one writer of audit") ? history.filter(({ topic }) => topic !== "audit") : history;
  const times = inTime.map(({ timestamp }) => timestamp);
  assert.deepEqual(times, [...times].sort());
  assert.ok(history.every(({ topic }) => ["orders", "audit", "order-status"].includes(topic)));
  const paged = [];
  let path = `/api/orders/${id}/history?limit=3`;
  while (path) {
    const page = await program.get(path);
    paged.push(...page.body);
    path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  assert.deepEqual(paged.slice(0, history.length), history);
});

test("Another method gets 405 with Allow, another path 404, OPTIONS the methods", async () => {
  const wrong = await fetch(`${program.url}/api/orders`, { method: "DELETE" });
  assert.equal(wrong.status, 405);
  assert.match(wrong.headers.get("allow"), /GET/);
  assert.match(wrong.headers.get("allow"), /POST/);
  assert.equal((await program.get("/api/nothing")).status, 404);
  assert.equal((await program.get("/api/orders/")).status, 404);
  const head = await fetch(`${program.url}/api/orders`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
});
