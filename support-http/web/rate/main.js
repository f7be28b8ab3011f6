// @ts-check
import { make } from "../shared/dom.js";
import { callServer, Failure } from "../shared/server.js";

const home = new URL("../..", import.meta.url);
const link = new URLSearchParams(location.hash.slice(1));
const headers = { "X-Rate-Token": link.get("token") ?? "" };
const chosen = Number(link.get("rating"));
const words = ["Very badly", "Badly", "All right", "Well", "Very well"];

/** @param {string} title @param {...(Node|string)} content */
const show = (title, ...content) => {
  document.title = title;
  const heading = make("h1", { tabindex: "-1" }, title);
  document.body.replaceChildren(make("main", { class: "small" }, heading, ...content));
  heading.focus();
};

/** @param {number} stars */
const drawn = (stars) => "\u2605".repeat(stars) + "\u2606".repeat(5 - stars);

/** @param {string} title @param {{rating: number, comment: string|null}} given */
const showGiven = (title, given) => {
  const stars = make("p", { class: "given", role: "img", "aria-label": `${given.rating} of 5 stars` }, drawn(given.rating));
  const comment = given.comment ? [make("p", { dir: "auto" }, given.comment)] : [];
  show(title, stars, ...comment);
};

/** @param {number} stars */
const star = (stars) => {
  const input = make("input", { type: "radio", name: "rating", id: `stars-${stars}`, value: String(stars), required: "" });
  input.checked = stars === chosen;
  const shape = make("span", { "aria-hidden": "true", class: "shape" }, drawn(stars));
  return make("label", { class: "star", for: input.id }, input, shape, ` ${words[stars - 1]}`);
};

/** @param {HTMLFormElement} form */
const given = (form) => {
  const fields = new FormData(form);
  const comment = String(fields.get("comment") ?? "").trim();
  return { rating: Number(fields.get("rating")), ...(comment ? { comment } : {}) };
};

/** @param {{subject: string, ticketId: string, agent: string|null}} asked */
const ask = (asked) => {
  const stars = make("fieldset", { class: "stars" }, make("legend", {}, "Your rating"), ...[5, 4, 3, 2, 1].map(star));
  const comment = make("textarea", { id: "comment", name: "comment", rows: "4", maxlength: "2000" });
  const problem = make("p", { class: "problem", role: "alert" });
  const button = make("button", { class: "button primary", type: "submit" }, "Send");
  const label = make("label", { for: "comment" }, "Anything else? (optional)");
  const form = make("form", {}, stars, label, comment, problem, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    try {
      showGiven("Thank you", await callServer("POST", new URL("api/v1/rate", home), headers, given(form)));
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (failure.code === "ALREADY_RATED") return void load();
      problem.textContent = failure.status === 429 ? "Too many tries. Please wait a while." : failure.message;
      button.disabled = false;
    }
  });
  const who = asked.agent ? ` with ${asked.agent}` : "";
  show("How did we do?", make("p", { dir: "auto" }, `${asked.ticketId}: ${asked.subject}${who}`), form);
};

const load = async () => {
  try {
    const asked = await callServer("GET", new URL("api/v1/rate", home), headers);
    if (asked.rating) showGiven("You have rated this already", asked.rating);
    else ask(asked);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (failure.status === 404) show("This link is not known", make("p", {}, "It may be too old, or not all of it was copied."));
    else show("That did not work", make("p", { role: "alert" }, failure.message));
  }
};

void load();
window.addEventListener("hashchange", () => location.reload());
