// @ts-check
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible } from "./axe.js";
import { keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Portal } from "./pages/portal.js";
import { callAsAgent, Server } from "./server.js";

const PICTURE = path.join(import.meta.dirname ?? ".", "../../examples/server/screenshots/console.png");
const CUSTOMER = { email: "ada@customers.example", password: "a long enough password" };

describe("files in the portal", () => {
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

  /** @param {{width: number, height: number}} [viewport] */
  const enter = async (viewport) => {
    const { page, complaints } = await openDevice(browser, viewport);
    const portal = new Portal(page, server.origin);
    await portal.logIn(CUSTOMER);
    return { page, portal, complaints };
  };

  /** Hands files to the page as a drop or a paste does. @param {import("playwright-core").Locator} target @param {"drop"|"paste"} how @param {string} name */
  const hand = async (target, how, name) => {
    const bytes = [...await readFile(PICTURE)];
    await target.evaluate((element, given) => {
      const files = new DataTransfer();
      files.items.add(new File([new Uint8Array(given.bytes)], given.name, { type: "image/png" }));
      const event = given.how === "drop"
        ? new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true })
        : new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
    }, { bytes, how, name });
  };

  it("go with a new request, dropped, pasted or chosen, and are seen by both sides", async () => {
    const { page, portal, complaints } = await enter();
    await portal.visit("requests/new");
    await portal.subject.fill("It looks wrong");
    await portal.description.fill("See the pictures");
    await page.getByLabel("Add files").setInputFiles(PICTURE);
    await hand(page.locator("form.form"), "drop", "dropped.png");
    await hand(portal.description, "paste", "pasted.png");
    const files = page.getByRole("list", { name: "Attached files" }).getByRole("listitem");
    await until("all are sent", async () => (await files.count()) === 3 && (await page.locator("progress").count()) === 0);
    await assertAccessible(page, "a form with files");
    await page.getByRole("button", { name: "Remove pasted.png" }).click();
    await page.reload();
    await until("what was sent is still there", async () => (await files.count()) === 2);
    await page.getByRole("button", { name: "Send request" }).click();
    await portal.log.getByText("See the pictures").waitFor();
    const pictures = portal.log.getByRole("img");
    assert.equal(await pictures.count(), 2);
    await until("they are shown", () => pictures.evaluateAll((all) =>
      all.every((one) => one instanceof HTMLImageElement && one.complete && one.naturalWidth > 0)));
    await assertAccessible(page, "a conversation with pictures");
    await keepPicture(page, "portal-files");

    const number = decodeURIComponent(new URL(page.url()).hash.replace("#/requests/", ""));
    const { ticket } = await callAsAgent(server.origin, "GET", `api/tickets/${number}`);
    assert.deepEqual(ticket.messages[0].attachments.map((/** @type {any} */ one) => one.filename).toSorted(), ["console.png", "dropped.png"]);
    assert.deepEqual(complaints, []);
  });

  it("are sent without a word, and come back from the team", async () => {
    const { page, portal, complaints } = await enter(PHONE);
    const number = await portal.ask("Only a picture", "Hello");
    await page.getByLabel("Add files").setInputFiles(PICTURE);
    await page.getByRole("button", { name: "Remove console.png" }).waitFor();
    await until("it is sent", async () => (await page.locator("progress").count()) === 0);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await portal.log.getByRole("img", { name: "Picture console.png" }).waitFor();
    await until("it has arrived", async () => (await portal.unsent()) === 0);
    await page.reload();
    await portal.log.getByRole("img", { name: "Picture console.png" }).waitFor();
    assert.match(number, /^TKT/);
    assert.deepEqual(complaints, []);
  });

  it("that are no files for this are refused by name, and can be taken out", async () => {
    const { page, portal } = await enter();
    await portal.ask("Wrong kind", "Hello");
    await page.getByLabel("Add files").setInputFiles({ name: "page.html", mimeType: "text/html", buffer: Buffer.from("<script>alert(1)</script>") });
    await page.getByText("Files like page.html can not be sent.").first().waitFor();
    await page.getByRole("button", { name: "Remove page.html" }).click();
    await page.getByLabel("Add files").setInputFiles({ name: "huge.png", mimeType: "image/png", buffer: Buffer.concat([await readFile(PICTURE), Buffer.alloc(11_000_000)]) });
    await page.getByText("huge.png is too large.").first().waitFor();
  });

  it("that were cut off on their way are sent by a second try", async () => {
    const { page, portal } = await enter();
    await portal.ask("Bad line", "Hello");
    await page.route("**/api/customers/me/attachments", (route) => route.abort(), { times: 1 });
    await page.getByLabel("Add files").setInputFiles(PICTURE);
    await page.getByText("console.png could not be sent.").first().waitFor();
    await page.getByRole("button", { name: "Send console.png again" }).click();
    await until("it is sent", async () => (await page.locator("progress, .file.failed").count()) === 0);
    await page.getByRole("button", { name: "Remove console.png" }).waitFor();
  });
});
