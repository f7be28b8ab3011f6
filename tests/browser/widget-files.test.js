// @ts-check
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { keepPicture, launch, openDevice, PHONE, until } from "./browser.js";
import { Widget } from "./pages/widget.js";
import { callAsAgent, Server } from "./server.js";

const PICTURE = path.join(import.meta.dirname ?? ".", "../../examples/server/screenshots/console.png");
const PDF = { name: "contract.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "latin1") };

describe("files in the widget", () => {
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

  /** @param {string} words what the chat begins with */
  const begin = async (words) => {
    const { page, complaints } = await openDevice(browser);
    const widget = new Widget(page);
    await widget.open(server.origin);
    await widget.say(words);
    await until("it is sent", async () => (await widget.unsent()) === 0);
    return { widget, page, complaints };
  };

  /** @param {string} words @returns {Promise<{messageType: string, fileUrl: string, fileName: string}[]>} */
  const filesOf = async (words) => {
    const { chats } = await callAsAgent(server.origin, "GET", `api/v1/admin/chat?q=${words}`);
    const { messages } = await callAsAgent(server.origin, "GET", `api/v1/admin/chat/${chats[0].chatId}`);
    return messages.filter((/** @type {{fileUrl: string|null}} */ { fileUrl }) => fileUrl);
  };

  it("are sent, shown, and what the team gets is what was sent", async () => {
    const { widget, complaints } = await begin("Albatross");
    await widget.attach(PICTURE);
    const shown = widget.log.getByRole("img", { name: "console.png" });
    await until("the picture is seen", () => shown.evaluate((/** @type {HTMLImageElement} */ image) => image.naturalWidth > 0));
    await widget.attach(/** @type {any} */ (PDF));
    await widget.log.getByRole("link", { name: "contract.pdf" }).waitFor();
    await keepPicture(widget.page, "widget-files");
    const [picture, document] = await filesOf("Albatross");
    assert.deepEqual([picture.messageType, document.messageType], ["IMAGE", "FILE"]);
    const got = await fetch(new URL(picture.fileUrl, server.origin));
    assert.deepEqual(Buffer.from(await got.arrayBuffer()).length > 1_000, true);
    const same = await fetch(new URL(document.fileUrl, server.origin));
    assert.deepEqual(Buffer.from(await same.arrayBuffer()), PDF.buffer);
    assert.deepEqual(complaints, []);
  });

  it("can begin a chat", async () => {
    const { page } = await openDevice(browser);
    const widget = new Widget(page);
    await widget.open(server.origin);
    await widget.attach({ ...PDF, name: "barracuda.pdf" });
    await widget.log.getByRole("link", { name: "barracuda.pdf" }).waitFor();
    assert.equal((await filesOf("barracuda"))[0].fileName, "barracuda.pdf");
  });

  it("can be dropped and pasted", async () => {
    const { widget, page } = await begin("Cormorant");
    const bytes = [...(await readFile(PICTURE))];
    for (const kind of ["drop", "paste"]) {
      await page.evaluate(([name, data]) => {
        const panel = document.querySelector("support-widget")?.shadowRoot?.querySelector(name === "drop" ? ".panel" : "textarea");
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(/** @type {number[]} */ (data))], `${name}.png`, { type: "image/png" }));
        const options = { bubbles: true, cancelable: true, composed: true };
        if (name === "drop") panel?.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: files }));
        panel?.dispatchEvent(name === "drop" ? new DragEvent("drop", { ...options, dataTransfer: files })
          : new ClipboardEvent("paste", { ...options, clipboardData: files }));
      }, /** @type {const} */ ([kind, bytes]));
      await widget.log.getByRole("img", { name: `${kind}.png` }).waitFor();
    }
    assert.equal(await widget.root.getByText("Drop files here").isVisible(), false);
  });

  it("show how far they are, can be stopped, and are tried again when the way was cut", async () => {
    const { widget, page } = await begin("Dolphin");
    let isCut = true;
    let tries = 0;
    await page.route("**/api/v1/chat/upload*", (route) => {
      tries += 1;
      return isCut ? route.abort() : route.continue();
    });
    await widget.attach(PICTURE);
    await widget.root.getByRole("progressbar", { name: "Sending…" }).waitFor();
    await widget.button("Remove").click();
    await widget.root.getByRole("progressbar").waitFor({ state: "detached" });
    tries = 0;
    await widget.attach(PICTURE);
    await until("it was tried twice", () => tries > 1);
    isCut = false;
    await widget.log.getByRole("img", { name: "console.png" }).waitFor();
    assert.equal((await filesOf("Dolphin")).length, 1);
  });

  it("wait for a server that is away, also through a reload, and are sent once by all tabs", async () => {
    const { widget, page } = await begin("Flamingo");
    await page.route("**/api/v1/chat/upload*", (route) => route.abort());
    await widget.attach(PICTURE);
    await widget.root.getByRole("progressbar").waitFor();
    const second = new Widget(await page.context().newPage());
    await page.reload();
    await widget.bubble.click();
    await widget.root.getByRole("progressbar").waitFor();
    await page.unroute("**/api/v1/chat/upload*");
    await second.open(server.origin);
    for (const tab of [widget, second]) await tab.log.getByRole("img", { name: "console.png" }).waitFor();
    await until("nothing is left", async () => (await widget.unsent()) + (await second.unsent()) +
      (await widget.root.getByRole("progressbar").count()) + (await second.root.getByRole("progressbar").count()) === 0);
    assert.equal((await filesOf("Flamingo")).length, 1);
    await page.reload();
    await widget.bubble.click();
    await widget.log.getByRole("img", { name: "console.png" }).waitFor();
    assert.equal(await widget.root.getByRole("progressbar").count(), 0);
  });

  it("of another kind or too large are refused in words", async () => {
    const { widget } = await begin("Eagle");
    await widget.attach({ name: "page.html", mimeType: "text/html", buffer: Buffer.from("<script>alert(1)</script>") });
    await widget.root.getByText("Files of this kind can’t be sent").waitFor();
    await widget.button("Remove").click();
    await widget.attach({ name: "large.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(6 * 1024 * 1024) });
    await widget.root.getByText("Files may have up to 5 MB").waitFor();
    await widget.button("Remove").click();
    // What only looks like a picture is found out by the server.
    await widget.attach({ name: "fake.png", mimeType: "image/png", buffer: Buffer.from("not a picture at all") });
    await widget.root.locator(".failed").getByText("fake.png").waitFor();
    assert.equal((await filesOf("Eagle")).length, 0);
  });

  it("come from the camera on a phone", async () => {
    const context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true, locale: "en-GB" });
    const page = await context.newPage();
    const widget = new Widget(page);
    await widget.open(server.origin);
    const camera = widget.root.getByLabel("Take a photo");
    assert.equal(await camera.getAttribute("capture"), "environment");
    assert.equal(await camera.getAttribute("accept"), "image/*");
    assert.equal(await camera.isVisible(), true);
    assert.notEqual(await page.evaluate(() => document.querySelector("support-widget")?.shadowRoot?.activeElement?.tagName), "TEXTAREA",
      "the keyboard stays down until it is asked for");
    const size = await widget.message.evaluate((field) => getComputedStyle(field).fontSize);
    assert.equal(size, "16px", "smaller ones make phones zoom in");
  });
});
