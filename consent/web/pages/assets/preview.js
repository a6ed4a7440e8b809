// The world around a widget that is only looked at: cookies and storage that are forgotten with the page, answers that
// come from nowhere, and the instant at which a choice that is shown again was made (consent/web/console/preview.py).
"use strict";
(() => {
  const { cookie, at, pressed, layer } = document.documentElement.dataset;

  // A page with an opaque origin has neither: only to look for them throws.
  const jar = new Map(cookie ? [cookie.split(/=(.*)/s).slice(0, 2)] : []);
  Object.defineProperty(document, "cookie", {
    get: () => [...jar].map((pair) => pair.join("=")).join("; "),
    set(text) {
      const [, name, value] = /^([^=;]*)=([^;]*)/.exec(text) ?? [];
      if (/max-age=(0|-)/i.test(text)) jar.delete(name);
      else if (name) jar.set(name, value);
    },
  });
  const ways = {
    getItem(key) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(key, value) {
      this[key] = String(value);
    },
    removeItem(key) {
      delete this[key];
    },
  };
  for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { value: Object.create(ways) });

  if (at) {
    const real = Date.now;
    const behind = real() - Number(at);
    Date.now = () => real() - behind;
  }

  let isShown = layer !== "prompt";
  /** Nothing leaves the page; the widget is answered as it would be. */
  window.fetch = async (address, { body = "{}" } = {}) => {
    const sent = JSON.parse(body);
    if (sent.kind === "prompt_shown") isShown = true;
    if (String(address).endsWith("/consents")) return Response.json({ id: sent.id, receipt: "preview" }, { status: 201 });
    return Response.json({ status: "accepted" }, { status: 202 });
  };

  // The prompt waits for its reader to have settled; who looks at it here has not come to read.
  for (const name of ["setTimeout", "setInterval"]) {
    const real = window[name];
    window[name] = (work, wait, ...more) => real(work, isShown ? wait : Math.min(wait, 20), ...more);
  }

  // A sandbox without forms would not even let the widget hear of one: it is told by a click.
  document.addEventListener("click", (event) => {
    const [target] = event.composedPath();
    const form = target.closest?.("button:not([type])")?.form;
    if (!form) return;
    event.preventDefault();
    form.dispatchEvent(new SubmitEvent("submit", { cancelable: true }));
  });

  /** Marks what was pressed when the choice was made. */
  function mark() {
    for (const { shadowRoot } of document.querySelectorAll("body > *")) {
      const part = shadowRoot?.querySelector(`[part~="${CSS.escape(pressed)}"]`);
      if (!part) continue;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("[aria-current]{outline:3px solid var(--ink)!important;outline-offset:3px}");
      shadowRoot.adoptedStyleSheets.push(sheet);
      part.setAttribute("aria-current", "true");
    }
  }
  if (pressed) document.addEventListener("consent:shown", mark);
  if (layer === "preferences") window.consent = { q: [["open"]] };
})();
