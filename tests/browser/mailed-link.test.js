// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertAccessible } from "./axe.js";
import { keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { MailServer } from "./mail-server.js";
import { Widget } from "./pages/widget.js";
import { callAsAgent, Server } from "./server.js";

describe("the link in a mail with an answer", () => {
  /** @type {Server} */
  let server;
  /** @type {MailServer} */
  let mail;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    mail = await MailServer.start();
    const settings = { SMTP_SERVER: "127.0.0.1", SMTP_PORT: String(mail.port), SMTP_USE_TLS: "false", FROM_EMAIL: "help@example.com" };
    [server, browser] = await Promise.all([Server.start(settings), launch()]);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    mail?.stop();
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
    const link = () => /http:\/\/\S+\/conversation#token=[\w.-]+/.exec(mail.mails.map(({ text }) => text).join()
      .replaceAll("=\r\n", "").replaceAll("=3D", "="))?.[0] ?? "";
    await until("the mail has come", () => link() !== "", 60_000);

    const device = await openDevice(browser, PHONE);
    const there = new Widget(device.page);
    await device.page.goto(link());
    await there.log.getByText("This is for later").waitFor();
    assert.equal(await there.bubble.isVisible(), false);
    await assertAccessible(device.page, "the conversation's page");
    await keepPicture(device.page, "conversation-page");
    await there.say("I am back");
    await until("it is sent", async () => (await there.unsent()) === 0 && (await there.said()).length === 2);
    assert.equal(await device.page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    await device.page.goto(`${link().slice(0, -3)}xyz`);
    await device.page.reload();
    await there.root.getByText("This link is not valid, or no longer.").waitFor();
    assert.deepEqual(device.complaints, []);
  });
});
