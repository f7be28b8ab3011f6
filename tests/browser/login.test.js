// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, Server } from "./server.js";

describe("the console's login", () => {
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

  it("refuses a wrong password in words", async () => {
    const { page } = await openDevice(browser);
    await page.goto(`${server.origin}/console`);
    await page.getByLabel("Email").fill(AGENT.email);
    await page.getByLabel("Password").fill("a guess");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").getByText("Email or password is wrong.").waitFor();
  });

  it("holds through a reload, with the same chat open", async () => {
    const { page } = await openDevice(browser);
    const desk = new Console(page);
    await visit("Grete");
    await desk.enter(server.origin, AGENT);
    await desk.openChat("Grete");
    await page.reload();
    await desk.thread.getByText("I am Grete").waitFor();
  });

  it("is asked for again when it was revoked, and the sentence begun before is still there", async () => {
    const { page } = await openDevice(browser);
    const desk = new Console(page);
    const widget = await visit("Hugo");
    await desk.enter(server.origin, AGENT);
    await desk.openChat("Hugo");
    await revoke(page);
    await page.getByRole("textbox", { name: "Answer" }).fill("I was still writ");
    await logInAgain(page);
    await page.getByRole("textbox", { name: "Answer" }).press("End");
    await page.getByRole("textbox", { name: "Answer" }).pressSequentially("ing");
    await page.getByRole("textbox", { name: "Answer" }).press("Enter");
    await widget.log.getByText("I was still writing").waitFor();
  });

  it("is asked for again when it was revoked, and an answer not yet sent is sent once after it", async () => {
    const { page } = await openDevice(browser);
    const desk = new Console(page);
    const widget = await visit("Ines");
    await desk.enter(server.origin, AGENT);
    await desk.openChat("Ines");
    await page.route("**/api/v1/admin/chat", (route) => route.abort());
    await desk.answer("Here is my answer");
    await until("it waits", async () => (await desk.unsent()) === 1);
    await revoke(page);
    await page.unroute("**/api/v1/admin/chat");
    await logInAgain(page);
    await widget.log.getByText("Here is my answer").waitFor();
    await until("it is acknowledged", async () => (await desk.messages()).length > 1 && (await desk.unsent()) === 0);
    assert.deepEqual(await widget.heard(), ["Here is my answer"]);
    assert.deepEqual(await desk.messages(), ["I am Ines", "Here is my answer"]);
  });

  /** @param {import("playwright-core").Page} page */
  const logInAgain = async (page) => {
    await page.getByText("Please log in again").waitFor();
    await page.getByLabel("Email").fill(AGENT.email);
    await page.getByLabel("Password").fill(AGENT.password);
    await page.getByRole("button", { name: "Log in" }).click();
  };

  /** @param {string} name */
  const visit = async (name) => {
    const { page } = await openDevice(browser);
    const widget = new Widget(page);
    await widget.open(server.origin);
    await widget.root.getByLabel("Your name, optional").fill(name);
    await widget.say(`I am ${name}`);
    await until("it is through", async () => (await widget.unsent()) === 0);
    return widget;
  };

  /** Ends the page's own login behind its back. @param {import("playwright-core").Page} page */
  const revoke = async (page) => {
    const { token } = await page.evaluate(() => JSON.parse(sessionStorage.getItem("support-console|login") ?? "{}"));
    const response = await fetch(`${server.origin}/api/auth/logout`, { method: "POST",
      headers: { Authorization: `Bearer ${token}` } });
    assert.ok(response.ok);
  };
});
