// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { clock, moment } from "../../shared/moment.js";
import { openDialog } from "../pieces/dialog.js";
import { only } from "../pieces/values.js";
import { showOnce } from "./resource.js";

/** @typedef {import("./resource.js").Resource} Resource */

const PAGE = 25;
const WEBHOOKS = "api/v1/admin/webhooks";
const KEYS = "api/v1/admin/api-keys";
const EVENTS = ["*", "ticket_opened", "message_posted", "ticket_assigned", "ticket_unassigned", "ticket_status_changed", "ticket_priority_changed",
  "ticket_moved", "ticket_tagged", "ticket_rated", "ticket_escalated", "sla_warned", "sla_breached", "callback_requested", "callback_assigned",
  "callback_status_changed", "callback_attempted", "callback_overdue", "customer_saved", "customer_removed", "customer_disconnected",
  "agent_presence_changed", "agent_availability_changed", "channel_paused", "channel_resumed"];

/** @param {string} iso */
const when = (iso) => html`<time datetime=${iso}>${moment(iso)}${new Date(iso).toDateString() === new Date().toDateString() ? "" : `, ${clock(iso)}`}</time>`;

/** @param {string} status */
const statusMark = (status) => html`<span class="mark ${{ sent: "is-good", dead: "is-bad", failed: "is-warn" }[status] ?? ""}">${status}</span>`;

/** @param {{delivered: boolean, response: string}} result */
export const told = ({ delivered, response }) => openDialog(delivered ? "It went through" : "It did not go through",
  () => html`<p>The other side said:</p><pre class="secret">${response || "nothing"}</pre>`);

/** @type {Resource["columns"]} */
const deliveryColumns = [
  { label: "When", value: (row) => when(row.createdAt) }, { label: "Over", value: (row) => row.channel }, { label: "About", value: (row) => row.kind },
  { label: "To", value: (row) => row.recipient, isMain: true }, { label: "State", value: (row) => statusMark(row.status) },
  { label: "Tries", value: (row) => row.attempts, isNumber: true }, { label: "Last problem", value: (row) => row.lastError },
];

/** @param {string[]} names @returns {[string, string][]} */
const choices = (names) => names.map((name) => [name, name]);

/** @type {Resource} */
export const deliveries = {
  title: "Deliveries", one: "delivery", writer: "admin",
  intro: "Mails, messages and webhooks on their way out. What was given up can be sent again once the reason is gone.",
  filters: [
    { name: "status", label: "State", options: [["", "All states"], ...choices(["queued", "sending", "sent", "failed", "dead"])] },
    { name: "channel", label: "Channel", options: [["", "All channels"], ...choices(["email", "telegram", "messenger", "webhook", "sms"])] },
  ],
  load: async (api, { page, filters }) => {
    const answer = await api.get("api/v1/admin/deliveries", { page, limit: PAGE, ...filters });
    return { rows: answer.deliveries, pagination: answer.pagination };
  },
  columns: deliveryColumns,
  actions: [{ label: "Send again", when: (row) => row.status === "dead" || row.status === "failed",
    act: async (row, { api, reload }) => { await api.post(`api/v1/admin/deliveries/${row.id}/retry`); await reload(); } }],
};

/** @type {Resource} */
export const webhooks = {
  title: "Webhooks", one: "webhook", writer: "admin", isWide: true,
  intro: "Other systems that are told what happens here, signed by the Standard Webhooks convention.",
  load: async (api) => ({ rows: await api.get(WEBHOOKS) }),
  columns: [
    { label: "URL", value: (row) => row.url, isMain: true }, { label: "Events", value: (row) => html`<span class="clipped">${row.events.join(", ")}</span>` },
    { label: "State", value: (row) => (!row.isActive ? html`<span class="mark" title=${row.disabledReason ?? ""}>off</span>`
      : row.failingSince ? html`<span class="mark is-bad">failing since ${moment(row.failingSince)}</span>` : html`<span class="mark is-good">on</span>`) },
  ],
  fields: (row) => [
    { name: "url", label: "URL", kind: "url", required: true, isWide: true, placeholder: "https://example.com/hooks/support" },
    { name: "isActive", label: "Active", kind: "checkbox" },
    { name: "events", label: "Events", kind: "checks", options: choices([...new Set([...EVENTS, ...(row?.events ?? [])])]), hint: "* stands for all" },
  ],
  values: (row) => row ?? { url: "", events: ["ticket_opened", "message_posted"], isActive: true },
  create: (api, values) => api.post(WEBHOOKS, only(values, ["url", "events", "isActive"])),
  update: (api, row, values) => api.put(WEBHOOKS, { id: row.id, ...only(values, ["url", "events", "isActive"]) }),
  once: (answer) => (answer?.secret ? { title: "The secret of this webhook", secret: answer.secret,
    text: "Calls are signed with it. It is shown this once: keep it where the receiver can read it." } : null),
  actions: [
    { label: "Test", act: async (row, { api }) => void told(await api.post(`${WEBHOOKS}/${row.id}/test`)) },
    { label: "Log", act: async (row, { api }) => {
      const { deliveries: rows } = await api.get(`${WEBHOOKS}/${row.id}/deliveries`, { limit: PAGE });
      openDialog("Delivery log", () => (rows.length === 0 ? html`<p class="empty">Nothing was sent yet.</p>`
        : html`<div class="table-frame" tabindex="0" role="region" aria-label="Delivery log, table"><table class="table"><thead><tr>${deliveryColumns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
        <tbody>${rows.map((/** @type {any} */ one) => html`<tr>${deliveryColumns.map(({ value }) => html`<td dir="auto">${value(one, /** @type {any} */ (null)) ?? "–"}</td>`)}</tr>`)}</tbody></table></div>`), { isWide: true });
    } },
    { label: "New secret", act: async (row, { api }) => void showOnce({ title: "The new secret", text: "The old one is void. This one is shown this once.",
      secret: (await api.put(WEBHOOKS, { id: row.id, rotateSecret: true })).secret }) },
  ],
  removal: { label: "Delete", title: () => "Delete this webhook?", text: "Its receiver is told nothing any more.", act: (api, row) => api.remove(WEBHOOKS, { id: row.id }) },
};

/** @type {Resource} */
export const keys = {
  title: "API keys", one: "key", writer: "admin",
  intro: "For your own servers. A key may do what its scopes name, for this company alone.",
  load: async (api) => ({ rows: await api.get(KEYS) }),
  columns: [{ label: "Name", value: (row) => row.name, isMain: true }, { label: "Ends in", value: (row) => `…${row.lastCharacters}` },
    { label: "Scopes", value: (row) => row.scopes.join(", ") }, { label: "Since", value: (row) => moment(row.createdAt) }],
  fields: () => [{ name: "name", label: "Name", required: true, isWide: true, hint: "Where it is used" },
    { name: "scopes", label: "Scopes", kind: "checks", options: choices(["tickets", "customers", "administration"]) }],
  values: () => ({ name: "", scopes: ["tickets"] }),
  create: (api, values) => api.post(KEYS, values),
  once: (answer) => ({ title: "The new key", text: "It is shown this once, and nobody can read it again.", secret: answer.key }),
  removal: { label: "Revoke", title: (row) => `Revoke ${row.name}?`, text: "Whatever uses it is refused from this moment on.", act: (api, row) => api.remove(KEYS, { id: row.id }) },
};

const chatbotFields = ["name", "admin_email", "allowed_origins"];

/** @type {Resource} */
export const chatbots = {
  title: "Chatbots", one: "chatbot", writer: "admin",
  intro: "Bots that hand over to people. Each has an id that its page sends along.",
  load: async (api) => ({ rows: await api.get("api/chatbots") }),
  columns: [{ label: "Name", value: (row) => row.name, isMain: true }, { label: "Id", value: (row) => html`<code>${row.id}</code>` },
    { label: "Email", value: (row) => row.admin_email }, { label: "Websites", value: (row) => row.allowed_origins.join(", ") || "all" },
    { label: "Active", value: (row) => (row.is_active ? "yes" : "no") }],
  fields: () => [{ name: "name", label: "Name", required: true }, { name: "admin_email", label: "Email of whoever is in charge", kind: "email", required: true },
    { name: "allowed_origins", label: "Websites it may stand on", kind: "list", isWide: true, placeholder: "https://example.com" }],
  values: (row) => row ?? { allowed_origins: [] },
  create: (api, values) => api.post("api/chatbots", only(values, chatbotFields)),
  update: (api, row, values) => api.put(`api/chatbots/${row.id}`, only(values, chatbotFields)),
  removal: { label: "Remove", when: (row) => row.is_active, title: (row) => `Remove ${row.name}?`, text: "It can hand over to nobody any more. Its requests stay.",
    act: (api, row) => api.remove(`api/chatbots/${row.id}`) },
};

/** @type {Resource} */
export const audit = {
  title: "Audit", one: "entry",
  intro: "Who read and who changed what, newest first.",
  filters: [{ name: "kind", label: "What", options: [["", "Everything"], ["read", "Who read"], ["change", "Who changed"], ...choices(["logged_in", "login_failed", "ticket_assigned", "ticket_status_changed", "tenant_saved",
    "agent_created", "agent_updated", "agent_deactivated", "customer_saved", "customer_removed", "api_key_created", "api_key_revoked", "webhook_saved", "webhook_removed"])] }],
  load: async (api, { cursor, filters }) => {
    const answer = await api.get("api/v1/admin/audit", { cursor, limit: 50, kind: filters.kind });
    return { rows: answer.entries, nextCursor: answer.nextCursor };
  },
  columns: [{ label: "When", value: (row) => when(row.at) }, { label: "Who", value: (row) => row.actor?.name ?? row.actor?.kind, isMain: true },
    { label: "What", value: (row) => row.kind.replaceAll("_", " ") }, { label: "Of what", value: (row) => row.subject?.label ?? row.subject?.kind },
    { label: "More", value: (row) => (row.details && Object.keys(row.details).length > 0
      ? html`<details><summary>Show</summary><pre class="secret">${JSON.stringify(row.details, null, 2)}</pre></details>` : nothing) }],
};
