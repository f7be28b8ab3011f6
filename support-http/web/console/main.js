// @ts-check
import { Api } from "./api.js";
import { Desk } from "./desk.js";
import { Presence } from "./presence.js";
import { Session } from "./session.js";
import { deskView } from "./views/desk.js";
import { loginView } from "./views/login.js";

const session = new Session();
/** @type {(() => void)|null} */
let leaveDesk = null;

/** @param {string} [reason] */
const showLogin = (reason = "") => {
  leaveDesk?.();
  leaveDesk = null;
  session.end();
  document.title = "Support console";
  document.body.replaceChildren(loginView(api, reason, (login) => {
    session.begin(login);
    showDesk(login.user, true);
  }));
};

const refused = () => {
  if (session.login) showLogin("Please log in again to carry on.");
};

const api = new Api(session, refused);

/** @param {import("./session.js").User} user @param {boolean} isFreshLogin */
const showDesk = (user, isFreshLogin) => {
  const desk = new Desk(api, user, refused);
  const presence = new Presence(api, session, desk.store);
  const address = new AbortController();
  leaveDesk = () => {
    address.abort();
    desk.stop();
    presence.stop();
  };
  const logout = async () => {
    await presence.leave();
    await api.logout().catch(() => {});
    showLogin();
  };
  document.body.replaceChildren(deskView(desk, presence, () => void logout()));
  followAddress(desk, address.signal);
  desk.start();
  void presence.start(isFreshLogin);
};

/** The open chat stands in the address, so that reload and the back button do what one expects. */
const followAddress = (/** @type {Desk} */ desk, /** @type {AbortSignal} */ signal) => {
  const follow = () => {
    const linked = /^#ticket=([\w-]+)$/.exec(location.hash)?.[1];
    // As mails name a chat; from here on it stands in the address as any other.
    if (linked) history.replaceState(null, "", `#/chat/${linked}`);
    void desk.select(location.hash.startsWith("#/chat/") ? decodeURIComponent(location.hash.slice(7)) : null);
  };
  window.addEventListener("hashchange", follow, { signal });
  window.addEventListener("online", () => desk.hurry(), { signal });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") desk.hurry();
    desk.store.changed();
  }, { signal });
  follow();
};

if (session.login) showDesk(session.login.user, false);
else showLogin();
