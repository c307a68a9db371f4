// The lines of a terminal that the inspector's page shows are run as they stand, with the broker's address as the program
// tells it to the page, and find what the page shows.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, symlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { consumeLines, groupLines, produceLines, recordLines, resetLines, topicLines } from "../../../web/js/inspector/command_lines.js";
import { noQuery } from "../../../web/js/inspector/route.js";
import { EventStream } from "../event_stream.mjs";
import { Program, binary, eventually, temporaryFolder } from "../program.mjs";
import { atRest, brokers, onKafka, place } from "./broker.mjs";

const script = fileURLToPath(new URL("../../../script/kafka", import.meta.url));

/** A folder with the tools of Kafka under their own names: each takes --bootstrap-server, which script/kafka adds itself. */
async function tools(t) {
  const folder = await temporaryFolder(t);
  await symlink(binary, `${folder}/foodorder`);
  for (const [name, tool] of [["console-consumer", "consumer"], ["consumer-groups", "groups"], ["topics", "topics"]]) {
    const file = `${folder}/kafka-${name}.sh`;
    await writeFile(file, `#!/bin/sh\n[ "$1" = --bootstrap-server ] || exit 2\nKAFKA_BROKER=$2\nexport KAFKA_BROKER\nshift 2\nexec '${script}' console ${tool} "$@"\n`);
    await chmod(file, 0o700);
  }
  return folder;
}

/** The page's view of where it is, and a way to run what it shows for a tool. */
async function page(t, program) {
  const stream = await EventStream.open(t, `${program.url}/events/system`);
  const [{ data }] = await stream.collect(1, ({ type }) => type === "system");
  const where = { bus: data.bus, brokers: data.brokers, url: program.url };
  const path = `${await tools(t)}:${process.env.PATH}`;
  const run = async (lines, tool) => {
    const { line } = lines.find((each) => each.tool === tool);
    const env = { ...process.env, KAFKA_BROKER: "", PATH: path };
    const ran = promisify(execFile)("bash", ["-c", line], { env });
    const nothing = (error) => (tool === "foodorder" && error.code === 1 && !error.stderr ? error : Promise.reject(error));
    return (await ran.catch(nothing)).stdout;
  };
  return { where, run };
}

const lines = (text) => text.trim().split("\n").filter(Boolean);
const offsetsOf = (text) => lines(text).map((line) => JSON.parse(line)).map(({ partition, offset }) => `${partition}/${offset}`).sort();

test("Each line that reads finds the same records in the page, in foodorder, in kcat and in Kafka's console tools", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order,audit"));
  const { where, run } = await page(t, program);
  assert.deepEqual([where.bus, where.brokers], ["kafka", brokers]);
  for (let i = 0; i < 6; ++i) await place(program, { customerName: `Ada's "${i}"`, price: 10 * i });
  await atRest(program, ["order-group"]);
  const queries = [
    {}, { partition: "1" }, { text: `Ada's \\"3` }, { header: "ce_type:foodorder.order.created" }, { key: "null" },
    { filter: "order.price > 20 and order.quantity == 2" }, { filter: 'order.customerName contains "4"' },
  ];
  for (const some of queries) {
    const query = { ...noQuery, from: "oldest", ...some };
    const path = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
    const shown = (await program.get(`/api/bus/topics/orders/messages?${path}`)).body.messages.map(({ partition, offset }) => `${partition}/${offset}`).sort();
    const read = consumeLines(where, "orders", query);
    assert.deepEqual(offsetsOf(await run(read, "foodorder")), shown, JSON.stringify(some));
    const kcat = await run(read, "kcat");
    const found = query.filter || query.text || query.header || query.key ? offsetsOf(kcat) : lines(kcat).map((line) => line.split(" ").slice(0, 2).join("/")).sort();
    assert.deepEqual(found, shown, JSON.stringify(some));
    if (some.text || some.filter?.includes("contains")) assert.equal(shown.length, 1, JSON.stringify(some));
    if (some.filter?.includes(">")) assert.equal(shown.length, 3);
  }
  const { messages: [record] } = (await program.get("/api/bus/topics/orders/messages?from=oldest&limit=1")).body;
  const one = recordLines(where, record);
  assert.equal(JSON.parse(await run(one, "foodorder")).offset, record.offset);
  assert.equal(JSON.parse(await run(one, "kcat")).payload, record.value.text);
  assert.ok((await run(one, "kafka-console")).includes(record.value.text));
  for (const tool of ["foodorder", "kafka-topics"]) {
    assert.match(await run(topicLines(where, "orders"), tool), /orders/);
    assert.match(await run(topicLines(where), tool), /order-status/);
  }
});

test("Each line that writes or resets does so: the page shows its records and its offsets", async (t) => {
  const program = await Program.start(t, onKafka("--modules=order,audit"));
  const { where, run } = await page(t, program);
  await program.post("/api/bus/topics/orders-dlq/messages", { key: "by-page", value: "a" });
  const written = [
    { key: "it's", value: '{"a": "b c"}', headers: [{ name: "by", value: "a page" }] },
    { key: "gone", value: null, headers: [] },
  ];
  for (const record of written) {
    const write = produceLines(where, "orders-dlq", record);
    for (const tool of ["foodorder", "kcat"]) {
      await run(write, tool);
      const { messages: [last] } = (await program.get("/api/bus/topics/orders-dlq/messages?limit=1")).body;
      assert.deepEqual([last.key.text, last.value?.text ?? null], [record.key, record.value], tool);
      assert.deepEqual(last.headers.map(({ name, value }) => [name, value.text]), record.headers.map(({ name, value }) => [name, value]), tool);
    }
  }
  const reset = { to: "offset", value: "1", topics: ["orders-dlq:0"], execute: true };
  for (const tool of ["foodorder", "kafka-consumer-groups"]) {
    const group = `by-${tool}`;
    await run(resetLines(where, group, { ...reset, execute: false }), tool);
    assert.equal((await program.get(`/api/bus/groups/${group}`)).status, 404, "a dry run");
    await run(resetLines(where, group, reset), tool);
    const { partitions } = await eventually("the group", async () => {
      const { status, body } = await program.get(`/api/bus/groups/${group}`);
      return status === 200 && body;
    });
    assert.deepEqual(partitions.map(({ partition, committedOffset }) => [partition, committedOffset]), [[0, 1]], tool);
    for (const shows of ["foodorder", "kafka-consumer-groups"]) assert.match(await run(groupLines(where, group), shows), /orders-dlq/);
  }
});
