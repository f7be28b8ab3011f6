// @ts-check
import { make } from "../../shared/dom.js";

/** @type {[import("../api.js").Availability, string][]} */
const CHOICES = [["available", "Available"], ["busy", "Busy"], ["away", "Away"], ["offline", "Offline"]];

/** @param {import("../store.js").Store} store @param {import("../presence.js").Presence} presence */
export const availabilityView = (store, presence) => {
  const choice = make("select", { "aria-label": "Availability" },
    ...CHOICES.map(([value, label]) => make("option", { value }, label)));
  choice.addEventListener("change", () =>
    void presence.choose(/** @type {import("../api.js").Availability} */ (choice.value)));
  const box = make("label", { class: "availability" }, make("i", { "aria-hidden": "true" }), choice);
  const render = () => {
    choice.disabled = store.availability === null;
    choice.value = store.availability ?? "offline";
    box.dataset.availability = choice.value;
  };
  store.subscribe(render);
  render();
  return box;
};
