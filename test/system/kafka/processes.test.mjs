// Five services, each a process of its own, on one broker: scaled while they work, one of them killed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Program, eventually, run } from "../program.mjs";
import { answered, atRest, groups, guests, modulesOf, onKafka, outcomes, place } from "./broker.mjs";

const start = (t, kind, ...more) => Program.start(t, onKafka(`--modules=${kind}`, "--fail-rate=0.3", ...more));
const membersOf = async (program, group) => (await answered(program, `/api/bus/groups/${group}`)).members;

test("Five services in processes of their own lose nothing, scaled up and down and with one killed", async (t) => {
  const shop = await start(t, "order");
  const second = await start(t, "order");
  const others = [];
  for (const kind of ["fraud", "analytics", "audit"]) others.push(await start(t, kind));
  const first = await start(t, "notification");
  const loads = [guests(shop, "Here"), guests(second, "There")];
  const more = (count) => Promise.all(loads.map((load) => load.more(count)));
  await more(20);

  const grown = [await start(t, "notification"), await start(t, "notification")];
  await eventually("three members, a partition each", async () => {
    const members = await membersOf(shop, "notification-group");
    return members.length === 3 && members.every(({ assignment }) => assignment.length === 1);
  });
  await more(20);
  await grown[0].kill();
  await more(20);
  await eventually("the killed one's partition with another", async () =>
    (await membersOf(shop, "notification-group")).length === 2);
  assert.equal((await modulesOf(shop))["notification-2"].state, "lost");
  assert.equal((await grown[1].stop()).status, 0);
  await eventually("one member", async () => (await membersOf(shop, "notification-group")).length === 1);
  await more(20);

  const taken = (await Promise.all(loads.map((load) => load.close()))).flat();
  await atRest(shop, groups);
  const told = await outcomes(shop);
  assert.equal(new Set(taken.map(({ id }) => id)).size, taken.length);
  assert.deepEqual(taken.filter(({ id }) => !told.has(id)), [], "each order was notified or is a dead letter");
  const verified = await run(["verify", `--url=${shop.url}`]);
  assert.equal(verified.status, 0, verified.stdout);
  assert.match(verified.stdout, /: all right$/m);
  assert.doesNotMatch(verified.stdout, /at work|retention/, "the whole log was checked, at rest");
  for (const program of [first, ...others, second, shop]) assert.equal((await program.stop()).status, 0);
});

test("An order service shows and controls the instances of other processes", async (t) => {
  const shop = await start(t, "order");
  const cook = await start(t, "notification");
  const watch = await start(t, "fraud");
  const shown = await eventually("all three", async () => {
    const modules = await modulesOf(shop);
    return ["order-1", "notification-1", "fraud-1"].every((id) => modules[id]?.ready) && modules;
  });
  assert.equal(new Set(Object.values(shown).filter(({ ready }) => ready).map((it) => it.process)).size, 3);

  /** Carried out: told at once, or, where no answer came in time, seen in the end. */
  const command = async (instance, action, state) => {
    const { status, body } = await shop.post(`/api/modules/${instance}/${action}`);
    assert.ok(status === 200 || (status === 202 && body.answered === false), `${action}: ${status}`);
    await eventually(`${instance} ${state}`, async () => (await modulesOf(shop))[instance].state === state);
  };
  await command("notification-1", "pause", "paused");
  const { id } = await place(shop, { customerName: "Patience" });
  await command("fraud-1", "stop", "stopped");
  assert.equal((await membersOf(shop, "fraud-group")).length, 0, "it has left its group");
  assert.ok(!(await outcomes(shop)).has(id), "nobody notifies while the only one pauses");
  await command("notification-1", "resume", "running");
  await eventually("the order's notification", async () => (await outcomes(shop)).has(id));
  await command("fraud-1", "start", "running");
  const patched = await shop.call("PATCH", "/api/modules/fraud-1", { settings: { velocityLimit: 9 } });
  assert.ok([200, 202].includes(patched.status));
  await eventually("the setting, in its own process", async () =>
    (await modulesOf(watch))["fraud-1"].settings.velocityLimit === 9);
  await command("notification-1", "crash", "crashed");
  await command("notification-1", "start", "running");
  for (const program of [cook, watch, shop]) assert.equal((await program.stop()).status, 0);
});
