// Holds every answer and every event of the system tests against the documents that the program serves.

import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const read = (name) => JSON.parse(readFileSync(new URL(`../../web/${name}`, import.meta.url), "utf8"));
export const openapi = read("openapi.json");
export const asyncapi = read("asyncapi.json");

const ajv = new Ajv2020({ strict: false, allErrors: true, multipleOfPrecision: 6 });
addFormats(ajv);
ajv.addSchema(openapi, "openapi");
ajv.addSchema(asyncapi, "asyncapi");

const pointer = (...parts) => parts.map((part) => `/${`${part}`.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

function check(document, path, value, what) {
  const validate = ajv.getSchema(`${document}#${encodeURI(path)}`) ?? ajv.compile({ $ref: `${document}#${encodeURI(path)}` });
  if (!validate(value))
    throw new Error(`${what} is not as ${document}.json says: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
}

/** "/api/orders/42?x" -> "/api/orders/{id}", the template of the document. A fixed path wins over a template. */
export function templateOf(target) {
  const path = target.split("?")[0];
  if (openapi.paths[path]) return path;
  return Object.keys(openapi.paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(path),
  );
}

const resolved = (part) => (part?.$ref ? part.$ref.slice(2).split("/").reduce((at, name) => at[name], openapi) : part);

function checkHeaders(what, answer, headers) {
  for (const [name, reference] of Object.entries(answer.headers ?? {})) {
    const { schema, required } = resolved(reference);
    const value = headers.get(name);
    if (value === null && required) throw new Error(`${what} has no ${name}, which openapi.json requires`);
    if (value !== null && !ajv.validate(schema, schema.type === "integer" ? Number(value) : value))
      throw new Error(`the ${name} of ${what} is not as openapi.json says: ${value}`);
  }
}

/** Throws unless the answer's status, headers and body are in the document; so is every 403 on a path that is in it. */
export function checkAnswer(method, path, { status, headers, body }) {
  const type = (headers.get("content-type") ?? "").split(";")[0];
  if (type === "application/problem+json")
    check("openapi", "/components/schemas/Problem", body, `the problem of ${method} ${path}`);
  const template = templateOf(path);
  const operation = template && openapi.paths[template][method.toLowerCase()];
  if (!operation) return; // unknown paths and methods: any problem
  const known = new Set((operation.parameters ?? []).map((it) => resolved(it).name));
  for (const name of new URL(path, "http://localhost").searchParams.keys())
    if (!known.has(name)) throw new Error(`${method} ${path}: openapi.json has no parameter ${name}`);
  let answer = operation.responses[status];
  if (!answer) throw new Error(`${method} ${path} answered ${status}, which openapi.json does not have`);
  let at = pointer("paths", template, method.toLowerCase(), "responses", status);
  if (answer.$ref) {
    at = answer.$ref.slice(1);
    answer = resolved(answer);
  }
  checkHeaders(`${method} ${path} ${status}`, answer, headers);
  if (!answer.content?.[type]) {
    if (answer.content) throw new Error(`${method} ${path} answered ${status} with ${type}, not ${Object.keys(answer.content)}`);
    return;
  }
  if (type.includes("json") && answer.content[type].schema)
    check("openapi", at + pointer("content", type, "schema"), body, `${method} ${path} ${status}`);
}

/** Throws unless a record, as the inspector gives it, is one of the topic's messages, headers included. */
export function checkRecord(message) {
  const messages = Object.keys(asyncapi.channels[message.topic].messages);
  const headers = Object.fromEntries(message.headers.map(({ name, value }) => [name, value?.text]));
  check("asyncapi", "/components/schemas/Headers", headers, `the headers on ${message.topic}`);
  const body = message.value === null ? null : message.json;
  const schema = messages.length === 1 ? messages[0] : "Audit";
  check("asyncapi", `/components/schemas/${schema}`, body, `a record on ${message.topic}`);
}

/** Throws unless a server-sent event of /events is as the document says. */
export function checkEvent(event) {
  check("asyncapi", "/components/schemas/ServerSentEvent", event, "an event of /events");
}
