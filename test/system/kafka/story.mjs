// What of a log does not hang on a clock, on chance or on how its partitions were interleaved.

const mask = (1n << 64n) - 1n;

/** SplitMix64's finalizer. */
function mix(z) {
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return z ^ (z >> 31n);
}

/** The program's stable_hash(): FNV-1a, then SplitMix64's finalizer. */
function stableHash(text, seed) {
  let hash = 0xcbf29ce484222325n ^ mix((BigInt(seed) + 0x9e3779b97f4a7c15n) & mask);
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & mask;
  return mix(hash);
}

/** What notification must say of an event: "RETRY 1, NOTIFIED 1". */
export function fateOf(eventId, seed, failRate) {
  const words = [];
  for (let count = 0; ; ++count) {
    const fails = Number(stableHash(`${eventId}\n${count}`, seed) >> 11n) * 2 ** -53 < failRate;
    if (!fails) return [...words, `NOTIFIED ${count}`];
    if (count === 2) return [...words, `DLQ ${count}`];
    words.push(`RETRY ${count + 1}`);
  }
}

const textOf = (field) => (field === null ? null : field.text);
const headersOf = (message) => message.headers.map(({ name, value }) => [name, textOf(value)]);
export const header = (message, name) => headersOf(message).find(([known]) => known === name)?.[1];
const retriesOf = (message) => Number(header(message, "retryCount") ?? 0);

const isTime = (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\d{3})?Z$/.test(text);

/** The same body with times, and the instance that happened to do the work, left out. */
export function timeless(value, name = "") {
  if (Array.isArray(value)) return value.map((element) => timeless(element));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, timeless(inner, key)]));
  if (typeof value !== "string") return value;
  if (name === "instanceId") return value.replace(/-\d+$/, "-N");
  return isTime(value) ? "<time>" : value;
}

/**
 * A log as a tree that two buses must agree on: per order its events in their order, per event all that followed from it.
 * `logs` are the messages by topic.
 */
export class Story {
  constructor(logs) {
    this.labels = new Map(); // of events, by ce_id: "<order>#2"
    this.places = new Map(); // of records on orders, by partition and offset: "<order>#2 retry 1"
    this.orders = new Map(); // by id: {partition, events, statuses}
    this.events = new Map(); // by label
    const seen = new Set();
    // Delivery is at least once: work may have been done twice, and stands under one id.
    const once = (message) => {
      const work = `${message.topic} ${header(message, "ce_id")} ${retriesOf(message)}`;
      return !seen.has(work) && seen.add(work);
    };
    for (const message of logs.orders.filter(once)) this.#takeOrder(message);
    for (const message of logs.audit.filter(once)) this.#takeAudit(message);
    for (const message of logs["order-status"].filter(once)) this.#takeStatus(message);
    for (const message of logs["orders-dlq"].filter(once)) this.#of(message).dead.push(this.#record(message));
  }

  #takeOrder(message) {
    const id = textOf(message.key);
    if (!this.orders.has(id)) this.orders.set(id, { partition: message.partition, events: [], statuses: [] });
    const order = this.orders.get(id);
    const eventId = header(message, "ce_id");
    if (retriesOf(message) === 0) {
      const label = `${id}#${order.events.length}`;
      this.labels.set(eventId, label);
      // Its id is made from the Idempotency-Key; those of updates and deletions are random, and so are their fates.
      const random = message.json.action !== "created";
      const event = { label, eventId, random, deliveries: [], said: {}, notified: [], dead: [] };
      order.events.push(event);
      this.events.set(label, event);
    }
    const event = this.events.get(this.labels.get(eventId));
    this.places.set(`${message.partition}@${message.offset}`, `${event.label} retry ${retriesOf(message)}`);
    event.deliveries.push(this.#record(message));
  }

  #takeAudit(message) {
    const event = this.#of(message);
    const { source, action, retryCount } = message.json;
    if (source === "notification-service") event.notified.push(`${action} ${retryCount}`);
    (event.said[source] ??= []).push(this.#record(message));
  }

  #takeStatus(message) {
    this.orders.get(textOf(message.key)).statuses.push(this.#record(message));
  }

  /** The event that caused it. */
  #of(message) {
    const label = this.labels.get(header(message, "ce_causationid") ?? header(message, "ce_id"));
    if (!label) throw new Error(`${message.topic}@${message.offset} follows from nothing`);
    return this.events.get(label);
  }

  #record(message) {
    const body = timeless(message.json ?? null);
    if (body?.stats) body.stats = "<figures>"; // as they were when this partition's turn came
    const headers = headersOf(message).map(([name, value]) => [name, this.#header(message, name, value)]);
    return { topic: message.topic, partition: message.partition, key: textOf(message.key), headers, body };
  }

  #header(message, name, value) {
    const cause = header(message, "ce_causationid") ?? header(message, "ce_id");
    const event = this.events.get(this.labels.get(cause));
    switch (name) {
      case "ce_time":
        return isTime(value) ? "<time>" : value;
      case "traceparent":
        return value.replace(/-[0-9a-f]{16}-01$/, "-<span>-01");
      case "ce_id":
      case "ce_causationid":
        return event && !event.random ? value : `<${name} of ${event?.label}>`;
      case "sourcePartition":
        return value === String(message.partition) ? "<partition of the key>" : value;
      case "sourceOffset":
        return this.places.get(`${message.partition}@${value}`);
      case "kafka_dlt-original-offset":
        return this.places.get(`${header(message, "kafka_dlt-original-partition")}@${value}`);
      default:
        return value;
    }
  }

  /** What does not hang on a random id: for events with one, what notification did is left out. */
  comparable() {
    const orders = [...this.orders].map(([id, { partition, events, statuses }]) => {
      const told = events.map(({ label, random, deliveries, said, notified, dead }) => {
        const { "notification-service": words, ...others } = said;
        if (random) return { label, deliveries: deliveries.slice(0, 1), said: others };
        return { label, deliveries, said: { ...others, words }, notified, dead };
      });
      return [id, { partition, events: told, statuses }];
    });
    return Object.fromEntries(orders.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
