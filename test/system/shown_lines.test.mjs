// The lines of a terminal that the inspector shows on the memory bus, run by a shell as somebody who has copied them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { compactLines, consumeLines, groupLines, produceLines, recordLines, redriveLines, resetLines, topicLines } from "../../web/js/inspector/command_lines.js";
import { noQuery } from "../../web/js/inspector/route.js";
import { Program, binary, eventually, temporaryFolder } from "./program.mjs";

const call = promisify(execFile);

/** {where, run(lines)}: what the only line prints, each as JSON. */
async function shell(t, program) {
  const folder = await temporaryFolder(t);
  symlinkSync(binary, `${folder}/foodorder`);
  return {
    where: { bus: "memory", brokers: "", url: program.url },
    async run(lines) {
      assert.deepEqual(lines.map(({ tool }) => tool), ["foodorder"]);
      const { stdout } = await call("bash", ["--norc", "-o", "pipefail", "-c", lines[0].line], { env: { PATH: `${folder}:${process.env.PATH}` } });
      return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    },
  };
}

test("Lines that produce write the record that the page would write", async (t) => {
  const program = await Program.start(t, ["--modules=order"]);
  const { where, run } = await shell(t, program);
  const records = [
    { key: "k", value: '{"n": 1, "it\'s": "$(id) `id` \\\\"}', headers: [{ name: "source", value: "me = you" }] },
    { key: null, value: "%s no format", headers: [] },
    { key: "gone", value: null, headers: [] },
    { key: "lines", value: '{\n  "a": 1\n}\n', headers: [{ name: "h", value: "v" }] },
    { key: "", value: "", headers: [] },
    { key: "k", value: "-n", headers: [], partition: 0 },
  ];
  for (const record of records) await run(produceLines(where, "audit", record));
  const written = (await program.messages("audit")).map(({ key, value, headers }) => ({
    key: key && key.text, value: value && value.text, headers: headers.map((each) => ({ name: each.name, value: each.value.text })) }));
  assert.deepEqual(written, records.map(({ key, value, headers }) => ({ key, value, headers })));
});

test("Lines that read print the records that the page shows", async (t) => {
  const program = await Program.start(t, ["--modules=order"]);
  const { where, run } = await shell(t, program);
  const path = "/api/bus/topics/audit/messages";
  for (const record of [
    { key: "a", value: { order: { price: 10 }, text: "a needle" } },
    { key: null, value: { order: { price: 30 } }, headers: [{ name: "retryCount", value: "1" }] },
    { key: "null", value: "plain" },
    { key: "a", value: null },
  ]) assert.equal((await program.post(path, record)).status, 201);
  const offsets = async (query) => (await run(consumeLines(where, "audit", { ...noQuery, from: "oldest", ...query }))).map(({ offset }) => offset);
  assert.deepEqual(await offsets({}), [0, 1, 2, 3]);
  assert.deepEqual(await offsets({ from: "" }), [0, 1, 2, 3]);
  assert.deepEqual(await offsets({ from: "2", partition: "0" }), [2, 3]);
  assert.deepEqual(await offsets({ from: new Date().toISOString().replace(/^\d+/, "2001") }), [0, 1, 2, 3]);
  assert.deepEqual(await offsets({ key: "a" }), [0, 3]);
  assert.deepEqual(await offsets({ key: "null" }), [1]);
  assert.deepEqual(await offsets({ key: '"null"' }), [2]);
  assert.deepEqual(await offsets({ header: "retryCount:1" }), [1]);
  assert.deepEqual(await offsets({ text: "a needle" }), [0]);
  assert.deepEqual(await offsets({ only: "tombstones" }), [3]);
  assert.deepEqual(await offsets({ only: "none" }), [0, 1, 2]);
  assert.deepEqual(await offsets({ filter: "order.price > 20 and retryCount >= 1" }), [1, 2], "2 is no JSON: it cannot be judged");
  assert.deepEqual(await offsets({ isolation: "read_uncommitted" }), [0, 1, 2, 3]);
  const [record] = await run(recordLines(where, { topic: "audit", partition: 0, offset: 2 }));
  assert.equal(record.value.text, "plain");
});

test("Lines about topics, groups and dead letters do what the page does", async (t) => {
  const program = await Program.start(t, ["--fail-rate=1"]);
  const { where, run } = await shell(t, program);
  for (const { instance } of (await program.get("/api/modules")).body)
    if (instance.startsWith("notification")) await program.call("PATCH", `/api/modules/${instance}`, { settings: { retryBackoffMs: 0 } });
  await program.order();
  await eventually("a letter", async () => (await program.get("/api/bus/dlq")).body.letters === 1);
  assert.ok((await run(topicLines(where))).some(({ name }) => name === "orders"));
  await run(topicLines(where, "orders"));
  await run(groupLines(where));
  await run(groupLines(where, "audit-group"));
  await run(compactLines(where, "order-status"));
  assert.equal((await run(redriveLines(where, [], true))).length, 1, "nothing chosen: a list");
  assert.equal((await run(redriveLines(where, [0], true)))[0].outcome, "would be sent");
  assert.equal((await run(redriveLines(where, [0], false)))[0].outcome, "sent");
  await program.call("POST", "/api/modules/audit-1/stop");
  await eventually("no member", async () => (await program.get("/api/bus/groups/audit-group")).body.state === "Empty");
  for (const [to, value] of [["earliest", ""], ["latest", ""], ["current", ""], ["offset", "1"], ["shift", "-1"], ["time", "2001-02-05T13:11:17Z"], ["duration", "PT1H"]])
    for (const execute of [false, true]) {
      const [done] = await run(resetLines(where, "audit-group", { to, value, topics: to === "offset" ? ["audit:0"] : [], execute }));
      assert.deepEqual([done.dryRun, done.partitions[0].topic], [!execute, "audit"], to);
    }
});
