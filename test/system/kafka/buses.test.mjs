// The two buses mean the same: what one scenario leaves in a program on the memory bus it leaves in one on a broker,
// record by record.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program, eventually, run } from "../program.mjs";
import { answered } from "./broker.mjs";
import { play, requestsOf } from "./scenario.mjs";
import { Story, fateOf, timeless } from "./story.mjs";

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));
const brokers = process.env.KAFKA_BROKER;
const seed = Number(process.env.FOODORDER_SCENARIO ?? 4711);
const failRate = 0.3;
const requests = requestsOf(seed, 150);
const partitionsOf = { orders: 3, audit: 1, "orders-dlq": 1, "order-status": 3 };

/** Reads the topics while they are written: the memory bus's compaction takes what a later status replaces. */
class Reader {
  logs = { orders: [], audit: [], "orders-dlq": [], "order-status": [] };
  #next = new Map();
  #over = false;

  constructor(program) {
    this.program = program;
    this.ended = this.#follow();
    this.ended.catch(() => {}); // told by stop()
  }

  async #follow() {
    while (!this.#over) {
      await this.#read("order-status");
      await sleep(50);
    }
  }

  async #read(topic) {
    for (let partition = 0; partition < partitionsOf[topic]; ++partition) {
      const place = `${topic}-${partition}`;
      for (let more = true; more; ) {
        const from = this.#next.get(place) ?? 0;
        const path = `/api/bus/topics/${topic}/messages?partition=${partition}&from=${from}&limit=500`;
        const { status, body } = await this.program.get(path);
        assert.equal(status, 200, JSON.stringify(body));
        // A page is in the order of time, which producers tell.
        for (const message of body.messages.sort((a, b) => a.offset - b.offset)) {
          const expected = this.#next.get(place) ?? 0;
          assert.equal(message.offset, expected, `${place} has a hole: it was read too late`);
          this.#next.set(place, expected + 1);
          this.logs[topic].push(message);
        }
        more = body.messages.length > 0;
      }
    }
  }

  /** All there is. */
  async stop() {
    this.#over = true;
    await this.ended;
    for (const topic of Object.keys(partitionsOf)) await this.#read(topic);
    return this.logs;
  }
}

const members = { "order-group": 1, "notification-group": 2, "fraud-group": 1, "analytics-group": 1, "audit-group": 1 };

const groupsOf = async (program) => {
  const known = await answered(program, "/api/bus/groups");
  return Object.keys(members).map((name) => known.find(({ group }) => group === name));
};

/** Everything that is left when the scenario is over. */
async function outcomeOf(t, bus) {
  const program = await Program.start(t, [...bus, `--fail-rate=${failRate}`, `--seed=${seed}`]);
  // Nothing may leave fraud's window, nor come too late to be judged in its turn, because a machine is slow.
  const patience = { windowMs: 3_600_000, graceMs: 3_000 };
  assert.equal((await program.call("PATCH", "/api/modules/fraud-1", patience)).status, 200);
  await eventually("all members", async () =>
    (await groupsOf(program)).every((group) => group?.state === "Stable" && group.members.length === members[group.group]));
  const reader = new Reader(program);
  const answers = await play(program, requests);
  await eventually("lag 0 of every group", async () => (await groupsOf(program)).every(({ lag }) => lag === 0));
  const logs = await reader.stop();
  const story = new Story(logs);
  const body = async (path) => (await program.get(path)).body;
  // The modules tell of themselves once a second.
  const told = (path, isNow) =>
    eventually(`${path} as of now`, async () => {
      const figures = await body(path);
      return isNow(figures) && figures;
    });
  const outcome = {
    answers,
    logs,
    story,
    orders: await body("/api/orders"),
    stats: await told("/api/stats", ({ notifications }) => notifications.notified + notifications.deadLettered === story.events.size),
    fraud: await told("/api/fraud", ({ windows }) => windows.orders === story.orders.size),
    verified: await run(["verify", `--url=${program.url}`]),
  };
  assert.deepEqual(await program.stop(), { status: 0, signal: null });
  return outcome;
}

describe(`The same ${requests.length} requests on both buses (FOODORDER_SCENARIO=${seed})`, () => {
  let memory;
  let kafka;
  const atEnd = [];
  const onBoth = (check) => () => {
    check(memory);
    check(kafka);
  };

  before(async () => {
    const t = { after: (what) => atEnd.push(what) };
    // On a broker even a quick reader may be too late. Made by the program it would be compacted within seconds.
    const orderStatus = ["--topic", "order-status", "--partitions", "3", "--config", "cleanup.policy=compact"];
    await promisify(execFile)(script, ["console", "topics", "--create", ...orderStatus]);
    memory = await outcomeOf(t, ["--bus=memory"]);
    kafka = await outcomeOf(t, ["--bus=kafka", `--brokers=${brokers}`]);
  });
  after(async () => {
    for (const what of atEnd) await what();
  });

  test("are answered alike", () => assert.deepEqual(kafka.answers, memory.answers));

  const chosen = process.env.FOODORDER_SCENARIO && "another scenario was asked for";
  test("are a scenario worth the name: all kinds of answers, and dead letters", { skip: chosen }, onBoth((bus) => {
    const statuses = new Set(bus.answers.map(({ status }) => status));
    assert.deepEqual([...statuses].sort(), [200, 201, 400, 404, 412, 415, 422]);
    assert.ok(bus.logs["orders-dlq"].length > 0, "something is dead-lettered");
    assert.ok(bus.fraud.lastAlerts.length > 0, "fraud is alarmed");
  }));

  test("leave the same orders, in the same order", () => {
    assert.ok(memory.orders.length > 0);
    assert.deepEqual(timeless(kafka.orders), timeless(memory.orders));
  });

  test("leave per order the same records, with the same keys, headers and partitions", () => {
    const [expected, found] = [memory.story.comparable(), kafka.story.comparable()];
    assert.deepEqual(Object.keys(found), Object.keys(expected));
    for (const id of Object.keys(expected)) assert.deepEqual(found[id], expected[id], `order ${id}`);
  });

  test("have each event meet the fate that its id has drawn", onBoth((bus) => {
    for (const { label, eventId, notified, deliveries, dead } of bus.story.events.values()) {
      assert.deepEqual(notified, fateOf(eventId, seed, failRate), label);
      assert.equal(deliveries.length, 1 + notified.filter((word) => word.startsWith("RETRY")).length, label);
      assert.equal(dead.length, notified.at(-1).startsWith("DLQ") ? 1 : 0, label);
    }
  }));

  test("give the same figures", () => {
    const figures = ({ stats: { orders, revenue, items, otherItems } }) => ({ orders, revenue, items, otherItems });
    assert.deepEqual(figures(kafka), figures(memory));
  });

  test("give the figures that the log has", onBoth(({ stats, story }) => {
    const said = [...story.events.values()].flatMap(({ notified }) => notified);
    const count = (action) => said.filter((word) => word.startsWith(action)).length;
    assert.equal(stats.notifications.notified, count("NOTIFIED"));
    assert.equal(stats.notifications.retries, count("RETRY"));
    assert.equal(stats.notifications.deadLettered, count("DLQ"));
  }));

  test("make fraud say the same", () => {
    assert.deepEqual(timeless(kafka.fraud), timeless(memory.fraud));
    assert.equal(kafka.fraud.late, 0);
  });

  test("leave a log that keeps every promise", onBoth(({ verified }) => {
    assert.match(verified.stdout, /: all right$/m);
    assert.equal(verified.status, 0);
  }));
});
