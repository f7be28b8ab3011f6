// @ts-check
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { AGENT, call, callAsAgent, Server } from "./server.js";

const PLATFORM = { email: "operator@example.com", password: "a third long password" };

describe("administration at the console", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    [server, browser] = await Promise.all([Server.start({ RATE_LIMIT_MAX_REQUESTS: "0", WEBHOOK_ALLOWED_CIDRS: "127.0.0.0/8",
      PLATFORM_EMAIL: PLATFORM.email, PLATFORM_PASSWORD: PLATFORM.password }), launch()]);
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** @param {string} place @param {{email: string, password: string}} [agent] */
  const open = async (place, agent = AGENT) => {
    const { page, complaints } = await openDevice(browser);
    const desk = new Console(page);
    await desk.enter(server.origin, agent);
    await desk.visit(server.origin, `admin/${place}`);
    return { desk, page, complaints };
  };

  it("says at its field what is wrong with a setting, and saves what is right", async () => {
    const { desk, page, complaints } = await open("settings-general");
    await desk.fill("Time zone", "Mars/Olympus");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".field", { hasText: "Time zone" }).locator(".error").waitFor();
    assert.equal(await page.getByLabel("Time zone").getAttribute("aria-invalid"), "true");
    await until("the field has the focus", () => page.getByLabel("Time zone").evaluate((field) => field === document.activeElement));
    await keepPicture(page, "console-a-wrong-setting");
    await desk.fill("Time zone", "Europe/Berlin");
    await desk.fill("Greeting", "Good day!");
    await page.getByRole("button", { name: "Save" }).click();
    await desk.told("Saved");
    const settings = await callAsAgent(server.origin, "GET", "api/v1/admin/settings");
    assert.equal(settings.timezone, "Europe/Berlin");
    assert.equal(settings.branding.greeting, "Good day!");
    assert.deepEqual(complaints, []);
  });

  it("sets office hours, and keeps secrets that are not typed anew", async () => {
    const { desk, page } = await open("settings-hours");
    await page.getByLabel("There are office hours").check();
    await page.getByLabel("Friday 1 to").fill("15:00");
    await page.getByRole("button", { name: "Remove Monday 1" }).click();
    await page.getByRole("button", { name: "Add a holiday" }).click();
    await page.getByLabel("Holiday 1", { exact: true }).fill("2031-12-25");
    await page.getByRole("button", { name: "Save" }).click();
    await desk.told("Saved");
    const { officeHours } = await callAsAgent(server.origin, "GET", "api/v1/admin/settings");
    assert.deepEqual(officeHours.weekly.map((/** @type {any} */ one) => `${one.day.slice(0, 2)} ${one.from}-${one.to}`),
      ["tu 09:00-17:00", "we 09:00-17:00", "th 09:00-17:00", "fr 09:00-15:00"]);
    assert.equal(officeHours.holidays[0].date, "2031-12-25");

    await desk.visit(server.origin, "admin/settings-email");
    await desk.fill("Server", "mail.example.com");
    await desk.fill("From: address", "desk@example.com");
    await desk.fill("Password", "very secret");
    await page.getByRole("button", { name: "Save" }).click();
    await desk.told("Saved");
    await until("it is told that there is one", async () => (await page.getByLabel("Password").getAttribute("placeholder"))?.startsWith("Set") ?? false);
    assert.equal(await page.getByLabel("Password").inputValue(), "");
    await desk.fill("From: name", "The desk");
    await page.getByRole("button", { name: "Save" }).click();
    await until("it is saved", async () => (await callAsAgent(server.origin, "GET", "api/v1/admin/settings")).smtp.fromName === "The desk");
    assert.equal((await callAsAgent(server.origin, "GET", "api/v1/admin/settings")).smtp.password, true);
  });

  it("writes an article, shows beforehand how it will look, and takes no markup from it", async () => {
    const { desk, page, complaints } = await open("articles");
    await page.getByRole("button", { name: "New article" }).click();
    await desk.fill("Title *", "How to wash a lamp");
    await desk.fill("Text (Markdown) *", "# Carefully\n\n- **Unplug** it\n- Use [soap](https://example.com)\n- [not this](javascript:alert(1))\n\n<img src=x onerror=alert(1)>");
    const preview = page.getByRole("region", { name: "Preview" });
    await preview.getByRole("heading", { name: "Carefully" }).waitFor();
    assert.equal(await preview.locator("strong").textContent(), "Unplug");
    assert.equal(await preview.getByRole("link").count(), 1);
    assert.equal(await preview.locator("img").count(), 0);
    await page.getByLabel("Published").check();
    await keepPicture(page, "console-article");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: "How to wash a lamp" }).getByText("published").waitFor();
    const found = await call(server.origin, "GET", "api/v1/chat/knowledge-base?q=wash");
    assert.equal(found[0].title, "How to wash a lamp");
    await page.getByRole("button", { name: "Delete How to wash a lamp" }).click();
    await desk.dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("row", { name: "How to wash a lamp" }).waitFor({ state: "detached" });
    assert.deepEqual(complaints, []);
  });

  it("adds a webhook whose secret is shown once, calls it, and shows the log", async (test) => {
    /** @type {string[]} */
    const heard = [];
    const receiver = createServer((request, response) => {
      heard.push(String(request.headers["webhook-signature"] ?? ""));
      response.end("thank you");
    });
    await new Promise((resolve) => receiver.listen(0, "127.0.0.1", () => resolve(null)));
    test.after(() => receiver.close());
    const { port } = /** @type {import("node:net").AddressInfo} */ (receiver.address());
    const { desk, page } = await open("webhooks");
    await page.getByRole("button", { name: "New webhook" }).click();
    await desk.fill("URL *", "nonsense");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await desk.dialog.locator(".error").waitFor();
    await desk.fill("URL *", `http://127.0.0.1:${port}/hook`);
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await desk.dialog.getByText("whsec_").waitFor();
    await desk.dialog.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("button", { name: /^Test http/ }).click();
    await desk.dialog.locator(".secret").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Log http/ }).click();
    await desk.dialog.getByRole("heading", { name: "Delivery log" }).waitFor();
    assert.match(heard[0], /^v1,/);
  });

  it("adds an agent, who sees no more than an agent may", async () => {
    const { desk, page } = await open("agents");
    await page.getByRole("button", { name: "New agent" }).click();
    await desk.fill("Name *", "Nadia");
    await desk.fill("Email *", "nadia@example");
    await desk.fill("Password *", "short");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await desk.dialog.locator(".error").first().waitFor();
    await desk.fill("Email *", "nadia@example.com");
    await desk.fill("Password *", "a fourth long password");
    await desk.dialog.getByLabel("Sales").check();
    await desk.fill("Languages", "en, de");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    const row = page.getByRole("row", { name: "Nadia" });
    await row.getByText("Sales").waitFor();
    const other = await open("", { email: "nadia@example.com", password: "a fourth long password" });
    await other.page.getByRole("heading", { name: "Canned responses" }).waitFor();
    const places = other.page.getByRole("navigation", { name: "Administration" }).getByRole("link");
    assert.deepEqual(await places.allTextContents(), ["Canned responses", "Knowledge base", "Your account"]);
    assert.equal(await other.page.getByRole("button", { name: "New canned response" }).count(), 0);
    await page.getByRole("button", { name: "Deactivate Nadia" }).click();
    await desk.dialog.getByRole("button", { name: "Deactivate" }).click();
    await row.waitFor({ state: "detached" });
  });

  it("makes a key that is shown once, and a department, and a customer whose data can be had and erased", async () => {
    const { desk, page } = await open("keys");
    await page.getByRole("button", { name: "New key" }).click();
    await desk.fill("Name *", "Shop");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await desk.dialog.getByText("sk_").waitFor();
    await desk.dialog.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("row", { name: "Shop" }).waitFor();

    await desk.visit(server.origin, "admin/departments");
    await page.getByRole("button", { name: "New department" }).click();
    await desk.fill("Name *", "Returns");
    await desk.fill("Short name for addresses *", "Not A Slug");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await desk.dialog.locator(".error").waitFor();
    await desk.fill("Short name for addresses *", "returns");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: "Returns" }).waitFor();

    await desk.visit(server.origin, "admin/customers");
    await page.getByRole("button", { name: "New customer" }).click();
    await desk.fill("Name *", "Theo");
    await desk.fill("Email *", "theo@customers.example");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: "Theo" }).waitFor();
    await page.getByRole("button", { name: "Erase Theo" }).click();
    await desk.dialog.getByRole("button", { name: "Erase" }).click();
    await page.getByRole("row", { name: "Theo" }).waitFor({ state: "detached" });
  });

  it("gives a mail other words, shows how it reads, refuses what is no template, and takes the original back", async () => {
    const { desk, page, complaints } = await open("templates");
    await page.locator("mail-preview").waitFor();
    await until("it is drawn", () => page.locator("mail-preview").evaluate((place) => (place.shadowRoot?.textContent ?? "").includes("Where is my parcel?")));
    await desk.fill("Subject *", "{% if");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".field", { hasText: "Subject" }).locator(".error").waitFor();
    await desk.fill("Subject *", "Something new: {{ ticket.subject }}");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("Something new: Where is my parcel?").waitFor();
    await keepPicture(page, "console-mail");
    await page.getByRole("button", { name: "Save" }).click();
    await desk.told("Saved");
    await page.getByRole("button", { name: "Back to the original" }).click();
    await desk.dialog.getByRole("button", { name: "Back to the original" }).click();
    await until("it is back", async () => (await page.getByLabel("Subject").inputValue()).startsWith("New request"));
    assert.deepEqual(complaints, []);
  });

  it("shows figures and drawings, the same as tables, and gives them out as CSV", async () => {
    await call(server.origin, "POST", "api/v1/chat", { visitorName: "Ada", message: "Count me" });
    const { desk, page, complaints } = await open("");
    await desk.visit(server.origin, "analytics");
    await page.getByRole("img", { name: /Chats per day/ }).waitFor();
    await until("it is drawn", () => page.locator("daily-chart canvas").evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).width > 100));
    await page.getByText("Show as a table").first().click();
    assert.equal(await page.getByRole("table", { name: "Chats per day" }).getByRole("row").count(), 31);
    await page.getByLabel("Range").selectOption("7");
    await until("there are seven days", async () => (await page.getByRole("table", { name: "Chats per day" }).getByRole("row").count()) === 8);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
    assert.match(download.suggestedFilename(), /^analytics-.*\.csv$/);
    assert.deepEqual(complaints, []);
  });

  it("shows a platform operator the tenants and nothing else", async () => {
    const { page } = await openDevice(browser);
    const desk = new Console(page);
    await desk.enter(server.origin, PLATFORM);
    await page.getByRole("heading", { name: "Tenants" }).waitFor();
    assert.deepEqual(await page.getByRole("navigation", { name: "Sections" }).getByRole("link").allInnerTexts(), ["Admin"]);
    await page.getByRole("button", { name: "New tenant" }).click();
    await desk.fill("Name *", "Acme");
    await desk.fill("Short name *", "acme");
    await desk.fill("First admin: name *", "Ann");
    await desk.fill("First admin: email *", "ann@acme.example");
    await desk.fill("First admin: password *", "a fifth long password");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: "Acme" }).waitFor();
  });
});
