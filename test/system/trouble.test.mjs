import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Program, anOrder, assertRefused, binary, eventually, freePort, run } from "./program.mjs";

/** The program by bash, for what only a shell can do. */
async function inBash(args, before = "", program = binary) {
  const child = spawn("bash", ["-c", `${before} ${program} ${args}`], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const [status] = await once(child, "close");
  return { status, stdout, stderr };
}

test("What is wrong at the start is one line that names it, and exit status 2", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "foodorder-"));
  t.after(() => rm(folder, { recursive: true }));
  const malformed = join(folder, "malformed.toml");
  const unknown = join(folder, "unknown.toml");
  await writeFile(malformed, "[fraud\n");
  await writeFile(unknown, "[fraud]\nwindoMs = 5\n");
  const cases = [
    [["--bogus"], {}, /--bogus/],
    [["--fail-rate=2"], {}, /fail-rate.*0.*1/],
    [[], { FAIL_RATE: "often" }, /FAIL_RATE/],
    [["--port=99999"], {}, /port/],
    [["--modules=order,cook"], {}, /cook/],
    [["--modules=notification:99"], {}, /notification:99/],
    [["--config=/nowhere/at.toml"], {}, /\/nowhere\/at\.toml/],
    [["--config", malformed], {}, /malformed\.toml:\d+/],
    [["--config", unknown], {}, /unknown\.toml:2.*windoMs/],
    [["--bus=kafka", "-X", "no.such.thing=1"], {}, /no\.such\.thing/],
    [["--bus=kafka", "-X", "group.id=mine"], {}, /group\.id/],
    [["-X", "linger.ms=1"], {}, /kafka/],
    [["--bus=rabbit"], {}, /memory/],
    [["--processing-guarantee=exactly_once"], {}, /exactly_once/],
    [["--plugin=x.so"], {}, /plugin/],
    [["dance"], {}, /dance/],
  ];
  for (const [args, env, expected] of cases) {
    assertRefused(await run(args, env), expected);
  }
});

test("What fails at the start because of a value says where the value comes from", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "foodorder-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "my.toml");
  await writeFile(file, "[foodorder]\nplugins = [\"gone.so\"]\n");
  const taken = await Program.start(t);
  const quiet = ["--inspector-port=0"];
  const cases = [
    [quiet, { HOST: "x86_64-conda-linux-gnu" }, /x86_64-conda-linux-gnu.*host: environment HOST/],
    [[...quiet, "--host=192.0.2.1"], {}, /192\.0\.2\.1.*host: flag --host/],
    [quiet, { PORT: `${taken.port}` }, /in use.*port: environment PORT/],
    [[`--inspector-port=${taken.port}`, `--port=${await freePort()}`], {}, /in use.*inspectorPort: flag --inspector-port/],
    [["--plugin=gone.so"], {}, /gone\.so.*plugins: flag --plugin/],
    [[`--config=${file}`], {}, /gone\.so.*plugins: file .*my\.toml/],
    [["--bus=kafka", "-X", "no.such.thing=1"], {}, /no\.such\.thing.*librdkafka: flag -X/],
    [["health", "--url=foo"], {}, /--url must be http:\/\/host:port, not foo$/m],
    [["--token=", "--log-level=info"], {}, /--token needs a value/],
  ];
  for (const [args, env, expected] of cases) {
    const ended = await run(args, env);
    assertRefused(ended, expected);
    assert.equal(ended.stdout, "");
  }
});

test("A configuration comes through a pipe", async () => {
  const { status, stdout, stderr } = await inBash("--print-config --config=<(printf '[http]\\nport = 4321\\n')");
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^port = 4321 +# file \/dev\/fd\/\d+:2$/m);
  assert.match((await inBash("--print-config --config=<(true)")).stderr, /^foodorder: --config: .* nothing was written to it\n$/);
});

test("A working directory that is gone or closed has no configuration file", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "foodorder-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const gone = await inBash("--print-config", `mkdir ${folder}/gone; cd ${folder}/gone; rmdir ${folder}/gone;`);
  assert.equal(gone.status, 0, gone.stderr);
  if (process.getuid() !== 0) return;
  const closed = `cp ${binary} ${folder}/foodorder; chmod 755 ${folder}; mkdir -m 700 ${folder}/closed; cd ${folder}/closed;`;
  const { status, stderr } = await inBash("--print-config", closed, `setpriv --reuid=65534 --regid=65534 --clear-groups ${folder}/foodorder`);
  assert.equal(status, 0, stderr);
});

test("Beyond loopback the start prints each address of the machine as a link", async (t) => {
  const program = await Program.start(t, ["--host=0.0.0.0"]);
  const addresses = Object.values(networkInterfaces()).flat().filter((it) => it.family === "IPv4" && !it.internal);
  for (const host of ["localhost", ...addresses.map((it) => it.address)])
    assert.ok(program.output.includes(` http://${host}:${program.port}/\n`), program.output);
  assert.match(program.output, /--log-level=info/);
});

test("A port in use is one line with the port, and exit status 2", async (t) => {
  const program = await Program.start(t);
  assertRefused(await run(["--port", `${program.port}`, "--inspector-port", "0"]), new RegExp(`${program.port}`));
});

test("--help, --version and --print-config answer and exit with 0", async () => {
  const help = await run(["--help"]);
  assert.equal(help.status, 0);
  for (const flag of ["--bus", "--modules", "--fail-rate", "--inspector-port", "--print-config"])
    assert.ok(help.stdout.includes(flag), flag);
  assert.match((await run(["--version"])).stdout, /^foodorder \d+\.\d+\.\d+/);
  const printed = await run(["--print-config", "--token=secret", "--port=4000"], { FAIL_RATE: "0.5" });
  assert.equal(printed.status, 0);
  assert.ok(!printed.stdout.includes("secret"));
  assert.match(printed.stdout, /port = 4000 .*flag/);
  assert.match(printed.stdout, /failRate = 0\.5 .*FAIL_RATE/);
});

test("SIGTERM under load answers what it accepted and exits with 0 within 5 s", async (t) => {
  const program = await Program.start(t);
  const statuses = [];
  const workers = Array.from({ length: 8 }, async () => {
    for (;;) {
      const answer = await program.post("/api/orders", anOrder).catch(() => null);
      if (!answer) return;
      statuses.push(answer.status);
    }
  });
  await eventually("load", () => statuses.length > 50);
  const begin = Date.now();
  const { status, signal } = await program.stop();
  assert.equal(signal, null, program.output);
  assert.equal(status, 0, program.output);
  assert.ok(Date.now() - begin < 5000);
  await Promise.all(workers);
  assert.ok(statuses.every((code) => code === 201 || code === 503), `${new Set(statuses)}`);
});

test("A web page elsewhere cannot drive it", async (t) => {
  const program = await Program.start(t);
  const ask = (lines) =>
    new Promise((resolve, reject) => {
      const socket = connect(program.port, "127.0.0.1", () => socket.end(`${lines.join("\r\n")}\r\n\r\n`));
      let text = "";
      socket.on("data", (data) => (text += data)).on("end", () => resolve(Number(text.split(" ")[1]))).on("error", reject);
    });
  const get = "GET /api/orders HTTP/1.1";
  assert.equal(await ask([get, `Host: 127.0.0.1:${program.port}`]), 200);
  assert.equal(await ask([get, "Host: evil.example"]), 403);
  assert.equal(await ask([get, "Host: localhost", "Origin: http://evil.example"]), 403);
  assert.equal(await ask([get]), 400);
  assert.equal(await ask(["POST /api/orders HTTP/1.1", "Host: localhost", "Content-Length: 2", "Transfer-Encoding: chunked"]), 400);
});

test("Metrics and health answer", async (t) => {
  const program = await Program.start(t);
  await program.order();
  const { body } = await program.get("/metrics");
  for (const name of ["foodorder_consumer_group_lag", "foodorder_topic_end_offset", "foodorder_http_responses_total",
    "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"])
    assert.match(body, new RegExp(`^${name}(\\{.*\\})? [0-9.]*[1-9]`, "m"));
  const [, started] = body.match(/^process_start_time_seconds (\S+)$/m);
  assert.ok(Math.abs(Number(started) * 1000 - Date.now()) < 3_600_000, started);
  assert.equal((await program.get("/livez")).status, 200);
});

test("promtool finds nothing wrong with the metrics", async (t) => {
  const program = await Program.start(t);
  await program.order();
  const { body } = await program.get("/metrics");
  const promtool = new URL("../../.venv/bin/promtool", import.meta.url).pathname;
  const child = spawn(promtool, ["check", "metrics"], { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  child.stdin.end(body);
  const [status] = await once(child, "close");
  assert.deepEqual([said, status], ["", 0]);
});

test("What retention removes before a group has read it is counted and shown for that group alone", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "foodorder-"));
  t.after(() => rm(folder, { recursive: true }));
  const config = join(folder, "small.toml");
  await writeFile(config, "[bus]\nretentionBytes = 1048576\n");
  const program = await Program.start(t, ["--config", config, "--modules=order,audit"]);
  await program.order();
  await eventually("a commit of audit", async () => {
    const { body } = await program.get("/api/bus/groups/audit-group");
    return body.partitions[0]?.committedOffset > 0;
  });
  await program.post("/api/modules/audit-1/stop");
  const startOffset = async () => (await program.get("/api/bus/topics/audit")).body.partitions[0].startOffset;
  while ((await startOffset()) < 100)
    await Promise.all(Array.from({ length: 100 }, () => program.order({ customerName: "x".repeat(100) })));

  const { body: groups } = await program.get("/api/bus/groups");
  const shown = Object.fromEntries(groups.map(({ group, partitions }) => [group, partitions]));
  const [audit] = shown["audit-group"];
  assert.equal(audit.removedBeforeRead, (await startOffset()) - audit.committedOffset);
  for (const partition of shown["order-group"]) assert.equal(partition.removedBeforeRead, 0);
  const { body: metrics } = await program.get("/metrics");
  assert.match(metrics, /foodorder_consumer_group_removed_before_read_total\{[^}]*audit-group[^}]*\} [1-9]/);
});
