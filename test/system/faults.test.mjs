// The same two settings switch the same faults on in every architecture; what follows from them differs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Program, anOrder, eventually, temporaryFolder } from "./program.mjs";

const set = async (program, instance, settings) => {
  assert.equal((await program.call("PATCH", `/api/modules/${instance}`, { settings })).status, 200);
};
const monolith = async (t) => ["--architecture=monolith", `--database=sqlite:${await temporaryFolder(t)}/test.db`];
const rest = async (t) => ["--architecture=rest", `--database=sqlite:${await temporaryFolder(t)}`];
const place = (program, customerName) => program.post("/api/orders", { ...anOrder, customerName });
const actions = async (program) => (await program.messages("audit")).map(({ json }) => json.action);

for (const [name, options] of [["events", () => []], ["monolith", monolith], ["rest", rest]]) {
  test(`${name}: an order service that fails answers 503, writes nothing, and works again`, async (t) => {
    const program = await Program.start(t, await options(t), { FAIL_RATE: "0" });
    await set(program, "order-1", { faultRate: 1 });
    const refused = await place(program, "Ada");
    assert.equal(refused.status, 503);
    assert.match(refused.body.type, /injected-fault$/);
    await set(program, "order-1", { faultRate: 0 });
    assert.deepEqual((await program.get("/api/orders")).body, []);
    assert.equal((await place(program, "Ada")).status, 201);
  });

  test(`${name}: notifications come late, and all of them come`, async (t) => {
    const program = await Program.start(t, await options(t), { FAIL_RATE: "0" });
    for (const instance of ["notification-1", "notification-2"]) await set(program, instance, { faultRate: 0.5, faultDelayMs: 20 });
    for (let n = 0; n < 5; ++n) assert.equal((await place(program, `customer ${n}`)).status, 201);
    await eventually("NOTIFIED", async () => (await actions(program)).filter((action) => action === "NOTIFIED").length === 5);
  });
}

test("A fraud service that fails holds up no order where it reads a log", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  await set(program, "fraud-1", { faultRate: 0.5 });
  assert.equal((await place(program, "Ada")).status, 201);
  await eventually("the verdict", async () => (await actions(program)).includes("FRAUD_CHECK_PASSED"));
});

test("A fraud check that fails refuses the order where the order waits for it", async (t) => {
  const program = await Program.start(t, await monolith(t), { FAIL_RATE: "0" });
  await set(program, "fraud-1", { faultRate: 1 });
  const refused = await place(program, "Ada");
  assert.equal(refused.status, 503);
  assert.match(refused.body.detail, /the fraud check fails: its faultRate asks for it/);
  assert.deepEqual(await actions(program), []);
  await set(program, "fraud-1", { faultRate: 0 });
  assert.equal((await place(program, "Ada")).status, 201);
});
