// @ts-check

/** @param {string} hex @returns {number[]} */
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** Relative luminance: WCAG 2.2, "relative luminance". @param {string} hex */
const luminance = (hex) => {
  const [red, green, blue] = channels(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** WCAG 2.2, "contrast ratio". @param {string} one @param {string} other */
export const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((left, right) => left - right);
  return (light + 0.05) / (dark + 0.05);
};

/** What can be read on a colour: of black and white, one always has 4.5 to 1. @param {string} color */
export const inkOn = (color) => (contrast("#ffffff", color) >= 4.5 ? "#ffffff" : "#000000");

/** The colour, as much darker or lighter as it takes to be read on a surface. @param {string} color @param {string} surface */
const readableOn = (color, surface) => {
  const goal = inkOn(surface) === "#000000" ? 0 : 255;
  let found = color;
  for (let part = 0; part <= 1 && contrast(found, surface) < 4.5; part += 0.05) {
    found = `#${channels(color).map((value) => Math.round(value + (goal - value) * part).toString(16).padStart(2, "0")).join("")}`;
  }
  return found;
};

/** The rule that puts a tenant's colour in place; none for what is no colour. @param {string|null|undefined} color */
export const ruleOf = (color) => {
  const long = color?.trim().toLowerCase().replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
  if (!long || !/^#[0-9a-f]{6}$/.test(long)) return "";
  const [light, dark] = [readableOn(long, "#f2f5f7"), readableOn(long, "#222c37")];
  return `:host { --fill: ${long}; --fill-ink: ${inkOn(long)}; --accent: light-dark(${light}, ${dark});
    --accent-ink: light-dark(${inkOn(light)}, ${inkOn(dark)}); }`;
};
