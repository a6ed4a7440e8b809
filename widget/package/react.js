"use client";
/**
 * The widget's state in React.
 *
 * Invariant: a server, and the first render in the browser, know of no choice, so that what is hydrated is what was sent.
 */
import { useSyncExternalStore } from "react";
import { permits, snapshot, watch } from "./index.js";

export { load, openPreferences } from "./index.js";

const nothing = () => null;

/** @type {typeof import("./react.js").useConsent} */
export const useConsent = () => useSyncExternalStore(watch, snapshot, nothing);

/** @type {typeof import("./react.js").Gate} */
export const Gate = ({ purpose, service, fallback = null, children }) =>
  useConsent() && permits(purpose, service) ? children : fallback;
