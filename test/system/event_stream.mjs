// A reader of server-sent events that keeps what it saw, as EventSource would but with headers and raw access.

import { checkEvent } from "./contract.mjs";
import { eventually } from "./program.mjs";

export class EventStream {
  static async open(t, url, lastEventId) {
    const stream = new EventStream();
    stream.abort = new AbortController();
    t.after(() => stream.close());
    const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
    const response = await fetch(url, { headers, signal: stream.abort.signal });
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    stream.done = stream.#read(response.body).catch((error) => {
      if (error.name !== "AbortError") stream.failure = error;
    });
    return stream;
  }

  messages = []; // {id, type, data}
  gaps = [];
  lastEventId = "";
  ended = false;

  async #read(body) {
    let text = "";
    for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
      text += bytes;
      let end;
      while ((end = text.indexOf("\n\n")) >= 0) {
        this.#take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
    this.ended = true;
  }

  #take(block) {
    const fields = {};
    for (const line of block.split("\n")) {
      const [, name, value] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
      if (name) fields[name] = value;
    }
    if (fields.id !== undefined) this.lastEventId = fields.id;
    if (fields.data === undefined) return;
    const data = JSON.parse(fields.data);
    if (fields.event === "gap") this.gaps.push(data);
    if (fields.event) return;
    if (data.type !== "system") checkEvent(data);
    this.messages.push({ id: this.lastEventId, ...data });
  }

  /** The messages so far that match; waits until there are `count`. */
  async collect(count, match, what = "events") {
    await eventually(`${count} ${what}`, () => {
      if (this.failure) throw this.failure;
      return this.messages.filter(match).length >= count;
    });
    return this.messages.filter(match);
  }

  async close() {
    this.abort.abort();
    await this.done;
  }
}
