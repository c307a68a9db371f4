// The inspector's API on the memory bus, as a page or a script uses it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { Program, eventually, run } from "./program.mjs";

const lines = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
const rows = (text) => lines(text).filter((line) => "offset" in line);

/** The letters that orders become where nothing succeeds. */
async function withLetters(t, count) {
  const program = await Program.start(t, ["--fail-rate=1"]);
  for (const { instance } of (await program.get("/api/modules")).body)
    if (instance.startsWith("notification"))
      await program.call("PATCH", `/api/modules/${instance}`, { settings: { retryBackoffMs: 0 } });
  const orders = [];
  for (let i = 0; i < count; ++i) orders.push(await program.order());
  const letters = await eventually("the letters", async () => {
    const { body } = await program.get("/api/bus/dlq");
    return body.letters === count && body;
  });
  return { program, orders, letters };
}

async function setFailRate(program, failRate) {
  for (const { instance } of (await program.get("/api/modules")).body)
    if (instance.startsWith("notification"))
      await program.call("PATCH", `/api/modules/${instance}`, { settings: { failRate } });
}

test("A message that is written is found by a filter, in a stream, in an export, and read in again", async (t) => {
  const program = await Program.start(t, ["--modules=audit"]);
  const written = await program.post("/api/bus/topics/orders/messages", { key: "42", value: { order: { price: 25.5 } }, headers: [{ name: "retryCount", value: "1" }] });
  assert.equal(written.status, 201);
  const path = "/api/bus/topics/orders/messages";
  const filter = encodeURIComponent("order.price > 20 and retryCount >= 1");
  const page = await program.get(`${path}?from=oldest&filter=${filter}`);
  assert.equal(page.body.messages.length, 1);
  assert.equal(page.body.messages[0].offset, written.body.offset);
  const stream = await program.get(`${path}?stream&filter=${filter}`);
  assert.equal(rows(stream.body).length, 1);
  assert.equal(lines(stream.body).at(-1).end.reason, "end");
  const file = await program.get(`${path}?export=ndjson`);
  const again = await program.call("POST", path, file.body, { "Content-Type": "application/x-ndjson" });
  assert.equal(again.status, 201);
  assert.deepEqual(again.body, [{ topic: "orders", partition: written.body.partition, offset: written.body.offset + 1 }]);
  const csv = await program.get(`${path}?export=csv`);
  assert.equal(csv.body.split("\r\n").length, 4);
  const refused = await program.get(`${path}?filter=${encodeURIComponent("price is 3")}`);
  assert.equal(refused.status, 422);
  assert.match(refused.body.errors[0].message, /^position 7: an operator is expected/);
});

test("A live tail gives what is written after it began, until its client goes", async (t) => {
  const program = await Program.start(t, ["--modules=order"]);
  await program.order();
  const leave = new AbortController();
  const tail = await fetch(`${program.url}/api/bus/topics/orders/messages?live`, { signal: leave.signal });
  assert.equal(tail.headers.get("content-type"), "application/x-ndjson");
  const reader = tail.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value;
  assert.ok(lines(text)[0].begin, text);
  const { id } = await program.order();
  while (!text.includes(id)) text += (await reader.read()).value;
  assert.equal(rows(text).length, 1);
  leave.abort();
  await assert.rejects(reader.read());
});

test("A group is reset when its members have stopped, and they are named before that", async (t) => {
  const program = await Program.start(t, ["--modules=order,audit"]);
  await program.order();
  const path = "/api/bus/groups/audit-group/offsets";
  await eventually("a commit", async () => (await program.get("/api/bus/groups/audit-group")).body.partitions?.some((it) => it.committedOffset > 0));
  const refused = await program.post(path, { to: "earliest" });
  assert.equal(refused.status, 409);
  assert.match(refused.body.detail, /audit-group is active: .*audit-1/);
  const seen = await program.post(path, { to: "earliest", dryRun: true });
  assert.deepEqual(seen.body.partitions.map(({ after }) => after), [0]);
  await program.call("POST", "/api/modules/audit-1/stop");
  await eventually("no member", async () => (await program.get("/api/bus/groups/audit-group")).body.state === "Empty");
  const ahead = await program.post(path, { to: "latest" });
  assert.equal(ahead.status, 200);
  const stale = await program.post(path, { to: "earliest" }, { "If-Match": seen.headers.get("etag") });
  assert.ok([200, 412].includes(stale.status)); // 200 where all was committed already
  const done = await program.post(path, { to: "earliest" });
  assert.equal(done.status, 200);
  assert.equal((await program.get("/api/bus/groups/audit-group")).body.partitions[0].committedOffset, 0);
});

test("Dead letters that are redriven after the cause was mended are notified, and every rule still holds", async (t) => {
  const { program, orders, letters } = await withLetters(t, 3);
  assert.deepEqual(letters.reasons.map(({ reason, count }) => [reason, count]), [["Max retries exceeded", 3]]);
  assert.equal(letters.reasons[0].letters[0].from.topic, "orders");
  const foreseen = await program.post("/api/bus/dlq/redrive", { all: true, dryRun: true });
  assert.deepEqual([foreseen.body.sent, foreseen.body.asksAgain], [3, 0]);
  await setFailRate(program, 0);
  const done = await program.post("/api/bus/dlq/redrive", { all: true });
  assert.deepEqual(done.body.records.map(({ outcome, redriveCount }) => [outcome, redriveCount]), Array(3).fill(["sent", 1]));
  await eventually("the notifications", async () => {
    const told = (await program.messages("audit")).filter(({ json }) => json.action === "NOTIFIED").map(({ json }) => json.orderId);
    return orders.every(({ id }) => told.includes(id));
  });
  const { body } = await program.get("/api/orders");
  assert.deepEqual(body.map(({ id }) => id).sort(), orders.map(({ id }) => id).sort());
  const verified = await run(["verify", `--url=${program.url}`]);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

test("A letter that comes back keeps its count, and above three it asks again", async (t) => {
  const { program } = await withLetters(t, 1);
  for (let trip = 1; trip <= 3; ++trip) {
    const sent = await program.post("/api/bus/dlq/redrive", { offsets: [trip - 1] });
    assert.deepEqual(sent.body.records.map(({ outcome, redriveCount }) => [outcome, redriveCount]), [["sent", trip]]);
    await eventually("the letter", async () => (await program.get("/api/bus/dlq")).body.letters === trip + 1);
  }
  const again = await program.post("/api/bus/dlq/redrive", { offsets: [3] });
  assert.deepEqual(again.body.records.map(({ outcome, redriveCount }) => [outcome, redriveCount]), [["asks again", 4]]);
  const confirmed = await program.post("/api/bus/dlq/redrive", { offsets: [3], confirm: [3] });
  assert.equal(confirmed.body.sent, 1);
});

test("A topic is compacted at once, and what went is told", async (t) => {
  const program = await Program.start(t, ["--modules=order"]);
  const { id } = await program.order();
  await program.call("PUT", `/api/orders/${id}`, { quantity: 3 });
  await eventually("two states", async () => (await program.messages("order-status")).length >= 2);
  const { body } = await program.post("/api/bus/topics/order-status/compact", {});
  assert.equal(body.records, 1);
  assert.equal(body.removed[0].key.text, id);
  const latest = await program.get("/api/bus/topics/order-status/messages?latestPerKey&from=oldest");
  assert.equal(latest.body.messages.length, 1);
  const topic = await program.get("/api/bus/topics/order-status");
  assert.equal(topic.body.settings.find(({ name }) => name === "delete.retention.ms").changed, true);
});

test("Groups are pushed", async (t) => {
  const program = await Program.start(t, ["--modules=order,audit"]);
  const leave = new AbortController();
  const stream = await fetch(`${program.url}/api/bus/groups?live`, { signal: leave.signal });
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  const [first] = lines((await reader.read()).value);
  assert.ok(first.groups.some(({ group, samples }) => group === "audit-group" && samples.length > 0));
  await program.order();
  const [next] = lines((await reader.read()).value);
  assert.ok(next.groups);
  leave.abort();
});

test("A browser that stops reading an export costs no memory, and is cut off; others go on", async (t) => {
  const program = await Program.start(t, ["--modules=order"]);
  const path = "/api/bus/topics/audit/messages";
  const part = `${JSON.stringify({ value: "x".repeat(10_000) })}\n`.repeat(300);
  for (let n = 0; n < 20; n += 1) assert.equal((await program.call("POST", path, part, { "Content-Type": "application/x-ndjson" })).status, 201);
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.child.pid}/status`, "utf8"))[1]) / 1024;
  const before = resident();
  const readers = Array.from({ length: 8 }, () => connect(program.port, "127.0.0.1"));
  t.after(() => readers.forEach((reader) => reader.destroy()));
  for (const reader of readers) {
    reader.pause();
    reader.on("error", () => {});
    reader.write(`GET ${path}?export=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }
  const connections = async () => Number(/^foodorder_http_connections_open (\d+)/m.exec((await program.get("/metrics")).body)[1]);
  await eventually("the exports", async () => (await connections()) >= readers.length);
  await program.order();
  assert.ok(resident() - before < 32, `${resident() - before} MiB more`);
  await eventually("that they are cut off", async () => (await connections()) < readers.length);
});

test("A record of a MiB goes in and out over HTTP; an order's body has 64 KiB as before", async (t) => {
  const program = await Program.start(t, ["--modules=order"]);
  const path = "/api/bus/topics/audit/messages";
  const text = "ü\"\\".repeat(250_000);
  assert.equal((await program.post(path, { key: "k", value: text })).status, 201);
  const file = await program.get(`${path}?export=ndjson`);
  assert.equal((await program.call("POST", path, file.body, { "Content-Type": "application/x-ndjson" })).status, 201);
  const [, again] = await program.messages("audit");
  assert.equal(again.value.text, text);
  const large = await program.post(path, { value: "x".repeat(1_100_000) });
  assert.equal(large.status, 413);
  assert.match(large.body.detail, /a record of \d+ bytes; topic audit takes \d+/);
  assert.equal((await program.post(path, { value: "x".repeat(4_200_000) })).status, 413);
  assert.equal((await program.post("/api/orders", { customerName: "A", item: "x".repeat(66_000), quantity: 1, price: 1 })).status, 413);
});

test("Letters that were redriven stay the second time, from whatever process", async (t) => {
  const { program } = await withLetters(t, 2);
  await setFailRate(program, 0);
  const first = await program.post("/api/bus/dlq/redrive", { all: true });
  assert.equal(first.body.sent, 2);
  const second = await program.post("/api/bus/dlq/redrive", { all: true });
  assert.deepEqual([second.body.sent, second.body.alreadyRedriven], [0, 2]);
  const listed = await run(["dlq", "redrive", "--all", "--execute", "--output=table", `--url=${program.url}`]);
  assert.equal(listed.status, 1);
  assert.match(listed.stdout, /0 letters sent, 2 redriven already\n$/);
  const named = await run(["dlq", "redrive", "0", "--execute", "--output=table", `--url=${program.url}`]);
  assert.equal(named.status, 1);
  assert.match(named.stdout, /asks again.*redriven already[\s\S]*1 held back: --again sends them, too/);
  assert.equal((await run(["dlq", "redrive", "0", "--again", "--execute", `--url=${program.url}`])).status, 0);
});
