import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { Program, anOrder, assertRefused, eventually, run, temporaryFolder } from "./program.mjs";
import { assertGoesOn } from "./restart.mjs";

const monolith = (folder, ...more) => ["--architecture=monolith", `--database=sqlite:${folder}/test.db`, ...more];

const jobsDone = (program) =>
  eventually("the end of all jobs", async () => {
    const { body } = await program.get("/api/jobs?limit=1000");
    return body.every(({ state }) => state === "dead");
  });

async function assertVerified(program, events) {
  await jobsDone(program);
  const { status, stdout } = await run(["verify", `--url=${program.url}`]);
  assert.match(stdout, events === undefined ? /all right$/m : new RegExp(`${events} events: all right$`, "m"));
  assert.doesNotMatch(stdout, /^note/m);
  assert.equal(status, 0);
}

test("Orders, changes, retries and dead jobs make tables that are found to be all right", async (t) => {
  const folder = await temporaryFolder(t);
  const program = await Program.start(t, monolith(folder), { FAIL_RATE: "0.5" });
  for (let i = 0; i < 30; ++i) {
    const { id } = await program.order({ customerName: `customer ${i % 10}`, item: `dish ${i % 4}`, price: 5.25 * i });
    if (i % 3 === 0) await program.call("PATCH", `/api/orders/${id}`, { quantity: i + 1 });
    if (i % 5 === 0) await program.call("DELETE", `/api/orders/${id}`);
  }
  await assertVerified(program, 46);
  const dead = (await program.get("/api/jobs")).body;
  assert.ok(dead.length > 0);
  assert.equal((await program.post(`/api/jobs/${dead[0].id}/retry`)).status, 204);
  assert.equal((await program.post(`/api/jobs/${dead[0].id}/retry`)).status, 404);
  await assertVerified(program, 46);
  const { body } = await program.call("GET", "/metrics");
  assert.match(body, /^foodorder_database_commits_total \d+$/m);
  assert.match(body, /^foodorder_jobs\{state="dead"\} \d+$/m);
});

test("The sixth order of a customer within a minute gets 422, and leaves an audit record only", async (t) => {
  const folder = await temporaryFolder(t);
  const program = await Program.start(t, monolith(folder), { FAIL_RATE: "0" });
  for (let i = 0; i < 5; ++i) await program.order({ customerName: "Omar" });
  const { status, body } = await program.post("/api/orders", { ...anOrder, customerName: "Omar" });
  assert.equal(status, 422);
  assert.match(body.type, /fraud-alert$/);
  assert.equal(body.alerts[0].type, "VELOCITY");
  assert.deepEqual(body.windowStats, { customerOrdersInWindow: 6, globalOrdersInWindow: 6 });
  assert.equal((await program.get("/api/orders")).body.length, 5);
  const blocked = (await program.messages("audit")).filter(({ json }) => json.blocked);
  assert.equal(blocked.length, 1);
  assert.equal(blocked[0].json.action, "FRAUD_ALERT");
  await eventually("the figures", async () => (await program.get("/api/fraud")).body.blocked === 1);
  await assertVerified(program, 5);
});

test("The orders, the keys and the event stream go on after a restart", async (t) => {
  const second = await assertGoesOn(t, monolith(await temporaryFolder(t)));
  await assertVerified(second, 2);
});

test("Of 32 clients with 20 customers none gets a sixth order", async (t) => {
  const folder = await temporaryFolder(t);
  const program = await Program.start(t, monolith(folder, "--fraud-query=counted"), { FAIL_RATE: "0" });
  const placed = new Map();
  const order = async (customerName) => {
    const { status } = await program.post("/api/orders", { ...anOrder, customerName });
    assert.ok([201, 422].includes(status));
    if (status === 201) placed.set(customerName, (placed.get(customerName) ?? 0) + 1);
  };
  // 16 clients at once for one customer, and 16 for another.
  for (let round = 0; round < 10; ++round)
    await Promise.all(Array.from({ length: 32 }, (_, client) => order(`customer ${2 * round + (client % 2)}`)));
  assert.equal(placed.size, 20);
  for (const [customer, orders] of placed) assert.equal(orders, 5, customer);
  await assertVerified(program, 100);
});

test("Workers in another process take jobs from the same file", async (t) => {
  const folder = await temporaryFolder(t);
  const shop = await Program.start(t, monolith(folder, "--modules=order,fraud,analytics"), { FAIL_RATE: "0" });
  await shop.order();
  assert.equal((await shop.get("/api/jobs")).body[0].state, "ready");
  const workers = await Program.start(t, monolith(folder, "--modules=notification:2"), { FAIL_RATE: "0" });
  await jobsDone(shop);
  assert.equal((await workers.get("/api/modules/notification-1")).status, 200);
  assert.ok((await shop.messages("audit")).some(({ json }) => json.action === "NOTIFIED"));
});

test("A start that cannot be says in one line why", async (t) => {
  const folder = await temporaryFolder(t);
  assertRefused(await run(["--architecture=monolith", "--bus=kafka"]), /--bus=kafka is for --architecture=events, not monolith/);
  assertRefused(await run(["--durability=power"]), /--durability is for --architecture=monolith, not events/);
  assertRefused(await run(["--architecture=monolith", "--database=orders.db"]), /--database must be sqlite: and the path of a file/);
  assertRefused(await run(monolith(`${folder}/no/such`)), /--database: .*test.db has no folder/);
  await writeFile(`${folder}/test.db`, "x".repeat(5000));
  assertRefused(await run(monolith(folder)), /is damaged, or no SQLite file/);
  if (process.getuid() === 0) return; // to whom nothing is read-only
  await mkdir(`${folder}/closed`);
  await chmod(`${folder}/closed`, 0o500);
  assertRefused(await run(monolith(`${folder}/closed`)), /cannot be opened/);
});
