// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, Server } from "./server.js";

describe("a visitor with two tabs", () => {
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

  it("has one chat in both, and goes on in both with the next one", async () => {
    const [visitor, agent] = await Promise.all([openDevice(browser), openDevice(browser)]);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    const first = new Widget(visitor.page);
    const second = new Widget(await visitor.page.context().newPage());
    await first.open(server.origin);
    await second.open(server.origin);

    await first.say("from the first tab");
    await second.log.getByText("from the first tab").waitFor();
    await second.say("from the second tab");
    await desk.openChat("from the second tab");
    await desk.answer("Hello, both of you");
    const both = [first, second];
    for (const widget of both) await widget.log.getByText("Hello, both of you").waitFor();
    for (const widget of both) assert.deepEqual(await widget.said(), ["from the first tab", "from the second tab"]);
    assert.equal(await desk.chats.count(), 1);

    await desk.act("Close");
    for (const widget of both) await widget.state.getByText("This chat is closed").waitFor();
    await first.root.getByRole("button", { name: "Start a new chat" }).click();
    await first.say("a new beginning");
    for (const widget of both) {
      await until("only the new chat is shown", async () => (await widget.said()).join() === "a new beginning");
    }
    assert.equal(await desk.chats.filter({ hasText: "a new beginning" }).count(), 1);
  });

  it("reads an answer once: the other tab does not count it any more", async () => {
    const [visitor, agent] = await Promise.all([openDevice(browser), openDevice(browser)]);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    const first = new Widget(visitor.page);
    await first.open(server.origin);
    await first.say("Knock, knock");
    await desk.openChat("Knock, knock");
    const second = new Widget(await visitor.page.context().newPage());
    await second.page.goto(server.origin);
    await second.bubble.waitFor();
    await first.bubble.click();
    await desk.answer("Who is there?");
    for (const widget of [first, second]) await widget.badge.getByText("1", { exact: true }).waitFor();
    await second.bubble.click();
    await first.badge.waitFor({ state: "hidden" });
    await first.page.reload();
    await first.bubble.click();
    await first.log.getByText("Who is there?").waitFor();
  });
});
