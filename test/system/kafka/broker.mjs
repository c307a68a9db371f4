// What the tests on a broker have in common. with_kafka starts it, and says where it is.

import { eventually } from "../program.mjs";

export const brokers = process.env.KAFKA_BROKER;
export const onKafka = (...more) => ["--bus=kafka", `--brokers=${brokers}`, ...more];

/** The body of an answer, asked for until there is one: on a busy machine the broker may be out of reach for a moment. */
export const answered = (program, path) => eventually(`an answer to ${path}`, async () => {
  const { status, body } = await program.get(path);
  return status === 200 && body;
});

/** All modules as others see them, by instance. */
export async function modulesOf(program) {
  const { body } = await program.get("/api/modules");
  return Object.fromEntries(body.map((module) => [module.instance, module]));
}

/** Waits until each of these groups has read all there is. */
export function atRest(program, groups) {
  return eventually(`lag 0 of ${groups.join(", ")}`, async () => {
    const known = await answered(program, "/api/bus/groups");
    const lags = groups.map((name) => known.find(({ group }) => group === name)?.lag);
    return lags.every((lag) => lag === 0);
  });
}

/** Every record of a topic, each partition in the order of its offsets. */
export async function logOf(program, topic) {
  const { partitions } = await answered(program, `/api/bus/topics/${topic}`);
  const records = [];
  for (const { partition, startOffset, endOffset } of partitions) {
    for (let from = startOffset; from < endOffset; ) {
      const path = `/api/bus/topics/${topic}/messages?partition=${partition}&from=${from}&limit=500`;
      const page = (await answered(program, path)).messages.sort((a, b) => a.offset - b.offset);
      if (page.length === 0) break;
      records.push(...page);
      from = page.at(-1).offset + 1;
    }
  }
  return records;
}
