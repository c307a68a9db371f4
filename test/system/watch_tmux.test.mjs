// What a person sees of foodorder watch, on a screen of 80x24 that tmux holds.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Program, eventually } from "./program.mjs";
import { inTmux, withoutTmux } from "./tmux.mjs";

const groups = ["analytics-group", "audit-group", "fraud-group", "notification-group", "order-group"];
const titled = (lines, title) => lines.findIndex((line) => line.startsWith(`-- ${title} `));

/** What is true of every screen of 80 columns and 24 rows. */
function checkScreen(lines) {
  const screen = lines.join("\n");
  assert.equal(lines.length, 24, screen);
  assert.ok(lines.every((line) => [...line].length <= 80), screen);
  assert.match(lines[0], /^foodorder watch   http:\/\/127\.0\.0\.1:\d+   live   \d\d:\d\d:\d\d UTC *$/);
  assert.match(lines[1], /^orders +(-|\d+\.\d\/s) .*to notified p50 .* p99 .* success .*retries \d+ *$/, screen);
  const places = ["GROUPS", "MEMBERS", "LEDGER", "LAST EVENTS"].map((title) => titled(lines, title));
  assert.deepEqual(places, [...places].sort((a, b) => a - b), screen);
  assert.equal(places[0], 2, screen);
  for (const title of places) assert.equal([...lines[title]].length, 80, screen);
  const rows = lines.slice(places[0] + 2, places[1]);
  assert.deepEqual([...new Set(rows.map((line) => line.split(/ +/)[0]).filter(Boolean))].sort(), groups, screen);
  assert.match(lines[places[2] + 1], /^accepted \d+ = notified \d+ \+ gave up \d+ \+ dropped \d+ \+ waiting \d+/);
  assert.match(lines[places[2] + 2], /^lost 0 +done twice \d+, folded +waiting: \d+ unread, \d+ until their retry/);
  assert.match(lines[23], /^q quit {3}space pause {3}arrows pick {3}x stop {3}c crash {3}\+ add {3}\[ \] load +\? help *$/);
  return rows;
}

/** Keeps what was seen beside the other results of the tests. */
function record(name, lines) {
  const folder = process.env.SCREENSHOTS ?? "test-results";
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}.txt`, `${lines.map((line) => line.trimEnd()).join("\n")}\n`);
}

test("watch fills a screen of 80x24: who reads what, how far behind, and what happened last", { skip: withoutTmux }, async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  for (let n = 0; n < 5; n += 1) await program.order();
  const screen = await inTmux(t, ["watch", `--url=${program.url}`]);
  await screen.shows(/accepted 5 = notified 5 /);
  await screen.shows(/audit +p0@\d+ +\w+ +[0-9a-f]{8} +\S/);
  const lines = await screen.lines();
  const rows = checkScreen(lines);
  assert.ok(!lines.join("\n").includes("…"), `nothing is cut: ${lines.join("\n")}`);
  assert.ok(rows.some((row) => /^ +orders +1 +notification-\d +\d+ +\d+ +\d+/.test(row)), lines.join("\n"));
  record("watch-80x24", lines);
});

test("watch shows a member that crashed, whose partitions wait, and the lag they grow", { skip: withoutTmux }, async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  await program.order();
  const screen = await inTmux(t, ["watch", `--url=${program.url}`]);
  await screen.shows(/notification-2 +running/);
  await program.post("/api/modules/notification-2/crash", {});
  await screen.shows(/notification-2 +CRASHED/);
  await screen.shows(/orders +\d +NONE, \d+ s left/);
  for (let n = 0; n < 30; n += 1) await program.order();
  await screen.shows(/NONE, \d+ s left.* [1-9]\d* +#+/);
  const lines = await screen.lines();
  checkScreen(lines);
  record("watch-80x24-crashed", lines);
});

test("watch follows the size of its screen, and pauses", { skip: withoutTmux }, async (t) => {
  const program = await Program.start(t, [], { FAIL_RATE: "0" });
  await program.order();
  const screen = await inTmux(t, ["watch", `--url=${program.url}`]);
  await screen.shows(/LAST EVENTS/);
  for (const [columns, rows] of [[60, 20], [132, 43], [40, 14]]) {
    await screen.resize(columns, rows);
    await eventually("the new size", async () => {
      const lines = await screen.lines();
      return lines.length === rows && lines.every((line) => [...line].length <= columns) && [...(lines[2] ?? "")].length === columns && titled(lines, "GROUPS") === 2;
    });
    const [heading, row] = (await screen.lines()).slice(3);
    assert.match(heading, / lag *$/, `the lag is there at ${columns}`);
    assert.match(row, / \d+ *#*$/);
  }
  await screen.resize(80, 24);
  await screen.press("Space");
  await screen.shows(/PAUSED/);
  await screen.press("Space");
  await screen.shows(/ live /);
});

test("watch has colours where the terminal has them, and none with NO_COLOR", { skip: withoutTmux }, async (t) => {
  const program = await Program.start(t);
  const colour = /\x1b\[(?:[0-9;]*;)?(?:3[0-7]|38;[0-9;]+|9[0-7])m/;
  const coloured = await inTmux(t, ["watch", `--url=${program.url}`]);
  await coloured.shows(/ live /);
  assert.match(await coloured.escapes(), colour);
  const plain = await inTmux(t, ["watch", `--url=${program.url}`], { NO_COLOR: "1" });
  await plain.shows(/ live /);
  assert.doesNotMatch(await plain.escapes(), colour);
});
