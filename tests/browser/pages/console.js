// @ts-check

/** The console as an agent uses it. */
export class Console {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    this.chats = page.locator(".chat");
    this.thread = page.getByRole("log");
    this.availability = page.getByLabel("Availability");
  }

  /** @param {string} origin @param {{email: string, password: string}} agent */
  async enter(origin, agent) {
    await this.page.goto(`${origin}/console`);
    await this.page.getByLabel("Email").fill(agent.email);
    await this.page.getByLabel("Password").fill(agent.password);
    await this.page.getByRole("button", { name: "Log in" }).click();
    await this.page.locator(".desk").waitFor();
  }

  /** @param {string} text a word of the chat's row */
  async openChat(text) {
    await this.chats.filter({ hasText: text }).click();
    await this.thread.waitFor();
  }

  /** @returns {string} */
  get chatId() {
    return decodeURIComponent(new URL(this.page.url()).hash.replace("#/chat/", ""));
  }

  /** @param {string} text */
  async answer(text) {
    await this.page.getByRole("button", { name: "Reply" }).click();
    await this.#write("Answer", text);
  }

  /** @param {string} text */
  async note(text) {
    await this.page.getByRole("button", { name: "Private note" }).click();
    await this.#write("Private note", text);
  }

  /** What stands beside the chat's name, or behind the button that has more. @param {string} name */
  async act(name) {
    const actions = this.page.locator(".actions");
    const button = actions.getByRole("button", { name });
    if (await button.isVisible()) return button.click();
    await actions.getByRole("button", { name: "More" }).click();
    await actions.getByRole("menuitem", { name }).click();
  }

  /** @param {string} name */
  show(name) {
    return this.page.locator(".tabs").getByRole("button", { name }).click();
  }

  /** Every message that a person wrote, from top to bottom. */
  messages() {
    return this.page.locator(".thread .message:not(.system) .text").allTextContents();
  }

  /** A page of the console by its place in the address. @param {string} origin @param {string} place */
  async visit(origin, place) {
    await this.page.goto(`${origin}/console#/${place}`);
  }

  /** What is asked in front of everything else. */
  get dialog() {
    return this.page.getByRole("dialog");
  }

  /** @param {string} label @param {string} value */
  async fill(label, value) {
    await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  /** @param {string} text */
  told(text) {
    return this.page.locator(".toast").getByText(text).waitFor();
  }

  /** @param {string} name @param {string} type @param {Buffer} content */
  async attach(name, type, content) {
    await this.page.locator("input[type=file]").setInputFiles({ name, mimeType: type, buffer: content });
    await this.page.getByRole("list", { name: "Attached files" }).getByText(name).waitFor();
  }

  unsent() {
    return this.page.locator(".thread .unsent").count();
  }

  /** @param {string} label @param {string} text */
  async #write(label, text) {
    const field = this.page.getByRole("textbox", { name: label });
    await field.fill(text);
    await field.press("Enter");
  }
}
