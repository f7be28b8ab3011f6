// @ts-check
/**
 * The chat bubble for any site:
 * `<script src="https://support.example.com/widget.js" data-tenant="default" async></script>`
 *
 * This classic script only knows where it came from and for whom; the modules that it loads from there do the rest.
 */
(() => {
  "use strict";

  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || customElements.get("support-widget")) return;

  const origin = new URL(".", script.src);
  const tenant = script.dataset.tenant ?? "";

  const place = () => {
    if (!document.querySelector("support-widget")) document.body.append(document.createElement("support-widget"));
  };

  import(new URL("assets/widget/element.js", origin).href).then(({ defineSupportWidget }) => {
    defineSupportWidget({ origin, tenant });
    if (document.body) place();
    else document.addEventListener("DOMContentLoaded", place, { once: true });
  });
})();
