// What goes on after a restart on the same files, in each architecture that keeps orders in a database.

import assert from "node:assert/strict";
import { EventStream } from "./event_stream.mjs";
import { Program, anOrder } from "./program.mjs";

/** The program that goes on with the two orders; `check` looks at it once a key was used again. Throws where one is lost. */
export async function assertGoesOn(t, args, check = async () => {}) {
  const first = await Program.start(t, args, { FAIL_RATE: "0" });
  const stream = await EventStream.open(t, `${first.url}/events`);
  const key = { "Idempotency-Key": "once" };
  const placed = await first.post("/api/orders", anOrder, key);
  await stream.collect(1, ({ data }) => data.action === "NOTIFIED");
  const seen = stream.lastEventId;
  assert.equal((await first.stop()).status, 0);
  const second = await Program.start(t, args, { FAIL_RATE: "0" });
  const again = await second.post("/api/orders", anOrder, key);
  assert.equal(again.status, 201);
  assert.deepEqual(again.body, placed.body);
  assert.equal(again.headers.get("etag"), placed.headers.get("etag"));
  await check(second);
  const other = await second.order({ customerName: "Ben" });
  const resumed = await EventStream.open(t, `${second.url}/events`, seen);
  const [event] = await resumed.collect(1, ({ type }) => type === "order");
  assert.equal(event.data.order.id, other.id);
  assert.deepEqual(resumed.gaps, []);
  return second;
}
