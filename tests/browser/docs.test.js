// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertReflows } from "./axe.js";
import { DESKTOP, keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Server } from "./server.js";

describe("the documentation of the API", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {any} */
  let document;

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
    document = await (await fetch(`${server.origin}/openapi.json`)).json();
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("has every call and every schema of openapi.json, and asks nobody else for anything", async () => {
    const { page, complaints } = await openDevice(browser);
    /** @type {string[]} */
    const foreign = [];
    page.on("request", (request) => new URL(request.url()).origin === server.origin || foreign.push(request.url()));
    await page.goto(`${server.origin}/docs`);
    await page.locator("main .cards a").first().waitFor();
    const groups = await page.locator("main .cards a").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
    const shown = [];
    for (const group of groups) {
      await page.goto(`${server.origin}/docs${group}`);
      await page.locator(`nav a[aria-current=page][href="${group}"]`).waitFor();
      shown.push(...await page.locator(".call h2").evaluateAll((headings) => headings.map((one) =>
        `${one.querySelector(".method")?.textContent} ${one.querySelector(".path")?.textContent}`)));
    }
    const documented = Object.entries(document.paths).flatMap(([path, calls]) => Object.keys(calls).map((method) => `${method} ${path}`));
    assert.deepEqual(shown.toSorted(), documented.toSorted());
    await page.goto(`${server.origin}/docs#/schemas`);
    await page.locator(".names a").first().waitFor();
    assert.equal(await page.locator(".names a").count(), Object.keys(document.components.schemas).length);
    assert.deepEqual([foreign, complaints], [[], []]);
  });

  it("finds calls by words, and leads to one of them by its own address", async () => {
    const { page } = await openDevice(browser);
    await page.goto(`${server.origin}/docs`);
    await page.locator(".cards").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("rates the latest");
    await page.locator(".found").getByText("/api/customers/me/feedback").click();
    const call = page.locator("#post-api-customers-me-feedback");
    await until("it has the focus", () => call.evaluate((one) => one.contains(globalThis.document.activeElement)));
    assert.match(page.url(), /#\/portal\/post-api-customers-me-feedback$/);
    const example = await call.locator("pre").last().innerText();
    assert.match(example, /^curl "http.*\/api\/customers\/me\/feedback" \\\n {2}-H "Authorization: Bearer \$TOKEN"/);
    assert.match(example, /"ticketId": "0199a1b2/);
    await page.reload();
    await until("it is in view", () => call.evaluate((one) => Math.abs(one.getBoundingClientRect().top) < 200));
    await call.getByRole("link", { name: "Feedback", exact: true }).click();
    await page.getByRole("heading", { name: "Feedback", level: 1 }).waitFor();
    await page.locator(".found").getByText("/api/customers/me/feedback").waitFor();
  });

  for (const theme of /** @type {const} */ (["light", "dark"])) {
    for (const [name, size] of /** @type {const} */ ([["desktop", DESKTOP], ["phone", PHONE]])) {
      it(`is accessible, ${theme}, ${name}`, async () => {
        const { page } = await openDevice(browser, size);
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        for (const place of ["", "#/portal", "#/chat", "#/schemas", "#/schemas/PortalTicket"]) {
          await page.goto("about:blank");
          await page.goto(`${server.origin}/docs${place}`);
          await page.locator("main h1:not(:empty)").waitFor();
          await until("it is loaded", async () => (await page.locator("[aria-busy]").count()) === 0);
          await assertAccessible(page, place);
          await assertReflows(page, place);
          await keepPicture(page, `docs-${place.replaceAll(/\W+/g, "-")}-${theme}-${name}`);
        }
        if (name === "phone") await page.getByRole("button", { name: "Contents" }).click();
        await page.getByRole("navigation", { name: "Contents" }).waitFor();
        await assertAccessible(page, "the contents");
      });
    }
  }
});
