// Fraud reads the log of a broker again: beside the running services, and by command, in whichever process it runs.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { Program, eventually, run } from "../program.mjs";
import { answered, atRest, logOf, onKafka, place } from "./broker.mjs";

const verdicts = async (program) => (await logOf(program, "audit")).filter(({ json }) => json.source === "fraud-service");
const groupsOf = async (program) => (await answered(program, "/api/bus/groups")).map(({ group }) => group);

/** Orders that set off each rule, over all partitions; gives how many alerts the live service raised. */
async function aBusyMinute(program) {
  for (let i = 0; i < 8; ++i) await place(program, { customerName: "Greedy", price: 1 });
  for (let i = 0; i < 16; ++i) await place(program, { customerName: `Guest ${i}`, price: i % 4 ? 1 : 300 });
  await atRest(program, ["fraud-group"]);
  const found = await verdicts(program);
  const alerts = found.filter(({ json }) => json.action === "FRAUD_ALERT");
  const types = new Set(alerts.flatMap(({ json }) => json.alerts.map(({ type }) => type)));
  assert.deepEqual([...types].sort(), ["AMOUNT", "BURST", "VELOCITY"]);
  return { orders: found.length, alerts: alerts.length };
}

test("A replay on a broker finds what was found live, in a process of its own and by command", async (t) => {
  const shop = await Program.start(t, onKafka("--modules=order"));
  const fraud = await Program.start(t, onKafka("--modules=fraud"));
  const live = await aBusyMinute(shop);
  const before = { audit: (await logOf(shop, "audit")).length, groups: await groupsOf(shop) };

  const alone = await run(onKafka("--modules=fraud", "--replay"));
  assert.equal(alone.status, 0, alone.stderr);
  assert.match(alone.stdout, new RegExp(`${live.orders} orders judged again, ${live.alerts} .*; the same as the first time`));

  // Asked of the order service, carried out in the process that has the instance.
  const asked = await shop.post("/api/modules/fraud-1/replay");
  assert.ok([200, 202].includes(asked.status), `${asked.status}`);
  const summary = await eventually("the replay's summary", async () => {
    const { replay } = (await shop.get("/api/modules/fraud-1")).body.report;
    return replay?.summary;
  });
  assert.equal(summary.orders, live.orders);
  assert.equal(summary.alerts, live.alerts);
  assert.equal(summary.late, 0);
  assert.deepEqual(summary.differences, []);

  assert.equal((await logOf(shop, "audit")).length, before.audit, "nothing is written");
  assert.deepEqual(await groupsOf(shop), before.groups, "no group is left behind");
  for (const program of [fraud, shop]) assert.equal((await program.stop()).status, 0);
});

test("A replay by other rules names each order that it judges otherwise", async (t) => {
  const folder = await mkdtemp(`${tmpdir()}/foodorder-`);
  t.after(() => rm(folder, { recursive: true }));
  const file = `${folder}/strict.toml`;
  await writeFile(file, "[fraud]\nvelocityLimit = 1\nburstLimit = 10000\namountLimit = 100000\n");
  const program = await Program.start(t, onKafka("--modules=order,fraud"));
  const twice = [];
  for (let i = 0; i < 2; ++i) twice.push(await place(program, { customerName: "Twice", price: 1 }));
  await atRest(program, ["fraud-group"]);
  const { status, stdout, stderr } = await run(onKafka("--modules=fraud", "--replay", `--config=${file}`));
  assert.equal(status, 0, stderr);
  assert.match(stdout, new RegExp(`order ${twice[1].id}: VELOCITY, the first time `));
  assert.doesNotMatch(stdout, new RegExp(`order ${twice[0].id}: VELOCITY`));
  assert.equal((await program.stop()).status, 0);
});

test("A replay where nobody has placed an order yet ends with that", async (t) => {
  const { status, stdout, stderr } = await run(["--bus=kafka", "-X", "test.mock.num.brokers=1", "--modules=fraud", "--replay"]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, / 0 orders were replayed/);
});
