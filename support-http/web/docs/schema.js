// @ts-check
/** @typedef {import("./book.js").Book} Book @typedef {import("./book.js").Schema} Schema */
/** @typedef {{name: string, isRequired: boolean, type: string, link: string, description: string, inner: Schema|null}} Field */

const DEEPEST = 6;

/** A schema without what only says that it may be absent. @param {Schema} schema @returns {Schema} */
const present = (schema) => {
  const choices = (schema?.oneOf ?? schema?.anyOf)?.filter((/** @type {any} */ one) => one.type !== "null");
  return choices?.length === 1 ? choices[0] : schema ?? {};
};

/** @param {Schema} schema @returns {string} */
const simpleType = ({ type }) => (Array.isArray(type) ? type.find((one) => one !== "null") : type) ?? "";

/** @param {Schema} schema */
const isNullable = (schema) => (Array.isArray(schema?.type) && schema.type.includes("null")) ||
  (schema?.oneOf ?? schema?.anyOf ?? []).some((/** @type {any} */ one) => one.type === "null");

/** What a schema is, in a few words, and the named schema to read on. @param {Book} book @param {Schema} schema @returns {{text: string, link: string}} */
export const typeOf = (book, schema) => {
  const shown = present(schema);
  const orNull = isNullable(schema) ? " or null" : "";
  const { name, schema: meant } = book.resolve(shown);
  if (name) return { text: name + orNull, link: name };
  if (simpleType(meant) === "array") {
    const items = typeOf(book, meant.items ?? {});
    return { text: `list of ${items.text}${orNull}`, link: items.link };
  }
  const choices = meant.oneOf ?? meant.anyOf;
  if (choices) return { text: choices.map((/** @type {Schema} */ one) => typeOf(book, one).text).join(" or "), link: "" };
  if (meant.enum) return { text: meant.enum.map((/** @type {unknown} */ one) => JSON.stringify(one)).join(" | ") + orNull, link: "" };
  const format = meant.format && !/^(u?int\d+|double)$/.test(meant.format) ? ` (${meant.format})` : "";
  return { text: `${simpleType(meant) || (meant.properties ? "object" : "any")}${format}${orNull}`, link: "" };
};

/** All the fields of an object, those of what it is made of too. @param {Book} book @param {Schema} schema @returns {Field[]} */
export const fieldsOf = (book, schema) => {
  const { schema: meant } = book.resolve(present(schema));
  const parts = (meant.allOf ?? []).flatMap((/** @type {Schema} */ part) => fieldsOf(book, part));
  const required = new Set(meant.required ?? []);
  const own = Object.entries(meant.properties ?? {}).map(([name, field]) => {
    const { text, link } = typeOf(book, field);
    const { schema: inner } = book.resolve(present(field));
    return { name, isRequired: required.has(name), type: text, link, description: field.description ?? present(field).description ?? "",
      inner: !link && inner.properties ? inner : null };
  });
  return [...parts, ...own];
};

/** A value that such a field may have, guessed from how it is described. @param {string} name @param {Schema} schema */
const sampleText = (name, schema) => {
  if (schema.enum) return schema.enum[0];
  const [, quoted] = /`([^`\s]{1,40})`/.exec(schema.description ?? "") ?? [];
  if (quoted && !quoted.startsWith("/")) return quoted;
  if (schema.format === "uuid" || /^id$|Id$|_id$/.test(name)) return "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
  if (schema.format === "date-time" || /At$|_at$/.test(name)) return "2031-05-06T12:30:00.000Z";
  if (/email/i.test(name)) return "ada@example.com";
  if (/phone|contactNumber/i.test(name)) return "+49 30 1234567";
  if (/url/i.test(name)) return "https://example.com/";
  return "…";
};

/**
 * A value of a schema.
 * @param {Book} book @param {Schema} schema @param {{all: boolean}} what whether what may be left out is there too
 * @param {string} [name] @param {number} [depth] @returns {any}
 */
export const sampleOf = (book, schema, what, name = "", depth = 0) => {
  const { schema: meant } = book.resolve(present(schema));
  const described = { ...meant, description: schema?.description ?? meant.description };
  if (meant.example !== undefined) return meant.example;
  if (meant.allOf) return Object.assign({}, ...meant.allOf.map((/** @type {Schema} */ part) => sampleOf(book, part, what, name, depth)));
  const choice = (meant.oneOf ?? meant.anyOf)?.[0];
  if (choice) return sampleOf(book, choice, what, name, depth);
  const type = simpleType(meant);
  if (type === "array") return depth > DEEPEST ? [] : [sampleOf(book, meant.items ?? {}, what, name, depth + 1)];
  if (meant.properties) {
    if (depth > DEEPEST) return {};
    const required = new Set(meant.required ?? []);
    const fields = Object.entries(meant.properties).filter(([field]) => what.all || required.has(field));
    return Object.fromEntries(fields.map(([field, inner]) => [field, sampleOf(book, inner, what, field, depth + 1)]));
  }
  if (type === "boolean") return true;
  if (type === "integer" || type === "number") return meant.minimum > 0 ? meant.minimum : 1;
  if (type === "object" || type === "") return {};
  return sampleText(name, described);
};

/** @param {string} name `ticketId` @returns {string} `TICKET_ID` */
const variable = (name) => name.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();

/** The call as one types it into a shell. @param {Book} book @param {import("./book.js").Call} call */
export const curlOf = (book, call) => {
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name) => `$${variable(name)}`);
  const wanted = call.parameters.filter((one) => one.in === "query" && one.required);
  const query = wanted.map(({ name }) => `${name}=$${variable(name)}`).join("&");
  const lines = [`curl "${book.server.replace(/\/$/, "")}${path}${query ? `?${query}` : ""}"`];
  if (call.method !== "get" && !(call.method === "post" && call.body)) lines[0] = lines[0].replace("curl ", `curl -X ${call.method.toUpperCase()} `);
  if (call.access === "bearer") lines.push('-H "Authorization: Bearer $TOKEN"');
  const json = call.body?.content.find(({ type }) => type === "application/json");
  if (json) {
    const body = JSON.stringify(sampleOf(book, json.schema, { all: false }), null, 2).replaceAll("'", "'\\''");
    lines.push('-H "Content-Type: application/json"', `-d '${body}'`);
  }
  if (call.body?.content.some(({ type }) => type === "multipart/form-data")) lines.push('-F "file=@photo.jpg"');
  if (call.answers.some(({ content }) => content.some(({ type }) => type === "text/event-stream"))) lines[0] = lines[0].replace("curl ", "curl -N ");
  return lines.join(" \\\n  ");
};
