// @ts-check
/// <reference path="./widget.d.ts" />
/**
 * The chat bubble for any site:
 * `<script src="https://support.example.com/widget.js" data-tenant="default" async></script>`
 *
 * This classic script only knows where it came from and for whom; the modules do the rest. `/widget.js` is all of it in
 * one piece, made by `npm run widget`; a page that loads this file instead runs the modules as they are.
 */
(() => {
  "use strict";

  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || window.SupportWidget) return;

  const origin = new URL(script.src.replace(/(assets\/widget\/)?[^/]*$/, ""));
  const { tenant = "", language, theme, position } = script.dataset;

  const place = () => {
    const widget = document.querySelector("support-widget") ?? document.createElement("support-widget");
    if (theme) widget.setAttribute("theme", theme);
    if (position) widget.setAttribute("position", position);
    if (!widget.isConnected) document.body.append(widget);
    return widget;
  };

  /** @type {Promise<any>} */
  const ready = import("./element.js").then(async ({ defineSupportWidget }) => {
    defineSupportWidget({ origin, tenant, language });
    if (!document.body) await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
    return place();
  });

  /** @type {any} */
  const api = {
    on: (/** @type {string} */ event, /** @type {Function} */ handler) => {
      const listening = ready.then((widget) => widget.on(event, handler));
      return () => void listening.then((stop) => stop());
    },
  };
  for (const name of ["open", "close", "toggle", "identify", "setAttributes", "setLocale", "send", "reset", "setChallenge"]) {
    api[name] = (/** @type {unknown[]} */ ...given) => ready.then((widget) => widget[name](...given));
  }
  window.SupportWidget = api;
  window.dispatchEvent(new Event("supportwidget"));
})();
