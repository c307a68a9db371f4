// Runs the program in tmux, which is a terminal that can be asked what it shows: each line of the screen, as a person
// sees it.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { binary, eventually } from "./program.mjs";

const call = promisify(execFile);

/** Why a test that needs tmux cannot run here, or false. script/bootstrap --tests installs it. */
export const withoutTmux = spawnSync("tmux", ["-V"]).status === 0 ? false : "tmux is not installed";

/** {lines(), colours(), press(key), resize(columns, rows), shows(pattern)} of the program on a screen of 80x24. */
export async function inTmux(t, args, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), "foodorder-tmux-"));
  const settings = join(folder, "tmux.conf");
  writeFileSync(settings, "set -g status off\nset -g remain-on-exit on\nset -g default-terminal screen-256color\n");
  // A server of its own, with this environment and no other.
  const tmux = async (...words) =>
    (await call("tmux", ["-S", join(folder, "socket"), "-f", settings, ...words], { env: { PATH: process.env.PATH, TERM: "xterm", LC_ALL: "C.UTF-8", ...env } })).stdout;
  t.after(async () => {
    await tmux("kill-server").catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });
  await tmux("new-session", "-d", "-s", "watch", "-x", "80", "-y", "24", binary, ...args);
  const text = () => tmux("capture-pane", "-p", "-t", "watch");
  return {
    text,
    lines: async () => (await text()).replace(/\n$/, "").split("\n"),
    escapes: () => tmux("capture-pane", "-p", "-e", "-t", "watch"),
    press: (key) => tmux("send-keys", "-t", "watch", key),
    resize: (columns, rows) => tmux("resize-window", "-t", "watch", "-x", `${columns}`, "-y", `${rows}`),
    shows: (pattern) => eventually(`${pattern} in tmux`, async () => pattern.test(await text()) || null),
  };
}
