// @ts-check
import { applyTheme } from "../shared/theme.js";
import { SupportPortal } from "./app.js";
import { Session, tokenOfHost } from "./session.js";
import { Store } from "./store.js";
import { loadWords, preferredLanguage } from "./words.js";

applyTheme();
const session = new Session();
const handedOver = tokenOfHost(location.hash);
if (handedOver !== null) {
  // Neither the history nor somebody who looks over a shoulder should keep it.
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
}
const isRefused = handedOver !== null && !session.begin(handedOver);
await loadWords(preferredLanguage());
const store = new Store(session);
store.isTokenRefused = isRefused;
const portal = new SupportPortal();
portal.store = store;
document.body.append(portal);
store.begin();
window.addEventListener("hashchange", () => {
  const token = tokenOfHost(location.hash);
  if (!token) return;
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  session.begin(token);
  location.reload();
});
