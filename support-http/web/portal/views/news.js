// @ts-check
import { html, nothing, repeat } from "../../vendor/lit.js";
import { link } from "../routes.js";
import { inOwnWords, reasonOf } from "../server-words.js";
import { dayAndClock, moment } from "../times.js";
import { t } from "../words.js";
import { Task, View, failed } from "../view.js";

/** What the customer was told. */
class PortalNews extends View {
  #task = new Task(this);

  render() {
    const { notifications, unreadNotifications } = this.store;
    const readAll = () => this.#task.run(() => this.store.markAllRead());
    return html`
      <div class="head"><h1>${t("news")}</h1>
        ${unreadNotifications > 0 ? html`<button class="button" type="button" @click=${readAll}>${t("news.read-all")}</button>` : nothing}</div>
      ${failed(this.#task, readAll)}
      ${notifications.length === 0 ? html`<div class="empty"><h2>${t("news.none")}</h2><p>${t("news.none.text")}</p></div>` : html`
        <ul class="rows">${repeat(notifications, ({ id }) => id, (one) => this.#row(one))}</ul>`}`;
  }

  /** @param {import("../api.js").Notification} one */
  #row(one) {
    const target = one.ticketId ? link("requests", one.ticketId) : one.callId ? link("calls") : link("notifications");
    const read = () => this.store.markRead(one).catch(reasonOf);
    return html`<li class=${one.isRead ? "row" : "row unread"}>
      <a href=${target} @click=${read}>
        <span class="title" dir="auto">${inOwnWords(one.title)}</span>
        <span class="about" dir="auto"><span class="excerpt">${one.message}</span></span>
        <span class="when"><time datetime=${one.createdAt} title=${dayAndClock(one.createdAt)}>${moment(one.createdAt)}</time>
          ${one.isRead ? nothing : html`<span class="dot" aria-hidden="true"></span><span class="unseen">${t("news.new")}</span>`}</span>
      </a></li>`;
  }
}

customElements.define("portal-news", PortalNews);
