/**
 * The widget's state in React (18 or newer).
 */
import type { ReactNode } from "react";
import type { ConsentState } from "./types.js";

export { load, openPreferences } from "./index.js";

/** The state, kept up to date; null before the widget is there, on a server, and while a page is hydrated. */
export function useConsent(): ConsentState | null;

export interface GateProps {
  purpose: string;
  /** Finer than the purpose. */
  service?: string | undefined;
  /** What stands there as long as the children may not. */
  fallback?: ReactNode;
  children?: ReactNode;
}

/** Its children, for as long as they are permitted; they are unmounted when that is taken back. */
export function Gate(props: GateProps): ReactNode;
