// @ts-check
import { html, render } from "../vendor/lit.js";
import { applyTheme } from "../shared/theme.js";
import { Api } from "./api.js";
import { Desk } from "./desk.js";
import { Notifier } from "./notifier.js";
import { Presence } from "./presence.js";
import { Session } from "./session.js";
import "./views/login.js";
import "./views/shell.js";

const session = new Session();
/** @type {(() => void)|null} */
let leaveDesk = null;

/** @param {unknown} content */
const show = (content) => {
  const place = document.createElement("div");
  place.className = "place";
  render(content, place);
  document.body.replaceChildren(place);
};

/** @param {string} [reason] */
const showLogin = (reason = "") => {
  leaveDesk?.();
  leaveDesk = null;
  session.end();
  document.title = "Support console";
  const entered = (/** @type {import("./session.js").Login} */ login) => {
    session.begin(login);
    showDesk(login.user, true);
  };
  show(html`<console-login .api=${api} .problem=${reason} .entered=${entered}></console-login>`);
};

const refused = () => {
  if (session.login) showLogin("Please log in again to carry on.");
};

const api = new Api(session, refused);

/** @param {import("./session.js").User} user @param {boolean} isFreshLogin */
const showDesk = (user, isFreshLogin) => {
  const desk = new Desk(api, user, refused);
  const presence = new Presence(api, session, desk.store);
  const notifier = new Notifier(desk);
  // Platform operators talk to nobody and hear of nothing.
  const isAgent = user.role !== "platform";
  leaveDesk = () => {
    desk.stop();
    presence.stop();
    notifier.stop();
  };
  const logout = async () => {
    if (isAgent) await presence.leave();
    await api.logout().catch(() => {});
    showLogin();
  };
  show(html`<console-shell .desk=${desk} .presence=${presence} .notifier=${notifier} .leave=${() => void logout()}></console-shell>`);
  if (!isAgent) return;
  desk.start();
  void presence.start(isFreshLogin);
};

applyTheme();
if (session.login) showDesk(session.login.user, false);
else showLogin();
