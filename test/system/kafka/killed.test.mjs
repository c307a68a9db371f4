// A broker that is killed while the inspector reads or writes: the answer says what was done, nothing hangs, and the program
// goes on when the broker is back.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program, eventually } from "../program.mjs";
import { answered, brokers, onKafka, place } from "./broker.mjs";

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
const kafka = async (...args) => (await promisify(execFile)(script, args, { env: { ...process.env, KAFKA_BROKER: brokers } })).stdout;
const make = (topic) => kafka("console", "topics", "--create", "--topic", topic, "--partitions", "1");
/** Again and again: what was just killed may still hold its port. */
const start = () => eventually("a broker", () => kafka("start").then(() => true, () => false));

/** The broker's process; whatever becomes of the test, the next one finds a broker. */
async function victim(t) {
  t.after(start);
  return Number(await kafka("pid"));
}
const lines = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));

/** What is late by so much hangs. */
const late = () => AbortSignal.timeout(60_000);

/** Starts the broker anew and waits until the program has found it. */
async function back(program) {
  await start();
  await program.ready();
}

test("A scan ends with the reason and with where to go on, and from there nothing is missing or twice", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order,audit"));
  const count = 200_000;
  await make("long");
  await kafka("console", "performance", "--topic", "long", "--num-records", `${count}`, "--record-size", "40", "--throughput", "-1");
  const broker = await victim(t);
  const path = "/api/bus/topics/long/messages?stream&from=oldest";
  const scan = await fetch(`${program.url}${path}`, { signal: late() });
  const reader = scan.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value;
  process.kill(broker, "SIGKILL");
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  const first = lines(text);
  const { problem } = first.at(-1);
  assert.equal(problem?.status, 503, JSON.stringify(first.at(-1)));
  const { progress } = first.findLast((line) => line.progress);
  const before = first.filter((line) => "offset" in line);
  assert.ok(before.length > 0 && before.length < count, `${before.length}`);
  assert.equal(progress.next[0].offset, before.length);

  const meanwhile = await program.get("/api/bus/topics/long/messages?from=oldest");
  assert.equal(meanwhile.status, 503);
  await back(program);
  const rest = await fetch(`${program.url}${path}&start=0:${progress.next[0].offset}`, { signal: late() });
  const after = lines(await rest.text());
  assert.ok(after.at(-1).end, JSON.stringify(after.at(-1)));
  const offsets = [...before, ...after.filter((line) => "offset" in line)].map(({ offset }) => offset);
  assert.equal(offsets.length, count);
  assert.ok(offsets.every((offset, index) => offset === index));
  await place(program, {});
});

test("A reset that fails says whether the offsets were set, and they are as it says", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order,audit"));
  await make("reset");
  await program.post("/api/bus/topics/reset/messages", { value: "x" });
  for (let i = 0; i < 9; ++i) await program.post("/api/bus/topics/reset/messages", { value: "x" });
  const offsets = "/api/bus/groups/killed-group/offsets";
  const broker = await victim(t);
  let set;
  let failed;
  for (let i = 1; !failed; ++i) {
    const answer = program.post(offsets, { to: "offset", value: i % 10, topics: ["reset"] });
    if (i === 5) process.kill(broker, "SIGKILL");
    const { status, body } = await answer;
    if (status === 200) set = i % 10;
    else failed = { status, body, value: i % 10 };
  }
  assert.equal(failed.status, 503);
  assert.ok(failed.body.detail.length > 20, JSON.stringify(failed.body));
  await back(program);
  const { partitions } = await eventually("a dry run", async () => {
    const { status, body } = await program.post(offsets, { to: "earliest", topics: ["reset"], dryRun: true });
    return status === 200 && body;
  });
  const unknown = failed.body.type.includes("outcome-unknown");
  assert.ok([set, ...(unknown ? [failed.value] : [])].includes(partitions[0].before), JSON.stringify({ set, failed, partitions }));
  assert.equal((await program.post(offsets, { to: "offset", value: 7, topics: ["reset"] })).status, 200);
});

test("A redrive tells of each letter whether it was sent, and the log agrees", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order,audit"));
  await make("origin");
  const letter = (i) => JSON.stringify({ key: `k${i}`, value: { i }, headers: [
    { name: "kafka_dlt-original-topic", value: "origin" }, { name: "kafka_dlt-exception-message", value: "killed" }] });
  for (let i = 0; i < 400; i += 100) {
    const body = Array.from({ length: 100 }, (_, n) => letter(i + n)).join("\n");
    await program.call("POST", "/api/bus/topics/orders-dlq/messages", body, { "Content-Type": "application/x-ndjson" });
  }
  const broker = await victim(t);
  const answer = program.post("/api/bus/dlq/redrive", { reason: "killed" });
  await eventually("the first redriven record", async () => {
    const { body } = await program.get("/api/bus/topics/origin");
    return body.partitions?.[0].endOffset > 0 || body.status === 503;
  });
  process.kill(broker, "SIGKILL");
  const { status, body } = await answer;
  if (status === 200) {
    assert.equal(body.sent + body.notSent + body.unknown, 400);
    assert.ok(body.records.every(({ outcome, why }) => outcome === "sent" || why), JSON.stringify(body.records[0]));
  } else {
    assert.equal(status, 503, "nothing was sent");
  }
  await back(program);
  const sent = status === 200 ? body.sent : 0;
  const unknown = status === 200 ? body.unknown : 0;
  const { partitions } = await answered(program, "/api/bus/topics/origin");
  assert.ok(partitions[0].endOffset >= sent && partitions[0].endOffset <= sent + unknown, JSON.stringify({ sent, unknown, partitions }));
  await place(program, {});
});
