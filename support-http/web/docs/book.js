// @ts-check
/**
 * The server's openapi.json, arranged for reading.
 * @typedef {any} Schema
 * @typedef {{name: string, in: string, required: boolean, description: string, schema: Schema}} Parameter
 * @typedef {{type: string, schema: Schema}} Content
 * @typedef {{status: string, description: string, content: Content[], headers: Record<string, any>}} Answer
 * @typedef {object} Call
 * @property {string} id
 * @property {string} group
 * @property {string} method
 * @property {string} path
 * @property {string} summary
 * @property {string} description
 * @property {"public"|"bearer"|"either"} access
 * @property {Parameter[]} parameters
 * @property {{required: boolean, description: string, content: Content[]}|null} body
 * @property {Answer[]} answers
 */

const METHODS = ["get", "post", "put", "patch", "delete"];

/** @param {Record<string, any>|undefined} content @returns {Content[]} */
const contents = (content) => Object.entries(content ?? {}).map(([type, { schema }]) => ({ type, schema }));

/** @param {any} call */
const accessOf = (call) => {
  const ways = call.security ?? [];
  if (ways.length === 0) return "public";
  return ways.some((/** @type {object} */ way) => Object.keys(way).length === 0) ? "either" : "bearer";
};

/** @param {string} path @param {string} method @param {any} call @returns {Call} */
const callOf = (path, method, call) => ({
  id: `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, "-")}`.replace(/-$/, ""),
  group: call.tags?.[0] ?? "other",
  method,
  path,
  summary: call.summary ?? "",
  description: call.description ?? "",
  access: accessOf(call),
  parameters: (call.parameters ?? []).map((/** @type {any} */ one) => ({ ...one, required: one.required === true,
    description: one.description ?? "", schema: one.schema ?? {} })),
  body: call.requestBody ? { required: call.requestBody.required === true, description: call.requestBody.description ?? "",
    content: contents(call.requestBody.content) } : null,
  answers: Object.entries(call.responses ?? {}).map(([status, answer]) => ({ status, description: answer.description ?? "",
    content: contents(answer.content), headers: answer.headers ?? {} })),
});

/** @param {string} reference `#/components/schemas/Name` */
const nameOf = (reference) => reference.split("/").pop() ?? "";

/** Every name of a schema that stands somewhere in this. @param {unknown} value @param {Set<string>} found */
const referencesIn = (value, found) => {
  if (Array.isArray(value)) value.forEach((one) => referencesIn(one, found));
  else if (value && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) {
      if (key === "$ref" && typeof inner === "string") found.add(nameOf(inner));
      else referencesIn(inner, found);
    }
  }
  return found;
};

export class Book {
  /** @type {Call[]} */
  calls;
  /** @type {Map<string, Call[]>} */
  groups = new Map();
  /** @type {Record<string, Schema>} */
  schemas;

  /** @param {any} document */
  constructor(document) {
    this.info = document.info ?? {};
    this.server = document.servers?.[0]?.url ?? location.origin;
    this.schemas = document.components?.schemas ?? {};
    this.calls = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      METHODS.filter((method) => methods[method]).map((method) => callOf(path, method, methods[method])));
    for (const call of this.calls) this.groups.set(call.group, [...(this.groups.get(call.group) ?? []), call]);
    this.groups = new Map([...this.groups].sort(([left], [right]) => left.localeCompare(right)));
  }

  /** What a reference leads to, or the schema itself. @param {Schema} schema @returns {{name: string, schema: Schema}} */
  resolve(schema) {
    if (!schema?.$ref) return { name: "", schema: schema ?? {} };
    const name = nameOf(schema.$ref);
    return { name, schema: this.schemas[name] ?? {} };
  }

  /** Where a schema is named. @param {string} name */
  usesOf(name) {
    const users = new Set([name]);
    // A schema within a schema is used where that one is.
    for (let size = 0; size !== users.size;) {
      size = users.size;
      for (const [other, schema] of Object.entries(this.schemas)) {
        if ([...referencesIn(schema, new Set())].some((one) => users.has(one))) users.add(other);
      }
    }
    return this.calls.filter((call) => [...referencesIn([call.body, call.answers], new Set())].some((one) => users.has(one)));
  }

  /** Calls and schemas that have all the words. @param {string} text */
  find(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (/** @type {string} */ content) => words.every((word) => content.toLowerCase().includes(word));
    return {
      calls: this.calls.filter(({ method, path, summary, description, group }) => has(`${method} ${path} ${summary} ${description} ${group}`)),
      schemas: Object.entries(this.schemas).filter(([name, schema]) => has(`${name} ${schema.description ?? ""}`)).map(([name]) => name),
    };
  }
}
