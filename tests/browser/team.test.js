// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, call, callAsAgent, Server } from "./server.js";

const COLLEAGUE = { email: "jonas@example.com", password: "another long password" };
const MANY = 64;

describe("a team at its consoles", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
    await callAsAgent(server.origin, "POST", "api/agents", { ...COLLEAGUE, name: "Jonas", role: "agent" });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("sees who takes a chat, and each what the other answers", async () => {
    const [mara, jonas] = await Promise.all([enter(AGENT), enter(COLLEAGUE)]);
    await Promise.all([choose(mara, "away"), choose(jonas, "away")]);
    const widget = await visit("Kim", "Is anybody there?");
    for (const desk of [mara, jonas]) await desk.openChat("Kim");
    await jonas.act("Take");
    await mara.page.locator(".about").getByText("with Jonas").waitFor();
    await jonas.answer("I am.");
    await mara.thread.getByText("I am.").waitFor();
    await mara.answer("So am I.");
    await jonas.thread.getByText("So am I.").waitFor();
    await widget.log.getByText("So am I.").waitFor();
    assert.deepEqual(await widget.heard(), ["I am.", "So am I."]);
    for (const desk of [mara, jonas]) {
      await until("all is acknowledged", async () => (await desk.unsent()) === 0);
      assert.deepEqual(await desk.messages(), ["Is anybody there?", "I am.", "So am I."]);
    }
    await leave(mara, jonas, widget);
  });

  it("is told when a chat has gone to somebody else meanwhile", async () => {
    const [mara, jonas] = await Promise.all([enter(AGENT), enter(COLLEAGUE)]);
    await Promise.all([choose(mara, "away"), choose(jonas, "away")]);
    const widget = await visit("Nina", "Who has time?");
    const row = jonas.chats.filter({ hasText: "Nina" });
    await row.waitFor();
    await mara.openChat("Nina");
    await mara.act("Take");
    await row.getByText("Admin").waitFor();
    await row.click();
    await jonas.page.getByRole("alert").getByText("This chat is in other hands").waitFor();
    await row.waitFor({ state: "detached" });
    await leave(mara, jonas, widget);
  });

  it("gets chats only when it says that it is available, and none after logging out", async () => {
    const desk = await enter(AGENT);
    await choose(desk, "away");
    const first = await visit("Lou", "While you are away");
    await desk.show("Waiting");
    await desk.chats.filter({ hasText: "While you are away" }).waitFor();
    await choose(desk, "available");
    await desk.show("Mine");
    await desk.chats.filter({ hasText: "While you are away" }).waitFor();
    await desk.page.getByRole("button", { name: "Log out" }).click();
    await desk.page.getByRole("button", { name: "Log in" }).waitFor();
    const { agents } = await callAsAgent(server.origin, "GET", "api/agents");
    const own = agents.find((/** @type {{email: string}} */ agent) => agent.email === AGENT.email);
    assert.equal(own.status, "offline");
    await desk.page.reload();
    await desk.page.getByRole("button", { name: "Log in" }).waitFor();
    await leave(desk, first);
  });

  it("has more chats than fit on a screen, each of them within reach", async () => {
    const desk = await enter(AGENT);
    // Chats that are handed out meanwhile would change their order.
    await choose(desk, "away");
    const names = Array.from({ length: MANY }, (_, index) => `Guest ${index + 100}`);
    for (const visitorName of names) {
      await call(server.origin, "POST", "api/v1/chat", { visitorName, message: `I am ${visitorName}` });
    }
    await desk.page.reload();
    const guests = desk.chats.filter({ hasText: "I am Guest" });
    await until("all are listed", async () => (await guests.count()) === MANY);
    await desk.openChat("I am Guest 100");
    await desk.thread.getByText("I am Guest 100").waitFor();
    await call(server.origin, "POST", "api/v1/chat", { visitorName: "Late", message: "I am the last" });
    // Rows out of sight are not drawn, so only their content can be asked for.
    await until("the newest is on top", async () => (await desk.chats.first().textContent())?.includes("I am the last") ?? false);
    assert.equal(await guests.count(), MANY);
    await leave(desk);
  });

  /** @param {{email: string, password: string}} agent */
  const enter = async (agent) => {
    const desk = new Console((await openDevice(browser)).page);
    await desk.enter(server.origin, agent);
    await until("the switch is known", async () => (await desk.availability.inputValue()) !== "offline");
    return desk;
  };

  /** @param {Console} desk @param {"available"|"away"} availability */
  const choose = async (desk, availability) => {
    const saved = desk.page.waitForResponse((response) => response.url().endsWith("/status") && response.ok() &&
      response.request().postDataJSON().status === availability);
    await desk.availability.selectOption(availability);
    await saved;
  };

  /** @param {string} name @param {string} text */
  const visit = async (name, text) => {
    const widget = new Widget((await openDevice(browser)).page);
    await widget.open(server.origin);
    await widget.root.getByLabel("Your name, optional").fill(name);
    await widget.say(text);
    return widget;
  };

  /** @param {...{page: import("playwright-core").Page}} people */
  const leave = (...people) => Promise.all(people.map(({ page }) => page.context().close()));
});
