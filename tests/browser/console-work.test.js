// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, call, callAsAgent, messagesOnServer, Server } from "./server.js";

const COLLEAGUE = { name: "Jonas", email: "jonas@example.com", password: "another long password" };
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

describe("an agent's work at the console", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    [server, browser] = await Promise.all([Server.start({ RATE_LIMIT_MAX_REQUESTS: "0" }), launch()]);
    await callAsAgent(server.origin, "POST", "api/agents", { ...COLLEAGUE, role: "agent" });
  });

  // Pages left open would go on working behind the next test's back.
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** @param {{email: string, password: string}} [agent] @param {{width: number, height: number}} [size] */
  const enter = async (agent = AGENT, size = undefined) => {
    const { page, complaints } = await openDevice(browser, size);
    const desk = new Console(page);
    await desk.enter(server.origin, agent);
    return { desk, page, complaints };
  };

  /** @param {string} visitorName @param {string} message @returns {Promise<{chatId: string, ticketId: string, sessionId: string}>} */
  const write = (visitorName, message) => call(server.origin, "POST", "api/v1/chat", { visitorName, message });

  it("sends a picture that was picked and a file that was dropped, and the visitor gets both", async () => {
    const visitor = await openDevice(browser);
    const widget = new Widget(visitor.page);
    await widget.open(server.origin);
    await widget.say("Do you have a plan of it?");
    const { desk, page, complaints } = await enter();
    await desk.openChat("Do you have a plan of it?");
    await desk.attach("plan.png", "image/png", PICTURE);
    await desk.answer("Here it is");
    await desk.thread.getByRole("img", { name: "plan.png" }).waitFor();
    await until("it is drawn", () => page.locator(".picture img").evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0));

    await page.locator(".conversation").evaluate((place, bytes) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], "dropped.png", { type: "image/png" }));
      place.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, PICTURE.toString("base64"));
    await page.getByRole("list", { name: "Attached files" }).getByText("dropped.png").waitFor();
    const send = page.getByRole("button", { name: "Send" });
    await send.click();
    await desk.thread.getByRole("img", { name: "dropped.png" }).waitFor();
    await widget.log.getByText("Here it is").waitFor();
    await until("the visitor has both", async () => (await widget.log.locator("img").count()) === 2);
    assert.deepEqual(visitor.complaints.concat(complaints), []);
  });

  it("says of a file that is not allowed why it cannot be sent, and lets it be removed", async () => {
    await write("Uma", "I am Uma");
    const { desk, page } = await enter();
    await desk.openChat("Uma");
    await desk.attach("page.html", "text/html", Buffer.from("<script>alert(1)</script>"));
    await page.getByText("This kind of file is not allowed").waitFor();
    await page.getByRole("button", { name: "Remove page.html" }).click();
    await desk.answer("Without it");
    await desk.thread.getByText("Without it").waitFor();
  });

  it("writes a canned response by its shortcut, with the customer's name filled in", async () => {
    await callAsAgent(server.origin, "POST", "api/v1/admin/canned-responses",
      { shortcut: "thanks", title: "Thanks", content: "Thank you, {{customer.name}}!" });
    await write("Vera", "I am Vera");
    const { desk, page } = await enter();
    await desk.openChat("Vera");
    const field = page.getByRole("textbox", { name: "Answer" });
    await field.pressSequentially("Good. /tha");
    await page.getByRole("option", { name: "Thanks" }).waitFor();
    await field.press("Enter");
    await until("it is filled in", async () => (await field.inputValue()) === "Good. Thank you, Vera!");
    await field.press("Enter");
    await desk.thread.getByText("Good. Thank you, Vera!").waitFor();
  });

  it("hands a chat to a colleague with a note, who sees who else is there", async () => {
    const { chatId } = await write("Willem", "I am Willem");
    const { desk: mara, page } = await enter();
    await mara.openChat("Willem");
    await mara.page.locator(".about").getByRole("button", { name: "Transfer" }).click();
    await mara.dialog.getByLabel("To").selectOption({ label: await optionOf(page, "Jonas") });
    await mara.fill("Note for whoever gets it", "He asks about invoices");
    await mara.dialog.getByRole("button", { name: "Transfer" }).click();
    await mara.told("Transferred");
    await page.locator(".about").getByText("with Jonas").waitFor();
    const { desk: jonas } = await enter(COLLEAGUE);
    await jonas.show("Mine");
    await jonas.openChat("Willem");
    await jonas.page.locator(".message.note").getByText("He asks about invoices").waitFor();
    await jonas.page.locator(".viewers").getByText("is here too").waitFor();
    await mara.page.getByRole("textbox", { name: "Answer" }).pressSequentially("Let me");
    await jonas.page.locator(".viewers").getByText("is answering").waitFor();
    const stored = await messagesOnServer(server.origin, chatId);
    assert.ok(stored.some(({ message }) => message === "He asks about invoices"));
  });

  it("changes priority, department and tags, and finds the chat by what was said", async () => {
    const { chatId, ticketId } = await write("Xenia", "My zebra-coloured lamp flickers");
    const { desk, page } = await enter();
    await page.getByLabel("Search all chats").fill("zebra");
    await until("only this one is found", async () => (await desk.chats.count()) === 1);
    await desk.openChat("Xenia");
    const panel = page.getByRole("complementary", { name: "Details" });
    await panel.getByLabel("Priority").selectOption("urgent");
    await page.locator(".chat .mark").getByText("urgent").waitFor();
    await panel.getByLabel("Department").selectOption("technical");
    await panel.getByLabel("Add a tag").fill("lamp");
    await panel.getByLabel("Add a tag").press("Enter");
    await panel.getByRole("button", { name: "Remove tag lamp" }).waitFor();
    await until("all is stored", async () => {
      const { chat } = await callAsAgent(server.origin, "GET", `api/v1/admin/chat/${chatId}`);
      return chat.priority === "urgent" && chat.department === "technical" && chat.tags.join() === "lamp";
    });
    await page.getByLabel("Search all chats").press("Escape");
    await desk.show("Technical Support");
    await desk.chats.filter({ hasText: ticketId }).waitFor();
    await desk.show("Sales");
    await desk.chats.filter({ hasText: ticketId }).waitFor({ state: "detached" });
  });

  it("escalates, releases, and shows what else the customer wrote", async () => {
    const customer = await callAsAgent(server.origin, "POST", "api/customers", { name: "Yara", email: "yara@customers.example" });
    for (const subject of ["First of Yara", "Second of Yara"]) {
      await callAsAgent(server.origin, "POST", "api/tickets", { customerId: customer.id, subject, department: "general", initialMessage: subject });
    }
    const { desk, page } = await enter();
    await desk.openChat("Second of Yara");
    await page.locator(".panel").getByText("First of Yara").waitFor();
    const take = page.locator(".actions").getByRole("button", { name: "Take" });
    if (await take.isVisible()) await take.click();
    await page.locator(".about").getByText("yours").waitFor();
    await desk.act("Escalate");
    await desk.dialog.getByRole("button", { name: "Escalate" }).click();
    await desk.dialog.getByText("This field is required").waitFor();
    await desk.fill("Reason *", "They threaten to leave");
    await desk.dialog.getByRole("button", { name: "Escalate" }).click();
    await desk.told("Escalated");
    await choose(desk, "away");
    await desk.act("Release");
    await page.locator(".about").getByText("nobody has it").waitFor();
    await page.locator(".panel").getByText("First of Yara").click();
    await page.getByRole("log").getByText("First of Yara").waitFor();
  });

  it("works a callback off: an attempt with its outcome, then done", async () => {
    await fetch(`${server.origin}/api/chat/callback-request`, { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ contactNumber: "+49 30 7654321", employeeId: "E-77" }) });
    const { desk, page } = await enter();
    await page.getByRole("link", { name: "Callbacks" }).click();
    const card = page.getByRole("listitem").filter({ hasText: "+49 30 7654321" }).filter({ hasText: "E-77" });
    assert.equal(await card.getByRole("link", { name: "Call +49 30 7654321" }).getAttribute("href"), "tel:+49307654321");
    await card.getByRole("button", { name: "Log attempt" }).click();
    await desk.dialog.getByLabel("Outcome").selectOption("voicemail");
    await desk.fill("Note", "Asked to ring back");
    await desk.dialog.getByRole("button", { name: "Save" }).click();
    await card.getByText("Asked to ring back").waitFor();
    await card.getByLabel("Assigned to").selectOption({ label: "Jonas" });
    await card.getByRole("button", { name: "Contacted" }).click();
    await card.getByRole("button", { name: "Done" }).click();
    await card.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Done", exact: true }).click();
    await card.getByText("done", { exact: true }).waitFor();
    await keepPicture(page, "console-callbacks");
    const { callbacks } = await callAsAgent(server.origin, "GET", "api/v1/admin/callbacks");
    assert.equal(callbacks[0].status, "resolved");
    assert.equal(callbacks[0].attempts[0].outcome, "voicemail");
  });

  it("hears of a new callback while the board is open", async () => {
    const { page } = await enter();
    await page.getByRole("link", { name: "Callbacks" }).click();
    await page.getByRole("heading", { name: "Callbacks" }).waitFor();
    await fetch(`${server.origin}/api/chat/callback-request`, { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ contactNumber: "+49 30 1112223" }) });
    await page.getByRole("link", { name: "Call +49 30 1112223" }).waitFor();
  });

  it("is all within reach of the keyboard: a chat is found, answered, noted and resolved without a mouse", async () => {
    const { chatId } = await write("Zoe", "I am Zoe with a kayak");
    const { desk, page } = await enter();
    await desk.chats.filter({ hasText: "Zoe" }).waitFor();
    await page.keyboard.press("?");
    await desk.dialog.getByText("Canned responses").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    const answered = page.waitForResponse((response) => response.url().includes("q=kayak"));
    await page.keyboard.type("kayak");
    await answered;
    await until("it is found", async () => (await desk.chats.count()) === 1);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await desk.thread.getByText("I am Zoe with a kayak").waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("Hello Zoe, it floats");
    await page.keyboard.press("Enter");
    await desk.thread.getByText("Hello Zoe, it floats").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.keyboard.type("She is nice");
    await page.keyboard.press("Enter");
    await page.locator(".message.note").getByText("She is nice").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("e");
    await page.locator(".about").getByText("resolved").waitFor();
    const stored = await messagesOnServer(server.origin, chatId);
    assert.ok(stored.some(({ message }) => message === "Hello Zoe, it floats"));
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.getByRole("heading", { name: "Callbacks" }).waitFor();
  });

  it("walks through the list with j and k, and leaves keys alone where they are switched off", async () => {
    await write("Alma", "I am Alma");
    await write("Bela", "I am Bela");
    const { desk, page } = await enter();
    await desk.chats.filter({ hasText: "Bela" }).waitFor();
    await page.keyboard.press("j");
    await desk.thread.getByText("I am Bela").waitFor();
    await page.keyboard.press("j");
    await desk.thread.getByText("I am Alma").waitFor();
    await page.keyboard.press("k");
    await desk.thread.getByText("I am Bela").waitFor();
    await page.keyboard.press("?");
    await page.getByLabel("Single keys do something").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("?");
    assert.equal(await desk.dialog.count(), 0);
    await desk.thread.getByText("I am Bela").waitFor();
  });

  it("tells in the page what happened elsewhere, and what is read stays read", async () => {
    const { desk, page } = await enter(COLLEAGUE);
    await page.getByRole("link", { name: "Analytics" }).click();
    const { chatId } = await write("Cleo", "I am Cleo");
    const { agents } = await callAsAgent(server.origin, "GET", "api/agents");
    const jonas = agents.find((/** @type {{email: string}} */ agent) => agent.email === COLLEAGUE.email);
    const { chat } = await callAsAgent(server.origin, "GET", `api/v1/admin/chat/${chatId}`);
    if (chat.assignedTo?.id !== jonas.id) await callAsAgent(server.origin, "PATCH", "api/v1/admin/chat", { chatId, assignedTo: jonas.id });
    await page.getByRole("button", { name: /Notifications, \d+ unread/ }).click();
    await page.getByRole("region", { name: "Notifications" }).getByRole("link").first().click();
    await desk.thread.waitFor();
    await page.getByRole("button", { name: /^Notifications/ }).click();
    await page.getByRole("region", { name: "Notifications" }).waitFor();
    const rest = page.getByRole("button", { name: "Mark all as read" });
    if (await rest.isVisible()) await rest.click();
    await page.getByRole("button", { name: "Notifications", exact: true }).waitFor();
    const unread = `api/agents/${jonas.id}/notifications?unreadOnly=true`;
    const { token } = await call(server.origin, "POST", "api/auth/login", COLLEAGUE);
    await until("the server knows", async () => {
      const answer = await fetch(`${server.origin}/${unread}`, { headers: { Authorization: `Bearer ${token}` } });
      return (await answer.json()).data.notifications.length === 0;
    });
    await page.reload();
    await page.getByRole("button", { name: "Notifications", exact: true }).waitFor();
  });

  it("goes on a phone too: a chat is opened, its customer looked at, and a callback phoned", async () => {
    await write("Dora", "I am Dora");
    const { desk, page } = await enter(AGENT, PHONE);
    await desk.openChat("Dora");
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("complementary", { name: "Details" }).getByText("Dora").waitFor();
    await page.getByRole("button", { name: "Close details" }).click();
    await desk.answer("Hello Dora");
    await desk.thread.getByText("Hello Dora").waitFor();
    await keepPicture(page, "console-phone");
    await page.getByLabel("Back to the list").click();
    await page.getByRole("link", { name: "Callbacks" }).click();
    await page.getByRole("heading", { name: "Callbacks" }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  });

  /** @param {import("playwright-core").Page} page @param {string} name */
  const optionOf = async (page, name) => {
    const labels = await page.getByRole("dialog").getByLabel("To").locator("option").allTextContents();
    return labels.find((label) => label.startsWith(name)) ?? "";
  };

  /** @param {Console} desk @param {"available"|"away"} availability */
  const choose = async (desk, availability) => {
    const saved = desk.page.waitForResponse((response) => response.url().endsWith("/status") && response.ok() &&
      response.request().postDataJSON().status === availability);
    await desk.availability.selectOption(availability);
    await saved;
  };
});
