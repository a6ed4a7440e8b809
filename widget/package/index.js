/**
 * The widget for code that is bundled: brings it to the page, and tells how the visitor stands.
 *
 * Invariant: importing this does nothing, so that a server may; and nothing is permitted as long as the widget is not
 * there or does not say so.
 */

/** @type {typeof import("./index.js").installed} */
export function installed() {
  const there = globalThis.document && window.consent;
  // The queue that calls wait in, or an element with id="consent", may stand in its place.
  return there && "given" in there && typeof there.given === "function" ? there : undefined;
}

/** @type {typeof import("./index.js").load} */
export async function load({ url, site }) {
  if (!globalThis.document) return new Promise(() => {});
  // An import, not a script element: it happens once, it carries on the nonce of the script that asks for it, and no
  // Trusted Types policy stands between.
  if (!installed()) await import(/* webpackIgnore: true */ /* @vite-ignore */ `${url.replace(/\/$/, "")}/w/${site}.js`);
  const consent = installed();
  if (!consent) throw new Error("consent: the widget did not start");
  await consent.ready;
  return consent;
}

/** @type {typeof import("./index.js").openPreferences} */
export function openPreferences() {
  if (!installed() && !Array.isArray(window.consent?.q)) window.consent = { q: [] };
  window.consent?.q.push(["open"]);
}

/** @type {typeof import("./index.js").permits} */
export const permits = (purpose, service) => !!installed()?.given(service || purpose);

/** @type {import("./index.js").ConsentState | null} */
let held = null;
let text = "null";

/** @type {typeof import("./index.js").snapshot} */
export function snapshot() {
  const state = installed()?.state() ?? null;
  const now = JSON.stringify(state);
  if (now !== text) {
    text = now;
    held = state;
  }
  return held;
}

/** @type {typeof import("./index.js").watch} */
export function watch(listener) {
  // One of its own for each call: the document would take the same listener only once.
  const heard = () => listener();
  const kinds = ["consent:ready", "consent:change", "consent:recorded"];
  for (const kind of kinds) document.addEventListener(kind, heard);
  return () => kinds.forEach((kind) => document.removeEventListener(kind, heard));
}
