// @ts-check
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertReflows } from "./axe.js";
import { DESKTOP, keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Portal } from "./pages/portal.js";
import { call, callAsAgent, Server } from "./server.js";

const CUSTOMER = { email: "ada@customers.example", password: "a long enough password" };
const KILOBYTE = 1024;
const PAGES = ["", "docs", "console", "portal", "conversation", "reset-password", "unsubscribe", "widget.js"];
const LANGUAGES = path.join(import.meta.dirname ?? ".", "../../support-http/web/portal/languages");

describe("every page", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
    await callAsAgent(server.origin, "POST", "api/customers", { name: "Ada", ...CUSTOMER });
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("lets nothing run, load or look at it but what comes with it", async () => {
    for (const page of PAGES) {
      const { headers } = await fetch(`${server.origin}/${page}`);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/, page);
      assert.match(policy, /frame-ancestors 'none'/, page);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/, page);
      assert.equal(headers.get("x-content-type-options"), "nosniff", page);
    }
  });

  for (const theme of /** @type {const} */ (["light", "dark"])) {
    for (const [name, size] of /** @type {const} */ ([["desktop", DESKTOP], ["phone", PHONE]])) {
      it(`without a login is accessible and keeps to its policy, ${theme}, ${name}`, async () => {
        const { page, complaints } = await openDevice(browser, size);
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        const { sessionId } = await call(server.origin, "POST", "api/v1/chat", { visitorName: "Vera", message: "Hello" });
        const places = ["", "conversation", `conversation#token=${sessionId}`, "reset-password", "reset-password#token=x", "unsubscribe?token=x"];
        for (const place of places) {
          await page.goto("about:blank");
          await page.goto(`${server.origin}/${place}`);
          await page.locator("h1, support-widget").first().waitFor();
          if (place.includes(sessionId)) await page.locator("support-widget").getByText("Hello").first().waitFor();
          // What the widget shows there is looked at by its own tests.
          if (!place.includes(sessionId)) await assertAccessible(page, place);
          await assertReflows(page, place);
          await keepPicture(page, `page-${place.replace(/#.*/, "-token").replaceAll(/\W+/g, "-")}-${theme}-${name}`);
        }
        assert.deepEqual(complaints, []);
      });
    }
  }

  it("of the customers' stays within its budget of transfer", async () => {
    const budgets = /** @type {const} */ ([["", 40], ["docs", 60], ["portal", 70], ["reset-password", 10]]);
    for (const [place, budget] of budgets) {
      const { page } = await openDevice(browser);
      let bytes = 0;
      page.on("requestfinished", async (request) => {
        const { pathname } = new URL(request.url());
        if (pathname.startsWith("/api") || pathname.endsWith("openapi.json")) return;
        const { responseBodySize } = await request.sizes();
        bytes += responseBodySize;
      });
      if (place === "portal") await new Portal(page, server.origin).logIn(CUSTOMER);
      else await page.goto(`${server.origin}/${place}`, { waitUntil: "load" });
      await until("something came", () => bytes > 0);
      assert.ok(bytes <= budget * KILOBYTE, `/${place} is ${bytes} bytes of ${budget} KB`);
      await page.context().close();
    }
  });

  it("of the customers' holds still for those who ask for it", async () => {
    const { page } = await openDevice(browser);
    const moving = () => page.evaluate(() => [...document.querySelectorAll("*")].filter((one) => {
      const { animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(one);
      const longest = Math.max(...`${animationDuration}, ${transitionDuration}`.split(", ").map(parseFloat));
      return longest > 0.001 || scrollBehavior === "smooth";
    }).map((one) => one.tagName));
    await new Portal(page, server.origin).logIn(CUSTOMER);
    assert.deepEqual(await moving(), []);
    for (const place of ["", "docs", "reset-password"]) {
      await page.goto(`${server.origin}/${place}`);
      await page.locator("h1").waitFor();
      assert.deepEqual(await moving(), [], place);
    }
  });
});

it("the portal says everything in every language, with the same values in it", async () => {
  const files = await readdir(LANGUAGES);
  const all = await Promise.all(files.map(async (file) => ({ file, words: (await import(path.join(LANGUAGES, file))).default })));
  const english = all.find(({ file }) => file === "en.js")?.words;
  const values = (/** @type {unknown} */ text) => new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? []);
  for (const { file, words } of all) {
    assert.deepEqual(Object.keys(words), Object.keys(english), file);
    for (const [key, text] of Object.entries(words)) {
      assert.deepEqual(values(text), values(english[key]), `${file}: ${key}`);
      if (typeof text === "string") continue;
      const kinds = new Intl.PluralRules(file.replace(".js", "")).resolvedOptions().pluralCategories;
      assert.deepEqual(Object.keys(text).toSorted(), kinds.toSorted(), `${file}: ${key}`);
    }
  }
});

it("the portal's page names every module it begins with, so that none waits for another", async () => {
  const web = path.join(LANGUAGES, "../..");
  const page = await readFile(path.join(web, "portal/index.html"), "utf8");
  const named = [...page.matchAll(/<link rel="modulepreload" href="assets\/([^"]+)">/g)].map(([, file = ""]) => file);
  /** @type {Set<string>} */
  const needed = new Set();
  const visit = async (/** @type {string} */ file) => {
    if (needed.has(file)) return;
    needed.add(file);
    const text = file.startsWith("vendor/") ? "" : await readFile(path.join(web, file), "utf8");
    for (const [, other = ""] of text.matchAll(/^(?:import|export) (?:[^"]* from )?"(\.[^"]+)";$/gm)) {
      await visit(path.posix.join(path.posix.dirname(file), other));
    }
  };
  await visit("portal/main.js");
  needed.delete("portal/main.js");
  assert.deepEqual(named.toSorted(), [...needed].toSorted());
});
