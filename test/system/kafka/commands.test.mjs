// The commands on a broker itself, beside kcat and Kafka's own console tools: each does what the others do.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Program, binary, eventually, freePort, run } from "../program.mjs";
import { onTerminal } from "../terminal.mjs";
import { atRest, brokers, onKafka, place } from "./broker.mjs";

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
const rows = (text) => `${text}`.split("\n").filter(Boolean).map((line) => JSON.parse(line));
const sorted = (text) => `${text}`.split("\n").filter(Boolean).sort();

async function fed(command, args, input) {
  const child = spawn(command, args, { env: { ...process.env, KAFKA_BROKER: brokers }, stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [status] = await once(child, "close");
  return { status, stdout, stderr };
}

async function ok(args, status = 0, input = "") {
  const ended = await fed(binary, [...args, ...onKafka()], input);
  assert.equal(ended.status, status, `${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

const kcat = (...args) => execFileSync("kcat", ["-b", brokers, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const console_ = async (tool, args, input) => {
  const ended = await fed(script, ["console", tool, ...args], input);
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout;
};
const makeTopic = (name, ...config) => console_("topics", ["--create", "--topic", name, "--partitions", "3", ...config]);

test("What kcat and the console producer write, consume prints; what produce writes, kcat and the console consumer print", async () => {
  await makeTopic("both-ways");
  assert.equal((await fed("kcat", ["-P", "-b", brokers, "-X", "topic.partitioner=murmur2_random", "-t", "both-ways", "-K:", "-H", "by=kcat"], "a:1\nb:2\n")).status, 0);
  await console_("producer", ["--topic", "both-ways", "--property", "parse.key=true", "--property", "key.separator=:"], "c:3\n");
  await ok(["produce", "-t", "both-ways", "-K:", "-H", "by=foodorder"], 0, "d:4\ne:5\n");
  await ok(["produce", "-t", "both-ways", "-k", "f", "-Z"], 0, "\n");

  const format = "%t %p %o %k %s %S %h\\n";
  assert.deepEqual(sorted(await ok(["consume", "-t", "both-ways", "-e", "-f", format])),
    sorted(kcat("-C", "-t", "both-ways", "-e", "-q", "-f", format)));
  assert.deepEqual(sorted(await ok(["consume", "-t", "both-ways", "-o", "beginning", "-K", "-e"])),
    sorted(kcat("-C", "-t", "both-ways", "-o", "beginning", "-e", "-q", "-K", "\t")));
  const read = await console_("consumer", ["--topic", "both-ways", "--from-beginning", "--timeout-ms", "8000", "--max-messages", "6",
    "--property", "print.key=true", "--property", "print.headers=true"]);
  assert.deepEqual(sorted(read).map((line) => line.split("\t")).map(([headers, key, value]) => `${key} ${value} ${headers}`).sort(),
    ["a 1 by:kcat", "b 2 by:kcat", "c 3 NO_HEADERS", "d 4 by:foodorder", "e 5 by:foodorder", "f null NO_HEADERS"]);
  // The same key goes to the same partition, whoever produces.
  const places = rows(await ok(["consume", "-t", "both-ways", "-e"]));
  await ok(["produce", "-t", "both-ways", "-K:"], 0, "a:again\n");
  const again = rows(await ok(["consume", "-t", "both-ways", "-e", "--filter", 'key == "a"']));
  assert.equal(new Set(again.map(({ partition }) => partition)).size, 1);
  assert.equal(places.length, 6);
  const last = await ok(["consume", "-t", "both-ways", "-p", `${again[0].partition}`, "-o", "-1", "-e", "-f", "%s\\n"]);
  assert.equal(last, kcat("-C", "-t", "both-ways", "-p", `${again[0].partition}`, "-o", "-1", "-e", "-q", "-f", "%s\\n"));
});

test("reset shows what kafka-consumer-groups shows, and with --execute the console tool sees it", async () => {
  await makeTopic("to-reset");
  await ok(["produce", "-t", "to-reset", "-p", "0"], 0, "x\n".repeat(10));
  await console_("consumer", ["--topic", "to-reset", "--group", "reset-group", "--from-beginning", "--timeout-ms", "8000", "--max-messages", "10"]);
  const describe = async () => {
    const said = await console_("groups", ["--describe", "--group", "reset-group"]);
    return Number(said.split("\n").map((line) => line.trim().split(/\s+/)).find((line) => line[1] === "to-reset" && line[2] === "0")[3]);
  };
  await eventually("an empty group", async () => rows(await ok(["group", "describe", "reset-group"]))[0].state === "Empty");
  assert.equal(await describe(), 10);
  for (const [flags, theirs] of [[["--to-earliest"], ["--to-earliest"]], [["--shift-by", "-3"], ["--shift-by", "-3"]],
    [["--to-offset", "4"], ["--to-offset", "4"]], [["--by-duration", "PT1H"], ["--by-duration", "PT1H"]]]) {
    const ours = rows(await ok(["group", "reset", "reset-group", ...flags, "--topic", "to-reset:0"]))[0];
    assert.equal(ours.dryRun, true);
    const said = await console_("groups", ["--reset-offsets", "--group", "reset-group", "--topic", "to-reset:0", ...theirs, "--dry-run"]);
    const line = said.split("\n").find((it) => it.includes("to-reset")).trim().split(/\s+/);
    assert.equal(ours.partitions[0].after, Number(line.at(-1)), flags[0]);
  }
  assert.equal(await describe(), 10);
  await ok(["group", "reset", "reset-group", "--to-offset", "4", "--topic", "to-reset:0", "--execute"]);
  assert.equal(await describe(), 4);
});

test("Topics, groups, dead letters and an order's history are the same on the broker as through a program", async (t) => {
  const program = await Program.start(t, onKafka("--fail-rate=1"));
  const { id } = await place(program, {});
  await atRest(program, ["order-group", "notification-group", "audit-group"]);
  await eventually("the dead letter", async () => {
    await atRest(program, ["notification-group"]);
    return (await run(["dlq", "list", ...onKafka()])).status === 0;
  });
  await atRest(program, ["order-group", "notification-group", "fraud-group", "analytics-group", "audit-group"]);
  const through = async (args) => rows((await run([...args, `--url=${program.url}`])).stdout);
  const direct = async (args) => rows(await ok(args));
  assert.deepEqual(await direct(["history", id]), await through(["history", id]));
  assert.deepEqual(await direct(["dlq", "list"]), await through(["dlq", "list"]));
  const names = (list) => list.map(({ name, group }) => name ?? group);
  assert.deepEqual(names(await direct(["topic", "list"])), names(await through(["topic", "list"])));
  assert.ok(names(await direct(["group", "list"])).includes("notification-group"));
  const watched = await ok(["watch", "--count=2"]);
  assert.match(watched, /member notification-1 running/);
  assert.match(watched, new RegExp(`event audit p0@\\d+ DLQ.* ${id} `));
  const [sent] = rows(await ok(["dlq", "redrive", "--all", "--execute"]));
  assert.equal(sent.outcome, "sent");
  await eventually("the redriven record's own dead letter", async () => rows(await ok(["dlq", "list"])).length === 2);
  const refused = await fed(binary, ["group", "reset", "audit-group", "--to-earliest", "--execute", ...onKafka()], "");
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /audit-1/);
  const screen = onTerminal(t, ["watch", ...onKafka()]);
  await screen.shows(/kafka localhost:\d+[\s\S]*GROUPS[\s\S]*notification-group[\s\S]*MEMBERS[\s\S]*LEDGER/);
  screen.type("q");
  assert.equal(await screen.ended, 0);
});

test("A broker that is not there is exit status 3; what it cannot do, or does not have, is 1", async () => {
  const nowhere = ["--bus=kafka", `--brokers=localhost:${await freePort()}`];
  for (const args of [["topic", "list"], ["consume", "-t", "orders", "-e"], ["watch"]]) {
    const away = await run([...args, ...nowhere]);
    assert.equal(away.status, 3, args.join(" "));
    assert.match(away.stderr, /^foodorder: [^\n]*localhost:\d+[^\n]*\n$/);
  }
  await ok(["consume", "-t", "nowhere", "-e"], 1);
  await ok(["history", "nobody"], 1);
  await makeTopic("compacted", "--config", "cleanup.policy=compact");
  const compact = await fed(binary, ["topic", "compact", "compacted", ...onKafka()], "");
  assert.equal(compact.status, 1, compact.stderr);
});
