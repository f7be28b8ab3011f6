// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, Server } from "./server.js";

const VISITOR_EVENTS = /\/api\/v1\/chat\/events/;
const AGENT_EVENTS = /\/api\/v1\/admin\/chat\/events/;
const RESET = { contentType: "text/event-stream", body: "event: reset\ndata: {}\n\n" };

describe("a connection that is not what it should be", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
  });

  // Pages left open would go on working behind the next test's back.
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("is made anew by the widget, after the last event seen, when the browser gives it up for good", async () => {
    const { widget, desk } = await meet("Jana");
    await desk.answer("first");
    await widget.log.getByText("first").waitFor();
    /** @type {URL[]} */
    const refused = [];
    await widget.page.route(VISITOR_EVENTS, (route) => {
      refused.push(new URL(route.request().url()));
      return route.fulfill({ status: 503, headers: { "Retry-After": "1" } });
    });
    await restart();
    await until("the stream was refused twice", () => refused.length >= 2);
    await desk.answer("second");
    await until("it is acknowledged", async () => (await desk.unsent()) === 0);
    await widget.page.unroute(VISITOR_EVENTS);
    await widget.log.getByText("second").waitFor();
    assert.deepEqual(await widget.heard(), ["first", "second"]);
    assert.match(refused.at(-1)?.searchParams.get("lastEventId") ?? "", /\S/);
  });

  it("makes both sides read everything again when the server no longer has what they missed", async () => {
    const { widget, desk } = await meet("Karl");
    await desk.answer("first");
    await widget.log.getByText("first").waitFor();
    let resets = 0;
    for (const [page, events] of /** @type {const} */ ([[widget.page, VISITOR_EVENTS], [desk.page, AGENT_EVENTS]])) {
      await page.route(events, (route) => {
        resets += 1;
        return route.fulfill(RESET);
      }, { times: 1 });
    }
    await restart();
    await until("both were told", () => resets === 2);
    await widget.say("second");
    await desk.answer("third");
    await widget.log.getByText("third").waitFor();
    await desk.thread.getByText("second").waitFor();
    await until("all is acknowledged", async () => (await desk.unsent()) + (await widget.unsent()) === 0);
    assert.deepEqual(await widget.heard(), ["first", "third"]);
    assert.deepEqual(await widget.said(), ["I am Karl", "second"]);
    assert.deepEqual((await desk.messages()).toSorted(), ["I am Karl", "first", "second", "third"]);
  });

  it("is not pressed: a server that asks for time gets it", async () => {
    const { widget } = await meet("Lena");
    /** @type {number[]} */
    const tries = [];
    await widget.page.route(/\/api\/v1\/chat(\?|$)/, (route) => {
      if (route.request().method() !== "POST") return route.continue();
      tries.push(Date.now());
      if (tries.length > 1) return route.continue();
      return route.fulfill({ status: 429, headers: { "Retry-After": "2" },
        json: { success: false, error: { code: "RATE_LIMITED", message: "Too fast" } } });
    });
    await widget.say("again");
    await until("it is sent", async () => tries.length > 1 && (await widget.unsent()) === 0);
    assert.equal(tries.length, 2);
    assert.ok(tries[1] - tries[0] >= 2_000, `asked again after ${tries[1] - tries[0]} ms`);
    assert.deepEqual(await widget.said(), ["I am Lena", "again"]);
  });

  const restart = async () => {
    await server.kill();
    await server.startAgain();
  };

  /** @param {string} name */
  const meet = async (name) => {
    const [visitor, agent] = await Promise.all([openDevice(browser), openDevice(browser)]);
    const widget = new Widget(visitor.page);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    await widget.open(server.origin);
    await widget.root.getByLabel("Your name, optional").fill(name);
    await widget.say(`I am ${name}`);
    await desk.openChat(name);
    return { widget, desk };
  };
});
