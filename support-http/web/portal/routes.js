// @ts-check

/** @typedef {{page: string, name: string, query: URLSearchParams}} Route */

/** @param {string} hash `#/requests/TKT-1?x=y` @returns {Route} */
export const routeOf = (hash) => {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", name = ""] = path.split("/");
  return { page: page || "requests", name: decoded(name), query: new URLSearchParams(query) };
};

/** @param {string} text */
const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** @param {string} page @param {string} [name] @param {Record<string, string>} [query] */
export const link = (page, name = "", query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value);
  const text = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  return `#/${page}${name ? `/${encodeURIComponent(name)}` : ""}${text}`;
};
