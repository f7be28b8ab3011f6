// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { t } from "../words.js";
import { problem, Task, View } from "../view.js";

const STARS = /** @type {const} */ ([1, 2, 3, 4, 5]);

/** Asks how it went. */
class PortalRating extends View {
  ticket = "";
  #task = new Task(this);
  #stars = 0;

  render() {
    return html`
      <form class="rating card" @submit=${this.#submit}>
        <fieldset><legend>${t("rating.title")}</legend>
          <div class="stars">${STARS.map((stars) => html`
            <label class=${stars <= this.#stars ? "star lit" : "star"} title=${t(`rating.${stars}`)}>
              <input type="radio" name="stars" value=${stars} @change=${() => this.#choose(stars)}>
              <span class="unseen">${t("rating.stars", { n: stars })}: ${t(`rating.${stars}`)}</span>${star}</label>`)}
            <span class="soft" aria-hidden="true">${this.#stars ? t(/** @type {"rating.1"} */ (`rating.${this.#stars}`)) : nothing}</span></div>
        </fieldset>
        ${this.#stars ? html`<div class="field"><label for="comment">${t("rating.comment")} <span class="soft">(${t("optional")})</span></label>
          <textarea id="comment" rows="2" dir="auto" maxlength="2000"></textarea></div>` : nothing}
        ${this.#task.problem ? problem(this.#task.problem) : nothing}
        ${this.#stars ? html`<div class="actions"><button class="button primary" type="submit" ?disabled=${this.#task.isRunning}>${t("rating.send")}</button></div>` : nothing}
      </form>`;
  }

  /** @param {number} stars */
  #choose(stars) {
    this.#stars = stars;
    this.requestUpdate();
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    const comment = this.querySelector("textarea")?.value.trim() ?? "";
    const feedback = await this.#task.run(() => this.store.api.rate(this.ticket, this.#stars, comment));
    if (!feedback) return;
    const { opened } = this.store;
    if (opened?.ticket.id === this.ticket) opened.ticket.feedback = feedback;
    this.store.announce(t("rating.thanks"));
    document.getElementById("message")?.focus();
  }
}

export const star = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3l2.7 5.8 6.3.8-4.6 4.4 1.2 6.3-5.6-3.1-5.6 3.1 1.2-6.3L3 9.6l6.3-.8z"></path></svg>`;

customElements.define("portal-rating", PortalRating);
