import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Program, anOrder, eventually, run } from "./program.mjs";

const oneLine = (text) => text.trimEnd().split("\n").length === 1;

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
    const { status, stderr } = await run(args, env);
    assert.equal(status, 2, `${args} ${JSON.stringify(env)}: ${stderr}`);
    assert.ok(oneLine(stderr), stderr);
    assert.match(stderr, expected);
  }
});

test("A port in use is one line with the port, and exit status 2", async (t) => {
  const program = await Program.start(t);
  const { status, stderr } = await run(["--port", `${program.port}`, "--inspector-port", "0"]);
  assert.equal(status, 2);
  assert.ok(oneLine(stderr), stderr);
  assert.match(stderr, new RegExp(`${program.port}`));
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
  for (const name of ["foodorder_consumer_group_lag", "foodorder_topic_end_offset", "process_resident_memory_bytes"])
    assert.ok(body.includes(name), name);
  assert.equal((await program.get("/livez")).status, 200);
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
  assert.match(metrics, /foodorder_consumer_group_removed_before_read\{[^}]*audit-group[^}]*\} [1-9]/);
});
