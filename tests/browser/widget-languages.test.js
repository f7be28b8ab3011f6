// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { DESKTOP, keepPicture, launch, PHONE, until } from "./browser.js";
import { Widget } from "./pages/widget.js";
import { callAsAgent, Server } from "./server.js";

const RIGHT_TO_LEFT_OVERRIDE = "\u202e";
const HOSTILE = [
  "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>",
  "a".repeat(5_000),
  `${RIGHT_TO_LEFT_OVERRIDE}txt.exe ${"\u2067".repeat(20)}`,
  "Z" + "\u0336\u0489\u030d\u0315\u0334".repeat(60),
  "👩‍👩‍👧‍👦".repeat(80),
  "javascript:alert(1) https://example.com/a?b=\"><img src=x> \n\n\n\n end",
  "مرحبا hello שלום 你好",
];

describe("the widget's words", () => {
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

  /** @param {string} locale @param {{width: number, height: number}} [viewport] */
  const visit = async (locale, viewport = DESKTOP) => {
    const context = await browser.newContext({ viewport, locale, reducedMotion: "reduce" });
    const page = await context.newPage();
    /** @type {string[]} */
    const loaded = [];
    page.on("request", (request) => loaded.push(request.url()));
    const widget = new Widget(page);
    await widget.open(server.origin);
    return { widget, page, loaded };
  };

  for (const [locale, words, placeholder] of [["de-AT", "Schreiben Sie uns", "Nachricht schreiben …"], ["zh-CN", "联系我们", "输入消息…"],
    ["pt-BR", "Chat with us", "Write a message…"]]) {
    it(`are those of a visitor who reads ${locale}, and no other language is loaded`, async () => {
      const { widget, loaded } = await visit(locale);
      await widget.root.getByRole("heading", { name: words }).waitFor();
      await widget.root.getByPlaceholder(placeholder).waitFor();
      const files = loaded.filter((url) => url.includes("/languages/")).map((url) => url.split("/").at(-1));
      assert.deepEqual(files, locale === "pt-BR" ? [] : [`${locale.slice(0, 2)}.js`]);
      assert.deepEqual(loaded.filter((url) => !url.startsWith(server.origin)), [], "nobody else is asked");
    });
  }

  for (const viewport of [DESKTOP, PHONE]) {
    it(`run from right to left in Arabic, ${viewport.width} wide`, async () => {
      const { widget, page } = await visit("ar-EG", viewport);
      await widget.root.getByLabel("الرسالة", { exact: true }).fill("مرحبًا، أين طلبي رقم 42؟");
      await widget.root.getByLabel("الرسالة", { exact: true }).press("Enter");
      await until("it is sent", async () => (await widget.unsent()) === 0);
      const place = await widget.root.evaluate((host) => {
        const box = (/** @type {string} */ selector) => host.shadowRoot?.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
        return { direction: getComputedStyle(host).direction, bubble: box(".bubble").x, send: box(".send").x, field: box("textarea").x,
          own: box(".visitor .text").x, log: box(".log").x + 60 };
      });
      assert.equal(place.direction, "rtl");
      if (viewport === DESKTOP) assert.ok(place.bubble < 100, "the bubble is on the left");
      assert.ok(place.send < place.field, "the button is left of the field");
      assert.ok(place.own < place.log, "one's own words are on the left");
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, viewport.width, "nothing sticks out sideways");
      await keepPicture(page, `widget-arabic-${viewport.width}`);
    });
  }

  it("change at once when the visitor chooses another language, which is remembered", async () => {
    const { widget, page } = await visit("en-GB");
    await widget.root.getByRole("button", { name: "More" }).click();
    await widget.root.getByLabel("Language").selectOption("Deutsch");
    await widget.root.getByPlaceholder("Nachricht schreiben …").waitFor();
    await page.reload();
    await widget.bubble.click();
    await widget.root.getByPlaceholder("Nachricht schreiben …").waitFor();
    await widget.root.getByLabel("Nachricht", { exact: true }).fill("Guten Tag");
    const asked = page.waitForRequest((request) => request.method() === "POST");
    await widget.root.getByLabel("Nachricht", { exact: true }).press("Enter");
    assert.equal((await asked).postDataJSON().language, "de", "the team is told");
  });

  it("stay words, and in their place, whatever anybody writes", async () => {
    const { widget, page } = await visit("en-GB", PHONE);
    const title = await page.title();
    const name = `${RIGHT_TO_LEFT_OVERRIDE}<b>Eve</b>${"x".repeat(60)}`;
    await widget.root.getByLabel("Your name, optional").fill(name);
    for (const text of HOSTILE) await widget.say(text);
    await until("all are sent", async () => (await widget.unsent()) === 0 && (await widget.said()).length === HOSTILE.length);
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat");
    const { chatId } = chats.find((/** @type {{visitorName: string}} */ { visitorName }) => visitorName?.includes("Eve"));
    for (const message of HOSTILE) await callAsAgent(server.origin, "POST", "api/v1/admin/chat", { chatId, message });
    await until("all are answered", async () => (await widget.heard()).length === HOSTILE.length);
    assert.deepEqual(await widget.said(), HOSTILE.map((text) => text.trim()));
    assert.deepEqual(await widget.heard(), HOSTILE.map((text) => text.trim()));
    assert.equal(await page.title(), title);
    assert.equal(await widget.log.locator("img, script, b").count(), 0);
    assert.deepEqual(await widget.log.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
      ["https://example.com/a?b=", "https://example.com/a?b="]);
    await keepPicture(page, "widget-hostile");
    const outside = await widget.root.evaluate((host) => {
      const log = /** @type {HTMLElement} */ (host.shadowRoot?.querySelector(".log"));
      return { sideways: log.scrollWidth - log.clientWidth,
        out: [...log.querySelectorAll(".text")].filter((text) => text.getBoundingClientRect().right > innerWidth).length };
    });
    assert.deepEqual(outside, { sideways: 0, out: 0 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  });
});
