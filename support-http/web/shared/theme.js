// @ts-check

/** @typedef {"system"|"light"|"dark"} Theme */

const KEY = "support|theme";
const DARK = "(prefers-color-scheme: dark)";
/** @type {MediaList[]|null} where the sheets say what is dark, found before any of it is changed */
let darkRules = null;

/** @returns {MediaList[]} */
const findDarkRules = () => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule instanceof CSSMediaRule && rule.conditionText === DARK)
  .map((rule) => /** @type {CSSMediaRule} */ (rule).media);

/** @returns {Theme} */
export const chosenTheme = () => {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : "system";
  } catch {
    return "system";
  }
};

/** Shows the page in a theme: the one that this device was last told, unless named. @param {Theme} [theme] */
export const applyTheme = (theme = chosenTheme()) => {
  darkRules ??= findDarkRules();
  const when = { system: DARK, light: "not all", dark: "all" }[theme];
  for (const media of darkRules) media.mediaText = when;
  document.documentElement.style.colorScheme = theme === "system" ? "" : theme;
  // For what is drawn with colours that were read from the sheets.
  document.dispatchEvent(new Event("themechange"));
};

/** @param {Theme} theme */
export const chooseTheme = (theme) => {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Where storage is forbidden, the choice holds for this page.
  }
  applyTheme(theme);
};
