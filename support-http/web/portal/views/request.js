// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { Failure } from "../../shared/server.js";
import { messageList } from "../messages.js";
import { link } from "../routes.js";
import { reasonOf } from "../server-words.js";
import { dayAndClock } from "../times.js";
import { t } from "../words.js";
import { failed, icon, keepFile, loading, statusOf, Task, View } from "../view.js";
import { star } from "./rating.js";
import "./composer.js";

const NEAR_THE_END = 80;
const EARLIER = 100;

/** One conversation. */
class PortalRequest extends View {
  name = "";
  #task = new Task(this);
  #step = new Task(this);
  #isMissing = false;
  #wasAtEnd = true;
  #shown = 0;
  #isNewBelow = false;
  #asksToClose = false;
  #readVersion = 0;
  #hasTranscript = true;

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.store.leave();
  }

  async #load() {
    this.#readVersion = this.store.readVersion;
    await this.#task.run(async () => {
      try {
        await this.store.open(this.name);
      } catch (failure) {
        if (failure instanceof Failure && failure.status === 404) this.#isMissing = true;
        else throw failure;
      }
    });
    await this.updateComplete;
    this.#toEnd();
    this.store.changed();
  }

  /** What scrolls: the thread, or on a narrow screen the page. @returns {Element|null} */
  get #scroller() {
    const log = this.querySelector(".messages");
    return log && getComputedStyle(log).overflowY !== "auto" ? document.scrollingElement : log;
  }

  willUpdate() {
    if (this.#task.problem && this.#readVersion !== this.store.readVersion) void this.#load();
    const scroller = this.#scroller;
    this.#wasAtEnd = !scroller || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END;
  }

  updated() {
    const { opened } = this.store;
    if (!opened) return;
    const count = opened.thread.messages.length + this.store.unsentOf(opened.ticket.id).length;
    if (count === this.#shown) return;
    const grew = count > this.#shown;
    this.#shown = count;
    if (this.#wasAtEnd) this.#toEnd();
    else if (grew && !this.#isNewBelow) {
      this.#isNewBelow = true;
      this.requestUpdate();
    }
  }

  #toEnd() {
    const scroller = this.#scroller;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
    if (!this.#isNewBelow) return;
    this.#isNewBelow = false;
    this.requestUpdate();
  }

  render() {
    const { opened } = this.store;
    if (this.#isMissing) {
      return html`<a class="back" href=${link("requests")}>${icon("back")}${t("request.back")}</a>
        <div class="empty"><h1>${t("request.missing")}</h1><p>${t("request.missing.text")}</p></div>`;
    }
    return html`
      <div class="conversation">
        <div class="about">
          <div class="topic"><a class="back" href=${link("requests")}>${icon("back")}${t("request.back")}</a>
            <h1 dir="auto">${opened ? opened.ticket.title : this.name}</h1></div>
          ${failed(this.#task, () => this.#load())}
          ${opened ? this.#about(opened.ticket) : loading(this.#task.isRunning)}
        </div>
        ${opened ? this.#talk(opened) : nothing}
      </div>`;
  }

  /** @param {import("../store.js").Opened} opened */
  #talk({ ticket, thread }) {
    const first = thread.messages[0]?.seq ?? 1;
    return html`<section class="talk" aria-label=${t("request.conversation")}>
      ${first > 1 ? html`<button class="button earlier" type="button" @click=${() => this.#earlier()}>${t("request.earlier")}</button>` : nothing}
      ${messageList(thread.messages, this.store.unsentOf(ticket.id), {
        discard: (entry) => this.store.discard(entry), expired: () => this.store.refreshFiles() })}
      ${this.#isNewBelow ? html`<button class="button new-below" type="button" @click=${() => this.#toEnd()}>${t("request.new-below")} ↓</button>` : nothing}
      ${this.#ending(ticket)}
      <portal-composer .store=${this.store} .ticket=${ticket.id} @said=${() => (this.#wasAtEnd = true, this.#toEnd())}></portal-composer>
    </section>`;
  }

  /** @param {import("../api.js").WholeTicket} ticket */
  #ending(ticket) {
    if (ticket.status !== "resolved" && ticket.status !== "closed") return nothing;
    return html`<div class="ending">
      <p>${t(ticket.status === "closed" ? "request.closed" : "request.resolved")}</p>
      ${this.#mayRate(ticket) ? html`<portal-rating .store=${this.store} .ticket=${ticket.id}></portal-rating>` : nothing}
    </div>`;
  }

  /** What was opened again and resolved once more can be rated anew. @param {import("../api.js").WholeTicket} ticket */
  #mayRate(ticket) {
    if (!ticket.feedback) return true;
    const rated = ticket.feedback.createdAt;
    const messages = this.store.opened?.thread.messages ?? [];
    return messages.some(({ sender, body, createdAt }) =>
      sender === "system" && body === "Status changed to resolved" && createdAt > rated);
  }

  /** @param {import("../api.js").WholeTicket} ticket */
  #about(ticket) {
    const priority = /** @type {import("../words.js").Word} */ (`priority.${ticket.priority}`);
    return html`
      <dl class="facts" aria-label=${t("request.details")}>
        <div><dt>${t("requests.status")}</dt><dd>${statusOf(ticket.status)}</dd></div>
        <div><dt>${t("request.number")}</dt><dd>${ticket.ticketId}</dd></div>
        <div><dt>${t("requests.priority")}</dt><dd>${t(priority)}</dd></div>
        ${ticket.category ? html`<div><dt>${t("request.category")}</dt><dd dir="auto">${ticket.category}</dd></div>` : nothing}
        <div><dt>${t("request.created")}</dt><dd><time datetime=${ticket.createdAt}>${dayAndClock(ticket.createdAt)}</time></dd></div>
        ${ticket.feedback ? html`<div><dt>${t("rating.given")}</dt><dd><span class="given" aria-hidden="true">${Array.from({ length: ticket.feedback.rating }, () => star)}</span>
          <span class="unseen">${t("rating.stars", { n: ticket.feedback.rating })}</span></dd></div>` : nothing}
      </dl>
      ${this.#step.problem ? html`<p class="problem" role="alert">${this.#step.problem}</p>` : nothing}
      <div class="steps">
        ${ticket.status === "resolved" ? html`<button class="button" type="button" ?disabled=${this.#step.isRunning} @click=${() => this.#move("reopen")}>${t("request.reopen")}</button>` : nothing}
        ${ticket.status === "closed" ? nothing : html`<button class="button" type="button" ?disabled=${this.#step.isRunning} @click=${() => this.#askToClose()}>${t("request.close")}</button>`}
        ${this.#hasTranscript ? html`<button class="button" type="button" ?disabled=${this.#step.isRunning} @click=${() => this.#keepTranscript(ticket)}>${t("request.transcript")}</button>` : nothing}
        <a class="button" href=${link("calls", "", { about: ticket.ticketId })}>${t("request.call")}</a>
      </div>
      ${this.#asksToClose && ticket.status !== "closed" ? this.#closing() : nothing}`;
  }

  #closing() {
    const leave = async () => {
      this.#asksToClose = false;
      this.requestUpdate();
      await this.updateComplete;
      /** @type {HTMLElement|null} */ (this.querySelector(".steps button"))?.focus();
    };
    const key = (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && leave();
    return html`<div class="notice ask" role="group" aria-labelledby="ask-close" @keydown=${key}>
      <p id="ask-close">${t("request.close.ask")}</p>
      <button class="button primary" type="button" @click=${() => this.#move("close")}>${t("request.close")}</button>
      <button class="button" type="button" @click=${leave}>${t("cancel")}</button></div>`;
  }

  /** @param {import("../api.js").WholeTicket} ticket */
  async #keepTranscript(ticket) {
    const transcript = await this.#step.run(async () => {
      try {
        return await this.store.api.transcript(ticket.id);
      } catch (failure) {
        // A server that keeps no transcripts is not asked for another one.
        if (failure instanceof Failure && failure.status === 404) this.#hasTranscript = false;
        throw failure;
      }
    });
    if (transcript) keepFile(transcript, `${ticket.ticketId}.txt`);
  }

  async #askToClose() {
    this.#asksToClose = true;
    this.requestUpdate();
    await this.updateComplete;
    /** @type {HTMLElement|null} */ (this.querySelector(".ask button"))?.focus();
  }

  /** @param {"close"|"reopen"} step */
  async #move(step) {
    const { opened } = this.store;
    if (!opened) return;
    this.#asksToClose = false;
    const row = await this.#step.run(() => this.store.api.move(opened.ticket.id, step));
    if (row) {
      this.store.update(row);
      const status = /** @type {import("../words.js").Word} */ (`status.${row.status}`);
      this.store.announce(t("request.updated", { status: t(status) }));
    } else {
      // Perhaps somebody else moved it.
      await this.store.open(opened.ticket.id).catch(reasonOf);
    }
    await this.updateComplete;
    /** @type {HTMLElement|null} */ (this.querySelector("h1"))?.focus();
  }

  async #earlier() {
    const { opened } = this.store;
    const scroller = this.#scroller;
    if (!opened || !scroller) return;
    const first = opened.thread.messages[0]?.seq ?? 1;
    const below = scroller.scrollHeight - scroller.scrollTop;
    const earlier = await this.#step.run(() => this.store.api.messages(opened.ticket.id, Math.max(0, first - EARLIER - 1)));
    for (const message of earlier ?? []) opened.thread.accept(message);
    this.#shown = opened.thread.messages.length + this.store.unsentOf(opened.ticket.id).length;
    this.requestUpdate();
    await this.updateComplete;
    scroller.scrollTop = scroller.scrollHeight - below;
  }
}

customElements.define("portal-request", PortalRequest);
