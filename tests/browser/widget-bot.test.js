// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, callAsAgent, Server } from "./server.js";

describe("a visitor whom a bot answers", () => {
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

  it("leaves it for a person, with all that was said, in every tab", async () => {
    const { page } = await openDevice(browser);
    const widget = new Widget(page);
    await widget.open(server.origin);
    const second = new Widget(await page.context().newPage());
    await widget.say("Where is my invoice?");
    await until("it is sent", async () => (await widget.unsent()) === 0);
    await second.open(server.origin);
    await second.log.getByText("Where is my invoice?").waitFor();
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?q=invoice");
    const { key } = await callAsAgent(server.origin, "POST", "api/v1/admin/api-keys", { name: "bot", scopes: ["tickets"] });
    const said = await fetch(`${server.origin}/api/tickets/${chats[0].chatId}/messages`, { method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ sender: "bot", content: "Have you looked into your mails?" }) });
    assert.equal(said.status, 201);
    await widget.button("Talk to a person").click();
    await widget.log.getByText("I would like to talk to a person, please.").waitFor();
    assert.deepEqual(await widget.said(), ["Where is my invoice?", "I would like to talk to a person, please."]);
    await widget.button("Talk to a person").waitFor({ state: "detached" });
    await second.log.getByText("I would like to talk to a person, please.").waitFor();

    const desk = new Console((await openDevice(browser)).page);
    await desk.enter(server.origin, AGENT);
    await desk.openChat("I would like to talk to a person");
    await desk.answer("Here I am.");
    for (const tab of [widget, second]) await tab.log.getByText("Here I am.").waitFor();
    await second.say("Thank you");
    await desk.thread.getByText("Thank you").waitFor();
    const old = await callAsAgent(server.origin, "GET", `api/v1/admin/chat/${chats[0].chatId}`);
    assert.equal(old.chat.status, "CLOSED");
  });
});
