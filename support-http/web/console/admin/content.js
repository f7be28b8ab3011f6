// @ts-check
import { html } from "../../vendor/lit.js";
import { moment } from "../../shared/moment.js";
import { only } from "../pieces/values.js";
import { markdown } from "./markdown.js";

/** @typedef {import("./resource.js").Resource} Resource */

const CANNED = "api/v1/admin/canned-responses";
const ARTICLES = "api/v1/admin/chat/knowledge-base";
const AT_ONCE = 100;

/** @type {Resource} */
export const canned = {
  title: "Canned responses", one: "canned response", writer: "supervisor", isWide: true,
  intro: "What is written often. In a chat, type / and the shortcut.",
  load: async (api) => ({ rows: await api.get(CANNED) }),
  columns: [{ label: "Shortcut", value: (row) => `/${row.shortcut}`, isMain: true }, { label: "Title", value: (row) => row.title },
    { label: "Text", value: (row) => html`<span class="clipped">${row.content}</span>` }],
  fields: () => [
    { name: "shortcut", label: "Shortcut", required: true, hint: "Lower-case letters, digits, _ and -" }, { name: "title", label: "Title", required: true },
    { name: "content", label: "Text", kind: "textarea", rows: 8, required: true, maxlength: 5000, hint: "Filled in: {{customer.name}}, {{agent.name}}, {{ticket.number}}" },
  ],
  create: (api, values) => api.post(CANNED, values),
  update: (api, row, values) => api.put(CANNED, { id: row.id, ...only(values, ["shortcut", "title", "content"]) }),
  removal: { label: "Delete", title: (row) => `Delete /${row.shortcut}?`, text: "Answers already sent stay as they are.", act: (api, row) => api.remove(CANNED, { id: row.id }) },
};

const articleFields = ["title", "slug", "content", "category", "tags", "language", "isPublished", "sortOrder"];

/** @type {Resource} */
export const articles = {
  title: "Knowledge base", one: "article", writer: "supervisor", isWide: true,
  intro: "What customers can read for themselves, also while they write to you.",
  filters: [{ name: "isPublished", label: "Which", options: [["", "All"], ["true", "Published"], ["false", "Drafts"]] }],
  load: async (api, { filters }) => {
    const rows = [];
    for (let page = 1; ; page += 1) {
      const part = await api.get(ARTICLES, { page, limit: AT_ONCE, isPublished: filters.isPublished });
      rows.push(...part);
      if (part.length < AT_ONCE) return { rows };
    }
  },
  columns: [
    { label: "Title", value: (row) => row.title, isMain: true }, { label: "Category", value: (row) => row.category }, { label: "Language", value: (row) => row.language },
    { label: "State", value: (row) => (row.isPublished ? html`<span class="mark is-good">published</span>` : html`<span class="mark">draft</span>`) },
    { label: "Read", value: (row) => row.views, isNumber: true }, { label: "Helpful", value: (row) => `${row.helpfulCount} / ${row.helpfulCount + row.unhelpfulCount}`, isNumber: true },
    { label: "Changed", value: (row) => moment(row.updatedAt) },
  ],
  fields: () => [
    { name: "title", label: "Title", required: true, isWide: true }, { name: "slug", label: "Address", hint: "Empty: made from the title" },
    { name: "category", label: "Category" }, { name: "language", label: "Language", placeholder: "en" }, { name: "tags", label: "Tags", kind: "list" },
    { name: "sortOrder", label: "Place in lists", kind: "number" }, { name: "isPublished", label: "Published", kind: "checkbox" },
    { name: "content", label: "Text (Markdown)", kind: "textarea", rows: 12, required: true },
  ],
  extra: (values) => html`<section class="sample" aria-label="Preview"><h3>Preview</h3><article class="prose" dir="auto">
    <h1>${values.title || "Title"}</h1>${markdown(values.content ?? "")}</article></section>`,
  values: (row) => row ?? { tags: [], isPublished: false, sortOrder: 0, language: "en" },
  create: (api, values) => api.post(ARTICLES, { ...only(values, articleFields), slug: values.slug || undefined }),
  update: (api, row, values) => api.put(ARTICLES, { id: row.id, ...only(values, articleFields) }),
  removal: { label: "Delete", title: (row) => `Delete “${row.title}”?`, text: "Links to it lead nowhere from then on.", act: (api, row) => api.remove(ARTICLES, { id: row.id }) },
};
