// Runs the program on a terminal of its own: a pty of 80x24 that `script` (util-linux) makes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, eventually } from "./program.mjs";

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** {type(keys), resize(columns, rows), signal(name), output(), ended}: `ended` resolves to the exit status. */
export function onTerminal(t, args, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), "foodorder-terminal-"));
  const about = join(folder, "about");
  const command = `stty rows 24 cols 80; tty >${about}; echo $$ >>${about}; exec ${[binary, ...args].map(quoted).join(" ")}`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    env: { PATH: process.env.PATH, TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  const ended = once(child, "exit").then(([status]) => status);
  const [tty, pid] = [0, 1].map((line) => () => readFileSync(about, "utf8").split("\n")[line]);
  t.after(async () => {
    child.stdin.destroy();
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ended,
    output: () => output,
    type: (keys) => child.stdin.write(keys),
    signal: (name) => process.kill(Number(pid()), name),
    resize: (columns, rows) => once(spawn("stty", ["-F", tty(), "rows", `${rows}`, "cols", `${columns}`]), "exit"),
    shows: (pattern, from = 0) => eventually(`${pattern} on the terminal`, () => pattern.test(output.slice(from)) || null),
  };
}
