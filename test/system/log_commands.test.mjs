// consume, produce, compact, reset and redrive on a running program.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { Program, binary, eventually, run } from "./program.mjs";
import { onTerminal } from "./terminal.mjs";

const rows = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));

async function ok(program, args, status = 0) {
  const ended = await run([...args, `--url=${program.url}`]);
  assert.equal(ended.status, status, `${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
  return ended;
}

/** The command with this standard input: {status, stdout, stderr}; stdout as bytes. */
export async function fed(args, input) {
  const child = spawn(binary, args, { env: { PATH: process.env.PATH }, stdio: ["pipe", "pipe", "pipe"] });
  const out = [];
  let stderr = "";
  child.stdout.on("data", (data) => out.push(data));
  child.stderr.on("data", (data) => (stderr += data));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [status] = await once(child, "close");
  return { status, stdout: Buffer.concat(out), stderr };
}

async function produced(program, args, input, status = 0) {
  const sent = await fed(["produce", ...args, `--url=${program.url}`], input);
  assert.equal(sent.status, status, sent.stderr);
  return sent;
}

const idle = (t, ...args) => Program.start(t, ["--modules=order", ...args]);

test("What produce sends with key, headers and tombstones, consume prints: as JSON lines, by format, with keys", async (t) => {
  const program = await idle(t);
  await produced(program, ["-t", "audit", "-k", "k1", "-H", "source=me", "-H", "empty="], "one\ntwo\n");
  await produced(program, ["-t", "audit", "-K", ":", "-Z"], "k2:a:b\nk3:");
  const printed = rows((await ok(program, ["consume", "-t", "audit", "-e"])).stdout);
  assert.deepEqual(printed.map(({ key, value }) => [key.text, value?.text ?? null]),
    [["k1", "one"], ["k1", "two"], ["k2", "a:b"], ["k3", null]]);
  assert.deepEqual(printed[0].headers.map(({ name, value }) => [name, value.text]), [["source", "me"], ["empty", ""]]);
  const formatted = await ok(program, ["consume", "-t", "audit", "-e", "-f", "%t %p@%o %k=%s %S [%h]\\n"]);
  assert.equal(formatted.stdout.split("\n")[0], "audit 0@0 k1=one 3 [source=me,empty=]");
  assert.equal(formatted.stdout.split("\n")[3], "audit 0@3 k3= -1 []");
  assert.equal((await ok(program, ["consume", "-t", "audit", "-K", "-e"])).stdout, "k1\tone\nk1\ttwo\nk2\ta:b\nk3\t\n");
  assert.equal((await ok(program, ["consume", "-t", "audit", "-e", "-K:"])).stdout, "k1:one\nk1:two\nk2:a:b\nk3:\n");
});

test("consume begins at the offset that it is given, ends at a count, and takes the inspector's filter", async (t) => {
  const program = await idle(t);
  await produced(program, ["-t", "audit", "-k", "a"], Array.from({ length: 20 }, (_, i) => `{"n":${i}}\n`).join(""));
  const numbers = async (...args) => {
    const { stdout } = await ok(program, ["consume", "-t", "audit", ...args]);
    return rows(stdout).map(({ json }) => json.n);
  };
  assert.deepEqual(await numbers("-e", "-o", "17"), [17, 18, 19]);
  assert.deepEqual(await numbers("-e", "-o", "-2"), [18, 19]);
  assert.deepEqual(await numbers("-c", "2"), [0, 1]);
  assert.deepEqual(await numbers("-e", "--filter", "n >= 3 and n < 5"), [3, 4]);
  assert.equal((await numbers("-e", "-o", "s@2020-01-01T00:00:00Z")).length, 20);
  assert.equal((await ok(program, ["consume", "-t", "audit", "-e", "-o", "end"], 1)).stdout, "");
  await ok(program, ["consume", "-t", "audit", "-e", "--filter", "n > 99"], 1);
  const wrong = await ok(program, ["consume", "-t", "audit", "-e", "--filter", "n >"], 2);
  assert.match(wrong.stderr, /^foodorder: .*filter.*\n$/);
  await ok(program, ["consume", "-t", "nowhere", "-e"], 1);
  await ok(program, ["consume", "-t", "audit", "-e", "-p", "9"], 2);
  await ok(program, ["consume", "-t", "audit", "-e", "-o", "soon"], 2);
  await ok(program, ["consume", "-t", "audit", "-e", "-f", "%z"], 2);
});

test("Without -e consume prints what comes, until Ctrl-C, which is exit status 0", async (t) => {
  const program = await idle(t);
  const child = spawn(binary, ["consume", "-t", "audit", "-o", "end", `--url=${program.url}`], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  await eventually("a live record", async () => {
    await produced(program, ["-t", "audit"], "hello\n");
    return output.includes("hello");
  });
  child.kill("SIGINT");
  assert.equal((await ended)[0], 0);
  assert.ok(rows(output).every(({ value }) => value.text === "hello"));
});

test("Bytes that are no text go in and out unchanged in a pipe, and never reach a terminal", async (t) => {
  const program = await idle(t);
  const bytes = Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00, 0x07, 0xc3]);
  await produced(program, ["-t", "audit", "-k", "b"], Buffer.concat([bytes, Buffer.from("\n")]));
  const raw = await fed(["consume", "-t", "audit", "-e", "-f", "%s", `--url=${program.url}`], "");
  assert.deepEqual(raw.stdout, bytes);
  for (const more of [[], ["-f", "%s\\n"], ["-K"]]) {
    const shown = onTerminal(t, ["consume", "-t", "audit", "-e", "-q", ...more, `--url=${program.url}`], { NO_COLOR: "1" });
    assert.equal(await shown.ended, 0);
    assert.match(shown.output(), /\\x1b\[2J\\xff\\x00\\x07\\xc3/);
    assert.doesNotMatch(shown.output(), /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/);
  }
});

test("What consume prints in a pipe produce takes, with its bytes, keys, headers and tombstones", async (t) => {
  const program = await idle(t);
  await produced(program, ["-t", "audit", "-k", "a", "-H", "h=1"], Buffer.from([0xff, 0x0a]));
  await produced(program, ["-t", "audit", "-k", "b", "-Z"], "\n");
  const exported = await fed(["consume", "-t", "audit", "-e", `--url=${program.url}`], "");
  await produced(program, ["-t", "orders-dlq", "--input=json"], exported.stdout);
  const copies = rows((await ok(program, ["consume", "-t", "orders-dlq", "-e"])).stdout);
  const originals = rows(exported.stdout.toString());
  for (const [i, copy] of copies.entries())
    for (const field of ["key", "value", "headers"]) assert.deepEqual(copy[field], originals[i][field]);
  assert.equal(copies.length, 2);
});

test("A line that cannot be sent is named by its number; what was before it is sent", async (t) => {
  const program = await idle(t);
  const wrong = await produced(program, ["-t", "audit", "-K", "|"], "a|1\nb|2\nno separator\nc|3\n", 2);
  assert.match(wrong.stderr, /^foodorder: line 3 of standard input has no "\|" between key and value\n$/);
  assert.equal((await program.messages("audit")).length, 2);
  const json = await produced(program, ["-t", "audit", "--input=json"], '{"key":"a"}\n', 2);
  assert.match(json.stderr, /line 1 of standard input is no JSON object with a value/);
  await produced(program, ["-t", "nowhere"], "a\n", 1);
  const keyless = await produced(program, ["-t", "order-status"], "no key\n", 2);
  assert.match(keyless.stderr, /^foodorder: .*key.*\n$/);
  await produced(program, ["-t", "audit", "-k", "a", "-K", ":"], "x", 2);
  await produced(program, ["-t", "audit", "-H", "nameonly"], "x", 2);
});

test("Many lines are sent in parts, in their order", async (t) => {
  const program = await idle(t);
  const count = 5000;
  await produced(program, ["-t", "audit", "-k", "k"], Array.from({ length: count }, (_, i) => `${i}\n`).join(""));
  const values = (await ok(program, ["consume", "-t", "audit", "-e", "-f", "%s\\n"])).stdout.trimEnd().split("\n").map(Number);
  assert.deepEqual(values, Array.from({ length: count }, (_, i) => i));
});

test("A reader of consume that goes away ends it quietly", async (t) => {
  const program = await idle(t);
  await produced(program, ["-t", "audit", "-k", "k"], "x\n".repeat(3000));
  const command = `${binary} consume -t audit -e --url=${program.url} | head -n 1 >/dev/null; exit \${PIPESTATUS[0]}`;
  const child = spawn("bash", ["-c", command], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (data) => (stderr += data));
  assert.equal((await once(child, "close"))[0], 0);
  assert.equal(stderr, "");
});

test("compact leaves the newest record of each key, and says what went; other topics are refused", async (t) => {
  const program = await idle(t);
  await produced(program, ["-t", "order-status", "-p", "0", "-k", "same"], '{"a":1}\n{"a":2}\n{"a":3}\n');
  await ok(program, ["topic", "compact", "order-status"]);
  const kept = rows((await ok(program, ["consume", "-t", "order-status", "-e", "-p", "0"])).stdout);
  assert.deepEqual(kept.map(({ json }) => json.a), [3]);
  await ok(program, ["topic", "compact", "audit"], 1).catch(() => ok(program, ["topic", "compact", "audit"], 2));
  await ok(program, ["topic", "compact", "nowhere"], 1);
});

test("reset prints before and after and changes nothing, until --execute; an active group is refused by its members", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  for (let i = 0; i < 3; ++i) await program.order();
  const committed = async () => {
    const { body } = await program.get("/api/bus/groups/audit-group");
    return body.partitions.map(({ committedOffset }) => committedOffset);
  };
  await eventually("commits", async () => (await committed())[0] > 3);
  const active = await ok(program, ["group", "reset", "audit-group", "--to-earliest", "--execute"], 1);
  assert.match(active.stderr, /audit-1/);
  await program.post("/api/modules/audit-1/stop", {});
  await eventually("an empty group", async () => (await program.get("/api/bus/groups/audit-group")).body.members.length === 0);
  const before = await committed();
  const dry = await ok(program, ["group", "reset", "audit-group", "--to-earliest", "--output=table"]);
  assert.match(dry.stdout, new RegExp(`^audit +0 +${before[0]} +0 +-${before[0]} `, "m"));
  assert.match(dry.stdout, /nothing was changed: --execute does it/);
  assert.deepEqual(await committed(), before);
  const goals = [["--to-earliest", 0], ["--to-offset=2", 2], ["--shift-by=1", 3], ["--shift-by=-2", 1],
    ["--to-datetime=2020-01-01T00:00:00Z", 0], ["--by-duration=PT1H", 0], ["--to-current", 0]];
  for (const [flag, offset] of goals) {
    const [done] = rows((await ok(program, ["group", "reset", "audit-group", flag, "--topic", "audit:0", "--execute"])).stdout);
    assert.equal(done.dryRun, false);
    assert.deepEqual(await committed(), [offset], flag);
  }
  await ok(program, ["group", "reset", "audit-group"], 2);
  await ok(program, ["group", "reset", "audit-group", "--to-latest", "--to-earliest"], 2);
  await ok(program, ["group", "reset", "audit-group", "--to-datetime=soon"], 2);
});

test("Dead letters are listed, and go back where they came from with --execute alone", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "1" });
  await ok(program, ["dlq", "list"], 1);
  const { id } = await program.order();
  await eventually("the dead letter", async () => (await program.messages("orders-dlq")).length === 1);
  const listed = (await ok(program, ["dlq", "list", "--output=table"])).stdout;
  assert.match(listed, new RegExp(`^ *0 +\\S+ +${id} +orders p\\d@\\d+ `, "m"));
  const ends = async () => (await program.messages("orders")).filter(({ key }) => key.text === id).length;
  const before = await ends();
  const dry = await ok(program, ["dlq", "redrive", "--all", "--output=table"]);
  assert.match(dry.stdout, /1 letter would be sent\. Nothing was sent: --execute does it/);
  assert.equal(await ends(), before);
  const [sent] = rows((await ok(program, ["dlq", "redrive", "0", "--execute"])).stdout);
  assert.equal(sent.outcome, "sent");
  assert.equal(sent.to.topic, "orders");
  assert.ok((await ends()) > before);
  await ok(program, ["dlq", "redrive", "--reason", "none such"], 1);
  await ok(program, ["dlq", "redrive"], 2);
  await ok(program, ["dlq", "redrive", "x"], 2);
  await ok(program, ["dlq", "redrive", "0", "--all"], 2);
});
