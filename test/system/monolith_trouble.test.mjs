// What the monolith says when its file is in trouble, at the start and while it runs.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { Program, anOrder, assertRefused, binary, eventually, run, temporaryFolder } from "./program.mjs";

const nobody = 65534;
const monolith = (folder, ...more) => ["--architecture=monolith", `--database=sqlite:${folder}/test.db`, ...more];

/** Runs the program to its end by a command, as a user if one is given. */
async function ended(args, { by = [], uid } = {}) {
  const [command, ...rest] = [...by, binary, ...args];
  const child = spawn(command, rest, { uid, gid: uid, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (data) => (stderr += data));
  const [status] = await once(child, "close");
  return { status, stderr };
}

/** A command that gives the program a small disk at `folder`, which nobody else sees. */
const onSmallDisk = (folder, size) =>
  ["unshare", "-m", "sh", "-c", `mount -t tmpfs -o size=${size} none "$0" && exec "$@"`, folder];
const canMount = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;
const needsMount = canMount ? {} : { skip: "this user may not mount a small disk" };

const post = (program, customerName) => program.post("/api/orders", { ...anOrder, customerName });

/** Writes get 503 with the reason, /readyz says it, and reads go on. */
async function assertInTrouble(program, reason, orders) {
  const refused = await post(program, "refused");
  assert.equal(refused.status, 503);
  assert.match(refused.body.detail, reason);
  await eventually("the reason in /readyz", async () => {
    await post(program, "refused"); // a smaller write may have found room meanwhile
    const { status, body } = await program.get("/readyz");
    return status === 503 && reason.test(body.reason);
  });
  const listed = await program.get("/api/orders?limit=1");
  assert.equal(listed.status, 200);
  assert.equal(Number(listed.headers.get("x-total-count")), orders);
  assert.equal((await program.get(`/api/orders/${listed.body[0].id}`)).status, 200);
}

test("A file or folder that may not be written is refused in one line", async (t) => {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  const uid = process.getuid() === 0 ? nobody : undefined;
  const quiet = ["--inspector-port=0"];
  await mkdir(`${folder}/closed`, { mode: 0o500 });
  assertRefused(await ended(monolith(`${folder}/closed`, ...quiet), { uid }), /--database: .*test\.db cannot be opened: the folder, or the permission/);
  await mkdir(`${folder}/own`);
  const program = await Program.start(t, monolith(`${folder}/own`));
  await program.stop();
  await chmod(`${folder}/own/test.db`, 0o444);
  if (uid !== undefined) await chown(`${folder}/own`, uid, uid);
  assertRefused(await ended(monolith(`${folder}/own`, ...quiet), { uid }), /--database: .*test\.db cannot be written: the file or its folder is read-only/);
});

test("A disk that is full at the start is named in one line", needsMount, async (t) => {
  const folder = await temporaryFolder(t);
  assertRefused(await ended(monolith(folder, "--inspector-port=0"), { by: onSmallDisk(folder, "40k") }), /--database: .*test\.db cannot grow: the disk is full/);
});

test("A disk that fills while it runs: writes get 503 with the reason, reads go on, and it recovers", needsMount, async (t) => {
  const folder = await temporaryFolder(t);
  const program = await Program.start(t, monolith(folder), { FAIL_RATE: "0" }, onSmallDisk(folder, "4m"));
  const inside = `/proc/${program.child.pid}/root${folder}`;
  await writeFile(`${inside}/other`, Buffer.alloc(3_000_000));
  let placed = 0;
  for (let status = 201; status === 201 && placed < 3000; ) {
    ({ status } = await post(program, `customer ${placed}`));
    if (status === 201) ++placed;
  }
  await assertInTrouble(program, /the disk is full/, placed);
  await rm(`${inside}/other`);
  await eventually("an order", async () => (await post(program, "later")).status === 201);
  await eventually("readiness", async () => (await program.get("/readyz")).status === 200);
  await eventually("the end of all jobs", async () => (await program.get("/api/jobs")).body.length === 0);
  const { stdout } = await run(["verify", `--url=${program.url}`]);
  assert.match(stdout, /all right$/m);
});

test("A file that another process has locked: refused at the start, 503 while it runs, and it recovers", async (t) => {
  const folder = await temporaryFolder(t);
  const program = await Program.start(t, monolith(folder), { FAIL_RATE: "0" });
  await post(program, "Ada");
  const script = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("BEGIN IMMEDIATE"); print("locked", flush=True); sys.stdin.read()';
  const holder = spawn("python3", ["-c", script, `${folder}/test.db`], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  await assertInTrouble(program, /another process holds the database|the database is too slow/, 1);
  assertRefused(await ended(monolith(folder, "--inspector-port=0")), /--database: .*test\.db is in use by another program/);
  holder.stdin.end();
  await eventually("an order", async () => (await post(program, "later")).status === 201);
  await eventually("readiness", async () => (await program.get("/readyz")).status === 200);
});

test("A file of another make is refused in one line, and stays as it was", async (t) => {
  const folder = await temporaryFolder(t);
  const sql = (text) => spawnSync("python3", ["-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])", `${folder}/test.db`, text]);
  const program = await Program.start(t, monolith(folder));
  await program.stop();
  await copyFile(`${folder}/test.db`, `${folder}/good.db`);
  for (const [text, line] of [
    ["PRAGMA user_version=99", /was made by a newer foodorder: its schema is 99/],
    ["UPDATE meta SET architecture='rest'", /was made by --architecture=rest, not monolith; name another file/],
    ["PRAGMA application_id=7", /belongs to another program; name another file/],
  ]) {
    await copyFile(`${folder}/good.db`, `${folder}/test.db`);
    sql(text);
    assertRefused(await ended(monolith(folder, "--inspector-port=0")), line);
  }
});
