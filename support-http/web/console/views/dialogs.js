// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { openDialog } from "../pieces/dialog.js";
import "../pieces/form.js";

/**
 * @typedef {import("../desk.js").Desk} Desk
 * @typedef {import("../api.js").Chat} Chat
 * @typedef {import("../pieces/form.js").Field} Field
 */

/**
 * @param {string} heading @param {Field[]} fields @param {object} values @param {string} action
 * @param {(values: any) => Promise<unknown>} save @param {string} [intro]
 */
export const askFor = (heading, fields, values, action, save, intro = "") => openDialog(heading, (close) => html`
  ${intro ? html`<p class="dialog-intro">${intro}</p>` : nothing}
  <console-form .fields=${fields} .values=${values} .action=${action} .save=${save} .done=${close} .cancel=${close}></console-form>`);

/** @param {Desk} desk @param {Chat} chat */
export const askTransfer = (desk, chat) => {
  const { store } = desk;
  const others = store.agents.filter((agent) => agent.isActive && agent.id !== chat.assignedTo?.id);
  const departments = store.departments.filter((department) => department.isActive && department.slug !== chat.department);
  /** @type {Field[]} */
  const fields = [
    { name: "to", label: "To", kind: "select", required: true, isWide: true, options: [["", "Choose…"],
      ...departments.map(({ slug, name }) => /** @type {[string, string]} */ ([`department:${slug}`, `${name} (department)`])),
      ...others.map(({ id, name, status }) => /** @type {[string, string]} */ ([`agent:${id}`, `${name} (${status})`]))] },
    { name: "note", label: "Note for whoever gets it", kind: "textarea", rows: 3, maxlength: 5000, hint: "Only the team sees it." },
  ];
  const save = (/** @type {{to: string, note?: string}} */ { to, note }) => {
    const [kind, value] = [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
    return desk.actions.transfer(chat.chatId, { [kind === "agent" ? "agentId" : "department"]: value, note: note?.trim() || undefined });
  };
  askFor(`Transfer ${chat.ticketId}`, fields, { to: "", note: "" }, "Transfer", save);
};

/** @param {Desk} desk @param {Chat} chat */
export const askEscalate = (desk, chat) => askFor(`Escalate ${chat.ticketId}`,
  [{ name: "reason", label: "Reason", kind: "textarea", rows: 3, required: true, maxlength: 2000 }], { reason: "" }, "Escalate",
  ({ reason }) => desk.actions.escalate(chat.chatId, reason), "Supervisors are told at once.");

/** @param {Desk} desk @param {Chat} chat */
export const askTranscript = (desk, chat) => askFor(`Mail the transcript of ${chat.ticketId}`,
  [{ name: "email", label: "Email", kind: "email", required: true, isWide: true }], { email: chat.visitorEmail ?? "" }, "Send",
  ({ email }) => desk.actions.mailTranscript(chat.chatId, email), "Private notes are left out.");

/** @param {Desk} desk @param {Chat} chat */
export const askBlock = (desk, chat) => askFor("Block this visitor",
  [{ name: "reason", label: "Reason", kind: "textarea", rows: 2, maxlength: 500 }], { reason: "" }, "Block",
  ({ reason }) => desk.actions.block(chat.chatId, reason), "They can no longer write to you. An admin can lift this under Admin, Blocks.");
