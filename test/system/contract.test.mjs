// What openapi.json says of every path at once: its methods, its parameters, its limits.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { checkAnswer, openapi } from "./contract.mjs";
import { architecture, Program } from "./program.mjs";

let program;
before(async () => {
  program = await Program.start({ after: () => {} });
});
after(() => program.kill());

/** A path that names no architectures is one of each; one with a server of its own is not here. */
const isHere = ([, item]) => !item.post?.servers && (item["x-architectures"]?.includes(architecture) ?? true);
const paths = Object.entries(openapi.paths).filter(isHere);
const names = { arrow: "none", id: "none", instance: "none-1", action: "stop", topic: "none", group: "none" };
const target = (template) => template.replaceAll(/\{(\w+)\}/g, (_, name) => names[name]);
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const documented = (item) => methods.filter((method) => item[method.toLowerCase()]);

/** A request as it is, where fetch forbids or mends it; checked against the document. */
async function send(method, path, headers = {}) {
  const sent = request({ port: program.port, method, path, headers }).end();
  const [answer] = await once(sent, "response");
  let text = "";
  for await (const part of answer) text += part;
  const body = text && answer.headers["content-type"].includes("json") ? JSON.parse(text) : text;
  checkAnswer(method, path.split("?")[0], { status: answer.statusCode, headers: new Headers(answer.headers), body });
  return { status: answer.statusCode, allow: answer.headers.allow, body };
}

test("Every path answers every method that it does not have with 405 and the methods that it has", async () => {
  for (const [template, item] of paths) {
    const allow = [...documented(item), "OPTIONS", ...(item.get ? ["HEAD"] : [])].sort();
    const others = [...methods.filter((it) => !allow.includes(it)), "TRACE", "QUERY", "PROPFIND", "BREW"];
    for (const method of others) {
      const { status, allow: allowed } = await send(method, target(template));
      assert.equal(status, 405, `${method} ${template}`);
      assert.deepEqual(allowed?.split(", ").sort(), allow, `${method} ${template}`);
    }
    const options = await send("OPTIONS", target(template));
    assert.deepEqual([options.status, options.allow.split(", ").sort()], [204, allow], template);
  }
});

test("A path of another architecture is not there", async () => {
  const others = Object.entries(openapi.paths).filter((entry) => !isHere(entry));
  for (const [template, item] of others)
    for (const method of documented(item)) assert.equal((await send(method, target(template))).status, 404, template);
});

test("Every operation refuses a malformed escape, too many header fields and a page of elsewhere as it says", async () => {
  for (const [template, item] of paths) {
    const fields = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`X-${i}`, "1"]));
    for (const method of documented(item)) {
      assert.equal((await send(method, `${target(template)}?after=%zz`)).status, 400, template);
      assert.equal((await send(method, target(template), fields)).status, 431, template);
      assert.equal((await send(method, target(template), { Origin: "http://evil.example" })).status, 403, template);
      if (!template.includes("{")) continue;
      for (const name of ["%", "%zz", "%00", "%ff"])
        assert.equal((await send(method, template.replaceAll(/\{\w+\}/g, name))).status, 400, `${template} ${name}`);
    }
  }
});

test("Every built-in setting is in the document, and its limits are those of the program", async () => {
  const { properties } = openapi.components.schemas.Settings;
  const wrong = (schema) => (schema.enum ? "none of them" : schema.maximum + 1);
  const seen = new Set();
  for (const { instance, settings } of (await program.get("/api/modules")).body) {
    for (const name of Object.keys(settings)) {
      seen.add(name);
      assert.ok(properties[name], `${instance} has the setting ${name}`);
      const beyond = await program.call("PATCH", `/api/modules/${instance}`, { settings: { [name]: wrong(properties[name]) } });
      assert.equal(beyond.status, 422, name);
      for (const edge of properties[name].enum ?? [properties[name].minimum, properties[name].maximum, settings[name]]) {
        const { status } = await program.call("PATCH", `/api/modules/${instance}`, { settings: { [name]: edge } });
        assert.equal(status, 200, `${name}=${edge}`);
      }
    }
  }
  assert.deepEqual([...seen].sort(), Object.keys(properties).sort());
});

test("The kinds that the document names are those of the program", async () => {
  const { body } = await program.post("/api/modules", { kind: "none" });
  assert.equal(body.errors[0].message, `kind must be one of ${openapi.components.schemas.Kind.examples.join(", ")}`);
});
