// @ts-check
import { make } from "../../shared/dom.js";
import { Failure } from "../../shared/server.js";

/**
 * @param {import("../api.js").Api} api @param {string} reason why the agent is asked again
 * @param {(login: import("../session.js").Login) => void} entered
 */
export const loginView = (api, reason, entered) => {
  const email = make("input", { type: "email", id: "email", name: "email", autocomplete: "username", required: "", autofocus: "" });
  const password = make("input", { type: "password", id: "password", name: "password", autocomplete: "current-password",
    required: "" });
  const button = make("button", { class: "button primary", type: "submit" }, "Log in");
  const problem = make("p", { class: "problem", role: "alert" }, reason);
  const form = make("form", { class: "login" },
    make("h1", {}, "Support console"),
    make("label", { for: "email" }, "Email"), email,
    make("label", { for: "password" }, "Password"), password,
    problem, button, make("a", { class: "forgotten", href: "reset-password" }, "Forgot your password?"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = "";
    try {
      entered(await api.login(email.value.trim(), password.value));
    } catch (failure) {
      problem.textContent = explain(failure);
      password.select();
    } finally {
      button.disabled = false;
    }
  });
  return make("main", { class: "entrance" }, form);
};

/** @param {unknown} failure */
const explain = (failure) => {
  if (!(failure instanceof Failure)) throw failure;
  if (failure.status === 401) return "Email or password is wrong.";
  if (failure.status === 429) return "Too many tries. Please wait a while.";
  return failure.message;
};
