// An outbox that is long at the start. ROWS=100000 FOODORDER_PATIENCE_MS=900000 is the long form.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { anOrder, eventually, temporaryFolder } from "./program.mjs";
import { Services, names } from "./services.mjs";

const rows = Number(process.env.ROWS ?? 2000);
const environment = { FAIL_RATE: "0" };

/** Writes so many more orders into the order service's own table, as if nobody had been told of them. */
const script = `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
columns = "order_id, partition, source, action, retry_count, cause_id, trace_id, body, at"
row = database.execute(f"SELECT {columns} FROM audit WHERE partition IS NOT NULL").fetchone()
def another(i):
    id = f"{i:08x}-0000-4000-8000-000000000000"
    return (id, *row[1:5], f"{i:08x}-0000-4000-8000-000000000001", row[6], row[7].replace(row[0], id), row[8])
database.executemany(f"INSERT INTO audit({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(another, range(int(sys.argv[2]))))
database.commit()
`;

const memoryOf = (program) => Number(readFileSync(`/proc/${program.child.pid}/status`, "utf8").match(/^VmHWM:\s+(\d+) kB/m)[1]) / 1024;

test(`An outbox of ${rows} rows is told after a start, while orders are taken and the page answers`, async (t) => {
  const folder = await temporaryFolder(t);
  const services = await Services.plan(t, folder, ["--outbox=on"], environment);
  const alone = await services.launch("order", "--on-fraud-down=accept");
  await eventually("an order", () => alone.post("/api/orders", anOrder).then(({ status }) => status === 201, () => false));
  await alone.kill();
  execFileSync("python3", ["-c", script, `${folder}/order.db`, `${rows}`]);
  for (const name of names) await services.launch(name);
  for (const name of names) await services[name].ready();
  const { order, audit } = services;
  const before = memoryOf(order);
  const begin = Date.now();
  let placed = 0;
  let slowest = 0;
  const told = async () => {
    const asked = Date.now();
    assert.equal((await order.get("/")).status, 200);
    if ((await order.post("/api/orders", { ...anOrder, customerName: `customer ${placed}` })).status === 201) ++placed;
    slowest = Math.max(slowest, Date.now() - asked);
    const { body } = await audit.get("/api/bus/topics/audit");
    return body.records;
  };
  await eventually("all of it told", async () => (await told()) >= rows);
  const seconds = (Date.now() - begin) / 1000;
  assert.ok(placed > 0);
  // Each event once: its order's creation, and its outcome.
  await eventually("all outcomes", async () => {
    const { headers } = await services.notification.get("/api/jobs?limit=1");
    return headers.get("x-total-count") === "0" && (await audit.get("/api/bus/topics/audit")).body.records >= 2 * rows;
  });
  const counted = execFileSync("python3", ["-c", "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(\"SELECT count(*), count(DISTINCT order_id) FROM audit WHERE action = 'created'\").fetchone())", `${folder}/audit.db`]);
  const [created, orders] = `${counted}`.trim().split(" ").map(Number);
  assert.ok(orders >= rows + 1 && created === orders, `${created} ${orders}`);
  t.diagnostic(`${rows} rows told in ${seconds} s; order process ${before.toFixed()} MiB, at most ${memoryOf(order).toFixed()} MiB; page and order answered within ${slowest} ms`);
});
