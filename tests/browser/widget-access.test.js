// @ts-check
import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible } from "./axe.js";
import { DESKTOP, keepPicture, launch, PHONE, until } from "./browser.js";
import { Widget } from "./pages/widget.js";
import { callAsAgent, Server } from "./server.js";

const PICTURE = path.join(import.meta.dirname ?? ".", "../../examples/server/screenshots/console.png");
/** What a tenant may have chosen: calm, loud, and hard to read on. */
const COLORS = ["#14665f", "#ffd400", "#8f8f8f"];

describe("the widget for everybody", () => {
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

  /** @param {import("playwright-core").BrowserContextOptions} options */
  const visit = async (options) => {
    const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    await page.goto(server.origin);
    const widget = new Widget(page);
    await widget.bubble.waitFor();
    return { page, widget };
  };

  /** @param {string} words */
  const chatOf = async (words) => {
    const { chats } = await callAsAgent(server.origin, "GET", `api/v1/admin/chat?q=${words}`);
    return chats[0].chatId;
  };

  const looks = /** @type {const} */ ([
    { viewport: DESKTOP, colorScheme: "light", locale: "en-GB", color: COLORS[0] },
    { viewport: PHONE, colorScheme: "dark", locale: "en-GB", color: COLORS[1] },
    { viewport: DESKTOP, colorScheme: "dark", locale: "ar", color: COLORS[2] },
    { viewport: PHONE, colorScheme: "light", locale: "de-DE", color: COLORS[2] },
  ]);
  for (const { viewport, colorScheme, locale, color } of looks) {
    const look = `${colorScheme}-${viewport.width}-${locale.slice(0, 2)}`;
    it(`has nothing amiss in any state: ${look}, ${color}`, async () => {
      await callAsAgent(server.origin, "PUT", "api/v1/admin/settings", { branding: { color } });
      const { page, widget } = await visit({ viewport, locale, colorScheme });
      const { root } = widget;
      const field = root.locator("textarea").last();
      const look_at = async (/** @type {string} */ state) => {
        await keepPicture(page, `access-${look}-${state}`);
        await assertAccessible(page, `${look} ${state}`);
      };
      const press = (/** @type {string} */ selector) => root.locator(selector).click();
      await look_at("shut");
      await widget.bubble.click();
      await look_at("start");
      await field.fill("I forgot my password");
      await root.locator(".found button").first().waitFor();
      await look_at("suggestions");
      await press(".found button:first-of-type");
      await root.getByRole("article").waitFor();
      await look_at("article");
      await press(".back");
      const words = `Word${look}`;
      await field.fill(words);
      await press(".send");
      await until("it is sent", async () => (await widget.unsent()) === 0 && (await widget.said()).length === 1);
      const chatId = await chatOf(words);
      await callAsAgent(server.origin, "POST", "api/v1/admin/chat", { chatId, message: "See https://example.com/help" });
      await root.locator("input[type=file]").first().setInputFiles(PICTURE);
      await root.locator(".IMAGE img").waitFor();
      await root.locator("input[type=file]").first().setInputFiles({ name: "x.html", mimeType: "text/html", buffer: Buffer.from("<p>") });
      await root.locator(".failed").waitFor();
      await page.route("**/api/v1/chat?*", (route) => route.abort());
      await field.fill("On its way");
      await press(".send");
      await root.locator(".unsent").waitFor();
      await look_at("chat");
      await page.unroute("**/api/v1/chat?*");
      await press(".round >> nth=0");
      await look_at("menu");
      await root.locator(".menu > button").nth(1).click();
      await look_at("call");
      await root.getByRole("textbox").first().fill("12");
      await press(".page .main");
      await root.getByRole("alert").getByText(/8/).waitFor();
      await look_at("call-refused");
      await press(".back");
      await callAsAgent(server.origin, "PATCH", "api/v1/admin/chat", { chatId, status: "CLOSED" });
      await root.locator(".rating").waitFor();
      await root.locator(".rating label").nth(3).click();
      await look_at("rating");
    });
  }

  it("can be used with the keys alone", async () => {
    const { page, widget } = await visit({ viewport: DESKTOP });
    const focused = () => page.evaluate(() => {
      const element = document.activeElement?.shadowRoot?.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
    });
    const tabTo = async (/** @type {string} */ name, key = "Tab") => {
      for (let count = 0; count < 30 && (await focused()) !== name; count += 1) await page.keyboard.press(key);
      assert.equal(await focused(), name);
    };
    await tabTo("Open chat");
    await page.keyboard.press("Enter");
    assert.equal(await focused(), "Message", "the focus goes where one writes");
    await tabTo("Your name, optional", "Shift+Tab");
    await page.keyboard.type("Kay");
    await tabTo("Message");
    await page.keyboard.type("All by keys");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("and two lines");
    await page.keyboard.press("Enter");
    await until("it is sent", async () => (await widget.unsent()) === 0 && (await widget.said()).length === 1);
    assert.deepEqual(await widget.said(), ["All by keys\nand two lines"]);
    assert.equal(await focused(), "Message", "the focus stays");

    await tabTo("More", "Shift+Tab");
    await page.keyboard.press("Enter");
    await tabTo("Request a call");
    await page.keyboard.press("Enter");
    await until("the focus is in the form", async () => page.evaluate(() =>
      document.activeElement?.shadowRoot?.activeElement?.getAttribute("name") === "contactNumber"));
    await page.keyboard.type("+49 30 7654321");
    await page.keyboard.press("Enter");
    await widget.problem.getByText("We will call").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "Message", "back to the chat, not out of it");

    await tabTo("More", "Shift+Tab");
    await page.keyboard.press("Enter");
    await tabTo("End this chat");
    await page.keyboard.press("Space");
    await widget.root.getByRole("group", { name: "How did we do?" }).waitFor();
    await tabTo("1 star");
    await page.keyboard.press("Space");
    for (let star = 1; star < 4; star += 1) await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "4 stars");
    await tabTo("What could we do better?");
    await page.keyboard.type("Nothing");
    await tabTo("Send");
    await page.keyboard.press("Enter");
    await widget.root.getByText("Thank you for your rating.").waitFor();
    assert.notEqual(await focused(), "", "the focus is not lost");
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "Open chat", "and goes back to where it came from");
  });

  it("keeps the focus within on a phone, where nothing behind it can be seen", async () => {
    const { page, widget } = await visit({ viewport: PHONE });
    await widget.bubble.click();
    for (const key of ["Tab", "Shift+Tab"]) {
      for (let count = 0; count < 15; count += 1) {
        await page.keyboard.press(key);
        assert.equal(await page.evaluate(() => document.activeElement?.localName), "support-widget");
      }
    }
  });

  it("is as high as what the keyboard of a phone leaves", async () => {
    const { page, widget } = await visit({ viewport: PHONE });
    await widget.bubble.click();
    await page.evaluate(() => {
      Object.defineProperty(window.visualViewport, "height", { configurable: true, get: () => 500 });
      window.visualViewport?.dispatchEvent(new Event("resize"));
    });
    assert.equal((await widget.root.getByRole("dialog").boundingBox())?.height, 500);
    const field = await widget.message.boundingBox();
    assert.ok(field && field.y + field.height <= 500, "the field is above the keyboard");
  });
});
