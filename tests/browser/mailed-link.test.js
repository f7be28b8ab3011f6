// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./axe.js";
import { keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Mailbox } from "./mailbox.js";
import { Widget } from "./pages/widget.js";
import { callAsAgent, Server } from "./server.js";

describe("the link in a mail to a visitor", () => {
  /** @type {Server} */
  let server;
  /** @type {Mailbox} */
  let mailbox;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    mailbox = await Mailbox.start();
    [server, browser] = await Promise.all([Server.start(mailbox.settings), launch()]);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await mailbox?.stop();
  });

  it("opens the conversation on another device, where it goes on", async () => {
    const { page } = await openDevice(browser);
    const widget = new Widget(page);
    await widget.open(server.origin);
    await widget.root.getByLabel("Your email, optional").fill("mo@example.com");
    await widget.say("I have to leave now");
    await until("it is sent", async () => (await widget.unsent()) === 0 && (await widget.said()).length === 1);
    await page.context().close();
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?q=leave");
    await callAsAgent(server.origin, "POST", "api/v1/admin/chat", { chatId: chats[0].chatId, message: "This is for later" });
    const { text } = await mailbox.find("mo@example.com", /./);
    const link = /http:\/\/\S+\/conversation#token=[\w.-]+/.exec(text)?.[0] ?? "";

    const device = await openDevice(browser, PHONE);
    const there = new Widget(device.page);
    await device.page.goto(link);
    await there.log.getByText("This is for later").waitFor();
    assert.equal(await there.bubble.isVisible(), false);
    await assertAccessible(device.page, "the conversation's page");
    await keepPicture(device.page, "conversation-page");
    await there.say("I am back");
    await until("it is sent", async () => (await there.unsent()) === 0 && (await there.said()).length === 2);
    assert.equal(await device.page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    await device.page.goto("about:blank");
    await device.page.goto(`${link.slice(0, -3)}xyz`);
    await there.root.getByText("This link is not valid, or no longer.").waitFor();
    assert.deepEqual(device.complaints, []);
  });
});
