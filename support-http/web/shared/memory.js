// @ts-check

/** What a page keeps on this device under one prefix; lives in memory where storage is forbidden. */
export class Memory {
  #prefix;
  /** @type {Storage|null} */
  #storage = null;
  /** @type {Map<string, string>} */
  #fallback = new Map();

  /** @param {"localStorage"|"sessionStorage"} kind @param {string} prefix */
  constructor(kind, prefix) {
    this.#prefix = `${prefix}|`;
    try {
      const storage = window[kind];
      storage.setItem(this.key("probe"), "");
      storage.removeItem(this.key("probe"));
      this.#storage = storage;
    } catch {
      this.#storage = null;
    }
  }

  /** @param {string} name */
  key(name) {
    return this.#prefix + name;
  }

  /** @param {string} name @returns {any} */
  read(name) {
    const text = this.#fallback.get(name) ?? this.#storage?.getItem(this.key(name));
    if (!text) return null;
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  /** @param {string} name @param {unknown} value */
  write(name, value) {
    const text = JSON.stringify(value);
    try {
      if (!this.#storage) throw new Error("no storage");
      this.#storage.setItem(this.key(name), text);
      this.#fallback.delete(name);
    } catch {
      // A full or forbidden storage must not stop the chat: this page still knows.
      this.#fallback.set(name, text);
    }
  }

  /** @param {string} name */
  forget(name) {
    this.#storage?.removeItem(this.key(name));
    this.#fallback.delete(name);
  }

  /** @param {string} start @returns {string[]} names that begin so */
  names(start) {
    const storage = this.#storage;
    const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? "");
    const stored = keys.filter((key) => key.startsWith(this.#prefix)).map((key) => key.slice(this.#prefix.length));
    return [...new Set([...stored, ...this.#fallback.keys()])].filter((name) => name.startsWith(start));
  }
}
