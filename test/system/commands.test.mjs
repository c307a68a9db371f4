// The commands on a running program: what they print in a pipe and on a terminal, and each exit status.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { Program, binary, eventually, freePort, run } from "./program.mjs";
import { onTerminal } from "./terminal.mjs";

const lines = (text) => text.split("\n").filter(Boolean);
const rows = (text) => lines(text).map((line) => JSON.parse(line));

/** The command on that program, which must end with that status; gives its output. */
async function ok(program, args, status = 0) {
  const ended = await run([...args, `--url=${program.url}`]);
  assert.equal(ended.status, status, `${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
  return ended;
}

const atRest = (program) =>
  eventually("lag 0 of every group", async () => {
    const { body } = await program.get("/api/bus/groups");
    return body.length >= 5 && body.every((group) => group.lag === 0);
  });

test("In a pipe a list is a JSON object a line, on a terminal a table in colours that NO_COLOR takes away", async (t) => {
  const program = await Program.start(t);
  const topics = rows((await ok(program, ["topic", "list"])).stdout);
  assert.ok(topics.find(({ name }) => name === "orders"));
  assert.match((await ok(program, ["topic", "list", "--output=table"])).stdout, /^TOPIC +PARTITIONS +RECORDS .*\n(.*\n)*orders +3 /);
  const coloured = onTerminal(t, ["topic", "list", `--url=${program.url}`]);
  assert.equal(await coloured.ended, 0);
  assert.match(coloured.output(), /\x1b\[1mTOPIC/);
  const plain = onTerminal(t, ["topic", "list", `--url=${program.url}`], { NO_COLOR: "1" });
  assert.equal(await plain.ended, 0);
  assert.doesNotMatch(plain.output(), /\x1b/);
  assert.match(plain.output(), /^TOPIC/m);
  const json = onTerminal(t, ["topic", "list", "--output=json", `--url=${program.url}`]);
  assert.equal(await json.ended, 0);
  assert.equal(rows(json.output().replaceAll("\r", "")).length, topics.length);
});

test("One topic and one group are described; one that is not there is exit status 1", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  await program.order();
  await atRest(program);
  const topic = await ok(program, ["topic", "describe", "order-status", "--output=table"]);
  assert.match(topic.stdout, /^order-status {2}cleanup compact, 1 record,/);
  assert.match(topic.stdout, /^PARTITION +START +END +RECORDS +SIZE$/m);
  const [group] = rows((await ok(program, ["group", "describe", "audit-group"])).stdout);
  assert.equal(group.group, "audit-group");
  const table = (await ok(program, ["group", "describe", "notification-group", "--output=table"])).stdout;
  assert.match(table, /^notification-group {2}consumer, Stable, lag 0$/m);
  assert.match(table, /^notification-1 +orders:/m);
  assert.match((await ok(program, ["group", "list", "--output=table"])).stdout, /^audit-group +Stable +1 +0 /m);
  for (const args of [["topic", "describe", "nowhere"], ["group", "describe", "nobody"], ["history", "none"]]) {
    const missing = await ok(program, args, 1);
    assert.match(missing.stderr, /^foodorder: there is no .*\n$/);
    assert.equal(missing.stdout, "");
  }
});

test("Nobody who answers is exit status 3, and misuse 2, each with one line that says why", async () => {
  const nowhere = `--url=http://127.0.0.1:${await freePort()}`;
  for (const args of [["topic", "list"], ["group", "list"], ["history", "a"], ["load"], ["watch"], ["consume", "-t", "orders"]]) {
    const away = await run([...args, nowhere]);
    assert.equal(away.status, 3, args.join(" "));
    assert.match(away.stderr, /^foodorder: http:\/\/127\.0\.0\.1:\d+ is not in reach: .*\n$/);
  }
  for (const args of [["topic"], ["topic", "lst"], ["consume"], ["load", "--rate"], ["load", "x", nowhere], ["history"]]) {
    const wrong = await run(args);
    assert.equal(wrong.status, 2, args.join(" "));
    assert.match(wrong.stderr, /^foodorder: .*\n$/);
  }
});

test("A reader of the output that goes away ends the command quietly", async (t) => {
  const program = await Program.start(t);
  const command = `${binary} topic list --url=${program.url} | head -n 1; exit \${PIPESTATUS[0]}`;
  const child = spawn("bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const [status] = await once(child, "close");
  assert.equal(status, 0);
  assert.equal(stderr, "");
  assert.equal(lines(stdout).length, 1);
});

test("The history of an order is every record about it, told by what it says", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "1" });
  const { id } = await program.order();
  await eventually("the dead letter", async () => (await program.messages("orders-dlq")).length === 1);
  await atRest(program);
  const records = rows((await ok(program, ["history", id])).stdout);
  assert.deepEqual([...new Set(records.map(({ topic }) => topic))].sort(), ["audit", "order-status", "orders", "orders-dlq"]);
  const table = (await ok(program, ["history", id, "--output=table"])).stdout;
  assert.match(table, /^TIME +TOPIC +PLACE +BY +WHAT$/m);
  assert.match(table, /audit +p0@\d+ +\S+ +RETRY.*\(retry 1\)/);
  assert.match(table, /audit +p0@\d+ +\S+ +DLQ/);
});

test("A load is placed, shown and ended", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  assert.equal((await ok(program, ["load", "--output=table"])).stdout, "no load is running\n");
  const placed = rows((await ok(program, ["load", "200", "--scenario=greedy", "--seed=7"])).stdout)[0];
  assert.deepEqual([placed.running, placed.rate, placed.scenario, placed.seed], [true, 200, "greedy", 7]);
  await eventually("orders", async () => (await program.get("/api/load")).body.accepted > 10);
  assert.match((await ok(program, ["load", "--output=table"])).stdout, /^200 orders a second, greedy, until \d{4}-/);
  assert.equal(rows((await ok(program, ["load", "0"])).stdout)[0].running, false);
  assert.match((await ok(program, ["load", "3000"], 2)).stderr, /rate must be a number from 0 to 2000/);
});

test("Beyond loopback a command that writes needs the token", async (t) => {
  const program = await Program.start(t, ["--host=0.0.0.0", "--token=secret"]);
  const refused = await ok(program, ["load", "1"], 2);
  assert.match(refused.stderr, /^foodorder: this needs the token .*\n$/);
  await ok(program, ["load", "1", "--token=secret"]);
});

test("In a pipe watch prints a line for each change, and goes on while the program is away", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  const child = spawn(binary, ["watch", `--url=${program.url}`], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  await eventually("the members", () => /^\d\d:\d\d:\d\d member notification-1 running$/m.test(output));
  const { id } = await program.order();
  await eventually("the order's events", () => new RegExp(`event audit p0@\\d+ NOTIFIED ${id} `).test(output));
  await program.post("/api/modules/notification-2/crash", {});
  await eventually("the crash", () => /member notification-2 crashed/.test(output) && /NONE, \d+ s left/.test(output));
  await program.stop();
  await eventually("that it is away", () => /not in reach: /.test(output));
  child.kill("SIGINT");
  assert.equal((await ended)[0], 0);
});

test("On a terminal of 80x24 watch shows the system, takes keys, follows its size, and leaves the screen as it was", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  await program.order();
  const screen = onTerminal(t, ["watch", `--url=${program.url}`]);
  await screen.shows(/foodorder watch[\s\S]*GROUPS[\s\S]*MEMBERS[\s\S]*LEDGER[\s\S]*LAST EVENTS/);
  assert.ok(screen.output().includes("\x1b[?1049h"), "a screen of its own");
  screen.type("?");
  await screen.shows(/stop the picked member/);
  screen.type("?");
  const crashed = screen.output().length;
  screen.type("c");
  await eventually("a crash", async () => (await program.get("/api/modules")).body.some(({ state }) => state === "crashed"));
  await screen.shows(/CRASHED/, crashed);
  screen.type("x");
  await eventually("the start", async () => (await program.get("/api/modules")).body.every(({ state }) => state === "running"));
  screen.type("]");
  await eventually("a load", async () => (await program.get("/api/load")).body.rate === 1);
  const resized = screen.output().length;
  await screen.resize(60, 20);
  await screen.shows(/foodorder watch/, resized);
  await screen.resize(30, 8);
  await screen.shows(/needs 40x14/);
  screen.type("q");
  assert.equal(await screen.ended, 0);
  assert.ok(screen.output().includes("\x1b[?1049l"), "the screen is given back");
});

test("A signal gives the screen back, too", async (t) => {
  const program = await Program.start(t);
  for (const name of ["SIGINT", "SIGTERM"]) {
    const screen = onTerminal(t, ["watch", `--url=${program.url}`]);
    await screen.shows(/GROUPS/);
    screen.signal(name);
    assert.equal(await screen.ended, 0);
    assert.ok(screen.output().includes("\x1b[?1049l"));
  }
});

test("watch --count ends by itself", async (t) => {
  const program = await Program.start(t);
  assert.match((await ok(program, ["watch", "--count=1"])).stdout, /member order-1 (starting|running)/);
});
