// @ts-check
import { make } from "../shared/dom.js";
import { defineSupportWidget } from "../widget/element.js";

/**
 * The conversation that a mailed link opens. The link's token stands in the fragment, which no server log sees; it is
 * good wherever a session is. Whose it is, its first part says.
 */
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";

/** @param {string} text @returns {string} the tenant's id; nothing where there is none */
const tenantOf = (text) => {
  const [payload = ""] = text.split(".");
  try {
    const [tenant = ""] = atob(payload.replaceAll("-", "+").replaceAll("_", "/")).split("\n");
    return /^[0-9a-f-]{36}$/.test(tenant) ? tenant : "";
  } catch {
    return "";
  }
};

if (token) {
  defineSupportWidget({ origin: new URL("../..", import.meta.url), tenant: tenantOf(token), session: token });
  document.body.append(document.createElement("support-widget"));
} else {
  document.body.append(make("main", { class: "small" }, make("h1", {}, "This link is not valid"),
    make("p", {}, "It may have been cut in two by your mail program. Please copy it whole from the mail.")));
}

// Another link opened in the same tab is another conversation.
window.addEventListener("hashchange", () => location.reload());
