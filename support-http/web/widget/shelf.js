// @ts-check

/** @typedef {{id: string, owner: string, file: File, order: number}} Kept */

const STORE = "files";

/** Where files wait that were not sent yet, through reloads; nowhere, where a browser forbids it. */
export class Shelf {
  /** @type {Promise<IDBDatabase|null>|undefined} */
  #opened;

  /** @param {string} owner whose files these are, among all of the site's */
  constructor(owner) {
    this.owner = owner;
  }

  /** @param {string} id @param {File} file */
  async keep(id, file) {
    await this.#ask("readwrite", (files) => files.put({ id, owner: this.owner, file, order: Date.now() }));
  }

  /** @param {string} id */
  async drop(id) {
    await this.#ask("readwrite", (files) => files.delete(id));
  }

  /** @returns {Promise<Kept[]>} in the order they were chosen */
  async all() {
    /** @type {Kept[]} */
    const kept = (await this.#ask("readonly", (files) => files.getAll())) ?? [];
    return kept.filter(({ owner }) => owner === this.owner).sort((left, right) => left.order - right.order);
  }

  /** @param {IDBTransactionMode} mode @param {(files: IDBObjectStore) => IDBRequest} question @returns {Promise<any>} */
  async #ask(mode, question) {
    const database = await (this.#opened ??= this.#open());
    if (!database) return null;
    return new Promise((resolve) => {
      try {
        const request = question(database.transaction(STORE, mode).objectStore(STORE));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }

  /** @returns {Promise<IDBDatabase|null>} */
  #open() {
    return new Promise((resolve) => {
      try {
        const request = indexedDB.open("support-widget", 1);
        request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }
}
