// @ts-check
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const LIMIT = 20_000;

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/**
 * A page of one person on one device, with nothing remembered. What it complains about is collected.
 * @param {import("playwright-core").Browser} browser @param {{width: number, height: number}} viewport
 */
export const openDevice = async (browser, viewport = DESKTOP) => {
  const context = await browser.newContext({ viewport, locale: "en-GB", reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) complaints.push(message.text());
  });
  return { page, complaints };
};

/** Looks again and again until it holds. @param {string} what @param {() => Promise<boolean>|boolean} holds @param {number} [limit] */
export const until = async (what, holds, limit = LIMIT) => {
  const end = Date.now() + limit;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Keeps a picture where `SCREENSHOT_DIR` says, if it says. @param {import("playwright-core").Page} page @param {string} name */
export const keepPicture = async (page, name) => {
  const folder = process.env.SCREENSHOT_DIR;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
};
