// The program over TLS, and with a name and a password: with_kafka --secure starts a broker that asks for them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EventStream } from "../event_stream.mjs";
import { Program, anOrder, eventually, run } from "../program.mjs";
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

test("The plain port goes on beside the secure ones, for brokers and tools", async () => {
  const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
  const { stdout } = await promisify(execFile)(script, ["console", "topics", "--list"]);
  assert.match(stdout, /^orders$/m);
});
