// @ts-check
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { launch, openDevice, PHONE, until } from "./browser.js";
import { Widget } from "./pages/widget.js";
import { Server } from "./server.js";

const RUNS = 7;
const LIMIT = 200;

describe("how fast the widget is there", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {import("node:http").Server} */
  let site;
  let address = "";

  before(async () => {
    [server, browser] = await Promise.all([Server.start(), launch()]);
    site = createServer(({ url }, response) => {
      if (url === "/bare.js") return response.setHeader("Content-Type", "text/javascript").end('performance.mark("support-widget");');
      const script = url === "/bare" ? "/bare.js" : `${server.origin}/widget.js`;
      return response.setHeader("Content-Type", "text/html").end(`<!doctype html><title>Shop</title><body><script src="${script}" async></script>`);
    });
    await new Promise((resolve) => site.listen(0, "127.0.0.1", () => resolve(null)));
    address = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (site.address()).port}`;
  });

  after(async () => {
    site?.close();
    await browser?.close();
    await server?.stop();
  });

  /** From when the page was there until one could click, on a device that has never been here: the best of some. @param {string} path */
  const timeOf = async (path) => {
    const times = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { page } = await openDevice(browser, PHONE);
      await page.goto(address + path);
      await page.waitForFunction(() => performance.getEntriesByName("support-widget").length > 0);
      times.push(await page.evaluate(() => {
        const [{ responseEnd }] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
        return performance.getEntriesByName("support-widget")[0].startTime - responseEnd;
      }));
      await page.context().close();
    }
    return Math.min(...times);
  };

  it("can be clicked within 200 ms of what a script that does nothing takes", async () => {
    const [bare, widget] = [await timeOf("/bare"), await timeOf("/")];
    assert.ok(widget - bare < LIMIT, `${Math.round(widget)} ms, and ${Math.round(bare)} ms for a script that does nothing`);
  });

  it("asks for itself, for its tenant, and for nothing more before somebody speaks", async () => {
    const { page } = await openDevice(browser);
    /** @type {string[]} */
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const widget = new Widget(page);
    await widget.open(address);
    await until("it is open", () => widget.root.getByRole("dialog").isVisible());
    assert.deepEqual(asked.filter((path) => path !== "/" && path !== "/favicon.ico"), ["/widget.js", "/api/v1/chat/widget"]);
  });
});
