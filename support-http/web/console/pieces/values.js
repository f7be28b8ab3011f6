// @ts-check

/** @param {any} values @param {string} path `a.b` is `b` in `a` */
export const pick = (values, path) => path.split(".").reduce((part, name) => part?.[name], values);

/** @param {any} values @param {string} path @param {unknown} value */
export const put = (values, path, value) => {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let part = values;
  for (const name of names) part = part[name] ??= {};
  part[last] = value;
};

/** Only what is named: the rest of a row is not the form's to send. @param {any} values @param {string[]} paths */
export const only = (values, paths) => {
  const result = {};
  for (const path of paths) {
    const value = pick(values, path);
    if (value !== undefined) put(result, path, value);
  }
  return result;
};
