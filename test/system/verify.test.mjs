import assert from "node:assert/strict";
import { test } from "node:test";
import { Program, eventually, freePort, run } from "./program.mjs";

const atRest = (program) =>
  eventually("lag 0 of every group", async () => {
    const { body } = await program.get("/api/bus/groups");
    return body.length >= 5 && body.every((group) => group.lag === 0);
  });

test("The log of a program at rest is found to be all right, replays, folds and figures included", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0.5" });
  for (let i = 0; i < 30; ++i) {
    const { id } = await program.order({ customerName: i % 2 ? "Alice" : "Bob", item: `dish ${i % 4}`, price: 5.25 * i });
    if (i % 3 === 0) await program.call("PATCH", `/api/orders/${id}`, { quantity: i + 1 });
    if (i % 5 === 0) await program.call("DELETE", `/api/orders/${id}`);
  }
  await atRest(program);
  const { status, stdout } = await run(["verify", `--url=${program.url}`]);
  assert.match(stdout, /^\d+ records, 46 events: all right$/m);
  assert.doesNotMatch(stdout, /^note/m);
  assert.equal(status, 0);
});

test("A status that compaction has replaced is not missing", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  const { id } = await program.order();
  await program.call("PATCH", `/api/orders/${id}`, { quantity: 3 });
  await eventually("compaction", async () => {
    const statuses = await program.messages("order-status");
    return statuses.length === 1 && statuses[0].offset === 1;
  });
  await atRest(program);
  const { status, stdout } = await run(["verify", `--url=${program.url}`]);
  assert.match(stdout, /2 events: all right$/m);
  assert.equal(status, 0);
});

test("Verdicts that a replay under the present settings would not give are named, with exit status 1", async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  for (let i = 0; i < 7; ++i) await program.order({ customerName: "Alice", price: 1 });
  await atRest(program);
  await program.call("PATCH", "/api/modules/fraud-1", { velocityLimit: 100 });
  await eventually("the setting in the module's status", async () => {
    const { body } = await program.get("/api/modules/fraud-1");
    return body.settings.velocityLimit === 100;
  });
  const { status, stdout } = await run(["verify", `--url=${program.url}`]);
  assert.match(stdout, /^fraud-replay: audit-0@\d+ says FRAUD_ALERT VELOCITY .* a replay FRAUD_CHECK_PASSED/m);
  assert.match(stdout, /7 events: 2 violations$/m);
  assert.equal(status, 1);
});

test("A program that is not there gives one line and exit status 3, a malformed URL status 2", async () => {
  const nobody = await run(["verify", `--url=http://127.0.0.1:${await freePort()}`]);
  assert.equal(nobody.status, 3);
  assert.match(nobody.stderr, /^foodorder: http:\/\/127\.0\.0\.1:\d+ is not in reach: .*\n$/);
  const nonsense = await run(["verify", "--url=localhost"]);
  assert.equal(nonsense.status, 2);
  assert.equal(nonsense.stderr, "foodorder: --url must be http://host:port, not localhost\n");
});
