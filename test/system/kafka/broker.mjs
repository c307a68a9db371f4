// What the tests on a broker have in common. with_kafka starts it, and says where it is.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { anOrder, eventually } from "../program.mjs";

export const brokers = process.env.KAFKA_BROKER;
export const onKafka = (...more) => ["--bus=kafka", `--brokers=${brokers}`, ...more];
export const groups = ["order-group", "notification-group", "fraud-group", "analytics-group", "audit-group"];

/** The body of an answer, asked for until there is one: on a busy machine the broker may be out of reach for a moment. */
export const answered = (program, path) => eventually(`an answer to ${path}`, async () => {
  const { status, body } = await program.get(path);
  return status === 200 && body;
});

/** All modules as others see them, by instance. */
export async function modulesOf(program) {
  const { body } = await program.get("/api/modules");
  return Object.fromEntries(body.map((module) => [module.instance, module]));
}

/** Waits until each of these groups has read all there is. */
export function atRest(program, groups) {
  return eventually(`lag 0 of ${groups.join(", ")}`, async () => {
    const known = await answered(program, "/api/bus/groups");
    const lags = groups.map((name) => known.find(({ group }) => group === name)?.lag);
    return lags.every((lag) => lag === 0);
  });
}

/** Every record of a topic, each partition in the order of its offsets. */
export async function logOf(program, topic) {
  const { partitions } = await answered(program, `/api/bus/topics/${topic}`);
  const records = [];
  for (const { partition, startOffset, endOffset } of partitions) {
    for (let from = startOffset; from < endOffset; ) {
      const path = `/api/bus/topics/${topic}/messages?partition=${partition}&from=${from}&limit=500`;
      const page = (await answered(program, path)).messages.sort((a, b) => a.offset - b.offset);
      if (page.length === 0) break;
      records.push(...page);
      from = page.at(-1).offset + 1;
    }
  }
  return records;
}

/** One order, asked for under its key until it is taken: a broker on a busy machine may be out of reach for a moment. */
export async function place(program, order) {
  const key = { "Idempotency-Key": randomUUID() };
  const placed = await eventually("an order that is taken", async () => {
    const answer = await program.post("/api/orders", { ...anOrder, ...order }, key);
    return answer.status !== 503 && answer;
  });
  assert.equal(placed.status, 201);
  return placed.body;
}

/** Places orders one after the other until it is told to stop; gives those that were taken. */
export function guests(program, name) {
  const taken = [];
  let open = true;
  const done = (async () => {
    for (let i = 0; open; ++i) {
      taken.push(await place(program, { customerName: `${name} ${i % 50}`, price: i % 120 }));
      await sleep(10);
    }
  })();
  const served = (count) => eventually(`${count} more orders`, () => taken.length >= count);
  const more = (count) => served(taken.length + count);
  const close = async () => {
    open = false;
    await done;
    return taken;
  };
  return { more, close };
}

/** What became of each order's notification, by id: the last word that `audit` has. */
export async function outcomes(program) {
  const last = new Map();
  for (const { json } of await logOf(program, "audit"))
    if (["NOTIFIED", "DLQ"].includes(json.action)) last.set(json.orderId, json.action);
  return last;
}
