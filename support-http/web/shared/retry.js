// @ts-check

/**
 * How long to wait before the next try: doubling from 0.3 s to at most 15 s, spread so that many clients do not come
 * back in the same moment.
 * @param {number} attempt counted from 0
 * @returns {number} milliseconds
 */
export const backoff = (attempt) => Math.min(15_000, 300 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2);

/** @returns {string} 128 random bits; unlike `crypto.randomUUID` it needs no secure context */
export const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * A wait that can be cut short.
 */
export class Pause {
  /** @type {(() => void)|null} */
  #skip = null;

  /** @param {number} milliseconds @param {boolean} [canSkip] */
  async wait(milliseconds, canSkip = true) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds, null);
      if (!canSkip) return;
      this.#skip = () => {
        clearTimeout(timer);
        resolve(null);
      };
    });
    this.#skip = null;
  }

  skip() {
    this.#skip?.();
  }
}
