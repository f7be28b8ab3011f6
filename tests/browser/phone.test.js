// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, PHONE } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, Server } from "./server.js";

describe("on a phone", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("the widget fills the screen and the console shows the list or the chat, one at a time", async () => {
    const [visitor, agent] = await Promise.all([openDevice(browser, PHONE), openDevice(browser, PHONE)]);
    const widget = new Widget(visitor.page);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    await visitor.page.goto(server.origin);
    await widget.bubble.waitFor();
    await keepPicture(visitor.page, "phone-landing");
    await widget.bubble.click();
    await widget.say("Hello from the bus");
    await desk.chats.filter({ hasText: "Hello from the bus" }).waitFor();
    await keepPicture(agent.page, "phone-console-list");

    await desk.openChat("Hello from the bus");
    assert.equal(await agent.page.locator(".list").isVisible(), false);
    await desk.answer("Good morning!");
    await widget.log.getByText("Good morning!").waitFor();
    await keepPicture(visitor.page, "phone-widget");
    await keepPicture(agent.page, "phone-console-chat");

    const panel = await widget.root.getByRole("dialog").boundingBox();
    assert.deepEqual(panel, { x: 0, y: 0, ...PHONE });
    for (const page of [visitor.page, agent.page]) {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, PHONE.width, "nothing sticks out sideways");
    }

    await agent.page.getByLabel("Back to the list").click();
    await agent.page.locator(".list").waitFor();
    assert.deepEqual(visitor.complaints.concat(agent.complaints), []);
  });
});
