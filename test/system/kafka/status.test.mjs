// `foodorder status`: what the compacted topic order-status tells a service that has just come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Program, eventually, freePort, run } from "../program.mjs";
import { atRest, onKafka, place } from "./broker.mjs";

const asJson = async (...args) => {
  const { status, stdout, stderr } = await run(["status", ...args, "--json"]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
};

test("A broker on which no order service has run: one line says so", async () => {
  const none = await run(["status", ...onKafka()]);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^foodorder: there is no topic order-status\n$/);
});

test("The state of each order that lives, from order-status alone, also when nobody else runs", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order"));
  const orders = [];
  for (const customerName of ["Alice", "Bob", "Carol"]) orders.push(await place(program, { customerName }));
  await program.call("PATCH", `/api/orders/${orders[0].id}`, { status: "ready" });
  await program.call("DELETE", `/api/orders/${orders[1].id}`);
  await atRest(program, ["order-group"]);
  const through = await asJson(`--url=${program.url}`);
  assert.equal((await program.stop()).status, 0);

  const known = await asJson(...onKafka());
  const states = Object.fromEntries(known.orders.map(({ id, status }) => [id, status]));
  assert.deepEqual(states, { [orders[0].id]: "ready", [orders[2].id]: "created" });
  assert.equal(known.living, 2);
  assert.equal(known.written, 5);
  assert.ok(known.records <= 5 && known.records >= 2);
  assert.deepEqual(through.orders, known.orders, "a running program tells the same");

  const { stdout } = await run(["status", ...onKafka()]);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0], /^ORDER +STATUS +CUSTOMER +ITEM +UPDATED$/);
  assert.match(lines[1], new RegExp(`^${orders[2].id}  created  Carol +Pizza  \\d{4}-`));
  assert.match(lines[2], new RegExp(`^${orders[0].id}  ready    Alice +Pizza  \\d{4}-`));
  assert.match(lines.at(-1), /^2 living orders from \d records of order-status, \d tombstones?; 5 written in all$/);
});

test("Compaction leaves the newest status of each key, and what is read is the same with fewer records", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order"));
  const order = await place(program, { customerName: "Dora" });
  for (let i = 0; i < 10; ++i) await program.call("PATCH", `/api/orders/${order.id}`, { status: `step ${i}` });
  await atRest(program, ["order-group"]);
  const before = await asJson(...onKafka());
  // The active segment is never compacted: a later record of its partition closes it.
  const after = await eventually("compaction", async () => {
    await program.call("PATCH", `/api/orders/${order.id}`, { status: "done" });
    const now = await asJson(...onKafka());
    return now.written - now.records >= 9 && now;
  });
  const dora = (known) => known.orders.find(({ id }) => id === order.id);
  assert.equal(dora(after).status, "done");
  assert.equal(after.living, before.living);
  assert.ok(after.records < after.written);
  assert.equal((await program.stop()).status, 0);
});

test("A broker that is not there gives one line and exit status 3, the memory bus status 2", async () => {
  const nowhere = `localhost:${await freePort()}`;
  const away = await run(["status", "--bus=kafka", `--brokers=${nowhere}`]);
  assert.equal(away.status, 3);
  assert.match(away.stderr, new RegExp(`^foodorder: [^\\n]*${nowhere}[^\\n]*\\n$`));
  const memory = await run(["status"]);
  assert.equal(memory.status, 2);
  assert.match(memory.stderr, /^foodorder: the memory bus keeps nothing outside of its process: .*--url.*\n$/);
});
