// compose.yaml and Dockerfile against the program: what they say it is told, it understands.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { parse } from "yaml";
import { EventStream } from "./event_stream.mjs";
import { Program, anOrder, eventually, freePort, run, temporaryFolder } from "./program.mjs";

const read = (name) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");
const { services } = parse(await read("compose.yaml"), { merge: true });
const dockerfile = await read("Dockerfile");

const withProfile = (name) => Object.entries(services).filter(([, { profiles }]) => profiles?.includes(name));
const ours = withProfile("kafka").filter(([, service]) => service.image === "foodorder");
const rest = withProfile("rest");
const textOf = (environment) => Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, `${value}`]));

/** The configuration that a service's process has: each key with its value and origin. */
async function configOf(service) {
  const { status, stdout, stderr } = await run(["--print-config", ...service.command], textOf(service.environment));
  assert.equal(status, 0, stderr);
  const lines = stdout.matchAll(/^(?:# )?(\w+) = (\S.*?) +# (.*)$/gm);
  return Object.fromEntries([...lines].map(([, key, value, origin]) => [key, { value: JSON.parse(value), origin }]));
}

test("Each service's command line and environment are taken by the program, by their names", async () => {
  assert.equal(ours.length, 6);
  for (const [name, service] of ours) {
    const config = await configOf(service);
    const origins = Object.values(config).map(({ origin }) => origin);
    for (const variable of Object.keys(service.environment))
      assert.ok(origins.includes(`environment ${variable}`), `${name}: ${variable} says nothing to the program`);
    assert.equal(config.bus.value, "kafka");
    assert.equal(config.instanceId.value, name);
  }
});

test("All modules run, notification twice, each in a service of its own", async () => {
  const modules = [];
  for (const [, service] of ours) modules.push((await configOf(service)).modules.value);
  assert.deepEqual(modules.sort(), ["analytics", "audit", "fraud", "notification", "notification", "order"]);
});

test("Ports are published to this machine only, and somebody listens on them", async () => {
  const published = withProfile("kafka").flatMap(([, { ports = [] }]) => ports);
  assert.deepEqual(published.map((port) => port.split(":")[1]).sort(), ["29092", "3001", "8080", "8081"]);
  for (const port of published) assert.match(port, /^127\.0\.0\.1:(\d+):\1$/);
  const order = services["order-service"];
  const config = await configOf(order);
  assert.deepEqual(order.ports.map((port) => Number(port.split(":")[2])), [config.port.value, config.inspectorPort.value]);
  assert.equal(config.host.value, "0.0.0.0");
  for (const [name, service] of ours)
    if (name !== "order-service") assert.equal((await configOf(service)).host.value, "127.0.0.1");
});

test("Services find the broker by its internal name, clients on this machine by the program's default", async () => {
  const { environment } = services.kafka;
  const advertised = environment.KAFKA_ADVERTISED_LISTENERS.split(",");
  for (const [, service] of ours)
    assert.ok(advertised.includes(`INTERNAL://${service.environment.KAFKA_BROKER}`), service.environment.KAFKA_BROKER);
  assert.ok(advertised.includes(`INTERNAL://${services["kafka-ui"].environment.KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS}`));
  const { stdout } = await run(["--print-config"]);
  const [, usual] = stdout.match(/^brokers = "(.*?)"/m);
  assert.ok(advertised.includes(`EXTERNAL://${usual}`), usual);
  for (const { depends_on } of Object.values(services))
    for (const name of Object.keys(depends_on ?? {})) assert.ok(services[name].healthcheck, name);
});

test("The broker has the settings that script/kafka gives its own", async () => {
  const [, text] = (await read("script/kafka")).match(/server\.properties" <<END\n(.*?)\nEND\n/s);
  const scripted = [...text.matchAll(/^([a-z.]+)=(.*)$/gm)].map(([, name, value]) => {
    const isCopies = value === "$copies" || value === "$(((copies + 1) / 2))";
    return [name, isCopies ? "1" : value];
  });
  const shared = scripted.filter(([, value]) => !value.includes("$"));
  assert.ok(shared.length >= 20, "the settings were found in the script");
  const broker = textOf(services.kafka.environment);
  for (const [name, value] of shared)
    assert.equal(broker[`KAFKA_${name.replaceAll(".", "_").toUpperCase()}`], value, name);
});

test("The image runs the program itself, not as root, and asks it for its health", async (t) => {
  assert.match(dockerfile, /^ENTRYPOINT \["foodorder"\]$/m);
  const [, user] = dockerfile.match(/^USER (\d+):\d+$/m);
  assert.notEqual(Number(user), 0);
  const [, command] = dockerfile.match(/^HEALTHCHECK .* CMD (\[.*\])$/m);
  const [binary, ...args] = JSON.parse(command);
  assert.equal(binary, "foodorder");
  // The check has the environment of its container.
  const program = await Program.start(t);
  const environment = { PORT: new URL(program.url).port };
  const well = await run(args, environment);
  assert.deepEqual([well.status, well.stdout], [0, "ready\n"]);
  await program.stop();
  const gone = await run(args, environment);
  assert.equal(gone.status, 3);
  assert.match(gone.stdout, /^not ready: .* is not in reach: .*\n$/);
  const away = await Program.launch(t, ["--bus=kafka", `--brokers=localhost:${await freePort()}`]);
  let unready = await run([...args, `--url=${away.url}`]);
  while (/not in reach/.test(unready.stdout)) unready = await run([...args, `--url=${away.url}`]);
  assert.equal(unready.status, 1);
  assert.match(unready.stdout, /^not ready: .+\n$/);
});

test("Each profile is started alone: with none named it is the one on Kafka", async () => {
  for (const [name, { profiles }] of Object.entries(services)) assert.equal(profiles?.length, 1, name);
  assert.match(await read(".env"), /^COMPOSE_PROFILES=kafka$/m);
});

test("The profile rest has each service in a container of its own, with a volume that is its own", async () => {
  assert.deepEqual(rest.map(([name]) => name), ["order", "fraud", "notification", "audit"]);
  const volumes = new Set();
  for (const [name, service] of rest) {
    const config = await configOf(service);
    const origins = Object.values(config).map(({ origin }) => origin);
    for (const variable of Object.keys(service.environment))
      assert.ok(origins.includes(`environment ${variable}`), `${name}: ${variable} says nothing to the program`);
    assert.match(config.modules.value, new RegExp(`^${name}\\b`));
    const [volume, folder] = service.volumes[0].split(":");
    assert.equal(config.database.value, `sqlite:${folder}`);
    volumes.add(volume);
    assert.match(dockerfile, new RegExp(`^RUN install -d -o 10001 -g 10001 ${folder}$`, "m"));
    assert.deepEqual(service.ports ?? [], name === "order" ? services["order-service"].ports : []);
  }
  assert.equal(volumes.size, rest.length);
});

test("The containers of the profile rest are one shop: their commands, on loopback", async (t) => {
  const ports = {};
  for (const [name] of rest) ports[name] = await freePort();
  const here = (url) => url.replace(/^http:\/\/(\w+):3001$/, (_, name) => `http://127.0.0.1:${ports[name]}`);
  const programs = {};
  for (const [name, service] of rest) {
    const { PORT, INSPECTOR_PORT, ...environment } = textOf(service.environment);
    assert.equal(PORT, "3001");
    Object.assign(environment, { HOST: "127.0.0.1", DATABASE: `sqlite:${await temporaryFolder(t)}` });
    for (const variable of ["FRAUD_URL", "NOTIFICATION_URL", "AUDIT_URL"]) environment[variable] = here(environment[variable]);
    programs[name] = await Program.launch(t, ["--architecture=rest", ...service.command], environment, [], ports[name]);
  }
  for (const program of Object.values(programs)) await program.ready();
  const stream = await EventStream.open(t, `${programs.order.url}/events`);
  assert.equal((await programs.order.post("/api/orders", anOrder)).status, 201);
  await stream.collect(1, ({ data }) => ["NOTIFIED", "DLQ"].includes(data.action));
  await eventually("all of it told", async () => {
    const { stdout } = await run(["verify", `--url=${programs.order.url}`]);
    return /1 events: all right$/m.test(stdout) && !/^note/m.test(stdout);
  });
});
