// @ts-check
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { Console } from "./pages/console.js";
import { Widget } from "./pages/widget.js";
import { AGENT, Server } from "./server.js";

describe("the widget on another site", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {import("node:http").Server} */
  let site;

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
    // The page's own styles and names must not reach into the widget.
    const page = (/** @type {string} */ script) => `<!doctype html><title>Shop</title><style>* { display: none !important } html, body, support-widget
      { display: block !important }</style><body><script src="${server.origin}/${script} data-tenant="default" async></script>`;
    site = createServer(({ url }, response) => response.setHeader("Content-Type", "text/html")
      .end(page(url === "/modules" ? 'assets/widget/loader.js" crossorigin' : 'widget.js"')));
    await new Promise((resolve) => site.listen(0, "127.0.0.1", () => resolve(null)));
  });

  after(async () => {
    site?.close();
    await browser?.close();
    await server?.stop();
  });

  it("talks to the server that its script came from", async () => {
    const [visitor, agent] = await Promise.all([openDevice(browser), openDevice(browser)]);
    const widget = new Widget(visitor.page);
    const desk = new Console(agent.page);
    await desk.enter(server.origin, AGENT);
    const { port } = /** @type {import("node:net").AddressInfo} */ (site.address());
    await widget.open(`http://127.0.0.1:${port}/`);
    await widget.say("Hello from the shop");
    await desk.openChat("Hello from the shop");
    await desk.answer("Welcome to the shop");
    await widget.log.getByText("Welcome to the shop").waitFor();
    assert.deepEqual(visitor.complaints.concat(agent.complaints), []);
  });

  it("is the same from its modules as they are", async () => {
    const { page, complaints } = await openDevice(browser);
    const widget = new Widget(page);
    const { port } = /** @type {import("node:net").AddressInfo} */ (site.address());
    await widget.open(`http://127.0.0.1:${port}/modules`);
    await widget.root.getByRole("button", { name: "More" }).click();
    await widget.root.getByLabel("Language").selectOption("Deutsch");
    await widget.root.getByLabel("Nachricht", { exact: true }).fill("Aus Modulen");
    await widget.root.getByLabel("Nachricht", { exact: true }).press("Enter");
    await until("it is sent", async () => (await widget.unsent()) === 0 && (await widget.said()).length === 1);
    assert.deepEqual(complaints, []);
  });
});
