// @ts-check

/** The widget as a visitor uses it. */
export class Widget {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    this.root = page.locator("support-widget");
    this.bubble = this.root.locator(".bubble");
    this.log = this.root.getByRole("log");
    this.state = this.root.getByRole("status");
    this.badge = this.root.locator(".badge");
  }

  /** @param {string} address */
  async open(address) {
    await this.page.goto(address);
    await this.bubble.click();
  }

  /** @param {string} text */
  async say(text) {
    const field = this.root.getByLabel("Message", { exact: true });
    await field.fill(text);
    await field.press("Enter");
  }

  /** What the visitor wrote, from top to bottom. */
  said() {
    return this.root.locator(".message.visitor .text").allTextContents();
  }

  /** What the team wrote, from top to bottom. */
  async heard() {
    return this.root.locator(".message.agent[data-seq] .text").allTextContents();
  }

  /** @param {string} name an entry of the menu */
  async choose(name) {
    await this.root.getByRole("button", { name: "More" }).click();
    await this.root.locator(".menu").getByRole("button", { name }).click();
  }

  get message() {
    return this.root.getByLabel("Message", { exact: true });
  }

  /** @param {string} name */
  button(name) {
    return this.root.getByRole("button", { name, exact: true });
  }

  /** What the visitor is told that did not work. */
  get problem() {
    return this.root.getByRole("alert");
  }

  /** @param {...(string|{name: string, mimeType: string, buffer: Buffer})} files */
  async attach(...files) {
    await this.root.getByLabel("Attach a file").setInputFiles(/** @type {any} */ (files));
  }

  unsent() {
    return this.root.locator(".message.unsent").count();
  }
}
