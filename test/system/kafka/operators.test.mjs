// What other clients and operators do to the topics: transactions, deletion, more partitions.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EventStream } from "../event_stream.mjs";
import { Program, eventually, run as runProgram } from "../program.mjs";
import { answered, atRest, brokers, groups, logOf, onKafka, place } from "./broker.mjs";

const everything = onKafka("--modules=order,notification:2,fraud,analytics,audit", "--fail-rate=0");
const topics = ["orders", "audit", "orders-dlq", "order-status", "module-control", "module-status"];
const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));

const kafka = (...args) => promisify(execFile)(script, ["console", ...args]);
/** A transaction of two records that no module can read: on each topic its last offset is a marker. */
const transact = (topic, end) => promisify(execFile)(process.env.KAFKA_OPERATOR, [brokers, topic, end, "2"]);

const readiness = async (program) => (await fetch(`${program.url}/readyz`)).json();
const notReady = (program, reason) =>
  eventually(`not ready: ${reason}`, async () => {
    const answer = await readiness(program);
    return !answer.ready && reason.test(answer.reason);
  });

async function endOf(program, topic) {
  const { partitions } = await answered(program, `/api/bus/topics/${topic}`);
  return partitions[0].endOffset;
}

/** Deletes a topic and makes it again, as an operator does. */
async function makeAgain(topic, partitions) {
  await kafka("topics", "--delete", "--topic", topic);
  await eventually(`${topic} made again`, () =>
    kafka("topics", "--create", "--topic", topic, "--partitions", `${partitions}`).then(() => true, () => false),
  );
}

test("Transaction markers and aborted records at the end of every topic hold up nobody", async (t) => {
  const first = await Program.start(t, everything);
  await place(first, { customerName: "Before" });
  await atRest(first, groups);
  for (const end of ["commit", "abort"]) for (const topic of topics) await transact(topic, end);
  await atRest(first, groups);
  const last = await EventStream.open(t, `${first.url}/events`);
  const id = await eventually("an id", () => last.lastEventId);
  assert.equal((await first.stop()).status, 0);

  const second = await Program.start(t, everything);
  const order = await place(second, { customerName: "After" });
  await atRest(second, groups);
  const resumed = await EventStream.open(t, `${second.url}/events`, id);
  await resumed.collect(1, ({ data }) => data.order?.id === order.id, "the order of the second life");
  assert.deepEqual(resumed.gaps, []);
  const history = await second.get(`/api/orders/${order.id}/history`);
  assert.equal(history.status, 200);
  const replay = await second.post("/api/modules/fraud-1/replay", {});
  assert.ok([200, 202].includes(replay.status), `replay ${replay.status}`);
  await eventually("the replay's end", async () => {
    const { body } = await second.get("/api/modules/fraud-1");
    return body.report.replay?.state === "done" && body.report.replay.done === body.report.replay.total;
  });
  const status = await runProgram(["status", "--bus=kafka", `--brokers=${brokers}`]);
  assert.equal(status.status, 0, status.stderr);
  assert.equal((await second.stop()).status, 0);
});

test("An open transaction of somebody else makes nobody wait for ever", async (t) => {
  const first = await Program.start(t, everything);
  const before = await endOf(first, "audit");
  for (const topic of topics) await transact(topic, "leave");
  assert.equal((await first.stop()).status, 0);
  const second = await Program.start(t, everything);
  await eventually("the transaction's end", async () => (await endOf(second, "audit")) > before + 2);
  await place(second, { customerName: "Behind it" });
  await atRest(second, groups);
  assert.equal((await second.stop()).status, 0);
});

test("A topic that is deleted and made again is read from its beginning, and its old positions are refused", async (t) => {
  const program = await Program.start(t, everything);
  for (let i = 0; i < 4; ++i) await place(program, { customerName: `Old ${i}` });
  await atRest(program, groups);
  const live = await EventStream.open(t, `${program.url}/events`);
  const id = await eventually("an id", () => live.lastEventId);
  const { body: listed } = await program.get("/api/orders");
  assert.equal(listed.length, (await logOf(program, "orders")).filter(({ json }) => json?.action === "created").length);

  await makeAgain("orders", 3);
  await eventually("the end of the old log's stream", () => live.ended);
  await eventually("no order of the old log", async () => {
    const answer = await fetch(`${program.url}/api/orders`);
    return answer.ok && (await answer.json()).length === 0;
  });
  await program.ready();
  const orders = [];
  for (let i = 0; i < 9; ++i) orders.push(await place(program, { customerName: `New ${i}` }));
  await atRest(program, groups);
  const kept = (await program.get("/api/orders")).body.map(({ id }) => id);
  assert.deepEqual(kept.sort(), orders.map(({ id }) => id).sort());
  // A lag of nothing does not say so: until the group commits anew, its offsets are those of the old log.
  await eventually("each new order is notified", async () => {
    const notified = new Set((await logOf(program, "audit")).filter(({ json }) => json?.action === "NOTIFIED").map(({ json }) => json.orderId));
    return orders.every(({ id }) => notified.has(id));
  });
  const resumed = await EventStream.open(t, `${program.url}/events`, id);
  await eventually("a gap", () => resumed.gaps.length === 1);
  assert.equal((await program.stop()).status, 0);
});

test("Topics of the modules themselves may be deleted and made again", async (t) => {
  const program = await Program.start(t, everything);
  for (const topic of ["module-status", "module-control"]) {
    await kafka("topics", "--delete", "--topic", topic);
    await notReady(program, new RegExp(`topic ${topic} is not there`));
    const compact = topic === "module-status" ? ["--config", "cleanup.policy=compact"] : [];
    await kafka("topics", "--create", "--topic", topic, "--partitions", "1", ...compact);
  }
  await program.ready();
  const stopped = await eventually("a stop by command", async () => {
    const answer = await program.post("/api/modules/audit-1/stop", {});
    return answer.status === 200 && answer.body;
  });
  assert.equal(stopped.state, "stopped");
  assert.equal((await program.stop()).status, 0);
});

test("Partitions that somebody adds make the process not ready, and nothing that was acknowledged is left out", async (t) => {
  const program = await Program.start(t, everything);
  await place(program, { customerName: "Before" });
  await kafka("topics", "--alter", "--topic", "orders", "--partitions", "6");
  await notReady(program, /topic orders has 6 partitions and should have 3/);
  const refused = await program.post("/api/orders", { customerName: "Ada", item: "Soup", quantity: 1, price: 1 });
  assert.equal(refused.status, 503);
  // A record in a new partition is read by every group.
  await transact("orders", "commit");
  await atRest(program, groups);
  const modules = (await program.get("/api/modules")).body;
  assert.deepEqual(modules.filter(({ state }) => state === "failed"), []);
  assert.equal((await program.stop()).status, 0);
});
