/**
 * The widget for code that is bundled.
 */
import type { Consent, ConsentCall, ConsentDetails, ConsentEvent, ConsentState } from "./types.js";

export type * from "./types.js";

/** What stands in the place of `window.consent` until the widget is there: calls that wait for it. */
export interface ConsentQueue {
  q: ConsentCall[];
}

/** The same events, as the document has them. */
type DocumentEvents = { [Kind in ConsentEvent as `consent:${Kind}`]: CustomEvent<ConsentDetails[Kind]> };

declare global {
  interface DocumentEventMap extends DocumentEvents {}
  interface Window {
    consent?: Consent | ConsentQueue;
  }
}

export interface Source {
  /** Public URL of the service, as in `https://consent.example`. */
  url: string;
  /** The site's id; `site@version` for a pinned version. */
  site: string;
}

/**
 * Brings the widget to the page, once however often it is called, also beside the tag. Refused when it cannot be had or
 * does not start. On a server it does nothing, and its promise is never kept.
 */
export function load(source: Source): Promise<Consent>;

/** `window.consent` once it is the widget's. */
export function installed(): Consent | undefined;

/** Opens the second layer, as soon as the widget is there. */
export function openPreferences(): void;

/** Whether code of this purpose, or of this service when named, may run now. */
export function permits(purpose: string, service?: string): boolean;

/** The state, the very same object for as long as nothing changes; null before the widget is there, and on a server. */
export function snapshot(): ConsentState | null;

/** Calls the listener whenever `snapshot` may have changed; gives back how to stop it. */
export function watch(listener: () => void): () => void;
