// The program over TLS, and with a name and a password: with_kafka --secure starts a broker that asks for them.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EventStream } from "../event_stream.mjs";
import { Program, anOrder, binary, eventually, run } from "../program.mjs";
import { atRest, brokers, groups, place } from "./broker.mjs";

const port = Number(brokers.split(":")[1]);
const [tls, withPassword] = [`localhost:${port + 3}`, `localhost:${port + 6}`];
const secrets = fileURLToPath(new URL(`../../../build/kafka/${port}/tls/`, import.meta.url));
const authority = `${secrets}ca.pem`;
const password = (await readFile(`${secrets}password`, "utf8")).trim();

/** Arguments of the program: where the broker is, and librdkafka's settings. */
const over = (address, settings, ...more) => [
  "--bus=kafka",
  `--brokers=${address}`,
  ...Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]),
  ...more,
];
const encrypted = { "security.protocol": "ssl", "ssl.ca.location": authority };
const named = (secret) => ({
  "security.protocol": "sasl_ssl",
  "ssl.ca.location": authority,
  "sasl.mechanism": "PLAIN",
  "sasl.username": "foodorder",
  "sasl.password": secret,
});

async function isServed(t, args, customerName) {
  const program = await Program.start(t, [...args, "--fail-rate=0"]);
  const live = await EventStream.open(t, `${program.url}/events`);
  const { id } = await place(program, { customerName });
  await live.collect(1, ({ data }) => data.action === "NOTIFIED" && data.orderId === id, "NOTIFIED");
  // Members, positions and pages of the log come by connections of their own.
  await atRest(program, groups);
  assert.ok((await program.messages("orders")).some(({ json }) => json.order.id === id));
  assert.equal((await run(["verify", `--url=${program.url}`])).status, 0);
  assert.deepEqual(await program.stop(), { status: 0, signal: null });
  return program;
}

/** It is up, says why it is not ready, once, and takes no order. */
async function isRefused(t, args, why) {
  const program = await Program.launch(t, args);
  await eventually("an answer", async () => (await fetch(`${program.url}/livez`).catch(() => null))?.ok);
  await eventually(`a reason that says ${why}`, async () => {
    const answer = await fetch(`${program.url}/readyz`);
    return answer.status === 503 && why.test((await answer.json()).reason);
  });
  await eventually("a line that says it, too", () => why.test(program.output));
  assert.equal((await program.get("/livez")).status, 200);
  assert.equal((await program.post("/api/orders", anOrder)).status, 503);
  const lines = program.output.split("\n").filter((line) => why.test(line));
  assert.equal(lines.length, 1, `one line of log that says why: ${program.output}`);
  assert.deepEqual(await program.stop(), { status: 0, signal: null });
  return program;
}

test("An order is notified over TLS", (t) => isServed(t, over(tls, encrypted), "Tess"));

test("An order is notified over TLS with a name and a password, which no log shows", async (t) => {
  const program = await isServed(t, over(withPassword, named(password), "--log-level=debug"), "Paul");
  assert.ok(!program.output.includes(password));
});

test("A wrong password: not ready, and the reason says so without it", async (t) => {
  const program = await isRefused(t, over(withPassword, named("open-sesame")), /Invalid username or password/);
  assert.ok(!program.output.includes("open-sesame"));
});

test("A broker whose certificate is not trusted is not spoken to", async (t) => {
  await isRefused(t, over(tls, { "security.protocol": "ssl" }), /certificate verify failed/);
});

test("A certificate that was made for another host is not trusted", async (t) => {
  await isRefused(t, over(tls.replace("localhost", "127.0.0.1"), encrypted), /certificate verify failed/);
});

test("Without TLS a port that wants it does not answer", async (t) => {
  await isRefused(t, over(tls, {}), /no broker of localhost:\d+ answers/);
});

test("An authority's file that is not there is one line, and exit status 2", async () => {
  const { status, stderr } = await run(over(tls, { ...encrypted, "ssl.ca.location": "/nowhere/ca.pem" }));
  assert.equal(status, 2);
  assert.match(stderr, /^foodorder: .*ssl\.ca\.location.*\n$/);
});

test("--print-config, and a setting that is misspelt, show no password", async () => {
  const printed = await run(over(withPassword, named(password), "--print-config"));
  assert.equal(printed.status, 0);
  assert.match(printed.stdout, /"sasl\.password=\*\*\*"/);
  assert.match(printed.stdout, /"sasl\.username=foodorder"/);
  assert.ok(!printed.stdout.includes(password));
  const misspelt = await run(over(withPassword, { "sasl.pasword": password }));
  assert.equal(misspelt.status, 2);
  assert.match(misspelt.stderr, /sasl\.pasword/);
  assert.ok(!misspelt.stderr.includes(password));
});

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
const kafka = async (...args) => (await promisify(execFile)(script, ["console", ...args])).stdout;

/** What the program does with this on its standard input. */
async function fed(args, input) {
  const child = spawn(binary, args, { stdio: ["pipe", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (data) => (stderr += data));
  child.stdin.end(input);
  const [status] = await once(child, "close");
  return { status, stderr };
}

const notReady = (program, why) =>
  eventually(`a reason that says ${why}`, async () => why.test((await (await fetch(`${program.url}/readyz`)).json()).reason ?? ""));

/** From now on the user may do only this with it; without a rule a user may do all. */
const allowOnly = (kind, name, ...operations) =>
  kafka("acls", "--add", "--allow-principal", "User:foodorder", ...operations.flatMap((each) => ["--operation", each]), `--${kind}`, name);

test("Where the user lacks a permission, the answer names it, and what was done and not", async (t) => {
  await kafka("topics", "--create", "--topic", "guarded", "--partitions", "1");
  await allowOnly("topic", "guarded", "Read", "Describe", "DescribeConfigs");
  await allowOnly("group", "guarded-group", "Describe");
  const program = await Program.start(t, over(withPassword, named(password), "--modules=order,audit", "--fail-rate=0"));
  const path = "/api/bus/topics/guarded/messages";
  const denied = /this user needs the permission WRITE on the topic/;
  const refused = await program.post(path, { key: "k", value: "v" });
  assert.equal(refused.status, 403);
  assert.match(refused.body.detail, denied);
  const many = await program.call("POST", path, '{"value":"a"}\n{"value":"b"}\n', { "Content-Type": "application/x-ndjson" });
  assert.equal(many.status, 403);
  assert.match(many.body.detail, /^0 of 2 messages were written/);
  const reset = await program.post("/api/bus/groups/guarded-group/offsets", { to: "earliest", topics: ["guarded"] });
  assert.equal(reset.status, 403);
  assert.match(reset.body.detail, /^0 of 1 partitions .*this user needs the permission READ on the group/);
  const letter = { key: "k", value: "v", headers: [{ name: "kafka_dlt-original-topic", value: "guarded" }, { name: "kafka_dlt-exception-message", value: "guarded" }] };
  await program.post("/api/bus/topics/orders-dlq/messages", letter);
  const redriven = await program.post("/api/bus/dlq/redrive", { reason: "guarded" });
  assert.deepEqual([redriven.body.sent, redriven.body.notSent], [0, 1]);
  assert.match(redriven.body.records[0].why, denied);
  const produced = await fed(["produce", "-t", "guarded", ...over(withPassword, named(password))], "x\n");
  assert.equal(produced.status, 2);
  assert.match(produced.stderr, denied);
  assert.deepEqual((await program.get(path)).body.messages, [], "and nothing was written");

  await allowOnly("topic", "orders", "Read", "Describe", "DescribeConfigs");
  const order = await program.post("/api/orders", anOrder);
  assert.equal(order.status, 503);
  assert.match(order.body.detail, /^nothing was written: .*WRITE on the topic/);
  await notReady(program, /WRITE on the topic/);
  await kafka("acls", "--remove", "--force", "--topic", "orders");
  await place(program, { customerName: "Allowed again" });
});

test("The plain port goes on beside the secure ones, for brokers and tools", async () => {
  assert.match(await kafka("topics", "--list"), /^orders$/m);
});
