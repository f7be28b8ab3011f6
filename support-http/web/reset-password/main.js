// @ts-check
import { make } from "../shared/dom.js";
import { callServer, Failure } from "../shared/server.js";

const home = new URL("../..", import.meta.url);
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";

/** @param {string} title @param {...(Node|string)} content */
const show = (title, ...content) => {
  document.title = title;
  document.body.replaceChildren(make("main", { class: "small" }, make("h1", {}, title), ...content));
};

/**
 * @param {HTMLElement[]} fields @param {string} label @param {() => Promise<void>} send
 */
const formOf = (fields, label, send) => {
  const button = make("button", { class: "button primary", type: "submit" }, label);
  const problem = make("p", { class: "problem", role: "alert" });
  const form = make("form", {}, ...fields, problem, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    try {
      await send();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      problem.textContent = failure.status === 429 ? "Too many tries. Please wait a while." : failure.message;
    } finally {
      button.disabled = false;
    }
  });
  return form;
};

const askForPassword = () => {
  const password = make("input", { type: "password", id: "password", autocomplete: "new-password", required: "",
    minlength: "8", autofocus: "" });
  const fields = [make("label", { for: "password" }, "New password"), password];
  show("Choose another password", formOf(fields, "Change password", async () => {
    await callServer("POST", new URL("api/auth/password/reset", home), {}, { token, password: password.value });
    history.replaceState(null, "", location.pathname);
    show("Password changed", make("p", {}, "You can log in with it now. Wherever you were logged in before, you have to log in again."),
      make("p", { class: "ways" }, make("a", { class: "button", href: "portal" }, "Customer portal"),
        make("a", { class: "button", href: "console" }, "Open the console")));
  }));
};

const askForAddress = () => {
  const email = make("input", { type: "email", id: "email", autocomplete: "username", required: "", autofocus: "" });
  const fields = [make("label", { for: "email" }, "Email"), email];
  show("Forgot your password?", make("p", {}, "We mail you a link to choose another one."),
    formOf(fields, "Mail me a link", async () => {
      await callServer("POST", new URL("api/auth/password/forgot", home), {}, { email: email.value.trim() });
      show("Look at your mail", make("p", {}, "If there is an account with this address, a link is on its way. It is good for half an hour."));
    }));
};

if (token) askForPassword();
else askForAddress();
window.addEventListener("hashchange", () => location.reload());
