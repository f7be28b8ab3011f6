// @ts-check
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Portal } from "./pages/portal.js";
import { call, callAsAgent, Server } from "./server.js";

const PASSWORD = "a long enough password";

describe("a customer's portal", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {string[]} */
  let complaints = [];
  let customers = 0;

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const heard = complaints;
    complaints = [];
    assert.deepEqual(heard, []);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A customer nobody else has. @param {string} name @param {object} [more] */
  const customer = async (name, more = {}) => {
    customers += 1;
    const login = { email: `${name.toLowerCase()}${customers}@customers.example`, password: PASSWORD };
    const { id } = await callAsAgent(server.origin, "POST", "api/customers", { name, ...login, ...more });
    return { ...login, id };
  };

  /** @param {{width: number, height: number}} [viewport] */
  const device = async (viewport) => {
    const opened = await openDevice(browser, viewport);
    opened.page.on("close", () => complaints.push(...opened.complaints));
    return new Portal(opened.page, server.origin);
  };

  /** @param {string} name @param {{width: number, height: number}} [viewport] */
  const enter = async (name, viewport) => {
    const [login, portal] = [await customer(name), await device(viewport)];
    await portal.logIn(login);
    return { portal, login };
  };

  /** @param {string} ticket @param {string} content */
  const answer = (ticket, content) =>
    callAsAgent(server.origin, "POST", `api/tickets/${ticket}/messages`, { content, sender: "agent" });

  /** @param {string} ticket @param {string} status */
  const move = (ticket, status) => callAsAgent(server.origin, "PATCH", `api/tickets/${ticket}/status`, { status });

  it("refuses a wrong password in words, and sends the team to its own place", async () => {
    const portal = await device();
    await portal.visit("");
    await portal.fillIn({ email: "nobody@customers.example", password: "a guess" });
    await portal.page.getByRole("alert").getByText("Email or password is wrong.").waitFor();
    await portal.fillIn({ email: "mara@example.com", password: PASSWORD });
    await portal.page.getByRole("link", { name: "open the console" }).waitFor();
  });

  it("takes a question from its subject to its rating, live on both sides", async () => {
    const { portal } = await enter("Ada");
    await portal.page.getByText("Nothing here yet").waitFor();
    await portal.page.getByRole("link", { name: "New request" }).first().click();
    await portal.subject.fill("invoice");
    await portal.page.getByText("Invoices and ways to pay").waitFor();
    await portal.page.goBack();
    const number = await portal.ask("My invoice is wrong", "It says 40 EUR, I paid 20.");
    assert.match(number, /^TKT-\d+$/);
    assert.deepEqual(await portal.messages(), ["It says 40 EUR, I paid 20."]);

    await answer(number, "We look into it.");
    await portal.log.getByText("We look into it.").waitFor();
    await portal.announced.getByText(/says: We look into it\./).waitFor();
    await portal.say("Thank you!");
    await until("it is acknowledged", async () => (await portal.unsent()) === 0);
    await until("the agent has it", async () => {
      const { messages } = await callAsAgent(server.origin, "GET", `api/tickets/${number}/messages`).then((found) => ({ messages: found.messages ?? found }));
      return messages.some((/** @type {any} */ one) => one.content === "Thank you!");
    });
    await keepPicture(portal.page, "portal");

    await move(number, "resolved");
    await portal.page.getByText("This request is resolved.").waitFor();
    await portal.page.getByRole("radio", { name: "4 stars: Good" }).check({ force: true });
    await portal.page.getByLabel("What went well").fill("Quick and kind");
    await portal.page.getByRole("button", { name: "Send rating" }).click();
    await portal.announced.getByText("Thank you for your rating.").waitFor();
    const { chats } = await callAsAgent(server.origin, "GET", "api/v1/admin/chat?rating=4");
    assert.equal(chats.length, 1);
    await portal.page.reload();
    await portal.log.waitFor();
    assert.equal(await portal.page.getByRole("button", { name: "Send rating" }).count(), 0);
    assert.deepEqual(await portal.messages(), ["It says 40 EUR, I paid 20.", "We look into it.", "Thank you!"]);
  });

  it("opens a resolved request again by a button, and another one by writing to a closed one", async () => {
    const { portal } = await enter("Boris");
    const number = await portal.ask("It broke", "Again.");
    await move(number, "resolved");
    await portal.page.getByRole("button", { name: "Open again" }).click();
    await portal.page.locator(".facts").getByText("Open", { exact: true }).or(portal.page.locator(".facts").getByText("In progress")).waitFor();
    await portal.page.getByRole("button", { name: "Close request" }).click();
    assert.equal(await portal.page.evaluate(() => document.activeElement?.textContent?.trim()), "Close request");
    await portal.page.keyboard.press("Escape");
    await portal.page.getByRole("button", { name: "Close request" }).click();
    await portal.page.locator(".ask").getByRole("button", { name: "Close request" }).click();
    await portal.page.getByText("This request is closed.").waitFor();

    await portal.say("Something else");
    await portal.log.getByText("Something else").waitFor();
    await until("the new request is shown", () => !portal.page.url().endsWith(number));
    await until("with what was written", async () => (await portal.messages()).join() === "Something else");
    await portal.go("Requests");
    await until("both are listed", async () => (await portal.rows.count()) === 2);
  });

  it("keeps what is written while the server is away, and sends it once and in order", async () => {
    const { portal } = await enter("Chen", PHONE);
    const number = await portal.ask("Are you there?", "Hello");
    await answer(number, "Yes");
    await portal.log.getByText("Yes").waitFor();
    await server.kill();
    for (const words of ["one", "two", "three"]) await portal.say(words);
    await portal.page.getByText("No connection.").waitFor();
    assert.equal(await portal.unsent(), 3);
    await keepPicture(portal.page, "portal-offline");
    await portal.page.getByRole("link", { name: "All requests" }).click();
    await portal.page.goBack();
    await server.startAgain();
    await until("all is sent", async () => (await portal.unsent()) === 0 && (await portal.messages()).length === 5);
    await answer(number, "Back again");
    await portal.log.getByText("Back again").waitFor();
    assert.deepEqual(await portal.messages(), ["Hello", "Yes", "one", "two", "three", "Back again"]);
    await until("the line is gone", async () => !(await portal.page.getByText("No connection.").isVisible()));
  });

  it("sends what was written before the browser was closed", async () => {
    const { portal } = await enter("Dana");
    const number = await portal.ask("Slow", "Hello");
    await portal.page.route("**/messages", (route) => route.abort());
    await portal.say("on the train");
    await portal.page.locator(".unsent").waitFor();
    await portal.page.unroute("**/messages");
    const later = new Portal(await portal.page.context().newPage(), server.origin);
    await portal.page.close();
    await later.visit(`requests/${number}`);
    await later.log.getByText("on the train").waitFor();
    await until("it is sent", async () => (await later.unsent()) === 0);
    assert.deepEqual(await later.messages(), ["Hello", "on the train"]);
  });

  it("shows the same in two tabs, and logs both out", async () => {
    const { portal } = await enter("Emil");
    const number = await portal.ask("Two tabs", "Hello");
    const other = new Portal(await portal.page.context().newPage(), server.origin);
    await other.visit(`requests/${number}`);
    await other.log.getByText("Hello").waitFor();
    await other.say("from the other");
    await portal.log.getByText("from the other").waitFor();
    await answer(number, "to both");
    await Promise.all([portal, other].map(({ log }) => log.getByText("to both").waitFor()));
    for (const tab of [portal, other]) {
      await until("it is settled", async () => (await tab.unsent()) === 0);
      assert.deepEqual(await tab.messages(), ["Hello", "from the other", "to both"]);
    }
    await other.go("Profile");
    await other.page.getByRole("button", { name: "Log out" }).click();
    await portal.page.getByRole("heading", { name: "Welcome" }).waitFor();
    const left = await portal.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("support-portal")));
    assert.deepEqual(left, []);
  });

  it("lets in whom the host application sends, and takes the token out of the address", async () => {
    const login = await customer("Finn");
    const { token } = await call(server.origin, "POST", "api/auth/login", { email: login.email, password: PASSWORD });
    const portal = await device();
    await portal.page.goto(`${server.origin}/portal#token=${token}`);
    await portal.page.getByRole("heading", { name: "Your requests" }).waitFor();
    assert.equal(new URL(portal.page.url()).hash, "#/");
    await portal.page.goto(`${server.origin}/docs`);
    await portal.page.goBack();
    assert.ok(!portal.page.url().includes(token), "nor out of the history");

    const stranger = await device();
    await stranger.page.goto(`${server.origin}/portal#token=what.is.this`);
    await stranger.page.getByText("You could not be logged in this way.").waitFor();
    assert.equal(new URL(stranger.page.url()).hash, "#/");
  });

  it("asks for the login again when it was revoked, and keeps the sentence begun", async () => {
    const { portal, login } = await enter("Gita");
    await portal.ask("Half a sentence", "Hello");
    await portal.message.fill("I was still writing");
    const token = await portal.page.evaluate(() => JSON.parse(localStorage.getItem("support-portal|login") ?? "{}").token);
    await fetch(`${server.origin}/api/auth/logout`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    await portal.page.getByRole("button", { name: "Send", exact: true }).click();
    await portal.page.getByText("Your login has ended.").waitFor();
    await portal.fillIn(login);
    await portal.log.getByText("I was still writing").waitFor();
    await until("it is sent", async () => (await portal.unsent()) === 0);
    assert.deepEqual(await portal.messages(), ["Hello", "I was still writing"]);
  });

  it("tells in its navigation what is new, wherever one is, and that it was read", async () => {
    const { portal } = await enter("Hana");
    const number = await portal.ask("Tell me", "Hello");
    await portal.go("Help");
    await answer(number, "Here you are");
    await portal.page.getByRole("link", { name: "News, 1 unread" }).waitFor();
    assert.match(await portal.page.title(), /^\(1\) /);
    await portal.go("News");
    await portal.rows.getByText("answered").click();
    await portal.log.getByText("Here you are").waitFor();
    await until("it is read", async () => (await portal.page.getByRole("link", { name: "News, 1 unread" }).count()) === 0);
    await portal.go("Requests");
    assert.equal(await portal.page.locator(".row.unread").count(), 0);

    await answer(number, "And more");
    await portal.page.locator(".row.unread").getByText("1 unread answer").waitFor();
    await portal.go("News");
    await portal.page.getByRole("button", { name: "Mark all as read" }).click();
    await until("all is read", async () => (await portal.page.locator(".row.unread").count()) === 0);
  });

  it("filters requests, and goes through their pages", async () => {
    const { portal, login } = await enter("Ivo");
    const { token } = await call(server.origin, "POST", "api/auth/login", { email: login.email, password: PASSWORD });
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    for (let count = 1; count <= 22; count += 1) {
      const body = JSON.stringify({ title: `Question ${count}`, description: "Please", priority: count === 7 ? "urgent" : "low" });
      const made = await fetch(`${server.origin}/api/customers/me/tickets`, { method: "POST", headers, body });
      assert.equal(made.status, 201);
    }
    await portal.page.getByText("22 requests").waitFor();
    await until("a page is full", async () => (await portal.rows.count()) === 20);
    await portal.page.getByRole("link", { name: "Next page" }).click();
    await portal.rows.getByText("Question 1", { exact: true }).waitFor();
    assert.equal(await portal.rows.count(), 2);
    await portal.page.getByLabel("Priority").selectOption("Urgent");
    await portal.page.getByText("1 request", { exact: true }).waitFor();
    await portal.rows.getByText("Question 7").waitFor();
    await portal.page.getByLabel("Status").selectOption("Closed");
    await portal.page.getByText("No request matches").waitFor();
    await portal.page.getByRole("link", { name: "Show all" }).click();
    await portal.page.getByText("22 requests").waitFor();
  });

  it("asks for a call now and at a chosen time, and says what is wrong with a number", async () => {
    const portal = await device(PHONE);
    await portal.logIn(await customer("Jana", { phone: "+49 30 1234567" }));
    await portal.go("Calls");
    const number = portal.page.getByLabel("Phone number");
    await until("the known number is there", async () => (await number.inputValue()) === "+49 30 1234567");
    await number.fill("12");
    await portal.page.getByRole("button", { name: "Request a call" }).click();
    await portal.page.getByText("Invalid contact number format").first().waitFor();
    await number.fill("+49 30 1234567");
    await portal.page.getByRole("button", { name: "Request a call" }).click();
    await portal.page.getByText("We will call you.", { exact: true }).waitFor();
    await portal.page.getByLabel("At a time of your choice").check({ force: true });
    await number.fill("+49 30 7654321");
    await portal.page.getByLabel("Day and time").fill("2131-05-06T12:30");
    await portal.page.getByLabel("What is it about?").fill("My invoice");
    await portal.page.getByRole("button", { name: "Request a call" }).click();
    await portal.page.getByText("We will call you: 6 May 2131, 12:30.").waitFor();
    await until("both are listed", async () => (await portal.rows.count()) === 2);
    assert.match(await portal.rows.first().innerText(), /6 May 2131, 12:30\s+My invoice/);
  });

  it("finds help pages, shows one, and takes what one thinks of it", async () => {
    const { portal } = await enter("Karl");
    await portal.go("Help");
    await portal.page.getByRole("link", { name: "How do I get a refund?" }).waitFor();
    await portal.page.getByLabel("Search the help pages").fill("invo");
    await portal.rows.getByText("Invoices and ways to pay").click();
    await portal.page.getByRole("heading", { name: "How you can pay" }).waitFor();
    assert.match(await portal.page.title(), /^Invoices and ways to pay · ./);
    await portal.page.getByRole("button", { name: "Yes" }).click();
    await portal.page.getByText("Thank you for telling us.").waitFor();
    await portal.page.goBack();
    assert.equal(await portal.page.getByLabel("Search the help pages").inputValue(), "invo");
  });

  it("changes how one is called and reached, and hands out everything that is kept", async () => {
    const { portal } = await enter("Lena");
    await portal.ask("Export me", "Everything");
    await portal.go("Profile");
    await portal.page.getByLabel("Name").fill("Lena Ö.");
    await portal.page.getByLabel("Email").fill("not an address");
    await portal.page.getByRole("button", { name: "Save" }).click();
    assert.equal(await portal.page.getByText("Saved").count(), 0);
    await portal.page.getByLabel("Email").fill("lena@elsewhere.example");
    await portal.page.getByRole("button", { name: "Save" }).click();
    await portal.page.getByText("Saved").waitFor();
    const [download] = await Promise.all([portal.page.waitForEvent("download"),
      portal.page.getByRole("button", { name: "Download everything" }).click()]);
    const copy = JSON.parse(await readFile(await download.path(), "utf8"));
    assert.equal(copy.customer.name, "Lena Ö.");
    assert.equal(copy.tickets[0].messages[0].body, "Everything");
  });

  it("speaks German, and remembers that and the theme", async () => {
    const { portal } = await enter("Mia");
    await portal.go("Profile");
    await portal.page.getByLabel("Language").selectOption("Deutsch");
    await portal.page.getByRole("heading", { name: "Profil" }).waitFor();
    await portal.page.getByLabel("Darstellung").selectOption("Dunkel");
    const isDark = () => portal.page.evaluate(() => getComputedStyle(document.body).backgroundColor === "rgb(16, 21, 27)");
    await until("it is dark", isDark);
    await portal.page.reload();
    await portal.page.getByRole("heading", { name: "Profil" }).waitFor();
    await until("it is dark", isDark);
    assert.equal(await portal.page.evaluate(() => document.documentElement.lang), "de");
  });

  it("is used without a mouse, and focus goes where the page does", async () => {
    const { portal } = await enter("Nils");
    const { keyboard } = portal.page;
    const focused = () => portal.page.evaluate(() => document.activeElement?.textContent?.trim());
    await portal.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Help" }).focus();
    await keyboard.press("Enter");
    await until("the new page's heading has it", async () => (await focused()) === "How can we help?");
    await portal.go("Requests");
    await until("the heading has it", async () => (await focused()) === "Your requests");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await until("the heading has it", async () => (await focused()) === "New request");
    await keyboard.press("Tab");
    await keyboard.type("Only keys");
    await keyboard.press("Tab");
    await keyboard.type("No mouse here");
    await keyboard.press("Tab");
    await keyboard.press("ArrowRight");
    assert.equal(await portal.page.getByLabel("High", { exact: true }).isChecked(), true);
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await portal.log.getByText("No mouse here").waitFor();
    await portal.message.focus();
    await keyboard.type("Hello");
    await keyboard.press("Shift+Enter");
    await keyboard.type("again");
    await keyboard.press("Enter");
    await portal.log.getByText("Hello again").waitFor();
    assert.deepEqual(await portal.messages(), ["No mouse here", "Hello\nagain"]);
  });

  it("fetches what was said before the end of a long conversation", async () => {
    const { portal } = await enter("Paul");
    const number = await portal.ask("Long", "one");
    for (const words of ["two", "three", "four"]) await answer(number, words);
    // As if the rest were more than a ticket comes with.
    await portal.page.route(/\/api\/customers\/me\/tickets\/[^/?]+$/, async (route) => {
      const response = await route.fetch();
      const ticket = await response.json();
      await route.fulfill({ response, json: { ...ticket, messages: ticket.messages.slice(-2) } });
    });
    await portal.page.reload();
    await portal.log.getByText("four").waitFor();
    assert.deepEqual(await portal.messages(), ["three", "four"]);
    await portal.page.getByRole("button", { name: "Earlier messages" }).click();
    await portal.log.getByText("one").waitFor();
    assert.deepEqual(await portal.messages(), ["one", "two", "three", "four"]);
    assert.equal(await portal.page.getByRole("button", { name: "Earlier messages" }).count(), 0);
  });

  it("reads everything again when the server no longer has what was missed", async () => {
    const { portal } = await enter("Olga");
    const number = await portal.ask("Long gone", "Hello");
    let resets = 0;
    await portal.page.route(/\/api\/customers\/me\/events\?/, (route) => {
      resets += 1;
      return route.fulfill({ contentType: "text/event-stream", body: "event: reset\ndata: {}\n\n" });
    }, { times: 1 });
    await server.kill();
    await server.startAgain();
    await until("it was told", () => resets === 1);
    await answer(number, "Missed you");
    await portal.log.getByText("Missed you").waitFor();
    assert.deepEqual(await portal.messages(), ["Hello", "Missed you"]);
  });
});
