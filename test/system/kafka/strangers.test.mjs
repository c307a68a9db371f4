// What other clients and operators do on the same broker: members with other strategies, the new consumer protocol,
// topics with limits, topics that are not as they should be.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program, eventually } from "../program.mjs";
import { atRest, brokers, logOf, modulesOf, onKafka, place } from "./broker.mjs";

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
const env = { ...process.env, KAFKA_BROKER: brokers };
const kafka = (...args) => promisify(execFile)(script, ["console", ...args], { env });
const assignor = (name) => `partition.assignment.strategy=org.apache.kafka.clients.consumer.${name}Assignor`;

/** Kafka's own console consumer as a member of a group; its end is its process group's. */
async function stranger(t, group, property) {
  const args = ["console", "consumer", "--topic", "orders", "--group", group, "--consumer-property", property];
  const child = spawn(script, args, { env, stdio: "ignore", detached: true });
  const ended = once(child, "exit");
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  };
  t.after(end);
  return { end };
}

const readyz = async (program) => {
  const response = await fetch(`${program.url}/readyz`);
  return { status: response.status, body: await response.json() };
};
const groupOf = async (program, name) => {
  const answer = await program.get(`/api/bus/groups/${name}`);
  return answer.status === 200 && answer.body;
};
const times = (text, part) => text.split(part).length - 1;

test("A member with another strategy keeps ours out: status, readiness and log say why, and only until it goes", async (t) => {
  const watching = await Program.start(t, onKafka("--modules=order"));
  const sticky = await stranger(t, "notification-group", assignor("Sticky"));
  await eventually("the stranger's membership", async () => (await groupOf(watching, "notification-group")).members?.length);
  const program = await Program.launch(t, onKafka("--modules=notification", "--fail-rate=0"));
  const why = "notification-1 cannot join notification-group: its members divide the partitions by another strategy";
  await eventually("the reason in /readyz", async () => (await readyz(program).catch(() => null))?.body.reason?.includes(why));
  assert.equal((await readyz(program)).status, 503);
  await eventually("the reason in the status", async () => (await modulesOf(watching))["notification-1"]?.error?.includes(why));
  await sticky.end();
  await program.ready();
  await eventually("a status without it", async () => !(await modulesOf(watching))["notification-1"].error);
  assert.equal(times(program.output, why), 1, program.output);
  await place(watching, {});
  await atRest(watching, ["notification-group"]);
  await program.stop();
});

test("A member with round robin, the default of many clients, and ours share a group", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order"));
  const robin = await stranger(t, "notification-group", assignor("RoundRobin"));
  await eventually("the stranger's membership", async () => (await groupOf(program, "notification-group")).members?.length);
  await Program.start(t, onKafka("--modules=notification", "--fail-rate=0"));
  const shared = await eventually("two members with partitions", async () => {
    const group = await groupOf(program, "notification-group");
    const owners = group.members?.filter(({ assignment }) => assignment.length > 0) ?? [];
    return owners.length === 2 && owners;
  });
  assert.equal(shared.flatMap(({ assignment }) => assignment).length, 3);
  await robin.end();
});

test("A group of the new consumer protocol is shown with what can be known of it", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order"));
  await place(program, {});
  const next = await stranger(t, "next-group", "group.protocol=consumer");
  const group = await eventually("the group", () => groupOf(program, "next-group"));
  assert.equal(group.membersKnown, false);
  assert.deepEqual(group.members, []);
  assert.equal(typeof group.state, "string");
  const committed = await eventually("its offsets", async () => {
    const { partitions } = await groupOf(program, "next-group");
    return partitions.some(({ committedOffset }) => committedOffset !== null) && partitions;
  });
  for (const { committedOffset, endOffset, lag } of committed) assert.equal(lag, endOffset - committedOffset);
  await next.end();
});

test("A retry that no longer fits is a dead letter with the reason, and audit tells of no retry", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order,notification", "--fail-rate=1"));
  const probe = await place(program, {});
  await eventually("the size of a record", async () => (await logOf(program, "orders")).some(({ key }) => key.text === probe.id));
  await kafka("configs", "--alter", "--entity-type", "topics", "--entity-name", "orders", "--add-config", "max.message.bytes=560");
  t.after(() => kafka("configs", "--alter", "--entity-type", "topics", "--entity-name", "orders", "--delete-config", "max.message.bytes"));
  // Orders of every size around the limit: some fit, whose retries do not.
  const orders = [];
  for (let size = 1; size <= 60; ++size) {
    const answer = await program.post("/api/orders", { customerName: "x".repeat(size), item: "Pizza", quantity: 1, price: 1 });
    if (answer.status === 201) orders.push(answer.body.id);
  }
  await atRest(program, ["notification-group", "order-group"]);
  const retries = new Set();
  for (const { key, headers } of await logOf(program, "orders"))
    for (const { name, value } of headers) if (name === "retryCount") retries.add(`${key.text} ${value.text}`);
  const letters = new Map((await logOf(program, "orders-dlq")).map(({ key, json }) => [key.text, json]));
  let refused = 0;
  for (const { json } of await logOf(program, "audit"))
    if (json.action === "RETRY") assert.ok(retries.has(`${json.orderId} ${json.retryCount}`), `retry ${json.retryCount} of ${json.orderId}`);
  for (const id of orders) {
    assert.ok(letters.has(id), `a letter of ${id}`);
    if (letters.get(id).reason.startsWith("Retry refused: ")) ++refused;
  }
  assert.ok(refused > 0, "no order stood at the limit");
});

test("A topic with another cleanup policy is told with the line that mends it, also by the answer to a POST", async (t) => {
  const alter = (policy) =>
    kafka("configs", "--alter", "--entity-type", "topics", "--entity-name", "order-status", "--add-config", `cleanup.policy=${policy}`);
  await (await Program.start(t, onKafka("--modules=order"))).stop();
  await alter("delete");
  const program = await Program.launch(t, onKafka());
  const { reason } = await eventually("the reason", async () => {
    const answer = await readyz(program).catch(() => null);
    return answer?.body.reason?.includes("cleanup.policy") && answer.body;
  });
  const arguments_ = /script\/kafka console configs (--alter .* cleanup\.policy=compact)\)/.exec(reason)[1].split(" ");
  assert.ok(reason.includes(`kafka-configs --bootstrap-server ${brokers} --alter`), reason);
  const refused = await program.post("/api/orders", { customerName: "Alice", item: "Pizza", quantity: 1, price: 1 });
  assert.equal(refused.status, 503);
  assert.ok(refused.body.detail.includes("cleanup.policy"), refused.body.detail);
  await kafka("configs", ...arguments_);
  await program.ready();
  assert.equal(times(program.output, "topic order-status has cleanup.policy"), 1, program.output);
});
