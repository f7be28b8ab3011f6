// @ts-check
import { html } from "../../vendor/lit.js";
import { moment } from "../../shared/moment.js";
import { only } from "../pieces/values.js";

/** @typedef {import("./resource.js").Resource} Resource */

/** @type {[string, string][]} */
const ROLES = [["agent", "Agent"], ["supervisor", "Supervisor"], ["admin", "Admin"]];
const PAGE = 25;

/** @param {import("../desk.js").Desk} desk */
const departmentChoices = (desk) => desk.store.departments.map(({ slug, name }) => /** @type {[string, string]} */ ([slug, name]));

/** @param {import("../desk.js").Desk} desk */
const learnTeam = (desk) => void desk.learnTeam();

const agentFields = ["name", "email", "password", "role", "departments", "skills", "languages", "maxConcurrentTickets"];

/** @type {Resource} */
export const agents = {
  title: "Agents", one: "agent", writer: "admin", changed: learnTeam,
  intro: "Who works here, with which rights, and how much each takes on at a time.",
  filters: [{ name: "isActive", label: "Which", options: [["true", "Active"], ["false", "Former"], ["", "All"]] }],
  load: async (api, { page, filters }) => {
    const answer = await api.get("api/agents", { page, limit: PAGE, isActive: filters.isActive ?? "true" });
    return { rows: answer.agents, pagination: answer.pagination };
  },
  columns: [
    { label: "Name", value: (row) => row.name, isMain: true }, { label: "Email", value: (row) => row.email },
    { label: "Role", value: (row) => ROLES.find(([role]) => role === row.role)?.[1] ?? row.role },
    { label: "Departments", value: (row, desk) => row.departments.map((/** @type {string} */ slug) => desk.store.departments.find((one) => one.slug === slug)?.name ?? slug).join(", ") },
    { label: "Chats", value: (row) => `${row.activeTicketsCount} of ${row.maxConcurrentTickets}`, isNumber: true },
    { label: "Status", value: (row) => html`<span class="mark ${row.status === "available" ? "is-good" : ""}">${row.isActive ? row.status : "former"}</span>` },
  ],
  fields: (row, desk) => [
    { name: "name", label: "Name", required: true, maxlength: 200 },
    { name: "email", label: "Email", kind: "email", required: true },
    { name: "password", label: "Password", kind: "password", required: !row, hint: row ? "Empty: stays as it is" : "At least 12 characters" },
    { name: "role", label: "Role", kind: "select", options: ROLES },
    { name: "maxConcurrentTickets", label: "Chats at a time", kind: "number", min: 1, max: 100 },
    { name: "departments", label: "Departments", kind: "checks", options: departmentChoices(desk), hint: "None: chats of all departments" },
    { name: "skills", label: "Skills", kind: "list", hint: "Separated by commas" },
    { name: "languages", label: "Languages", kind: "list", hint: "Such as en, de, pt-BR" },
  ],
  values: (row) => row ?? { role: "agent", departments: [], skills: [], languages: [], maxConcurrentTickets: 5 },
  create: (api, values) => api.post("api/agents", only(values, agentFields)),
  update: (api, row, values) => api.patch(`api/agents/${row.id}`, { ...only(values, agentFields), password: values.password || undefined }),
  actions: [{ label: "Take back", when: (row) => !row.isActive,
    act: async (row, { api, reload }) => { await api.patch(`api/agents/${row.id}`, { isActive: true }); await reload(); } }],
  removal: { label: "Deactivate", when: (row) => row.isActive, title: (row) => `Deactivate ${row.name}?`,
    text: "They can no longer log in. Their chats go to others; what they wrote stays.", act: (api, row) => api.remove(`api/agents/${row.id}`) },
};

/** @type {Resource} */
export const departments = {
  title: "Departments", one: "department", writer: "admin", changed: learnTeam, isWide: true,
  intro: "Teams that chats are for. Visitors choose among the active ones.",
  load: async (api) => ({ rows: await api.get("api/v1/admin/chat/departments") }),
  columns: [
    { label: "Name", value: (row) => row.name, isMain: true }, { label: "Address", value: (row) => row.slug },
    { label: "Description", value: (row) => row.description }, { label: "Email", value: (row) => row.email },
    { label: "Order", value: (row) => row.sortOrder, isNumber: true },
    { label: "Active", value: (row) => (row.isActive ? html`<span class="mark is-good">yes</span>` : html`<span class="mark">no</span>`) },
  ],
  fields: () => [
    { name: "name", label: "Name", required: true, maxlength: 100 }, { name: "slug", label: "Short name for addresses", required: true, hint: "Lower-case letters, digits, hyphens" },
    { name: "email", label: "Email of the team", kind: "email" }, { name: "sortOrder", label: "Place in lists", kind: "number" },
    { name: "description", label: "Description", kind: "textarea", rows: 2 },
    { name: "isActive", label: "Visitors can choose it", kind: "checkbox" },
    { name: "officeHours", label: "Its own office hours", kind: "hours", hint: "None: the company's" },
  ],
  values: (row) => row ?? { isActive: true, sortOrder: 0, officeHours: null },
  create: (api, values) => api.post("api/v1/admin/chat/departments", values),
  update: (api, row, values) => api.put("api/v1/admin/chat/departments",
    { id: row.id, ...only(values, ["name", "slug", "description", "email", "isActive", "sortOrder", "officeHours"]), email: values.email || null }),
  removal: { label: "Delete", title: (row) => `Delete ${row.name}?`, text: "Only a department without open chats can go. Past chats keep its name.",
    act: (api, row) => api.remove("api/v1/admin/chat/departments", { id: row.id }) },
};

const customerFields = ["name", "email", "phone", "externalId", "password"];

/** @type {Resource} */
export const customers = {
  title: "Customers", one: "customer", writer: "admin", search: "Search customers",
  intro: "People who are known by name. What is kept of each can be handed out, or erased for good.",
  load: async (api, { page, query }) => {
    const answer = await api.get("api/customers", { page, limit: PAGE, q: query });
    return { rows: answer.customers, pagination: answer.pagination };
  },
  columns: [
    { label: "Name", value: (row) => row.name ?? row.email, isMain: true }, { label: "Email", value: (row) => row.email },
    { label: "Phone", value: (row) => row.phone }, { label: "Your own id", value: (row) => row.externalId }, { label: "Since", value: (row) => moment(row.createdAt) },
  ],
  fields: (row) => [
    { name: "name", label: "Name", required: true }, { name: "email", label: "Email", kind: "email", required: true },
    { name: "phone", label: "Phone", kind: "tel" }, { name: "externalId", label: "Your own id", hint: "As your other systems call them" },
    { name: "password", label: "Password", kind: "password", hint: row ? "Empty: stays as it is" : "For the customer page; may be empty" },
  ],
  create: (api, values) => api.post("api/customers", { ...only(values, customerFields), password: values.password || undefined }),
  update: (api, row, values) => api.patch(`api/customers/${row.id}`, { ...only(values, customerFields), password: values.password || undefined }),
  actions: [{ label: "Export", act: (row, { api }) => api.download(`api/customers/${row.id}/export`, {}, `customer-${row.id}.json`) }],
  removal: { label: "Erase", title: (row) => `Erase ${row.name ?? row.email}?`, text: "All that is kept of them goes for good: their name, what they wrote, their files. This cannot be undone.",
    act: (api, row) => api.remove(`api/customers/${row.id}`) },
};

/** @type {Resource} */
export const blocks = {
  title: "Blocks", one: "block", writer: "supervisor",
  intro: "Who can write to you no more: a visitor, an email address, or a range of network addresses.",
  load: async (api, { page }) => {
    const answer = await api.get("api/v1/admin/blocks", { page, limit: PAGE });
    return { rows: answer.blocks, pagination: answer.pagination };
  },
  columns: [
    { label: "Who", value: (row) => row.value, isMain: true }, { label: "Kind", value: (row) => row.kind }, { label: "Reason", value: (row) => row.reason },
    { label: "Until", value: (row) => (row.expiresAt ? moment(row.expiresAt) : "for good") }, { label: "Since", value: (row) => moment(row.createdAt) },
  ],
  fields: () => [
    { name: "kind", label: "What", kind: "select", options: [["email", "Email address"], ["address", "Network address"]] },
    { name: "email", label: "Email", kind: "email", required: true, when: (values) => values.kind === "email" },
    { name: "address", label: "Network address", required: true, placeholder: "203.0.113.0/24", when: (values) => values.kind === "address" },
    { name: "expiresAt", label: "Until", kind: "datetime-local", hint: "Empty: for good" },
    { name: "reason", label: "Reason", kind: "textarea", rows: 2, maxlength: 500 },
  ],
  values: () => ({ kind: "email" }),
  create: (api, { kind, reason, expiresAt, ...values }) => api.post("api/v1/admin/blocks", { [kind]: values[kind], reason: reason || undefined,
    expiresAt: expiresAt ? new Date(expiresAt).toISOString() : undefined }),
  removal: { label: "Lift", title: (row) => `Lift the block of ${row.value}?`, text: "They can write to you again.",
    act: (api, row) => api.remove("api/v1/admin/blocks", { id: row.id }) },
};

/** @type {Resource} */
export const tenants = {
  title: "Tenants", one: "tenant", writer: "admin",
  intro: "Companies on this installation. What they write is theirs alone.",
  load: async (api, { page }) => {
    const answer = await api.get("api/v1/platform/tenants", { page, limit: PAGE });
    return { rows: answer.tenants, pagination: answer.pagination };
  },
  columns: [
    { label: "Name", value: (row) => row.name, isMain: true }, { label: "Short name", value: (row) => row.slug }, { label: "Time zone", value: (row) => row.timezone },
    { label: "Domains", value: (row) => row.domains.join(", ") }, { label: "Active", value: (row) => (row.isActive ? "yes" : "no") },
  ],
  fields: (row) => [
    { name: "name", label: "Name", required: true }, ...(row ? [] : [{ name: "slug", label: "Short name", required: true, hint: "Lower-case letters, digits, hyphens" }]),
    { name: "timezone", label: "Time zone", placeholder: "Europe/Berlin" }, { name: "domains", label: "Domains", kind: "list", hint: "Where its widget stands" },
    ...(row ? [] : /** @type {import("../pieces/form.js").Field[]} */ ([{ name: "admin.name", label: "First admin: name", required: true },
      { name: "admin.email", label: "First admin: email", kind: "email", required: true }, { name: "admin.password", label: "First admin: password", kind: "password", required: true }])),
  ],
  values: (row) => row ?? { timezone: "UTC", domains: [], admin: {} },
  create: (api, values) => api.post("api/v1/platform/tenants", values),
  update: (api, row, values) => api.patch("api/v1/platform/tenants", { id: row.id, ...only(values, ["name", "timezone", "domains"]) }),
  actions: [{ label: "Open again", when: (row) => !row.isActive,
    act: async (row, { api, reload }) => { await api.patch("api/v1/platform/tenants", { id: row.id, isActive: true }); await reload(); } }],
  removal: { label: "Shut", when: (row) => row.isActive, title: (row) => `Shut ${row.name}?`, text: "Nobody of this company can log in or write any more. What it has stays.",
    act: (api, row) => api.remove("api/v1/platform/tenants", { id: row.id }) },
};
