// @ts-check
import { html, nothing } from "../vendor/lit-html.js";
import { LANGUAGES, isolated } from "./language.js";

/**
 * @typedef {import("./element.js").SupportWidget} Host
 * @typedef {{target: HTMLInputElement & HTMLSelectElement}} Chosen
 */

/** @param {string} path a drawing on a field of 24 by 24 @param {string} [name] */
export const icon = (path, name = "") => html`<svg viewBox="0 0 24 24" aria-hidden="true" class=${name}><path d=${path}></path></svg>`;

export const BACK = "m15 5-7 7 7 7";
const CLIP = "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.4a1.7 1.7 0 0 1-2.4-2.4l7.8-7.7";
const CAMERA = "M4 8h3.5L9 5.5h6L16.5 8H20v11H4ZM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4";
const ARROW = "M3 20.5 22 12 3 3.5v6.8L15 12 3 13.7Z";
/** As the server takes them. */
const NUMBER = /^\+?[\d\s\-()]{8,}$/;
const STAR = "m12 2.8 2.8 6 6.5.8-4.8 4.5 1.3 6.5-5.8-3.2-5.8 3.2 1.3-6.5L2.7 9.6l6.5-.8Z";

/** @param {Event} event @returns {Record<string, string>} */
const given = (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
};

/** @param {string} label @param {string} name @param {Record<string, any>} [more] @param {string} [hint] */
const field = (label, name, { type = "text", autocomplete = "off", value = "", most = 100, isRequired = false, input } = {}, hint = "") => html`
  <label><span>${label} <small>${hint}</small></span><input name=${name} type=${type} autocomplete=${autocomplete} maxlength=${most}
    aria-label=${hint ? `${label}, ${hint}` : nothing} placeholder=" " dir="auto" .value=${value} ?required=${isRequired} @input=${input}></label>`;

/** Who writes, asked before the chat and never insisted on. @param {Host} host */
export const whoForm = ({ chat, profile, language: { words } }) => {
  const told = (/** @type {string} */ name) => (/** @type {Chosen} */ { target }) =>
    chat.introduce({ ...chat.visitor, [name]: target.value.trim() });
  const { name, email } = chat.visitor;
  const departments = profile?.departments ?? [];
  return html`<div class="who" ?hidden=${!chat.isNew}>
    ${field(words.yourName, "name", { autocomplete: "name", value: name, input: told("name") }, words.optional)}
    ${field(words.yourEmail, "email", { type: "email", autocomplete: "email", value: email, most: 254, input: told("email") }, words.optional)}
    ${departments.length < 2 ? "" : html`<label class="wide"><span>${words.department}</span>
      <select @change=${(/** @type {Chosen} */ { target }) => (chat.department = target.value)}>
        <option value="">${words.anyDepartment}</option>
        ${departments.map(({ name: title, slug }) => html`<option value=${slug} ?selected=${slug === chat.department}>${title}</option>`)}
      </select></label>`}
  </div>`;
};

/** @param {Host} host */
export const composer = (host) => {
  const { words } = host.language;
  const chosen = (/** @type {Chosen} */ { target }) => {
    host.attach(target.files ?? []);
    target.value = "";
  };
  const kinds = host.profile?.upload?.contentTypes?.join() ?? nothing;
  const pick = (/** @type {string} */ label, /** @type {boolean} */ isCamera) => html`
    <label class="tool ${isCamera ? "camera" : ""}" title=${label}>${icon(isCamera ? CAMERA : CLIP)}
    <input type="file" aria-label=${label} accept=${isCamera ? "image/*" : kinds} capture=${isCamera ? "environment" : nothing}
      ?multiple=${!isCamera} @change=${chosen}></label>`;
  return html`<form class="composer" ?hidden=${host.chat.status === "CLOSED" || host.chat.isGone} @submit=${(/** @type {Event} */ event) => host.submit(event)}>
    ${suggestions(host)}
    ${host.chat.isLedByBot ? html`<button type="button" class="chip" aria-disabled=${host.busy}
      @click=${() => host.act(() => host.chat.askForPerson(words.wantPerson))}>${words.talkToPerson}</button>` : ""}
    <div class="line">
      ${pick(words.attach, false)}${pick(words.takePhoto, true)}
      <textarea rows="1" placeholder=${words.writeMessage} aria-label=${words.message} maxlength="5000" dir="auto"
        @input=${() => host.typed()} @keydown=${(/** @type {KeyboardEvent} */ event) => host.pressed(event)}></textarea>
      <button class="send" aria-label=${words.send} ?disabled=${!host.text}>${icon(ARROW, "flip")}</button>
    </div></form>`;
};

/** @param {Host} host */
export const problem = (host) => html`<p class="problem" role="alert" ?hidden=${!host.problem}>${host.problem}</p>`;

/** @param {Host} host */
const suggestions = (host) => (host.found.length === 0 ? "" : html`<div class="found" role="group" aria-label=${host.language.words.suggestions}>
  <small>${host.language.words.suggestions}</small>
  ${host.found.map((article) => html`<button type="button" @click=${() => host.read(article)}><bdi>${article.title}</bdi></button>`)}</div>`);

/** What stands below a chat that is over: rating it, and what comes next. @param {Host} host */
export const ending = (host) => {
  const { chat, language: { words } } = host;
  const text = chat.isGone ? words.badLink : chat.status === "CLOSED" ? words.ended : chat.status === "RESOLVED" ? words.resolvedHint : "";
  return html`<div class="end" ?hidden=${!text}>
    <div aria-live="polite">${text} ${chat.isOver && host.stars && chat.rating ? words.thanksRating : ""}</div>
    ${chat.isOver && chat.rating === null && !chat.isGone ? rating(host) : ""}
    ${chat.status === "CLOSED" && !chat.isGone ? html`<button class="main" @click=${() => host.beginAnew()}>${words.startNew}</button>` : ""}
  </div>`;
};

/** @param {Host} host */
const rating = (host) => {
  const { words } = host.language;
  const rate = (/** @type {Event} */ event) => {
    const { comment } = given(event);
    host.act(async () => {
      await host.chat.rate(host.stars, comment);
      host.emit("rating", host.stars);
    });
  };
  const choose = (/** @type {number} */ count) => {
    host.stars = count;
    host.changed();
  };
  return html`<form class="rating" @submit=${rate}>
    <fieldset><legend>${words.howWasIt}</legend>
      ${[1, 2, 3, 4, 5].map((count) => html`<label class=${count <= host.stars ? "lit" : ""}><input type="radio" name="stars"
        aria-label=${words.stars(count)} .checked=${count === host.stars} @change=${() => choose(count)}>${icon(STAR)}</label>`)}
    </fieldset>
    ${host.stars ? html`<textarea name="comment" rows="2" maxlength="2000" dir="auto" placeholder=${words.comment}
      aria-label=${words.comment}></textarea><button class="main" aria-disabled=${host.busy}>${words.send}</button>` : ""}
  </form>`;
};

/** What is shown instead of the chat. @param {Host} host */
export const panelOf = (host) => {
  if (host.view === "call") return callForm(host);
  if (host.view === "mail") return mailForm(host);
  return host.view === "article" && host.article ? reader(host) : "";
};

/** @param {Host} host @param {string} title @param {unknown} content */
const page = (host, title, content) => html`<div class="page" tabindex="-1">
  <button class="back" @click=${() => host.show("chat")}>${icon(BACK, "flip")}${host.language.words.back}</button>
  <h3 dir="auto">${title}</h3>${content}</div>`;

/** @param {Host} host @param {string} title @param {unknown} content @param {string} label @param {(given: Record<string, string>) => Promise<string>} send */
const form = (host, title, content, label, send) => page(host, title, host.done ? html`<p role="alert">${host.done}</p>` : html`
  <form @submit=${(/** @type {Event} */ event) => {
    const fields = given(event);
    host.act(async () => (host.done = await send(fields)));
  }}>${content}${problem(host)}<button class="main" aria-disabled=${host.busy}>${label}</button></form>`);

/** @param {Host} host */
const callForm = (host) => {
  const { words } = host.language;
  const { phone = "", externalId = "" } = host.chat.visitor;
  return form(host, words.requestCall, html`<p>${words.callIntro}</p>
    ${field(words.phone, "contactNumber", { type: "tel", autocomplete: "tel", most: 50, value: phone, isRequired: true })}
    ${field(words.employeeId, "employeeId", { value: externalId }, words.optional)}`, words.callMe, async ({ contactNumber, employeeId }) => {
    if (!NUMBER.test(contactNumber) || contactNumber.replace(/\D/g, "").length < 8) throw new Error(words.badNumber);
    const { requestId } = await host.chat.server.post("api/chat/callback-request", { contactNumber, employeeId: employeeId || undefined });
    host.emit("callback", { requestId });
    return words.callThanks(isolated(contactNumber));
  });
};

/** @param {Host} host */
const mailForm = (host) => {
  const { words } = host.language;
  return form(host, words.mailTranscript, html`<p>${words.mailIntro}</p>
    ${field(words.yourEmail, "email", { type: "email", autocomplete: "email", most: 254, value: host.chat.visitor.email, isRequired: true })}`,
  words.send, async ({ email }) => {
    await host.chat.ask("transcript", { email });
    return words.mailSent(isolated(email));
  });
};

/** An article's HTML was made safe by the server. @param {Host} host */
const reader = (host) => {
  const { words } = host.language;
  const { title, html: content, slug, language } = host.article;
  const vote = (/** @type {boolean} */ helpful) => host.act(async () => {
    await host.chat.server.post(`api/v1/chat/knowledge-base/${encodeURIComponent(slug)}/feedback?language=${language}`, { helpful });
    host.done = words.thanks;
  });
  const follow = (/** @type {{target: Element}} */ { target }) => {
    const link = target.closest("a");
    if (link) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
  };
  return page(host, title, html`<article lang=${language} dir="auto" .innerHTML=${content} @click=${follow}></article>
    <div class="vote"><span aria-live="polite">${host.done || words.wasHelpful}</span>
      ${host.done ? "" : html`<button aria-disabled=${host.busy} @click=${() => vote(true)}>${words.yes}</button>
      <button aria-disabled=${host.busy} @click=${() => vote(false)}>${words.no}</button>`}
      <button class="link" @click=${() => host.show("chat")}>${words.askUs}</button></div>${problem(host)}`);
};

/** @param {Host} host */
const menu = (host) => {
  const { chat, alerts, language: { words, name } } = host;
  // Until then the server leaves out what a stranger wrote: anybody's address may be named.
  const isAnswered = chat.thread.messages.some(({ sender }) => sender === "ADMIN");
  const entry = (/** @type {string} */ label, /** @type {() => void} */ act) => html`<button @click=${() => {
    host.toggleMenu(false);
    act();
  }}>${label}</button>`;
  return html`<div class="menu" id="menu" ?hidden=${!host.isMenuOpen}>
    <button role="switch" aria-checked=${alerts.areOn} @click=${() => {
      alerts.set(!alerts.areOn);
      host.changed();
    }}>${words.alerts}<i></i></button>
    ${entry(words.requestCall, () => host.show("call"))}
    ${chat.sessionId && !chat.isGone ? html`${isAnswered ? entry(words.mailTranscript, () => host.show("mail")) : ""}
      ${host.canDownload ? entry(words.download, () => host.act(() => host.download())) : ""}
      ${chat.status === "CLOSED" ? "" : entry(words.endChat, () => host.act(() => chat.ask("close", {})))}` : ""}
    <label>${words.language}<select @change=${(/** @type {Chosen} */ { target }) => host.setLocale(target.value)}>
      ${Object.entries(LANGUAGES).map(([tag, title]) => html`<option value=${tag} lang=${tag} ?selected=${tag === name}>${title}</option>`)}
    </select></label>
  </div>`;
};

/** Who talks, how things stand, and what else can be done. @param {Host} host */
export const head = (host) => {
  const { chat, profile, isMenuOpen, isPage, language } = host;
  const { words } = language;
  const [initial = ""] = [...(chat.assignedTo?.name.trim() ?? "")];
  return html`<div class="head">
    <span class="face" aria-hidden="true" ?hidden=${!initial}>${initial.toLocaleUpperCase(language.locale)}</span>
    <div class="who-talks"><h2 id="title"><bdi>${chat.assignedTo?.name ?? ((isPage && profile?.name) || words.chatWithUs)}</bdi></h2>
      <div class="state" role="status">${stateOf(host)}</div></div>
    <button class="round" aria-label=${words.more} aria-expanded=${isMenuOpen} aria-controls="menu"
      @click=${() => host.toggleMenu(!isMenuOpen)}>${icon("M5 12h.01M12 12h.01M19 12h.01")}</button>
    ${menu(host)}
    <button class="round" aria-label=${words.closeChat} ?hidden=${isPage} @click=${() => host.close()}>${icon("m6 6 12 12M18 6 6 18")}</button>
  </div>`;
};

/** @param {Host} host */
const stateOf = ({ chat, profile, language }) => {
  const { words } = language;
  if (chat.isGone) return "";
  if (!chat.connected) return words.reconnecting;
  if (chat.status === "CLOSED") return words.closed;
  if (chat.status === "RESOLVED") return words.resolved;
  if (chat.assignedTo) return words.isHelping;
  const hours = profile?.officeHours;
  const back = hours && !hours.isOpen && hours.nextOpening && words.backAt(language.moment(hours.nextOpening));
  if (chat.status === "WAITING") return back || words.waiting;
  if (chat.status === "ACTIVE") return words.soon;
  return back || (profile?.adminOnline ? words.online : words.weAnswer);
};
