// @ts-check
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, afterEach, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { Widget } from "./pages/widget.js";
import { callAsAgent, Server } from "./server.js";

describe("what a page can do with the widget", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {import("node:http").Server} */
  let site;
  let address = "";

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
    site = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(`<!doctype html><title>Shop</title>
      <body><script src="${server.origin}/widget.js" data-tenant="default" data-language="de" data-theme="dark"
      data-position="left" async></script>`));
    await new Promise((resolve) => site.listen(0, "127.0.0.1", () => resolve(null)));
    address = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (site.address()).port}/`;
  });

  // Pages left open would go on working behind the next test's back.
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    site?.close();
    await browser?.close();
    await server?.stop();
  });

  const visit = async () => {
    const { page } = await openDevice(browser);
    await page.goto(address);
    await page.waitForFunction(() => window.SupportWidget);
    return { page, widget: new Widget(page) };
  };

  /** @param {import("playwright-core").Page} page */
  const heard = (page) => page.evaluate(() => Reflect.get(window, "heard"));

  it("is to look as the page says", async () => {
    const { page, widget } = await visit();
    await widget.bubble.click();
    await widget.root.getByPlaceholder("Nachricht schreiben …").waitFor();
    const look = await widget.root.evaluate((host) => ({
      x: host.shadowRoot?.querySelector(".bubble")?.getBoundingClientRect().x ?? 999,
      panel: host.shadowRoot?.querySelector(".panel")?.getBoundingClientRect().x ?? -1,
      surface: getComputedStyle(/** @type {Element} */ (host.shadowRoot?.querySelector(".panel"))).backgroundColor,
    }));
    assert.ok(look.x < 100 && look.panel >= 0, "on the left");
    assert.equal(look.surface, "rgb(23, 30, 38)", "dark");
    await page.evaluate(() => window.SupportWidget?.setLocale("en"));
    await widget.root.getByPlaceholder("Write a message…").waitFor();
  });

  it("is to open, close and speak, and to hear what happens", async () => {
    const { page, widget } = await visit();
    await page.evaluate(() => {
      /** @type {[string, unknown][]} */
      const list = [];
      Object.assign(window, { heard: list });
      for (const name of /** @type {const} */ (["open", "close", "message", "unread", "status"])) {
        window.SupportWidget?.on(name, (detail) => list.push([name, typeof detail === "object" ? null : detail]));
      }
      const stop = window.SupportWidget?.on("open", () => list.push(["never", null]));
      stop?.();
    });
    await page.evaluate(() => window.SupportWidget?.open());
    await page.evaluate(() => window.SupportWidget?.toggle());
    await page.evaluate(() => window.SupportWidget?.send("Said by the page"));
    await widget.log.getByText("Said by the page").waitFor();
    await until("it is sent", async () => (await widget.unsent()) === 0);
    await page.evaluate(() => window.SupportWidget?.close());
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?q=Said");
    await callAsAgent(server.origin, "POST", "api/v1/admin/chat", { chatId: chats[0].chatId, message: "Heard by the page" });
    await widget.badge.getByText("1").waitFor();
    const list = await heard(page);
    const of = (/** @type {string} */ name) => list.filter((/** @type {unknown[]} */ [event]) => event === name).map((/** @type {unknown[]} */ [, detail]) => detail);
    assert.deepEqual([of("open").length, of("close").length, of("message").length, of("never").length], [2, 2, 1, 0]);
    assert.deepEqual(of("unread"), [1]);
    assert.deepEqual(of("status"), ["WAITING", "ACTIVE"]);
    await page.evaluate(() => window.SupportWidget?.open("call"));
    await widget.root.getByLabel("Telefonnummer").waitFor();
  });

  it("is to say who the visitor is, and to forget them", async () => {
    const { page, widget } = await visit();
    await page.evaluate(() => {
      void window.SupportWidget?.identify({ name: "Lou", email: "lou@example.com", phone: "+49 30 7654321" });
      void window.SupportWidget?.setAttributes({ plan: "gold", seats: 5 });
    });
    const asked = page.waitForRequest((request) => request.method() === "POST");
    await page.evaluate(() => window.SupportWidget?.send("Who am I?"));
    const sent = (await asked).postDataJSON();
    assert.deepEqual([sent.visitorName, sent.visitorEmail, sent.visitorPhone], ["Lou", "lou@example.com", "+49 30 7654321"]);
    assert.deepEqual(sent.metadata, { plan: "gold", seats: 5 });
    await until("it is sent", async () => (await widget.unsent()) === 0);
    await page.evaluate(() => history.pushState(null, "", "/private"));
    await until("the page is noted", () => page.evaluate(() => JSON.stringify({ ...sessionStorage }).includes("/private")));
    await page.evaluate(() => {
      history.pushState(null, "", "/");
      return window.SupportWidget?.reset();
    });
    assert.equal(await widget.root.getByRole("dialog").isVisible(), false);
    await page.reload();
    await widget.bubble.click();
    assert.deepEqual(await widget.said(), []);
    assert.equal(await widget.root.getByLabel("Ihr Name, freiwillig").inputValue(), "");
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.doesNotMatch(kept, /Lou|lou@|private/);
  });

  it("is to begin anew for another person, and to prove who they are", async () => {
    const { page, widget } = await visit();
    const hash = createHmac("sha256", "secret").update("customer-1").digest("hex");
    await page.evaluate(() => window.SupportWidget?.identify({ externalId: "customer-1", name: "One" }));
    await page.evaluate(() => window.SupportWidget?.send("I am one"));
    await until("it is sent", async () => (await widget.unsent()) === 0);
    await page.evaluate((proof) => window.SupportWidget?.identify({ externalId: "customer-2", name: "Two", hash: proof }), hash);
    const asked = page.waitForRequest((request) => request.method() === "POST");
    await page.evaluate(() => window.SupportWidget?.send("I am two"));
    const { sessionId, identity } = (await asked).postDataJSON();
    assert.equal(sessionId, undefined, "another chat");
    assert.deepEqual(identity, { externalId: "customer-2", hash, name: "Two" });
    assert.deepEqual(await widget.said(), ["I am two"]);
  });

  it("is to bring proof of a person where it is asked for", async () => {
    const { page, widget } = await visit();
    await page.route(/\/api\/v1\/chat(\?|$)/, (route) => {
      if (route.request().method() !== "POST" || route.request().headers()["x-captcha-token"] === "solved") return route.continue();
      return route.fulfill({ status: 403, headers: { "Access-Control-Allow-Origin": "*" },
        json: { success: false, error: { code: "CAPTCHA_REQUIRED", message: "Please prove that you are a person" } } });
    });
    await page.evaluate(() => window.SupportWidget?.send("Not proven"));
    await widget.root.locator(".failed").getByText("Das ist gerade nicht möglich").waitFor();
    await page.evaluate(() => window.SupportWidget?.setChallenge(async () => "solved"));
    await widget.button("Erneut senden").click();
    await until("it is sent", async () => (await widget.root.locator(".failed, .unsent").count()) === 0);
    assert.deepEqual(await widget.said(), ["Not proven"]);
  });
});
