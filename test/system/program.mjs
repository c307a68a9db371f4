// Starts the real program on free ports of 127.0.0.1 and ends only what it started.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free_port.mjs";
import { checkAnswer } from "./contract.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const binary = process.env.FOODORDER_BIN ?? `${root}build/release/foodorder`;

/** Ends what hangs; no more than that: the machine may have much else to do. */
const patienceMs = Number(process.env.FOODORDER_PATIENCE_MS ?? 60_000);

export { freePort };

/** Waits until `condition()` gives something truthy; fails after `limitMs` saying what was waited for. */
export async function eventually(what, condition, limitMs = patienceMs) {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what}`);
    await sleep(20);
  }
}

/** Runs the program to its end: its exit status and output. */
export async function run(args, env = {}) {
  const child = spawn(binary, args, { env: { PATH: process.env.PATH, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const [status] = await once(child, "close");
  clearTimeout(timer);
  return { status, stdout, stderr };
}

/** What run() gave is a start that was refused: exit status 2, and one line that says why. */
export function assertRefused({ status, stderr }, line) {
  assert.match(stderr, line);
  assert.equal(stderr.trim().split("\n").length, 1, stderr);
  assert.equal(status, 2, stderr);
}

/** A folder that goes when the test ends. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "foodorder-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The architecture that the tests of the contract are run against; one of them blocks no order by its fraud check. */
export const architecture = process.env.FOODORDER_TEST_ARCHITECTURE ?? "events";
/** What it does not have, and a case leaves out. */
export const lacks = new Set(
  {
    events: [],
    monolith: ["consumer groups", "records of statistics"],
    rest: ["consumer groups", "records of statistics", "one writer of audit"],
  }[architecture],
);
async function architectureArguments(t) {
  if (architecture === "events") return [];
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "foodorder.toml"), '[fraud]\nblockOn = "none"\n');
  const database = architecture === "rest" ? folder : `${folder}/test.db`;
  // On a busy machine a call may take longer than its timeout: with an outbox that is a delay, and no gap.
  const outbox = architecture === "rest" ? ["--outbox=on"] : [];
  return [`--architecture=${architecture}`, `--database=sqlite:${database}`, `--config=${folder}/foodorder.toml`, ...outbox];
}

/** The program while it runs. `await using` or `await program.stop()` ends it. */
export class Program {
  static async start(t, args = [], env = {}, by = []) {
    const program = await Program.launch(t, args, env, by);
    await program.ready();
    return program;
  }

  /** The same without waiting until it is ready. `by`: a command that runs it; `port`: another one than a free one. */
  static async launch(t, args = [], env = {}, by = [], port = undefined) {
    const program = new Program();
    program.port = port ?? (await freePort());
    program.inspectorPort = await freePort();
    const ports = ["--port", `${program.port}`, "--inspector-port", `${program.inspectorPort}`];
    const base = args.some((argument) => argument.startsWith("--architecture")) ? [] : await architectureArguments(t);
    const [command, ...rest] = [...by, binary, ...ports, ...base, ...args];
    program.child = spawn(command, rest, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    program.output = "";
    for (const stream of [program.child.stdout, program.child.stderr])
      stream.on("data", (data) => (program.output += data));
    program.ended = once(program.child, "exit").then(([status, signal]) => ({ status, signal }));
    t.after(() => program.kill());
    return program;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get inspectorUrl() {
    return `http://127.0.0.1:${this.inspectorPort}`;
  }

  async ready() {
    await eventually(`${this.url}/readyz`, async () => {
      if (this.child.exitCode !== null) throw new Error(`the program ended: ${this.output}`);
      return (await fetch(`${this.url}/readyz`).catch(() => null))?.ok;
    });
  }

  /** A request whose answer is checked against /openapi.json. Gives {status, headers, body}. */
  async call(method, path, body, headers = {}, base = this.url) {
    const request = { method, headers };
    if (body !== undefined) {
      request.body = typeof body === "string" ? body : JSON.stringify(body);
      request.headers = { "Content-Type": "application/json", ...headers };
    }
    const response = await fetch(base + path, request);
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    const answer = {
      status: response.status,
      headers: response.headers,
      body: type.includes("json") && !type.includes("ndjson") ? JSON.parse(text) : text,
    };
    checkAnswer(method, path, answer);
    return answer;
  }

  get(path, headers) {
    return this.call("GET", path, undefined, headers);
  }

  post(path, body, headers) {
    return this.call("POST", path, body, headers);
  }

  async order(fields = {}) {
    const { status, body } = await this.post("/api/orders", { ...anOrder, ...fields });
    if (status !== 201) throw new Error(`the order was refused: ${JSON.stringify(body)}`);
    return body;
  }

  /** Every message of a topic, over the inspector's port. */
  async messages(topic) {
    const path = `/api/bus/topics/${topic}/messages?from=beginning&limit=500`;
    return (await this.call("GET", path, undefined, {}, this.inspectorUrl)).body.messages;
  }

  async stop() {
    this.child.kill("SIGTERM");
    return this.ended;
  }

  async kill() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.ended;
  }
}

export const anOrder = { customerName: "Alice", item: "Pizza", quantity: 2, price: 12.99 };
