// @ts-check

const BLINK = 1_200;
const ONE_TAB_FOR = 2_000;

/** Tells a visitor who looks elsewhere that there is an answer: a sound without a file, and the page's title. */
export class Alerts {
  /** @type {AudioContext|null} */
  #audio = null;
  /** @type {number|undefined} */
  #blinking;
  #title = "";

  /** @param {import("../shared/memory.js").Memory} memory */
  constructor(memory) {
    this.memory = memory;
  }

  get areOn() {
    return this.memory.read("quiet") !== true;
  }

  /** @param {boolean} areOn */
  set(areOn) {
    this.memory.write("quiet", !areOn);
    if (!areOn) this.calm();
  }

  /** Browsers let a page sound only after its reader has touched it. */
  warmUp() {
    this.#audio ??= typeof AudioContext === "function" ? new AudioContext() : null;
    void this.#audio?.resume();
  }

  /** @param {string} title what stands in the title by turns */
  raise(title) {
    if (!this.areOn) return;
    void this.#soundInOneTab();
    if (document.visibilityState === "visible" || this.#blinking) return;
    this.#title = document.title;
    const turn = () => (document.title = document.title === title ? this.#title : title);
    turn();
    // Who asked for less motion gets the words, and they stay.
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#blinking = window.setInterval(isCalm ? () => {} : turn, BLINK);
  }

  calm() {
    if (!this.#blinking) return;
    clearInterval(this.#blinking);
    this.#blinking = undefined;
    document.title = this.#title;
  }

  async #soundInOneTab() {
    if (!navigator.locks) return this.#sound();
    await navigator.locks.request(this.memory.key("sound"), { ifAvailable: true }, async (lock) => {
      if (!lock || !this.#sound()) return;
      await new Promise((resolve) => setTimeout(resolve, ONE_TAB_FOR));
    });
  }

  /** @returns {boolean} whether it could be heard */
  #sound() {
    const audio = this.#audio;
    if (audio?.state !== "running") return false;
    [660, 880].forEach((pitch, index) => {
      const from = audio.currentTime + index * 0.12;
      const tone = new OscillatorNode(audio, { frequency: pitch });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0.0001, from);
      volume.gain.exponentialRampToValueAtTime(0.12, from + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.3);
      tone.connect(volume).connect(audio.destination);
      tone.start(from);
      tone.stop(from + 0.3);
    });
    return true;
  }
}
