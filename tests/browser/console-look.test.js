// @ts-check
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { assertAccessible } from "./axe.js";
import { DESKTOP, keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { AGENT, call, callAsAgent, Server } from "./server.js";

const BUDGET = 150 * 1024;
const PAGES = path.join(import.meta.dirname ?? ".", "../../support-http/web");
const PLACES = ["agents", "departments", "customers", "blocks", "canned", "articles", "templates", "settings-general", "settings-hours", "settings-sla",
  "settings-email", "settings-telegram", "chatbots", "webhooks", "deliveries", "keys", "audit", "account"];
/** Nothing that anybody writes may break the page: turned directions, no space to break at, towers of marks, markup. */
const HOSTILE = {
  turned: "\u202eabc\u202d\u2066 def \u2067",
  long: "W".repeat(190),
  tower: `Z${"\u0301\u0322\u0334".repeat(50)}algo`,
  markup: "<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}",
};

describe("the console", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  let chatId = "";

  before(async () => {
    [server, browser] = await Promise.all([Server.start({ RATE_LIMIT_MAX_REQUESTS: "0" }), launch()]);
    const { origin } = server;
    for (const [kind, words] of Object.entries(HOSTILE)) {
      await call(origin, "POST", "api/v1/chat", { visitorName: words.slice(0, 100), message: `${kind} ${words.repeat(kind === "long" ? 20 : 1)}` });
      await callAsAgent(origin, "POST", "api/v1/admin/chat/departments", { name: `${words.slice(0, 60)} ${kind}`, slug: `team-${kind}`, description: words });
      await callAsAgent(origin, "POST", "api/v1/admin/canned-responses", { shortcut: kind, title: words, content: words });
      await callAsAgent(origin, "POST", "api/v1/admin/chat/knowledge-base", { title: words, slug: kind, content: words, category: words.slice(0, 50) });
      await callAsAgent(origin, "POST", "api/customers", { name: words, email: `${kind}@customers.example` });
    }
    const chat = await call(origin, "POST", "api/v1/chat", { visitorName: "Ada", visitorEmail: "ada@example.com", message: "Where is my parcel?" });
    chatId = chat.chatId;
    await callAsAgent(origin, "POST", "api/v1/admin/chat", { chatId, message: "A note", isNote: true });
    await callAsAgent(origin, "POST", "api/v1/admin/chat", { chatId, message: "On its way." });
    await callAsAgent(origin, "PATCH", "api/v1/admin/chat", { chatId, tags: ["parcel", HOSTILE.long.slice(0, 40)], priority: "urgent" });
    await fetch(`${origin}/api/chat/callback-request`, { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ contactNumber: "+49 30 7654321", employeeId: HOSTILE.markup.slice(0, 40) }) });
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** @param {import("playwright-core").Page} page @param {string} state */
  const assertWhole = async (page, state) => {
    await assertAccessible(page, state);
    const { whole, shown } = await page.evaluate(() => ({ whole: document.documentElement.scrollWidth, shown: document.documentElement.clientWidth }));
    assert.ok(whole <= shown, `${state}: ${whole - shown} pixels stick out sideways`);
  };

  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const [size, viewport] of /** @type {const} */ ([["desktop", DESKTOP], ["phone", PHONE]])) {
      it(`is accessible on every page, whatever people write, ${colorScheme}, on a ${size}`, async () => {
        const { page, complaints } = await openDevice(browser, viewport);
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const desk = new Console(page);
        /** @param {string} state */
        const check = async (state) => {
          await assertWhole(page, `${state}, ${colorScheme}, ${size}`);
          await keepPicture(page, `console-${state}-${colorScheme}-${size}`.replaceAll(" ", "-"));
        };
        await page.goto(`${server.origin}/console`);
        await page.getByLabel("Email").waitFor();
        await check("login");
        await desk.enter(server.origin, AGENT);
        await until("all are listed", async () => (await desk.chats.count()) === 5);
        await check("list");
        for (const kind of Object.keys(HOSTILE)) {
          await desk.openChat(kind === "markup" ? "alert(2)" : `${kind} `);
          await check(`chat ${kind}`);
          if (size === "phone") await page.getByLabel("Back to the list").click();
        }
        await desk.visit(server.origin, `chat/${chatId}`);
        await desk.thread.getByText("On its way.").waitFor();
        await check("chat");
        await page.getByRole("textbox", { name: "Answer" }).fill("/");
        await page.getByRole("textbox", { name: "Answer" }).pressSequentially("l");
        await page.getByRole("listbox").waitFor();
        await check("canned");
        await page.getByRole("textbox", { name: "Answer" }).fill("");
        await page.locator(".about").getByRole("button", { name: "Transfer" }).click();
        await check("transfer");
        await page.keyboard.press("Escape");
        await page.locator(".actions").getByRole("button", { name: "More" }).click();
        await check("menu");
        await page.keyboard.press("Escape");
        if (size === "phone") {
          await page.getByRole("button", { name: "Details" }).click();
          await page.locator(".panel").waitFor();
          await check("details");
          await page.getByRole("button", { name: "Close details" }).click();
          await page.getByLabel("Back to the list").click();
        }
        await page.getByRole("button", { name: /^Notifications/ }).click();
        await check("notifications");
        await page.keyboard.press("Escape");
        await desk.visit(server.origin, "callbacks");
        await page.getByRole("link", { name: /^Call / }).waitFor();
        await check("callbacks");
        await desk.visit(server.origin, "analytics");
        await page.locator("daily-chart canvas").waitFor();
        await check("analytics");
        assert.deepEqual(complaints, []);
      });

      it(`is accessible on every page of administration, ${colorScheme}, on a ${size}`, async () => {
        const { page, complaints } = await openDevice(browser, viewport);
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const desk = new Console(page);
        await desk.enter(server.origin, AGENT);
        for (const place of PLACES) {
          await desk.visit(server.origin, `admin/${place}`);
          await page.locator(".admin h2").waitFor();
          await until(`${place} is read`, async () => (await page.getByText("Loading…").count()) === 0);
          const state = `${place}, ${colorScheme}, ${size}`;
          await assertWhole(page, state);
          await keepPicture(page, `console-${place}-${colorScheme}-${size}`);
          const add = page.getByRole("button", { name: /^New / });
          if ((await add.count()) === 0) continue;
          await add.click();
          await assertWhole(page, `${state}, a new one`);
          await keepPicture(page, `console-${place}-new-${colorScheme}-${size}`);
          await page.keyboard.press("Escape");
        }
        assert.deepEqual(complaints, []);
      });
    }
  }

  it("holds to the theme that was chosen on this device", async () => {
    const { page } = await openDevice(browser);
    const desk = new Console(page);
    await desk.enter(server.origin, AGENT);
    const isPaper = (/** @type {string} */ color) => until(`the paper is ${color}`, () =>
      page.evaluate((wanted) => getComputedStyle(document.body).backgroundColor === wanted, color));
    const [light, dark] = ["rgb(246, 247, 249)", "rgb(16, 21, 27)"];
    await isPaper(light);
    await page.getByLabel("Theme").selectOption("dark");
    await isPaper(dark);
    await page.reload();
    await page.locator(".desk").waitFor();
    await isPaper(dark);
    await page.getByLabel("Theme").selectOption("light");
    await page.emulateMedia({ colorScheme: "dark" });
    await isPaper(light);
  });

  it("transfers at most 150 KB before the inbox can be used, and the other sections only when they are wanted", async () => {
    const { page } = await openDevice(browser);
    /** @type {Set<string>} */
    const loaded = new Set();
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/assets/")) loaded.add(pathname.replace("/assets/", ""));
    });
    const desk = new Console(page);
    await desk.enter(server.origin, AGENT);
    await until("all are listed", async () => (await desk.chats.count()) === 5);
    const files = await Promise.all(["console/index.html", ...loaded].map((file) => readFile(path.join(PAGES, file))));
    const size = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
    assert.ok(size <= BUDGET, `${size} bytes of ${BUDGET}`);
    const isLater = (/** @type {string} */ file) => /console\/(?:admin|analytics|callbacks)\/|uplot/.test(file);
    assert.deepEqual([...loaded].filter(isLater), []);
    await page.getByRole("link", { name: "Analytics" }).click();
    await page.locator("daily-chart canvas").waitFor();
    assert.ok([...loaded].some(isLater));
  });
});
