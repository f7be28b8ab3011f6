// @ts-check
/** Renders the server's own openapi.json. Everything is put in as text, never as markup. */

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 6;

/** @param {string} name @param {string} text @param {string} [kind] */
const element = (name, text, kind) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

/** An example of a schema, with the types in place of values. @param {any} whole @param {any} schema @param {number} depth @returns {any} */
const shape = (whole, schema, depth = 0) => {
  if (!schema || depth > DEEPEST) return "…";
  if (schema.$ref) return shape(whole, whole.components?.schemas?.[schema.$ref.split("/").pop()], depth + 1);
  const choice = (schema.oneOf ?? schema.anyOf)?.find((/** @type {any} */ one) => one.type !== "null");
  if (choice) return shape(whole, choice, depth + 1);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((/** @type {any} */ one) => shape(whole, one, depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type.find((/** @type {string} */ one) => one !== "null") : schema.type;
  if (type === "array") return [shape(whole, schema.items, depth + 1)];
  if (schema.properties) {
    const required = new Set(schema.required ?? []);
    const fields = Object.entries(schema.properties);
    return Object.fromEntries(fields.map(([name, field]) =>
      [required.has(name) ? name : `${name}?`, shape(whole, field, depth + 1)]));
  }
  if (schema.enum) return schema.enum.join(" | ");
  return schema.format ? `${type} (${schema.format})` : type ?? "any";
};

/** @param {any} whole @param {any} content @returns {HTMLElement|null} */
const example = (whole, content) => {
  const schema = content?.["application/json"]?.schema;
  return schema ? element("pre", JSON.stringify(shape(whole, schema), null, 2)) : null;
};

/** @param {any} whole @param {string} path @param {string} method @param {any} call */
const describe = (whole, path, method, call) => {
  const box = document.createElement("details");
  const summary = document.createElement("summary");
  summary.append(element("span", method.toUpperCase(), "method"), element("code", path),
    element("span", call.summary ?? "", "soft"));
  const content = element("div", "", "content");
  if (call.description) content.append(element("p", call.description));
  content.append(element("p", call.security ? "Needs Authorization: Bearer …" : "Public", "soft"));
  if (call.parameters?.length) {
    const lines = call.parameters.map((/** @type {any} */ one) =>
      `${one.in === "path" ? "{" + one.name + "}" : "?" + one.name}${one.required ? "" : " (optional)"} ${one.description ?? ""}`);
    content.append(element("h3", "Parameters"), element("pre", lines.join("\n")));
  }
  const body = example(whole, call.requestBody?.content);
  if (body) content.append(element("h3", "Body"), body);
  for (const [status, answer] of Object.entries(call.responses ?? {})) {
    content.append(element("h3", `${status} ${answer.description ?? ""}`));
    const shown = status < "400" ? example(whole, answer.content) : null;
    if (shown) content.append(shown);
  }
  box.append(summary, content);
  box.dataset.words = `${method} ${path} ${call.summary ?? ""}`.toLowerCase();
  return box;
};

const calls = /** @type {HTMLElement} */ (document.getElementById("calls"));
const find = /** @type {HTMLInputElement} */ (document.getElementById("find"));

const narrow = () => {
  const words = find.value.toLowerCase().split(/\s+/);
  for (const section of calls.querySelectorAll("section")) {
    let shown = 0;
    for (const box of section.querySelectorAll("details")) {
      box.hidden = !words.every((word) => box.dataset.words?.includes(word));
      if (!box.hidden) shown += 1;
    }
    section.hidden = shown === 0;
  }
};

const render = async () => {
  const whole = await (await fetch(new URL("../../openapi.json", import.meta.url))).json();
  /** @type {Map<string, HTMLElement>} */
  const sections = new Map();
  for (const [path, methods] of Object.entries(whole.paths ?? {})) {
    for (const method of METHODS) {
      const call = methods[method];
      if (!call) continue;
      const tag = call.tags?.[0] ?? "other";
      const section = sections.get(tag) ?? document.createElement("section");
      if (!sections.has(tag)) section.append(element("h2", tag.replaceAll("-", " ")));
      sections.set(tag, section);
      section.append(describe(whole, path, method, call));
    }
  }
  calls.replaceChildren(...sections.values());
  calls.ariaBusy = "false";
  narrow();
};

find.addEventListener("input", narrow);
render().catch(() => calls.replaceChildren(element("p", "openapi.json could not be read.")));
