// The inspector on a broker: what it writes, Kafka's own tools read, and what others write, it shows as it is.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program, eventually } from "../program.mjs";
import { brokers, onKafka, place } from "./broker.mjs";

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
const env = { ...process.env, KAFKA_BROKER: brokers };
const kafka = async (...args) => (await promisify(execFile)(script, ["console", ...args], { env })).stdout;
const operate = (...args) => promisify(execFile)(process.env.KAFKA_OPERATOR, [brokers, ...args]);
const lines = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
const make = (topic, ...more) => kafka("topics", "--create", "--topic", topic, "--partitions", "1", "--replication-factor", "1", ...more);

test("Kafka's console consumer reads what was written, tombstones too; its groups tool sees a reset", async (t) => {
  const program = await Program.start(t, onKafka("--modules=audit"));
  await make("written");
  const path = "/api/bus/topics/written/messages";
  const body = '{"key":"a","value":{"n":1},"headers":[{"name":"h","value":"v"}]}\n{"key":"b","value":null}\n{"value":"text"}\n';
  const written = await program.call("POST", path, body, { "Content-Type": "application/x-ndjson" });
  assert.deepEqual(written.body.map(({ offset }) => offset), [0, 1, 2]);
  const read = await kafka("consumer", "--topic", "written", "--from-beginning", "--max-messages", "3", "--property", "print.key=true", "--property", "print.headers=true");
  assert.deepEqual(read.trim().split("\n"), ['h:v\ta\t{"n":1}', "NO_HEADERS\tb\tnull", "NO_HEADERS\tnull\ttext"]);
  const offsets = "/api/bus/groups/by-inspector/offsets";
  const foreseen = await program.post(offsets, { to: "offset", value: 2, topics: ["written"], dryRun: true });
  assert.deepEqual(foreseen.body.partitions.map(({ before, after }) => [before, after]), [[null, 2]]);
  assert.equal((await program.post(offsets, { to: "offset", value: 2, topics: ["written"] })).status, 200);
  const described = await kafka("groups", "--describe", "--group", "by-inspector");
  assert.match(described, /by-inspector\s+written\s+0\s+2\s+3\s+1/);
  const shifted = await program.post(offsets, { to: "shift", value: -1 });
  assert.deepEqual(shifted.body.partitions.map(({ before, after }) => [before, after]), [[2, 1]]);
});

test("Records of aborted transactions and markers are shown as such, to who asks for all", async (t) => {
  const program = await Program.start(t, onKafka("--modules=audit"));
  await make("transacted");
  await program.post("/api/bus/topics/transacted/messages", { value: "before" });
  await operate("transacted", "abort", "2");
  await operate("transacted", "commit", "1");
  const path = "/api/bus/topics/transacted/messages?from=oldest";
  const all = await program.get(`${path}&isolation=read_uncommitted`);
  const shown = all.body.messages.map(({ offset, marker, transaction }) => [offset, marker ?? null, transaction?.state ?? null]);
  assert.deepEqual(shown.sort((a, b) => a[0] - b[0]), [
    [0, null, null], [1, null, "aborted"], [2, null, "aborted"], [3, "abort", "aborted"], [4, null, "committed"], [5, "commit", "committed"],
  ]);
  const committed = await program.get(path);
  assert.deepEqual(committed.body.messages.map(({ offset }) => offset).sort(), [0, 4]);
  const stream = await program.get(`${path}&stream&isolation=read_uncommitted`);
  assert.equal(lines(stream.body).filter((line) => "offset" in line).length, 6);
});

test("A topic that vanishes under a live tail ends it with the reason", async (t) => {
  const program = await Program.start(t, onKafka("--modules=audit"));
  await make("short-lived");
  await program.post("/api/bus/topics/short-lived/messages", { value: "one" });
  const tail = await fetch(`${program.url}/api/bus/topics/short-lived/messages?live&from=oldest`);
  const reader = tail.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"offset":0,"timestamp"')) text += (await reader.read()).value;
  await kafka("topics", "--delete", "--topic", "short-lived");
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  const last = lines(text).at(-1);
  assert.equal(last.problem.status, 404);
  assert.match(last.problem.detail, /short-lived/);
});

test("What a broker refuses is told: too large for the topic, no compaction on demand, a group with members", async (t) => {
  const program = await Program.start(t, onKafka("--modules=audit"));
  await make("narrow", "--config", "max.message.bytes=200");
  const refused = await program.post("/api/bus/topics/narrow/messages", { key: "k", value: "x".repeat(1000) });
  assert.equal(refused.status, 413);
  assert.equal((await program.post("/api/bus/topics/order-status/compact", {})).status, 409);
  const topic = await program.get("/api/bus/topics/narrow");
  assert.deepEqual(topic.body.settings.filter(({ changed }) => changed).map(({ name, value }) => [name, value]), [["max.message.bytes", "200"]]);
  assert.ok(topic.body.settings.every(({ explanation }) => explanation), JSON.stringify(topic.body.settings.filter(({ explanation }) => !explanation)));
  await eventually("the group", async () => (await program.get("/api/bus/groups/audit-group")).body.members?.length);
  const active = await program.post("/api/bus/groups/audit-group/offsets", { to: "earliest", topics: ["audit"] });
  assert.equal(active.status, 409);
  assert.match(active.body.detail, /audit-1/);
});

test("Dead letters are redriven on a broker", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order,notification", "--fail-rate=1"));
  const order = await place(program, {});
  await eventually("the letter", async () => (await program.get("/api/bus/dlq")).body.letters >= 1);
  await program.call("PATCH", "/api/modules/notification-1", { settings: { failRate: 0 } });
  const done = await program.post("/api/bus/dlq/redrive", { reason: "Max retries exceeded" });
  assert.equal(done.body.sent, done.body.records.length);
  await eventually("the notification", async () => {
    const audit = await program.get(`/api/bus/topics/audit/messages?from=oldest&filter=${encodeURIComponent(`action == "NOTIFIED" and orderId == "${order.id}"`)}`);
    return audit.body.messages?.length === 1;
  });
});
