// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, until } from "./browser.js";
import { Mailbox } from "./mailbox.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, callAsAgent, Server } from "./server.js";

describe("a visitor's story", () => {
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

  // Pages left open would go on working behind the next test's back.
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
    await mailbox?.stop();
  });

  const visit = async () => {
    const { page, complaints } = await openDevice(browser);
    const widget = new Widget(page);
    await widget.open(server.origin);
    return { widget, page, complaints };
  };

  const enterDesk = async () => {
    const desk = new Console((await openDevice(browser)).page);
    await desk.enter(server.origin, AGENT);
    return desk;
  };

  it("begins while nobody is there and goes on when somebody comes", async () => {
    const { widget, complaints } = await visit();
    await widget.state.getByText("We answer as soon as we can").waitFor();
    await widget.say("Anybody there?");
    await widget.state.getByText("We are away, and will answer here").waitFor();
    const desk = await enterDesk();
    await widget.state.getByText("is here to help").waitFor();
    await widget.root.getByRole("heading", { name: "Admin" }).waitFor();
    await desk.openChat("Anybody there?");
    await desk.answer("Now there is.");
    await widget.log.getByText("Now there is.").waitFor();
    assert.deepEqual(complaints, []);
  });

  it("is told outside of office hours when somebody will be there", async () => {
    const now = new Date();
    const day = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(new Date(now.getTime() + 3 * 86_400_000)).toLowerCase();
    const weekly = [{ day, from: "09:00", to: "17:00" }];
    await callAsAgent(server.origin, "PUT", "api/v1/admin/settings", { timezone: "UTC", officeHours: { weekly } });
    const { widget } = await visit();
    await widget.state.getByText(new RegExp(`Back ${day}, 09:00`, "i")).waitFor();
    await callAsAgent(server.origin, "PUT", "api/v1/admin/settings", { officeHours: null });
  });

  it("names the visitor and the department, and tells where they come from", async () => {
    const { widget, page } = await visit();
    const asked = page.waitForRequest((request) => request.method() === "POST" && request.url().includes("/api/v1/chat"));
    await widget.root.getByLabel("Your name, optional").fill("Gus");
    await widget.root.getByLabel("Your email, optional").fill("gus@example.com");
    await widget.root.getByLabel("Department").selectOption("Sales");
    await widget.say("Do you sell bicycles?");
    const { context } = (await asked).postDataJSON();
    assert.equal(context.page.url, `${server.origin}/`);
    assert.equal(context.page.title, "Customer support");
    assert.equal(context.language, "en-GB");
    await until("it is sent", async () => (await widget.unsent()) === 0);
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?q=bicycles");
    const [chat] = chats;
    assert.equal(chat.visitorName, "Gus");
    assert.equal(chat.visitorEmail, "gus@example.com");
    assert.equal(chat.department, "sales");
    assert.equal(await widget.root.getByLabel("Department").isVisible(), false, "it is asked once");
  });

  it("is told of an article that may help, reads it in the panel, and says whether it did", async () => {
    const { widget } = await visit();
    await widget.message.pressSequentially("I forgot my password");
    await widget.button("How do I reset my password?").click();
    const article = widget.root.getByRole("article");
    await article.getByText("Choose Forgot password?").waitFor();
    await widget.button("Yes").click();
    await widget.root.getByText("Thank you!").waitFor();
    const articles = await callAsAgent(server.origin, "GET", "api/v1/admin/chat/knowledge-base");
    const read = articles.find((/** @type {{title: string}} */ { title }) => title.includes("reset my password"));
    assert.equal(read.helpfulCount, 1);
    await widget.button("Back").click();
    assert.equal(await widget.message.inputValue(), "I forgot my password", "what was begun is still there");
    await widget.message.press("Enter");
    await until("it is sent", async () => (await widget.unsent()) === 0);
    assert.deepEqual(await widget.said(), ["I forgot my password"]);
    assert.equal(await widget.root.getByText("This may help").count(), 0);
  });

  it("asks to be called, also without being able to log in", async () => {
    const { widget } = await visit();
    await widget.button("Request a call").click();
    await widget.root.getByLabel("Phone number").fill("12 34");
    await widget.button("Call me").click();
    await widget.problem.getByText("at least 8 digits").waitFor();
    await widget.root.getByLabel("Phone number").fill("12 34 abc 56 78");
    await widget.button("Call me").click();
    await widget.problem.getByText("at least 8 digits").waitFor();
    await widget.root.getByLabel("Phone number").fill("+49 30 1234567");
    await widget.root.getByLabel("Employee ID, optional").fill("E-42");
    await keepPicture(widget.page, "widget-callback");
    await widget.button("Call me").click();
    await widget.problem.getByText("We will call ⁨+49 30 1234567⁩.").waitFor();
    const { callbacks } = await callAsAgent(server.origin, "GET", "api/v1/admin/callbacks");
    assert.equal(callbacks.length, 1);
    assert.equal(callbacks[0].contactNumber, "+49 30 1234567");
    assert.equal(callbacks[0].employeeId, "E-42");
  });

  it("rates a resolved chat, and after it was taken up again and resolved anew once more", async () => {
    const desk = await enterDesk();
    const { widget } = await visit();
    await widget.say("Hanna here");
    await desk.openChat("Hanna here");
    await desk.act("Resolve");
    await widget.root.getByRole("group", { name: "How did we do?" }).waitFor();
    await widget.root.getByLabel("2 stars").check();
    await widget.root.getByLabel("What could we do better?").fill("Faster, please");
    await keepPicture(widget.page, "widget-rating");
    await widget.root.locator(".rating").getByRole("button", { name: "Send" }).click();
    await widget.root.getByText("Thank you for your rating.").waitFor();
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?q=Hanna");
    assert.equal(chats[0].rating, 2);

    await widget.page.reload();
    await widget.bubble.click();
    await widget.state.getByText("Resolved").waitFor();
    assert.equal(await widget.root.getByLabel("2 stars").count(), 0, "it is asked once");
    await widget.say("Still not solved");
    await until("it goes on", async () => (await widget.state.innerText()) !== "Resolved");
    await desk.openChat("Still not solved");
    await desk.act("Resolve");
    await widget.root.getByLabel("5 stars").check();
    await widget.root.locator(".rating").getByRole("button", { name: "Send" }).click();
    await until("the new one counts", async () => {
      const again = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?q=Hanna");
      return again.chats[0].rating === 5;
    });
  });

  it("ends the chat, has it sent by mail, and begins another", async () => {
    const { widget } = await visit();
    await widget.say("Ingrid has a question");
    await until("it is sent", async () => (await widget.unsent()) === 0);
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?q=Ingrid");
    await callAsAgent(server.origin, "POST", "api/v1/admin/chat", { chatId: chats[0].chatId, message: "Here is the answer" });
    await widget.log.getByText("Here is the answer").waitFor();
    await widget.choose("Email me this chat");
    await widget.root.locator(".page").getByLabel("Your email").fill("ingrid@example.com");
    await widget.root.locator(".page").getByRole("button", { name: "Send" }).click();
    await widget.problem.getByText("Sent to ⁨ingrid@example.com⁩.").waitFor();
    const { text } = await mailbox.find("ingrid@example.com", /Transcript/);
    assert.match(text, /Ingrid has a question[^]*Here is the answer/);
    await widget.button("Back").click();
    await widget.choose("End this chat");
    await widget.state.getByText("This chat is closed").waitFor();
    await widget.button("Start a new chat").click();
    await widget.say("Ingrid has another");
    await until("it is sent", async () => (await widget.unsent()) === 0);
    assert.deepEqual(await widget.said(), ["Ingrid has another"]);
  });

  it("hears of an answer in the title while looking elsewhere, unless that is switched off", async () => {
    const desk = await enterDesk();
    const { widget, page } = await visit();
    await widget.say("Jo is waiting");
    await desk.openChat("Jo is waiting");
    const title = await page.title();
    await countSounds(page);
    await hide(page, true);
    await desk.answer("first");
    await until("the title tells", async () => (await page.title()) === "New message");
    await until("two tones were heard", async () => (await sounds(page)) === 2);
    await hide(page, false);
    await until("the title is back", async () => (await page.title()) === title);
    await widget.root.getByRole("button", { name: "More" }).click();
    await widget.root.getByRole("switch", { name: "Sound and alerts" }).click();
    await hide(page, true);
    await desk.answer("second");
    await until("it is there", async () => (await widget.heard()).length === 2);
    assert.equal(await page.title(), title);
    assert.equal(await sounds(page), 2);
  });
});

/** @param {import("playwright-core").Page} page */
const countSounds = (page) => page.evaluate(() => {
  const { start } = OscillatorNode.prototype;
  Object.assign(window, { sounds: 0 });
  OscillatorNode.prototype.start = function count(when) {
    Reflect.set(window, "sounds", Reflect.get(window, "sounds") + 1);
    start.call(this, when);
  };
});

/** @param {import("playwright-core").Page} page @returns {Promise<number>} */
const sounds = (page) => page.evaluate(() => Reflect.get(window, "sounds"));

/** Another tab in front, as the page is told of it. @param {import("playwright-core").Page} page @param {boolean} isHidden */
const hide = (page, isHidden) => page.evaluate((hidden) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (hidden ? "hidden" : "visible") });
  document.dispatchEvent(new Event("visibilitychange"));
}, isHidden);
