// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertReflows } from "./axe.js";
import { keepPicture, launch, openDevice, PHONE } from "./browser.js";
import { Mailbox } from "./mailbox.js";
import { Portal } from "./pages/portal.js";
import { AGENT, call, callAsAgent, Server } from "./server.js";

const READING_PANE = { width: 760, height: 800 };
const VISITOR = "vera@visitors.example";

describe("the mails", () => {
  /** @type {Mailbox} */
  let mailbox;
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    [mailbox, browser] = await Promise.all([Mailbox.start(), launch()]);
    server = await Server.start({ ...mailbox.settings, CALLBACK_EMAIL_TO: "calls@shop.example", OFFLINE_DIGEST_DELAY_S: "1",
      REPLY_MAIL_DELAY_S: "1", PRESENCE_TIMEOUT_S: "3" });
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
    await mailbox?.stop();
  });

  /** What the mail's own button or link leads to. @param {import("./mailbox.js").Mail} mail @param {string} path */
  const linkIn = (mail, path) => {
    const link = [...mail.html.matchAll(/href="([^"]+)"/g)].map(([, address = ""]) => address.replaceAll("&amp;", "&").replaceAll("&#x2f;", "/"))
      .find((address) => new URL(address).pathname.endsWith(path));
    assert.ok(link, `no link to ${path} in ${mail.text}`);
    return link;
  };

  /** Shows the mail as programs for mail do: desktop and phone, light and dark. @param {{html: string, text: string}} mail @param {string} name */
  const look = async (mail, name) => {
    assert.ok(mail.html.length > 0 && mail.text.length > 0, "both as text and as a page");
    const { page } = await openDevice(browser, READING_PANE);
    await page.setContent(mail.html);
    for (const size of [READING_PANE, PHONE]) {
      await page.setViewportSize(size);
      for (const theme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme: theme });
        await assertAccessible(page, `${name}, ${theme}, ${size.width}`, ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]);
        await assertReflows(page, name);
        await keepPicture(page, `mail-${name}-${theme}-${size.width}`);
      }
    }
    await page.context().close();
  };

  it("lead a customer who forgot the password from the portal back into it", async () => {
    const login = { email: "ada@customers.example", password: "a long enough password" };
    await callAsAgent(server.origin, "POST", "api/customers", { name: "Ada", ...login });
    const { page, complaints } = await openDevice(browser);
    const portal = new Portal(page, server.origin);
    await portal.visit("");
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await assertAccessible(page, "asking for a mail");
    await page.getByLabel("Email").fill(login.email);
    await page.getByRole("button", { name: "Mail me a link" }).click();
    await page.getByRole("heading", { name: "Look at your mail" }).waitFor();
    const mail = await mailbox.find(login.email, /password/);
    await look(mail, "password-reset");
    await page.goto(linkIn(mail, "/reset-password"));
    await page.getByLabel("New password").fill("another long password");
    await assertAccessible(page, "choosing a password");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByRole("link", { name: "Customer portal" }).click();
    await portal.fillIn({ ...login, password: "another long password" });
    await page.getByRole("heading", { name: "Your requests" }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it("tell a visitor that the request came in, what was answered, and all that was said", async () => {
    const chat = await call(server.origin, "POST", "api/v1/chat", { visitorName: "Vera", visitorEmail: VISITOR, message: "Where is my parcel? <b>Now</b>" });
    const confirmed = await mailbox.find(VISITOR, /TKT-/);
    await look(confirmed, "request-confirmed");
    await look(await mailbox.find(AGENT.email, /away/), "offline-digest");
    await callAsAgent(server.origin, "POST", "api/v1/admin/chat", { chatId: chat.chatId, message: "On its way & there tomorrow." });
    const answered = await mailbox.find(VISITOR, /^Re: /);
    await look(answered, "agent-replied");
    assert.match(answered.text, /On its way & there tomorrow\./);
    await call(server.origin, "POST", "api/v1/chat/transcript", { sessionId: chat.sessionId, email: VISITOR });
    await look(await mailbox.find(VISITOR, /Transcript/), "transcript");

    const { page, complaints } = await openDevice(browser);
    await page.goto(linkIn(answered, "/conversation"));
    await page.getByText("On its way & there tomorrow.").waitFor();
    assert.deepEqual(complaints, []);
  });

  it("tell the team of callbacks and new requests, and can be tried", async () => {
    const asked = await fetch(`${server.origin}/api/chat/callback-request`, { method: "POST",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify({ contactNumber: "+49 30 1234567", employeeId: "E-17" }) });
    assert.equal(asked.status, 200);
    await look(await mailbox.find("calls@shop.example", /Callback/), "callback-requested");
    await callAsAgent(server.origin, "POST", "api/v1/admin/settings/test", { channel: "email", to: "try@shop.example" });
    await look(await mailbox.find("try@shop.example", /Test/), "test");
  });

  it("are all accessible, with all that they can have in them", async () => {
    const templates = await callAsAgent(server.origin, "GET", "api/v1/admin/settings/templates");
    const names = (templates.templates ?? templates).map((/** @type {{name: string}} */ one) => one.name);
    assert.ok(names.length > 10, String(names));
    for (const name of names) {
      await look(await callAsAgent(server.origin, "POST", `api/v1/admin/settings/templates/${name}/preview`, {}), `sample-${name}`);
    }
  });

  it("let an agent off the digests by their own link", async () => {
    const { page, complaints } = await openDevice(browser);
    const digest = await mailbox.find(AGENT.email, /away/);
    await page.goto(linkIn(digest, "/unsubscribe"));
    await assertAccessible(page, "asked whether to unsubscribe");
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await assertAccessible(page, "unsubscribed");
    await keepPicture(page, "unsubscribed");
    assert.deepEqual(complaints, []);
  });
});
