// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, messagesOnServer, Server } from "./server.js";

const MESSAGES = 40;
const PACE = 150;

describe("a server that is killed while both sides type", () => {
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

  it("has every message once and in order when it is back, and so have both pages", async () => {
    const [visitor, agent] = await Promise.all([openDevice(browser), openDevice(browser)]);
    const widget = new Widget(visitor.page);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    await widget.open(server.origin);
    await widget.say("question 0");
    await desk.openChat("question 0");
    await desk.answer("answer 0");
    await widget.log.getByText("answer 0").waitFor();

    const questions = keepTyping("question", (text) => widget.say(text));
    const answers = keepTyping("answer", (text) => desk.answer(text));
    await until("some are through", async () => (await widget.heard()).length > 8 && (await widget.said()).length > 8);
    await server.kill();
    await until("both notice", async () => (await widget.unsent()) > 1 && (await desk.unsent()) > 1);
    await keepPicture(widget.page, "widget-while-the-server-is-down");
    await server.startAgain();
    await Promise.all([questions, answers]);

    const asked = names("question");
    const answered = names("answer");
    const isSettled = async () => (await widget.unsent()) === 0 && (await desk.unsent()) === 0 &&
      (await widget.heard()).length >= answered.length &&
      (await desk.messages()).length >= asked.length + answered.length;
    await until("all is sent and seen", isSettled, 60_000);

    assert.deepEqual(await widget.said(), asked, "the visitor's own messages in the widget");
    assert.deepEqual(await widget.heard(), answered, "the answers in the widget");
    const seen = await desk.messages();
    assert.deepEqual(seen.filter((text) => text.startsWith("question")), asked, "the questions on the console");
    assert.deepEqual(seen.filter((text) => text.startsWith("answer")), answered, "the answers on the console");

    const stored = await messagesOnServer(server.origin, desk.chatId);
    assert.deepEqual(stored.map((message) => message.seq), stored.map((_, index) => index + 1), "numbered without a gap");
    const spoken = stored.filter((message) => message.sender !== "SYSTEM").map((message) => message.message);
    assert.deepEqual(spoken, seen, "the console shows what is stored, in that order");
    assert.deepEqual(spoken.filter((text) => text.startsWith("question")), asked, "the stored questions");
    assert.deepEqual(spoken.filter((text) => text.startsWith("answer")), answered, "the stored answers");
    assert.deepEqual(visitor.complaints.concat(agent.complaints), []);
  });

  it("keeps what was typed while it was down, even if the visitor reloads the page meanwhile", async () => {
    const { page } = await openDevice(browser);
    const widget = new Widget(page);
    await widget.open(server.origin);
    await widget.say("before");
    await until("the first is through", async () => (await widget.unsent()) === 0);
    // Only the calls fail: a reload needs the page itself.
    await page.route("**/api/**", (route) => route.abort());
    await widget.say("typed in the dark");
    await page.reload();
    await widget.bubble.click();
    await widget.log.getByText("typed in the dark").waitFor();
    assert.equal(await widget.unsent(), 1);
    await page.unroute("**/api/**");
    await until("it is sent", async () => (await widget.unsent()) === 0);
    await until("all is shown", async () => (await widget.said()).length === 2);
    assert.deepEqual(await widget.said(), ["before", "typed in the dark"]);
  });

  it("opens one chat only when the answer to a first message is lost", async () => {
    const { page } = await openDevice(browser);
    const widget = new Widget(page);
    let isFirst = true;
    await page.route(/\/api\/v1\/chat(\?|$)/, async (route) => {
      if (!isFirst) return route.continue();
      isFirst = false;
      await route.fetch();
      await route.abort();
    });
    await widget.open(server.origin);
    await widget.say("only one of me");
    await until("it is acknowledged", async () => !isFirst && (await widget.unsent()) === 0);

    const agent = await openDevice(browser);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    await desk.chats.filter({ hasText: "only one of me" }).first().waitFor();
    assert.equal(await desk.chats.filter({ hasText: "only one of me" }).count(), 1);
  });
});

/** @param {string} word */
const names = (word) => Array.from({ length: MESSAGES }, (_, index) => `${word} ${index}`);

/** The first of them was said before. @param {string} word @param {(text: string) => Promise<void>} say */
const keepTyping = async (word, say) => {
  for (const text of names(word).slice(1)) {
    await say(text);
    await new Promise((resolve) => setTimeout(resolve, PACE));
  }
};
