// @ts-check

/** The portal as a customer uses it. */
export class Portal {
  /** @param {import("playwright-core").Page} page @param {string} origin */
  constructor(page, origin) {
    this.page = page;
    this.origin = origin;
    this.heading = page.getByRole("heading", { level: 1 });
    this.log = page.getByRole("log", { name: "Conversation" });
    this.announced = page.locator("support-portal > [role=status]");
    this.rows = page.locator(".rows > li");
    this.subject = page.getByLabel("What is it about?");
    this.description = page.getByLabel("Tell us more");
    this.message = page.getByLabel("Message", { exact: true });
  }

  /** @param {string} place */
  async visit(place) {
    await this.page.goto(`${this.origin}/portal#/${place}`);
  }

  /** @param {{email: string, password: string}} customer */
  async logIn(customer) {
    await this.visit("");
    await this.fillIn(customer);
    await this.page.getByRole("heading", { name: "Your requests" }).waitFor();
  }

  /** @param {{email: string, password: string}} customer */
  async fillIn({ email, password }) {
    await this.page.getByLabel("Email").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Log in" }).click();
  }

  /** @param {"Requests"|"Help"|"Calls"|"News"|"Profile"} name */
  go(name) {
    return this.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
  }

  /** Opens a request and answers its number. @param {string} subject @param {string} description */
  async ask(subject, description) {
    await this.page.getByRole("link", { name: "New request" }).first().click();
    await this.subject.fill(subject);
    await this.description.fill(description);
    await this.page.getByRole("button", { name: "Send request" }).click();
    await this.log.waitFor();
    return decodeURIComponent(new URL(this.page.url()).hash.replace("#/requests/", ""));
  }

  /** @param {string} text */
  async say(text) {
    await this.message.fill(text);
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
  }

  /** What people wrote, from top to bottom. */
  messages() {
    return this.page.locator(".message:not(.system) .text").allTextContents();
  }

  unsent() {
    return this.page.locator(".message.unsent").count();
  }
}
