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

  unsent() {
    return this.root.locator(".message.unsent").count();
  }
}
