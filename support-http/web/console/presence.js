// @ts-check

/** @typedef {import("./api.js").Availability} Availability */

const HEARTBEAT = 30_000;
const RENEW_BEFORE_END = 3_600_000;

/** Keeps the agent online while the console is open, and the login alive. */
export class Presence {
  #api;
  #session;
  #store;
  #timer = 0;

  /**
   * @param {import("./api.js").Api} api @param {import("./session.js").Session} session
   * @param {import("./store.js").Store} store
   */
  constructor(api, session, store) {
    this.#api = api;
    this.#session = session;
    this.#store = store;
  }

  /** @param {boolean} isFreshLogin whoever logs in means to work, unless they had chosen to be away */
  async start(isFreshLogin) {
    this.#timer = window.setInterval(() => void this.#beat(), HEARTBEAT);
    await this.#beat();
    if (isFreshLogin && this.#store.availability === "offline") await this.choose("available");
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** Ends the working day: chats go to colleagues now and not after minutes of silence. */
  async leave() {
    this.stop();
    await this.choose("offline");
    await this.#quietly(() => this.#api.heartbeat(false));
  }

  /** @param {Availability} availability */
  async choose(availability) {
    const former = this.#store.availability;
    this.#store.availability = availability;
    this.#store.changed();
    const isDone = await this.#quietly(() => this.#api.setAvailability(this.#store.user.id, availability));
    if (isDone) return;
    this.#store.availability = former;
    this.#store.tell("Your availability could not be changed. Please try again.");
  }

  async #beat() {
    await this.#quietly(() => this.#api.heartbeat(true));
    if (this.#store.availability === null) await this.#quietly(() => this.#learnAvailability());
    const login = this.#session.login;
    if (login && Date.parse(login.expiresAt) - Date.now() < RENEW_BEFORE_END) await this.#quietly(() => this.#renew(login));
  }

  async #learnAvailability() {
    const { agent } = await this.#api.get(`api/agents/${encodeURIComponent(this.#store.user.id)}`);
    this.#store.availability = agent.status;
    this.#store.changed();
  }

  /** @param {import("./session.js").Login} login */
  async #renew(login) {
    this.#session.begin({ ...login, ...(await this.#api.refresh()) });
  }

  /** The next heartbeat is the second try. @param {() => Promise<unknown>} call */
  async #quietly(call) {
    try {
      await call();
      return true;
    } catch {
      return false;
    }
  }
}
