// Modules that are loaded while the program starts: plugins/loyalty, the kitchen of docs/learn/add-a-consumer.md, and the
// wrong ones of test/system/plugins.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { checkRecord } from "./contract.mjs";
import { EventStream } from "./event_stream.mjs";
import { Program, assertRefused, binary, eventually, run } from "./program.mjs";

const loyalty = join(process.env.FOODORDER_PLUGINS ?? join(dirname(binary), "plugins"), "loyalty.so");
const wrong = process.env.FOODORDER_TEST_PLUGINS ?? join(dirname(binary), "test/plugins");

const given = ({ data }) => data.action === "POINTS_ADDED";
const module = async (program, instance) => (await program.get(`/api/modules/${instance}`)).body;
const textOf = (message, header) => message.headers.find(({ name }) => name === header)?.value.text;

/** The functions (T) of namespace foodorder that nm sees. */
async function symbolsOf(...args) {
  const { stdout } = await promisify(execFile)("nm", args, { maxBuffer: 1 << 28 });
  return new Set(stdout.match(/(?<= T )_ZNK?9foodorder\S+/g));
}

async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), "foodorder-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test("An order earns points: on /events, in its history and in the module's figures", async (t) => {
  const program = await Program.start(t, ["--plugin", loyalty], { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  const order = await program.order({ quantity: 2, price: 12.99 });
  await program.order({ customerName: "Bob", quantity: 1, price: 0.99 });
  const [event] = await stream.collect(1, given);
  const { timestamp, ...data } = event.data;
  assert.deepEqual(data, {
    source: "loyalty-service",
    action: "POINTS_ADDED",
    orderId: order.id,
    customerName: "Alice",
    points: 25,
  });
  assert.ok(timestamp);

  const history = await eventually("points in the history", async () => {
    const { body } = await program.get(`/api/orders/${order.id}/history`);
    return body.some(({ value }) => JSON.stringify(value).includes("POINTS_ADDED")) && body;
  });
  assert.ok(history.some(({ topic }) => topic === "orders"));

  const [message] = (await program.messages("audit")).filter(({ json }) => json.action === "POINTS_ADDED");
  checkRecord(message);
  const [cause] = (await program.messages("orders")).filter(({ key }) => key.text === order.id);
  assert.equal(textOf(message, "ce_causationid"), textOf(cause, "ce_id"));
  assert.equal(textOf(message, "traceparent").split("-")[1], textOf(cause, "traceparent").split("-")[1]);

  const { report, state } = await eventually("figures", async () => {
    const status = await module(program, "loyalty-1");
    return status.report.points === 25 && status;
  });
  assert.equal(state, "running");
  assert.deepEqual(report.topCustomers, [{ customerName: "Alice", points: 25 }]);
});

test("The program exports every function of the public libraries, so that a plugin finds what it includes", async () => {
  const areas = ["base", "domain", "bus", "http", "runtime"];
  const archives = areas.map((area) => join(dirname(binary), `src/${area}/libfoodorder_${area}.a`));
  const defined = await symbolsOf("--defined-only", "--extern-only", ...archives);
  const exported = await symbolsOf("--dynamic", "--defined-only", binary);
  assert.ok(defined.size > 200, `${defined.size} functions`);
  assert.deepEqual([...defined].filter((name) => !exported.has(name)), []);
});

test("A plugin's settings come from the file, change while it runs, and a wrong one is refused", async (t) => {
  const file = join(await folder(t), "foodorder.toml");
  await writeFile(file, `[foodorder]\nplugins = ["${loyalty}"]\n[loyalty]\npointsPerUnit = 3\n`);
  const printed = await run(["--print-config", "--config", file]);
  assert.equal(printed.status, 0, printed.stderr);
  assert.match(printed.stdout, /\[loyalty\]\npointsPerUnit = 3 .*foodorder\.toml:4/);
  assert.match(printed.stdout, /maxCustomers = 100000 .*default/);
  assert.match(printed.stdout, /modules = ".*audit,loyalty"/);

  const program = await Program.start(t, ["--config", file], { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  await program.order({ quantity: 1, price: 10 });
  await stream.collect(1, given);
  const { status, body } = await program.call("PATCH", "/api/modules/loyalty-1", { settings: { pointsPerUnit: 5 } });
  assert.equal(status, 200);
  assert.equal(body.settings.pointsPerUnit, 5);
  await program.order({ quantity: 1, price: 10 });
  const events = await stream.collect(2, given);
  assert.deepEqual(events.map(({ data }) => data.points), [30, 50]);
  const refused = await program.call("PATCH", "/api/modules/loyalty-1", { settings: { pointsPerUnit: -1 } });
  assert.equal(refused.status, 422);
  assert.match(refused.body.detail, /pointsPerUnit.*0.*1000/);

  await writeFile(file, `[foodorder]\nplugins = ["${loyalty}"]\n[loyalty]\npoints = 3\n`);
  const unknown = await run(["--config", file]);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /foodorder\.toml:4: there is no key points in \[loyalty\]/);
});

test("A crash forgets no points and gives none twice", async (t) => {
  const program = await Program.start(t, ["--plugin", loyalty], { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  for (let i = 0; i < 5; ++i) await program.order({ quantity: 1, price: 20 });
  await stream.collect(5, given);
  await eventually("100 points", async () => (await module(program, "loyalty-1")).report.points === 100);
  assert.equal((await program.post("/api/modules/loyalty-1/crash")).body.state, "crashed");
  await program.order({ quantity: 1, price: 7 });
  await program.post("/api/modules/loyalty-1/start");
  await stream.collect(6, given, "points after the session of the crashed one ended");
  const { report } = await eventually("107 points", async () => {
    const status = await module(program, "loyalty-1");
    return status.report.points === 107 && status;
  });
  assert.equal(report.orders, 6);
  assert.equal(stream.messages.filter(given).length, 6);
});

test("--modules names a plugin's module like any other; what it does not name runs one instance", async (t) => {
  const named = await run(["--print-config", "--modules=order,loyalty:2", "--plugin", loyalty]);
  assert.match(named.stdout, /^modules = "order,loyalty:2"/m);
  const unnamed = await run(["--print-config", "--modules=order", "--plugin", loyalty]);
  assert.match(unnamed.stdout, /^modules = "order,loyalty"/m);
  const program = await Program.start(t, ["--modules=order,loyalty:2", "--plugin", loyalty]);
  const members = async () => (await program.get("/api/bus/groups/loyalty-group")).body.members;
  await eventually("two members", async () => (await members())?.length === 2);
  assert.equal((await program.post("/api/modules", { kind: "loyalty" })).body.instance, "loyalty-3");
});

test("A plugin that cannot be used is refused with one line that says why, and exit status 2", async (t) => {
  const text = join(await folder(t), "text.so");
  await writeFile(text, "not a library\n");
  const cases = [
    [["/nowhere/at.so"], /plugin \/nowhere\/at\.so: there is no such file/],
    [[text], /text\.so: it cannot be loaded: .*(invalid ELF header|file too short)/],
    [[tmpdir()], /it cannot be loaded/],
    [[binary], /it has no entry point foodorder_plugin/],
    [[join(wrong, "no_entry.so")], /no_entry\.so: it has no entry point foodorder_plugin/],
    [[join(wrong, "old_abi.so")], /built for plugin ABI 0, some other compiler; this program is plugin ABI \d+, .*Boost/],
    [[join(wrong, "throwing_entry.so")], /its entry failed: no licence found/],
    [[join(wrong, "taken_name.so")], /there is a module fraud already, built in/],
    [[loyalty, loyalty], /there is a module loyalty already, of plugin .*loyalty\.so/],
    [[join(wrong, "bad_name.so")], /a module's name is .*, not "Loud, Very"/],
    [[join(wrong, "bad_setting.so")], /its setting cupsMax must be an integer from 1 to 9/],
    [[join(wrong, "taken_flag.so")], /there is a flag --port already/],
    [[join(wrong, "taken_route.so")], /GET \/api\/orders is served by order already/],
    [[join(wrong, "taken_topic.so")], /there is a topic orders already/],
    [[join(wrong, "bad_topic.so")], /'top;shelf' is no name for a topic: .*letters, digits/],
    [[join(wrong, "taken_event.so")], /topic shelves: audit is the type of the events of audit already/],
    [[join(wrong, "wide_topic.so")], /topic shelves has 33 partitions, but \/events shows topics of at most 32/],
    [[join(wrong, "missing_symbol.so")], /undefined symbol: .*nobody_has_this/],
  ];
  for (const [files, expected] of cases) {
    const ended = await run(files.flatMap((file) => ["--plugin", file]));
    assertRefused(ended, expected);
    assert.equal(ended.stdout, "", "refused before anything is begun");
  }
});

test("A plugin brings a setting with a flag, a route and a topic", async (t) => {
  const plugin = ["--plugin", join(wrong, "extended.so")];
  const program = await Program.start(t, [...plugin, "--shelf-depth=3"]);
  const shown = await eventually("the shelf runs", async () => {
    const answer = await program.get("/api/shelves/left");
    return answer.status === 200 && answer.body;
  });
  assert.deepEqual(shown, { board: "left", depth: 3, partitions: 2 });
  const help = await run([...plugin, "--help"]);
  assert.match(help.stdout, /--shelf-depth=N\b.*SHELF_DEPTH/s);
  const wrongValue = await run([...plugin, "--shelf-depth=10"]);
  assert.equal(wrongValue.status, 2);
  assert.match(wrongValue.stderr, /--shelf-depth must be an integer from 1 to 9/);
});

test("A plugin's topic is shown on /events, and a client resumes in it", async (t) => {
  const program = await Program.start(t, ["--plugin", join(wrong, "extended.so")]);
  await eventually("the shelf runs", async () => (await program.get("/api/shelves/left")).status === 200);
  const stream = await EventStream.open(t, `${program.url}/events`);
  await eventually("the greeting", () => stream.lastEventId);
  const start = stream.lastEventId;
  assert.match(start, /;shelves=0,0$/);
  assert.equal((await program.post("/api/shelves/left")).status, 201);
  const [event] = await stream.collect(1, ({ type }) => type === "shelf");
  assert.deepEqual(event.data, { board: "left" });
  const resumed = await EventStream.open(t, `${program.url}/events`, start);
  const [again] = await resumed.collect(1, ({ type }) => type === "shelf");
  assert.deepEqual(again.data, event.data);
  assert.deepEqual(resumed.gaps, []);
  const order = await program.order();
  await stream.collect(1, ({ type, data }) => type === "order" && data.order.id === order.id);
});

test("A plugin's module that throws is shown as failed and started again, and disturbs nobody", async (t) => {
  const program = await Program.start(t, ["--plugin", join(wrong, "failing.so")], { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${program.url}/events`);
  assert.equal((await module(program, "failing-1")).state, "running");
  const order = await program.order();
  const failed = await eventually("the failure", async () => {
    const status = await module(program, "failing-1");
    return status.state === "failed" && status;
  });
  assert.equal(failed.error, "the oven is cold");
  await eventually("a restart", async () => (await module(program, "failing-1")).restarts >= 1);
  await stream.collect(1, ({ data }) => data.action === "NOTIFIED" && data.orderId === order.id);
  assert.equal((await program.order()).status, "created");
});

test("The consumer of docs/learn/add-a-consumer.md cooks what is ordered", async (t) => {
  const program = await Program.start(t, ["--plugin", join(wrong, "kitchen.so"), "--plugin", loyalty]);
  const stream = await EventStream.open(t, `${program.url}/events`);
  const order = await program.order({ quantity: 3 });
  const [cooking] = await stream.collect(1, ({ data }) => data.action === "COOKING");
  assert.equal(cooking.data.orderId, order.id);
  await stream.collect(1, given, "points beside it");
  await eventually("three dishes", async () => (await module(program, "kitchen-1")).report.dishes === 3);
});
