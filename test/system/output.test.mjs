// Readers of what the program writes that stop or go away, and terminals that close.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { Program, anOrder, binary, eventually, freePort } from "./program.mjs";

/** The program with nobody who reads yet: the child, its URL and how it ends. */
async function unread(t, args) {
  const port = await freePort();
  const env = { PATH: process.env.PATH };
  const child = spawn(binary, [`--port=${port}`, "--inspector-port=0", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit").then(([status, signal]) => ({ status, signal }));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(`${url}/readyz`, async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok);
  return { child, ended, url };
}

async function order(url) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${url}/api/orders`, { method: "POST", headers, body: JSON.stringify(anOrder) });
  await answer.text();
  return answer.status;
}

const dropped = async (url) =>
  Number((await (await fetch(`${url}/metrics`)).text()).match(/^foodorder_log_lines_dropped_total (\d+)$/m)[1]);

test("A reader of the log that goes away costs log lines, which are counted, and nothing else", async (t) => {
  const { child, ended, url } = await unread(t, ["--log-level=info"]);
  child.stderr.destroy();
  child.stdout.destroy();
  for (let i = 0; i < 3; ++i) assert.equal(await order(url), 201);
  await eventually("dropped lines in the metrics", async () => (await dropped(url)) > 0);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, { status: 0, signal: null });
});

test("A reader of the log that stops holds up neither requests nor the end", async (t) => {
  const { child, ended, url } = await unread(t, ["--log-level=info", "--fail-rate=1"]);
  const fill = async () => {
    for (let i = 0; i < 50; ++i) assert.equal(await order(url), 201);
  };
  await eventually("a queue that is full", async () => {
    await Promise.all(Array.from({ length: 8 }, fill));
    return (await dropped(url)) > 0;
  }, 60_000);
  assert.equal(await order(url), 201);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, { status: 0, signal: null });
});

test("Log lines in a pipe are JSON with time, level and message", async (t) => {
  const program = await Program.start(t, ["--log-level=info"]);
  await program.order({ item: 'Pizza "a\u2028b"' });
  await program.stop();
  const lines = program.output.split("\n").filter((line) => line.startsWith("{"));
  assert.ok(lines.length > 1, program.output);
  for (const line of lines) {
    const { time, level, message } = JSON.parse(line);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(level, /^(debug|info|warn|error)$/);
    assert.equal(typeof message, "string");
  }
});

test("SIGHUP and SIGINT drain as SIGTERM does", async (t) => {
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
    const program = await Program.start(t);
    await program.order();
    program.child.kill(signal);
    assert.deepEqual(await program.ended, { status: 0, signal: null }, signal);
  }
});

test("A terminal that closes ends nothing under nohup", async (t) => {
  const port = await freePort();
  const shell = `trap '' HUP; exec '${binary}' --port=${port} --inspector-port=0`;
  const child = spawn("sh", ["-c", shell], { stdio: "ignore" });
  const ended = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  const alive = async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok;
  await eventually("the program", alive);
  child.kill("SIGHUP");
  assert.ok(await alive());
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});

test("What is printed for a reader that wants only the first line ends quietly", async () => {
  for (const command of ["--help", "--print-config", "--version"]) {
    const child = spawn("bash", ["-c", `set -o pipefail; '${binary}' ${command} | head -c 1 >/dev/null`], { stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (data) => (stderr += data));
    const [status] = await once(child, "close");
    assert.deepEqual([status, stderr], [0, ""], command);
  }
});

test("What cannot be printed is an error", async () => {
  const child = spawn("bash", ["-c", `'${binary}' --help >/dev/full`], { stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (data) => (stderr += data));
  const [status] = await once(child, "close");
  assert.equal(status, 2);
  assert.match(stderr, /^foodorder: .*No space left on device\n$/);
});

test("Standard streams that are closed are not taken by sockets", async (t) => {
  const port = await freePort();
  const child = spawn("bash", ["-c", `exec '${binary}' --log-level=info --port=${port} --inspector-port=0 <&- >&- 2>&-`], { stdio: "ignore" });
  const ended = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  await eventually("the program", async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok);
  assert.equal(await order(`http://127.0.0.1:${port}`), 201);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});
