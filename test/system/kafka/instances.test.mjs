// Ids of instances on a broker: each is alive once, whichever processes there are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Program, eventually, run } from "../program.mjs";
import { modulesOf, onKafka } from "./broker.mjs";

const shop = (t, ...more) => Program.start(t, onKafka("--modules=order", ...more));
const cook = (t, ...more) => Program.launch(t, onKafka("--modules=notification", "--fail-rate=0", ...more));
const idsOf = async (program) => (await (await fetch(`${program.url}/readyz`)).json()).modules.map((it) => it.instance);
const running = (program, id) =>
  eventually(`${id} running`, async () => (await modulesOf(program))[id]?.state === "running");

test("An id that is alive in another process is refused with one line and exit status 2", async (t) => {
  const first = await cook(t, "--instance-id=notification-7");
  await first.ready();
  const second = await run(onKafka("--modules=notification", "--instance-id=notification-7"));
  assert.equal(second.status, 2);
  assert.match(second.stderr, /^foodorder: --instance-id: notification-7 is alive in another process, \S+; choose .*\n$/);
  await running(first, "notification-7");
  assert.equal((await first.stop()).status, 0);
});

test("The id of a process that has ended is free at once, that of one that was killed when it is missed", async (t) => {
  const ended = await cook(t, "--instance-id=notification-7");
  await ended.ready();
  assert.equal((await ended.stop()).status, 0);
  const killed = await cook(t, "--instance-id=notification-7");
  await killed.ready();
  await running(killed, "notification-7");
  await killed.kill();
  const again = await cook(t, "--instance-id=notification-7");
  await again.ready();
  assert.deepEqual(await idsOf(again), ["notification-7"]);
  assert.equal((await again.stop()).status, 0);
});

test("Processes that start at the same moment share the numbers out, and so does one more instance", async (t) => {
  const watching = await shop(t);
  const cooks = await Promise.all([cook(t), cook(t), cook(t)]);
  await Promise.all(cooks.map((it) => it.ready()));
  const ids = (await Promise.all(cooks.map(idsOf))).flat().sort();
  assert.deepEqual(ids, ["notification-1", "notification-2", "notification-3"]);

  const added = await Promise.all(cooks.map((it) => it.post("/api/modules", { kind: "notification" })));
  assert.deepEqual(added.map(({ status }) => status), [201, 201, 201]);
  const more = added.map(({ body }) => body.instance).sort();
  assert.deepEqual(more, ["notification-4", "notification-5", "notification-6"]);
  const all = await eventually("all six, running", async () => {
    const cooking = Object.values(await modulesOf(watching)).filter(({ kind }) => kind === "notification");
    return cooking.length === 6 && cooking.every(({ state }) => state === "running") && cooking;
  });
  assert.equal(new Set(all.map((it) => it.process)).size, 3);

  for (const it of cooks) assert.equal((await it.stop()).status, 0);
  const left = async () => Object.keys(await modulesOf(watching));
  await eventually("nobody misses them", async () => (await left()).join() === "order-1");
  assert.equal((await watching.stop()).status, 0);
});

test("Of two processes that want one id at the same moment, one has it and one is refused", async (t) => {
  const watching = await shop(t);
  const two = await Promise.all([1, 2].map(() => cook(t, "--instance-id=notification-9")));
  const outcomeOf = (it) => it.ready().then(() => "ready", async () => (await it.ended).status);
  const outcomes = await Promise.all(two.map(outcomeOf));
  assert.deepEqual([...outcomes].sort(), [2, "ready"]);
  const winner = two[outcomes.indexOf("ready")];
  await running(watching, "notification-9");
  assert.equal((await winner.stop()).status, 0);
  assert.equal((await watching.stop()).status, 0);
});
