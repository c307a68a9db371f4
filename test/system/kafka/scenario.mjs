// What a seed has clients do to a program: the same requests, one after the other, whatever bus is under it.

import { timeless } from "./story.mjs";

/** Mulberry32. */
function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, chance: (p) => next() < p, one: (list) => list[below(list.length)] };
}

const badBodies = [
  '{"customerName":"Ada","item":"Soup","quantity":1',
  { customerName: "Ada", item: "Soup", quantity: 0, price: 1 },
  { customerName: "Ada", item: "Soup", quantity: 1, price: 1.001 },
  { customerName: "", item: "Soup", quantity: 1, price: 1, id: "mine" },
  '{"customerName":"Ada","item":"Soup","quantity":1,"price":1e400}',
  '{"customerName":"Ada","customerName":"Bob","item":"Soup","quantity":1,"price":1}',
  "[]",
];

/** {what, method, path?, order?, body, headers, match?}: `order` is the number of one placed before, its path. */
export function requestsOf(seed, count) {
  const random = randomOf(seed);
  const placed = [];
  const newOrder = () => ({
    customerName: random.one(["Ada", "Grace", "Zoë ☕"]),
    item: random.one(["Soup", "Pizza", 'a "dish"', "Tee 🍵"]),
    quantity: 1 + random.below(3),
    price: random.below(6_000) / 100,
  });
  const post = (what, body, headers = {}) => ({ what, method: "POST", path: "/api/orders", body, headers });
  const keyed = (what, number, body) => post(what, body, { "Idempotency-Key": `seed ${seed}, order ${number}`.replaceAll(/\W+/g, "-") });
  const place = () => {
    placed.push(newOrder());
    return { ...keyed("place", placed.length - 1, placed.at(-1)), places: placed.length - 1 };
  };
  const change = (order) => {
    const match = random.chance(0.4) ? random.one(["right", "stale"]) : undefined;
    const body = random.one([{ quantity: 1 + random.below(9) }, { item: "Stew" }, { status: "cooking" }, { price: 1.05 }]);
    return { what: "change", method: random.one(["PUT", "PATCH"]), order, body, headers: {}, match };
  };
  const next = () => {
    const order = random.below(placed.length);
    const kind = random.below(20);
    if (placed.length < 3 || kind < 8) return place();
    if (kind < 13) return change(order);
    if (kind < 15) return { what: "delete", method: "DELETE", order, headers: {} };
    if (kind < 17) return keyed("place again", order, placed[order]);
    if (kind < 18) return keyed("place another under the key", order, { ...placed[order], quantity: 999 });
    if (kind < 19) return post("blunder", random.one(badBodies));
    return post("blunder", "customerName=Ada", { "Content-Type": "text/plain" });
  };
  return Array.from({ length: count }, next);
}

/** Sends them; what was answered, as far as it does not hang on a clock or an offset. */
export async function play(program, requests) {
  const ids = [];
  const tags = [];
  const answers = [];
  for (const [number, request] of requests.entries()) {
    const path = request.path ?? `/api/orders/${ids[request.order]}`;
    // Its trace goes through all that follows.
    const headers = { ...request.headers, traceparent: `00-${`${number + 1}`.padStart(32, "0")}-00f067aa0ba902b7-01` };
    if (request.match) headers["If-Match"] = request.match === "right" ? (tags[request.order] ?? "*") : '"999999999"';
    const answer = await program.call(request.method, path, request.body, headers);
    const order = request.places ?? request.order;
    if (request.places !== undefined) ids[order] = answer.body.id;
    if (order !== undefined && answer.headers.has("etag")) tags[order] = answer.headers.get("etag");
    const { detail, ...body } = timeless(answer.body); // a problem's detail may name an offset
    answers.push({
      request: `${number}: ${request.what}`,
      status: answer.status,
      location: answer.headers.get("location"),
      tagged: answer.headers.has("etag"),
      body,
    });
  }
  return answers;
}
