/**
 * The widget's state in Vue (3.3 or newer).
 */
import type { DefineSetupFnComponent, ShallowRef, SlotsType, VNode } from "vue";
import type { ConsentState } from "./types.js";

export { load, openPreferences } from "./index.js";

/** The state, kept up to date; null before the widget is there, on a server, and while a page is hydrated. */
export function useConsent(): Readonly<ShallowRef<ConsentState | null>>;

export interface GateProps {
  purpose: string;
  /** Finer than the purpose. */
  service?: string;
}

/** `default`: shown for as long as it is permitted. `fallback`: what stands there otherwise. */
export interface GateSlots {
  default?(): VNode[];
  fallback?(): VNode[];
}

export declare const Gate: DefineSetupFnComponent<GateProps, {}, SlotsType<GateSlots>>;
