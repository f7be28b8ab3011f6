// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertReflows } from "./axe.js";
import { keepPicture, launch, openDevice, DESKTOP, PHONE, until } from "./browser.js";
import { Portal } from "./pages/portal.js";
import { callAsAgent, Server } from "./server.js";

const CUSTOMER = { email: "ada@customers.example", password: "a long enough password" };
const THEMES = /** @type {const} */ (["light", "dark"]);
const SIZES = /** @type {const} */ ([["desktop", DESKTOP], ["phone", PHONE]]);

/** Nothing that anybody writes may break a page: turned directions, no space to break at, towers of marks, markup. */
const HOSTILE = {
  turned: "\u202eabc\u202d\u2066 def \u2067",
  long: "W".repeat(4_900),
  tower: `Z${"\u0301\u0322\u0334".repeat(200)}algo`,
  markup: "<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}${7*7}&amp;",
};

describe("the customers' pages", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  let id = "";

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
    ({ id } = await callAsAgent(server.origin, "POST", "api/customers", { name: "Ada", phone: "+49 30 1234567", ...CUSTOMER }));
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** @param {"light"|"dark"} theme @param {{width: number, height: number}} size */
  const open = async (theme, size) => {
    const { page, complaints } = await openDevice(browser, size);
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    return { page, complaints };
  };

  for (const theme of THEMES) {
    for (const [name, size] of SIZES) {
      it(`are accessible in each of the portal's states, ${theme}, ${name}`, async () => {
        const { page, complaints } = await open(theme, size);
        const portal = new Portal(page, server.origin);
        /** @param {string} state */
        const check = async (state) => {
          // What has gone under the header on the way is not what is looked at.
          await page.evaluate(() => window.scrollTo(0, 0));
          await assertAccessible(page, state);
          await assertReflows(page, state);
          await keepPicture(page, `portal-${state.replaceAll(" ", "-")}-${theme}-${name}`);
        };
        await portal.visit("");
        await page.getByRole("button", { name: "Log in" }).waitFor();
        await check("login");
        await portal.fillIn({ ...CUSTOMER, password: "wrong" });
        await page.getByRole("alert").waitFor();
        await check("refused login");
        await portal.logIn(CUSTOMER);
        await page.getByRole("status").getByText(/request/).waitFor();
        await check("requests");
        await portal.visit("requests/new");
        await portal.subject.fill("invoice");
        await page.locator(".suggestions summary").first().click();
        await check("new request with suggestions");
        const number = await openedRequest(portal);
        await check("conversation");
        await portal.visit("calls");
        await page.getByLabel("At a time of your choice").check({ force: true });
        await page.getByLabel("Day and time").waitFor();
        await check("calls");
        await portal.visit("notifications");
        await portal.rows.first().waitFor();
        await check("news");
        await portal.visit("help");
        await page.getByRole("link", { name: "How do I get a refund?" }).waitFor();
        await check("help");
        await page.getByLabel("Search the help pages").fill("xylophone");
        await page.getByText("Nothing was found").waitFor();
        await check("help without a result");
        await portal.visit("help/refunds");
        await page.getByRole("button", { name: "Yes" }).waitFor();
        await check("article");
        await portal.visit("profile");
        await page.getByText("Change password").first().click();
        await page.getByLabel("New password").waitFor();
        await check("profile");
        await portal.visit("requests/TKT-999999");
        await page.getByRole("heading", { name: "There is no such request" }).waitFor();
        await check("missing request");
        await callAsAgent(server.origin, "PATCH", `api/tickets/${number}/status`, { status: "resolved" });
        await portal.visit(`requests/${number}`);
        await page.getByRole("radio", { name: /3 stars/ }).check({ force: true });
        await page.getByRole("button", { name: "Send rating" }).waitFor();
        await check("rating");
        await page.getByRole("button", { name: "Close request" }).click();
        await check("asked whether to close");
        assert.deepEqual(complaints, []);
      });
    }
  }

  it("are accessible and hold together from right to left", async () => {
    for (const [name, size] of SIZES) {
      const { page, complaints } = await open("light", size);
      await page.addInitScript(() => localStorage.setItem("support|language", '"ar"'));
      const portal = new Portal(page, server.origin);
      await portal.visit("");
      await page.locator("#email").fill(CUSTOMER.email);
      await page.locator("#password").fill(CUSTOMER.password);
      await page.locator("button[type=submit]").click();
      for (const place of ["requests", "requests/new", "calls", "notifications", "help", "profile"]) {
        await portal.visit(place);
        await page.locator("main h1").waitFor();
        await until("it is loaded", async () => (await page.locator("[aria-busy=true]").count()) === 0);
        await assertAccessible(page, place);
        await assertReflows(page, place);
        await keepPicture(page, `portal-arabic-${place.replace("/", "-")}-${name}`);
      }
      assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
      assert.deepEqual(complaints, []);
    }
  });

  /** @param {Portal} portal */
  const openedRequest = async (portal) => {
    await portal.visit("requests");
    const number = await portal.ask("Where is my parcel?", "It was to come yesterday.");
    await callAsAgent(server.origin, "POST", `api/tickets/${number}/messages`, { content: "On its way.", sender: "agent" });
    await portal.log.getByText("On its way.").waitFor();
    return number;
  };

  it("keep their shape and run nothing, whatever is written into every field", async () => {
    for (const [name, size] of SIZES) {
      const { page, complaints } = await open("light", size);
      page.on("dialog", (dialog) => complaints.push(dialog.message()));
      const portal = new Portal(page, server.origin);
      await portal.logIn(CUSTOMER);
      for (const [kind, words] of Object.entries(HOSTILE)) {
        await page.getByRole("link", { name: "Requests" }).first().click();
        await portal.ask(words.slice(0, 200), words);
        await portal.log.locator(".text").first().waitFor();
        assert.deepEqual((await portal.messages()).map((text) => text.trim()), [words.trim()]);
        await assertReflows(page, `a conversation of ${kind} words, ${name}`);
        await keepPicture(page, `portal-hostile-${kind}-${name}`);
        await portal.visit("requests");
        await until("it is listed", async () => (await portal.rows.count()) > 0);
        await assertReflows(page, `the list with ${kind} words, ${name}`);
        await portal.visit("calls");
        await page.getByLabel("What is it about?").fill(words);
        await page.getByLabel("Phone number").fill(`+49 30 ${Math.trunc(1_000_000 + Math.random() * 8_999_999)}`);
        await page.getByRole("button", { name: "Request a call" }).click();
        await page.getByText("We will call you.", { exact: true }).waitFor();
        await assertReflows(page, `calls with ${kind} words, ${name}`);
        await portal.visit("help");
        await page.getByLabel("Search the help pages").fill(words.slice(0, 200));
        await page.locator("portal-help [role=status]").getByText(/article/).waitFor();
        await assertReflows(page, `a search for ${kind} words, ${name}`);
        await portal.visit("profile");
        await page.getByLabel("Name").fill(words.slice(0, 100));
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved").or(page.locator("form .problem")).first().waitFor();
        await assertReflows(page, `a profile of ${kind} words, ${name}`);
      }
      await keepPicture(page, `portal-hostile-profile-${name}`);
      await portal.visit("requests");
      await keepPicture(page, `portal-hostile-list-${name}`);
      assert.deepEqual(complaints, []);
      await callAsAgent(server.origin, "PATCH", `api/customers/${id}`, { name: "Ada" });
    }
  });
});
