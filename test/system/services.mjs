// The services of --architecture=rest, each a process of its own on a port that it keeps over its restarts.

import { Program, eventually, freePort, run } from "./program.mjs";

export const names = ["order", "fraud", "notification", "audit"];
const modules = { order: "order,analytics", fraud: "fraud", notification: "notification:2", audit: "audit" };
const callees = { order: ["fraud", "notification", "audit"], fraud: ["audit"], notification: ["audit"], audit: [] };

export class Services {
  /** `args`: of all of them; `env` likewise. None is started yet. */
  static async plan(t, folder, args = [], env = {}) {
    const services = new Services();
    Object.assign(services, { t, folder, args, env, ports: {} });
    for (const name of names) services.ports[name] = await freePort();
    return services;
  }

  /** All of them, and they are ready. */
  static async start(t, folder, args = [], env = {}) {
    const services = await Services.plan(t, folder, args, env);
    for (const name of names) await services.launch(name);
    for (const name of names) await services[name].ready();
    return services;
  }

  url(name) {
    return `http://127.0.0.1:${this.ports[name]}`;
  }

  async launch(name, ...more) {
    const base = ["--architecture=rest", `--database=sqlite:${this.folder}`, `--modules=${modules[name]}`];
    const urls = callees[name].map((callee) => `--${callee}-url=${this.url(callee)}`);
    this[name] = await Program.launch(this.t, [...base, ...urls, ...this.args, ...more], this.env, [], this.ports[name]);
    return this[name];
  }

  /** The arrows of one service, by their names. */
  async arrowsOf(name) {
    return Object.fromEntries((await this[name].get("/api/calls")).body.map((arrow) => [arrow.arrow, arrow]));
  }

  /** Those of all. */
  async arrows() {
    return Object.assign({}, ...(await Promise.all(names.map((name) => this.arrowsOf(name)))));
  }

  /** What `verify` says once nothing is under way any more. */
  async verify(accepts = () => true) {
    let before = "";
    await eventually("the end of all jobs", async () => {
      const { body } = await this.notification.get("/api/jobs?limit=1000");
      return body.every(({ state }) => state === "dead");
    });
    return eventually("the end of all that is told", async () => {
      const ends = [];
      for (const name of names)
        ends.push((await this[name].get("/api/bus/topics")).body.map(({ name, partitions }) => [name, partitions.map((it) => it.endOffset)]));
      const quiet = Object.values(await this.arrows()).every(({ inFlight }) => inFlight === 0);
      const now = JSON.stringify(ends);
      const same = now === before;
      before = now;
      if (!same || !quiet) return false;
      const said = await run(["verify", `--url=${this.order.url}`]);
      return accepts(said) && said;
    });
  }
}
