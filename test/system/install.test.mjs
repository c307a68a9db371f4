// cmake --install into an empty prefix: the program runs from there, finds its configuration, and is documented.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { binary, eventually, freePort } from "./program.mjs";

const generator = fileURLToPath(new URL("../../cmake/from_help.py", import.meta.url));
let prefix;

before(() => {
  prefix = mkdtempSync(join(tmpdir(), "foodorder-install-"));
  execFileSync("cmake", ["--install", dirname(binary), "--prefix", prefix], { stdio: "pipe" });
});
after(() => rmSync(prefix, { recursive: true, force: true }));

const installed = (name) => join(prefix, name);
const config = () => installed("etc/foodorder/foodorder.toml");
const run = (args, options = {}) =>
  execFileSync(installed("bin/foodorder"), args, { cwd: prefix, encoding: "utf8", env: { PATH: process.env.PATH }, ...options });

/** What bash offers for these words, the last of which is being typed. */
function completions(...words) {
  const script = `. '${installed("share/bash-completion/completions/foodorder")}'; compopt() { :; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _foodorder; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync("bash", ["-c", script, "bash", "foodorder", ...words], { cwd: prefix, encoding: "utf8" });
  return said.split("\n").filter(Boolean);
}

test("Exactly the files that docs/run/install.md names are installed, and nobody else can change them", () => {
  const page = readFileSync(new URL("../../docs/run/install.md", import.meta.url), "utf8");
  const named = [...page.matchAll(/^\| `((?:bin|etc|share)\/[^`]+)`/gm)].map(([, name]) => name);
  const files = readdirSync(prefix, { recursive: true }).filter((name) => statSync(installed(name)).isFile());
  assert.deepEqual(files.sort(), named.sort());
  for (const name of files) assert.equal(statSync(installed(name)).mode & 0o022, 0, name);
});

test("The installed program takes the installed configuration by --config and by FOODORDER_CONFIG", () => {
  assert.match(run(["--config", config(), "--print-config"]), /^bus = "memory" +# file .*etc\/foodorder\/foodorder\.toml:\d+$/m);
  const env = { PATH: process.env.PATH, FOODORDER_CONFIG: config() };
  assert.match(run(["--print-config"], { env }), /^bus = "memory" +# file .*etc\/foodorder\/foodorder\.toml:\d+$/m);
  assert.match(run(["--print-config"]), /^bus = "memory" +# default$/m);
});

test("The installed program serves the page and takes an order, away from its source", async (t) => {
  const port = await freePort();
  const options = ["--config", config(), "--port", `${port}`, "--inspector-port", "0"];
  const child = spawn(installed("bin/foodorder"), options, { cwd: prefix, env: {}, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const url = `http://127.0.0.1:${port}`;
  await eventually("readiness", () => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false));
  assert.match(await (await fetch(url)).text(), /<title>foodorder<\/title>/);
  const body = JSON.stringify({ customerName: "Alice", item: "Pizza", quantity: 2, price: 12.99 });
  const headers = { "Content-Type": "application/json" };
  assert.equal((await fetch(`${url}/api/orders`, { method: "POST", headers, body })).status, 201);
});

const flagsOf = (help) => [...new Set(help.match(/(?<=^  )(?:-\w, )?--?[\w-]+/gm).flatMap((it) => it.split(", ")))];

test("The manual page and the completion know every flag and every command of --help", () => {
  const manual = readFileSync(installed("share/man/man1/foodorder.1"), "utf8").replaceAll("\\-", "-");
  const help = run(["--help"]);
  const flags = flagsOf(help);
  assert.ok(flags.includes("--bus") && flags.includes("--help") && flags.includes("-X"));
  const offered = completions("").map((word) => word.replace(/=$/, ""));
  for (const flag of flags) {
    assert.match(manual, new RegExp(`^\\.B (?:-\\w, )?${flag}(?![\\w-])`, "m"));
    assert.ok(offered.includes(flag), flag);
  }
  const commands = [...help.split("\n\n").find((part) => part.startsWith("Commands:")).matchAll(/^  ([a-z]+(?: [a-z]+)?)/gm)];
  assert.ok(commands.length > 10);
  for (const [, command] of commands) {
    const words = command.split(" ");
    assert.ok(completions(...words.slice(0, -1), "").includes(words.at(-1)), command);
    if (command === "serve") continue;
    assert.match(manual, new RegExp(`^\\.SS ${command}`, "m"));
    const own = flagsOf(run([...words, "--help"]));
    const offeredThere = completions(...words, "").map((word) => word.replace(/=$/, ""));
    for (const flag of own.filter((it) => !["-h", "--help", "--config"].includes(it))) {
      assert.ok(offeredThere.includes(flag), `${command} ${flag}`);
      assert.match(manual, new RegExp(`^\\.B (?:-\\w, )?${flag}(?![\\w-])`, "m"));
    }
  }
  assert.ok(manual.includes(run(["--version"]).trim()));
});

test("The completion offers the words that a flag allows, and files where it wants a file", () => {
  assert.deepEqual(completions("--bu"), ["--bus="]);
  assert.deepEqual(completions("--bus", "=", ""), ["memory", "kafka"]);
  assert.deepEqual(completions("--bus", "="), ["memory", "kafka"]);
  assert.deepEqual(completions("--bus", "=", "k"), ["kafka"]);
  assert.deepEqual(completions("--bus", "k"), ["kafka"]);
  assert.deepEqual(completions("--port", "3"), []);
  assert.deepEqual(completions("--config", "=", "et"), ["etc"]);
  assert.deepEqual(completions("--replay", "he"), ["health"]);
  assert.deepEqual(completions("topic", "l"), ["list"]);
  assert.deepEqual(completions("load", "--scenario", "=", "b"), ["burst"]);
  assert.deepEqual(completions("group", "reset", "g", "--to-e"), ["--to-earliest"]);
  assert.deepEqual(completions("topic", "list", "--fail"), []);
});

test("A line of --help that is not understood fails the build by its name", () => {
  const program = installed("talks-otherwise");
  const help = run(["--help"]).replace("[http]", "something else\n[http]").replaceAll("'", "'\\''");
  execFileSync("bash", ["-c", `printf '%s' "$1" >"$0" && chmod +x "$0"`, program, `#!/bin/sh\nprintf '%s' '${help}'\n`]);
  assert.throws(() => execFileSync("python3", ["-B", generator, program, prefix], { stdio: "pipe" }), (error) => {
    assert.match(`${error.stderr}`, /a line of --help is not understood: 'something else'/);
    return true;
  });
});
