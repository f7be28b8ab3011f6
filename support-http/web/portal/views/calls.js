// @ts-check
import { html, ifDefined, nothing } from "../../vendor/lit.js";
import { newId } from "../../shared/retry.js";
import { link } from "../routes.js";
import { fieldsOf } from "../server-words.js";
import { dayAndClock, localInput, moment } from "../times.js";
import { t } from "../words.js";
import { failed, field, loading, pager, problem, Task, View } from "../view.js";

const AT_ONCE = 20;

/** Asks to be phoned, and shows which calls were asked for. */
class PortalCalls extends View {
  #task = new Task(this);
  #asking = new Task(this);
  /** @type {import("../api.js").Call[]|null} */
  #calls = null;
  #total = 0;
  #read = "";
  #isLater = false;
  #done = "";
  /** @type {Record<string, string>} */
  #wrong = {};
  #key = newId();
  #sent = "";

  get #page() {
    return Math.max(1, Math.trunc(Number(this.store.route.query.get("page"))) || 1);
  }

  willUpdate() {
    const wanted = JSON.stringify([this.#page, this.store.listVersion]);
    if (wanted === this.#read || this.#task.isRunning) return;
    this.#read = wanted;
    void this.#load();
  }

  async #load() {
    const found = await this.#task.run(() => this.store.api.calls(this.#page));
    if (!found) return;
    this.#calls = found.calls;
    this.#total = found.total;
    this.requestUpdate();
  }

  render() {
    const wrong = this.#wrong;
    const about = this.store.route.query.get("about") ?? "";
    const phone = this.store.profile?.phone ?? "";
    return html`
      <h1>${t("calls")}</h1>
      <p class="soft">${t("calls.intro")}</p>
      <form class="form card narrow" @submit=${this.#submit}>
        ${about ? html`<p class="about-ticket">${t("calls.about", { number: about })}</p>` : nothing}
        ${field({ id: "number", label: t("calls.number"), wrong: wrong.contactNumber }, html`
          <input id="number" name="contactNumber" type="tel" dir="ltr" autocomplete="tel" required maxlength="50" value=${phone}
            aria-invalid=${wrong.contactNumber ? "true" : "false"} aria-describedby=${ifDefined(wrong.contactNumber && "number-wrong")}>`)}
        <fieldset class="choices"><legend>${t("calls.when")}</legend>
          <label class="choice"><input type="radio" name="when" value="now" checked @change=${() => this.#choose(false)}><span>${t("calls.now")}</span></label>
          <label class="choice"><input type="radio" name="when" value="later" @change=${() => this.#choose(true)}><span>${t("calls.later")}</span></label>
        </fieldset>
        ${this.#isLater ? field({ id: "time", label: t("calls.time"), wrong: wrong.scheduledAt }, html`
          <input id="time" name="scheduledAt" type="datetime-local" required min=${localInput(new Date())}
            aria-invalid=${wrong.scheduledAt ? "true" : "false"} aria-describedby=${ifDefined(wrong.scheduledAt && "time-wrong")}>`) : nothing}
        ${field({ id: "note", label: t("calls.note"), wrong: wrong.note, isOptional: true }, html`<textarea id="note" name="note" rows="2" dir="auto" maxlength="5000"></textarea>`)}
        ${this.#asking.problem ? problem(this.#asking.problem) : nothing}
        <div class="actions"><button class="button primary" type="submit" ?disabled=${this.#asking.isRunning}>${t("calls.ask")}</button></div>
        <p role="status" class="done">${this.#done}</p>
      </form>
      <h2>${t("calls.list")}</h2>
      ${failed(this.#task, () => this.#load())}
      ${loading(this.#calls === null && !this.#task.problem)}
      ${this.#calls?.length === 0 ? html`<p class="soft">${t("calls.none")}</p>` : nothing}
      ${this.#calls?.length ? html`<ul class="rows">${this.#calls.map((call) => this.#row(call))}</ul>` : nothing}
      ${pager(this.#page, Math.ceil(this.#total / AT_ONCE), (page) => link("calls", "", { page: String(page) }))}`;
  }

  /** @param {import("../api.js").Call} call */
  #row(call) {
    const at = call.scheduledAt ?? call.createdAt;
    const status = /** @type {import("../words.js").Word} */ (`call.${call.status}`);
    return html`<li class="row"><div class="call">
      <span class="title"><bdi>${call.contactNumber}</bdi></span>
      <span class="about"><span class="status ${call.status}">${t(status)}</span>
        ${call.scheduledAt ? html`<time datetime=${at}>${dayAndClock(at)}</time>` : nothing}
        ${call.note ? html`<span class="excerpt" dir="auto">${call.note}</span>` : nothing}</span>
      <span class="when"><time datetime=${call.createdAt} title=${dayAndClock(call.createdAt)}>${moment(call.createdAt)}</time></span>
    </div></li>`;
  }

  /** @param {boolean} isLater */
  #choose(isLater) {
    this.#isLater = isLater;
    this.requestUpdate();
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const given = new FormData(form);
    const about = this.store.route.query.get("about") ?? "";
    const time = given.get("scheduledAt");
    const note = String(given.get("note") ?? "").trim();
    const call = { contactNumber: String(given.get("contactNumber")), ...(note && { note }), ...(about && { ticketId: about }),
      ...(time && { scheduledAt: new Date(String(time)).toISOString() }) };
    const content = JSON.stringify(call);
    if (content !== this.#sent) this.#key = newId();
    this.#sent = content;
    this.#wrong = {};
    this.#done = "";
    const asked = await this.#asking.run(async () => {
      try {
        return await this.store.api.askForCall(call, this.#key);
      } catch (failure) {
        this.#wrong = fieldsOf(failure);
        if (this.#wrong.scheduledAt) this.#wrong.scheduledAt = t("calls.past");
        throw failure;
      }
    });
    if (!asked) return;
    this.#sent = "";
    this.#done = asked.scheduledAt ? t("calls.asked.at", { time: dayAndClock(asked.scheduledAt) }) : t("calls.asked");
    this.#isLater = false;
    form.reset();
    if (about) history.replaceState(null, "", link("calls"));
    await this.#load();
  }
}

customElements.define("portal-calls", PortalCalls);
