// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, Server } from "./server.js";

describe("a visitor and an agent", () => {
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

  /** @param {string} name the visitor's */
  const meet = async (name) => {
    const [visitor, agent] = await Promise.all([openDevice(browser), openDevice(browser)]);
    const widget = new Widget(visitor.page);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    await widget.open(server.origin);
    await widget.root.getByLabel("Your name, optional").fill(name);
    const leave = async () => {
      assert.deepEqual(visitor.complaints.concat(agent.complaints), []);
      await Promise.all([visitor.page.context().close(), agent.page.context().close()]);
    };
    return { widget, desk, leave };
  };

  it("talk: what is typed in the widget is on the console at once and the answer comes back", async () => {
    const { widget, desk, leave } = await meet("Ada");
    await until("the agent can be assigned chats", async () => (await desk.availability.inputValue()) === "available");
    await widget.say("Where is my parcel?");
    await desk.openChat("Ada");
    await desk.thread.getByText("Where is my parcel?").waitFor();

    await desk.answer("It is on its way.");
    await widget.log.getByText("It is on its way.").waitFor();
    await until("the answer is acknowledged", async () => (await desk.unsent()) === 0);

    assert.deepEqual(await desk.messages(), ["Where is my parcel?", "It is on its way."]);
    assert.deepEqual(await widget.said(), ["Where is my parcel?"]);
    assert.deepEqual(await widget.heard(), ["It is on its way."]);
    await keepPicture(widget.page, "widget");
    await keepPicture(desk.page, "console");
    await leave();
  });

  it("see each other type", async () => {
    const { widget, desk, leave } = await meet("Boris");
    await widget.say("Hello?");
    await desk.openChat("Boris");
    await widget.root.getByLabel("Message", { exact: true }).pressSequentially("I have a qu");
    await desk.page.locator(".conversation").getByText("Boris is typing…").waitFor();
    await desk.page.getByRole("textbox", { name: "Answer" }).pressSequentially("Yes, what");
    await widget.root.getByLabel("Typing").waitFor();
    await leave();
  });

  it("keep a private note away from the widget, also after a reload", async () => {
    const { widget, desk, leave } = await meet("Chen");
    await widget.say("My invoice is wrong.");
    await desk.openChat("Chen");
    await desk.note("This customer has complained before");
    await desk.page.locator(".message.note").getByText("This customer has complained before").waitFor();
    await desk.answer("I will look into it.");
    await widget.log.getByText("I will look into it.").waitFor();
    assert.doesNotMatch(await widget.log.innerText(), /complained/);
    await keepPicture(desk.page, "console-with-a-note");

    await widget.page.reload();
    await widget.bubble.click();
    await widget.log.getByText("I will look into it.").waitFor();
    assert.doesNotMatch(await widget.log.innerText(), /complained/);
    await leave();
  });

  it("both see that the chat is resolved, and that it lives on when the visitor writes again", async () => {
    const { widget, desk, leave } = await meet("Dana");
    await widget.say("Thanks, that is all.");
    await desk.openChat("Dana");
    await desk.answer("You are welcome.");
    await widget.log.getByText("You are welcome.").waitFor();
    await desk.act("Resolve");
    await widget.state.getByText("Resolved").waitFor();
    await desk.show("Resolved");
    await desk.chats.filter({ hasText: "Dana" }).waitFor();

    await widget.say("One more thing!");
    await until("the widget is no longer resolved", async () => (await widget.state.innerText()) !== "Resolved");
    await desk.show("Open");
    await desk.chats.filter({ hasText: "Dana" }).waitFor();
    await desk.thread.getByText("One more thing!").waitFor();
    await leave();
  });

  it("start a new chat after the old one is closed, and the unsent message opens it", async () => {
    const { widget, desk, leave } = await meet("Emil");
    await widget.say("First question");
    await desk.openChat("Emil");
    await desk.act("Close");
    await widget.state.getByText("This chat is closed").waitFor();
    await widget.root.getByRole("button", { name: "Start a new chat" }).click();
    await widget.say("Second question");
    await desk.chats.filter({ hasText: "Second question" }).waitFor();
    assert.deepEqual(await widget.said(), ["Second question"]);
    await leave();
  });

  it("count what the visitor has not read while the panel is shut", async () => {
    const { widget, desk, leave } = await meet("Finn");
    await widget.say("Are you there?");
    await desk.openChat("Finn");
    await widget.page.keyboard.press("Escape");
    await desk.answer("Yes!");
    await desk.answer("How can I help?");
    await widget.badge.getByText("2", { exact: true }).waitFor();
    await widget.bubble.click();
    await desk.page.getByText("· Seen").waitFor();
    assert.equal(await widget.badge.isVisible(), false);
    await leave();
  });
});
