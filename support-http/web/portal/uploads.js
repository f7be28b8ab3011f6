// @ts-check
import { html, nothing, repeat } from "../vendor/lit.js";
import { Failure } from "../shared/server.js";
import { newId } from "../shared/retry.js";
import { fileSize } from "./times.js";
import { number, t } from "./words.js";
import { icon } from "./view.js";

/**
 * @typedef {import("./api.js").Attachment} Attachment
 * @typedef {object} Upload
 * @property {string} key
 * @property {string} name
 * @property {number} size
 * @property {number} share how much of it is sent, to 1
 * @property {string} problem
 * @property {File|null} file none where it was sent before the page was loaded
 * @property {Attachment|null} attachment once it is sent
 * @property {AbortController} abort
 */

/** Files that are to go with a message: each is sent at once, so that the message need not wait for them. */
export class Uploads {
  /** @type {Upload[]} */
  list = [];
  isDraggedOver = false;
  #api;
  #changed;
  #announce;

  /** @param {import("./store.js").Store} store @param {() => void} changed */
  constructor(store, changed) {
    this.#api = store.api;
    this.#announce = (/** @type {string} */ text) => store.announce(text);
    this.#changed = changed;
  }

  get attachments() {
    return this.list.flatMap(({ attachment }) => attachment ?? []);
  }

  get areSending() {
    return this.list.some(({ attachment, problem }) => !attachment && !problem);
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const upload = { key: newId(), name: file.name, size: file.size, share: 0, problem: "", file, attachment: null, abort: new AbortController() };
      this.list = [...this.list, upload];
      void this.#send(upload);
    }
    this.#changed();
  }

  /** What was sent before the page was loaded again. @param {Attachment[]} attachments */
  restore(attachments) {
    this.list = attachments.map((attachment) => ({ key: newId(), name: attachment.filename, size: attachment.size, share: 1,
      problem: "", file: null, attachment, abort: new AbortController() }));
  }

  /** @param {Upload} upload */
  remove(upload) {
    this.list = this.list.filter((one) => one !== upload);
    upload.abort.abort();
    this.#changed();
  }

  clear() {
    this.list = [];
    this.#changed();
  }

  /** @param {Upload} upload */
  again(upload) {
    upload.problem = "";
    upload.share = 0;
    void this.#send(upload);
    this.#changed();
  }

  /** @param {Upload} upload */
  async #send(upload) {
    const { file } = upload;
    if (!file) return;
    try {
      upload.attachment = await this.#api.upload(file, (share) => {
        upload.share = share;
        this.#changed();
      }, upload.abort.signal);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      upload.problem = problemOf(failure, upload.name);
      this.#announce(upload.problem);
    }
    this.#changed();
  }
}

/** @param {Failure} failure @param {string} name */
const problemOf = (failure, name) => {
  if (failure.status === 413) return t("files.too-large", { name });
  if (failure.status === 415) return t("files.wrong-kind", { name });
  return t("files.failed", { name });
};

/** Takes what is dropped on a form and pictures that are pasted into it. @param {Uploads} uploads @param {() => void} changed */
export const fileHandlers = (uploads, changed) => {
  const drag = (/** @type {boolean} */ isOver) => (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (uploads.isDraggedOver === isOver) return;
    uploads.isDraggedOver = isOver;
    changed();
  };
  return {
    over: drag(true),
    leave: (/** @type {DragEvent} */ event) => {
      const form = /** @type {Node} */ (event.currentTarget);
      if (!form.contains(/** @type {Node|null} */ (event.relatedTarget))) drag(false)(event);
    },
    drop: (/** @type {DragEvent} */ event) => {
      drag(false)(event);
      const files = event.dataTransfer?.files;
      if (files?.length) uploads.add(files);
    },
    paste: (/** @type {ClipboardEvent} */ event) => {
      const files = event.clipboardData?.files;
      if (!files?.length) return;
      event.preventDefault();
      uploads.add(files);
    },
  };
};

/** @param {Uploads} uploads */
export const filePicker = (uploads) => {
  const pick = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    uploads.add(input.files ?? []);
    input.value = "";
  };
  return html`<label class="button pick">${icon("attach")}<span>${t("files.add")}</span>
    <input class="unseen" type="file" multiple @change=${pick}></label>`;
};

/** @param {Uploads} uploads */
export const fileList = (uploads) => uploads.list.length === 0 ? nothing : html`
  <ul class="files" aria-label=${t("files.list")}>${repeat(uploads.list, ({ key }) => key, (upload) => row(uploads, upload))}</ul>`;

/** @param {Uploads} uploads @param {Upload} upload */
const row = (uploads, upload) => {
  const { name, share, problem, attachment } = upload;
  const percent = number(Math.round(share * 100));
  return html`<li class=${problem ? "file failed" : "file"}>
    ${icon("file")}
    <span class="name" dir="auto">${name}</span>
    <span class="soft">${fileSize(upload.size)}</span>
    ${attachment || problem ? nothing : html`<progress max="1" .value=${share} aria-label=${t("files.progress", { name, percent })}></progress>`}
    ${problem ? html`<span class="problem">${problem}</span>
      ${upload.file ? html`<button class="plain" type="button" aria-label=${t("files.again", { name })} @click=${() => uploads.again(upload)}>${t("retry")}</button>` : nothing}` : nothing}
    <button class="plain" type="button" aria-label=${t("files.remove", { name })} @click=${() => uploads.remove(upload)}>${icon("close")}</button>
  </li>`;
};
