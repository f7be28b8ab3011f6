// @ts-check
/**
 * A page of a host's own that hears of a customer's tickets, written as the README says: the browser's own
 * EventSource, and another one when it has ended for good.
 */
export class PortalStream {
  /** @param {import("playwright-core").Page} page @param {string} login */
  constructor(page, login) {
    this.page = page;
    this.login = login;
  }

  /** Hears what is said from here on: only what comes after the stream's first event is promised. @param {string} origin */
  async open(origin) {
    await this.page.goto(`${origin}/docs`);
    await this.page.evaluate(async (login) => {
      const heard = { events: /** @type {string[]} */ ([]), begun: 0, opened: 0, connected: 0, heartbeats: 0, last: "" };
      Object.assign(window, { heard });
      const begin = async () => {
        const asked = await fetch("/api/customers/me/events/token", { method: "POST", headers: { Authorization: `Bearer ${login}` } })
          .catch(() => null);
        if (!asked?.ok) {
          setTimeout(begin, 100);
          return;
        }
        const { token } = await asked.json();
        heard.begun += 1;
        const place = heard.last ? `&lastEventId=${heard.last}` : "";
        const events = new EventSource(`/api/customers/me/events?token=${token}${place}`);
        events.onopen = () => (heard.opened += 1);
        events.onerror = () => {
          if (events.readyState === EventSource.CLOSED) setTimeout(begin, 100);
        };
        events.addEventListener("heartbeat", () => (heard.heartbeats += 1));
        events.addEventListener("connected", (event) => {
          heard.connected += 1;
          heard.last = event.lastEventId || heard.last;
        });
        events.addEventListener("new_message", (event) => {
          heard.last = event.lastEventId;
          heard.events.push(JSON.parse(event.data).message.body);
        });
      };
      await begin();
    }, this.login);
    await this.page.waitForFunction(() => Reflect.get(window, "heard").connected > 0);
  }

  /** @returns {Promise<{events: string[], begun: number, opened: number, heartbeats: number, last: string}>} */
  heard() {
    return this.page.evaluate(() => Reflect.get(window, "heard"));
  }

  /** How long the browser waits for the first event of a stream, in milliseconds. */
  firstEvent() {
    return this.page.evaluate(async (login) => {
      const headers = { Authorization: `Bearer ${login}` };
      const asked = await fetch("/api/customers/me/events/token", { method: "POST", headers });
      const { token } = await asked.json();
      const begun = performance.now();
      const events = new EventSource(`/api/customers/me/events?token=${token}`);
      await new Promise((resolve) => events.addEventListener("connected", resolve, { once: true }));
      const took = performance.now() - begun;
      events.close();
      return took;
    }, this.login);
  }
}
