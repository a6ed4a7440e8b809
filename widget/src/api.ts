/**
 * `window.consent`: what a page may ask and do.
 *
 * Invariant: answers are copies, so that a page cannot change a choice by changing an answer, and
 * nothing thrown by a queued call reaches the page.
 */
import type { Choice } from "./choice";
import type { Desk } from "./desk";
import type { Cleared, Receipt, Regime, SignedUp } from "./wire";

export interface ConsentState {
  /** Whether a choice is held that is neither expired nor made against an older notice. */
  decided: boolean;
  purposes: Record<string, boolean>;
  /** Only those decided otherwise than their purpose. */
  services: Record<string, boolean>;
  regime: Regime;
  gpc: boolean;
  notice: string;
  subject: string | null;
  /** Id of the consent record. */
  record: string | null;
  decided_at: string | null;
  expires_at: string | null;
  /** The signed receipt, once the service has answered. */
  receipt: string | null;
}

/** What each event tells. */
export interface ConsentDetails {
  /** The widget is there: `window.consent` is its own now. */
  ready: ConsentState;
  change: ConsentState;
  shown: { layer: string; language: string };
  recorded: Receipt;
  /** After a choice that refuses something: what the refused had kept on the device. */
  cleared: Cleared;
  /** The page is about to be loaded anew, as something runs that was taken back; `preventDefault()` stays. */
  reload: Cleared;
  /** A reader has signed up for newsletters, and is to confirm it by the mail. */
  signup: SignedUp;
}

export type ConsentEvent = keyof ConsentDetails;

/** A call that waits in the queue. */
export type ConsentCall = [method: string, ...args: unknown[]];

export interface Consent {
  /** Resolves once the stored choice has been read. */
  ready: Promise<ConsentState>;
  given(purposeOrService: string): boolean;
  state(): ConsentState;
  /** Opens the second layer. */
  open(): Promise<void>;
  /** Takes an open layer away; nothing is decided. */
  close(): void;
  /** Decides for the purposes and services named; the others stay as they are. */
  set(decisions: Record<string, boolean>): Promise<ConsentState>;
  withdraw(): Promise<ConsentState>;
  /** Gives back a function that stops it. */
  on<Kind extends ConsentEvent>(kind: Kind, listener: (detail: ConsentDetails[Kind]) => void): () => void;
  receipt(): string | null;
  /** Calls in the stub's form, made at once. */
  q: { push(...calls: ConsentCall[]): void };
}

const iso = (time: number | undefined): string | null => (time ? new Date(time).toISOString() : null);

export function describe({ gpc, settings, standing }: Desk): ConsentState {
  const { choice, decided, purposes, services } = standing();
  const { subject = null, record = null, decided: decidedAt, expires, receipt } = choice ?? ({} as Partial<Choice>);
  return {
    decided,
    purposes: Object.fromEntries(purposes),
    services: Object.fromEntries(services),
    regime: settings.layout.regime,
    gpc,
    notice: settings.notice,
    subject,
    record,
    decided_at: iso(decidedAt),
    expires_at: iso(expires),
    receipt: receipt || null,
  };
}

export function makeApi(desk: Desk): Consent {
  /** The making of a choice comes with a layer, as the loader alone only reads. */
  async function decide(decisions?: Record<string, boolean>): Promise<ConsentState> {
    await (await desk.fetchLayer("clear")).decide(desk, decisions);
    return describe(desk);
  }
  const api: Consent = {
    ready: Promise.resolve(describe(desk)),
    given: desk.given,
    state: () => describe(desk),
    open: desk.open,
    close: desk.close,
    set: decide,
    withdraw: () => decide(),
    on(kind, listener) {
      const heard = (event: Event): void => listener((event as CustomEvent).detail);
      document.addEventListener("consent:" + kind, heard);
      return () => document.removeEventListener("consent:" + kind, heard);
    },
    receipt: () => describe(desk).receipt,
    q: { push: (...calls) => calls.forEach(replay) },
  };
  const replay = async ([method, ...args]: ConsentCall): Promise<void> => {
    try {
      await (api as unknown as Record<string, (...args: unknown[]) => unknown>)[method]!(...args);
    } catch {
      // The page's call was wrong, or came to nothing; it asked for no answer.
    }
  };
  return Object.freeze(api);
}

/** Puts the api in the stub's place and makes the calls that wait there. */
export function install(api: Consent): void {
  const page = window as { consent?: { q?: unknown } };
  // An element with id="consent" is here as well, and is no stub.
  const waiting = page.consent?.q;
  page.consent = api;
  if (Array.isArray(waiting)) api.q.push(...(waiting as ConsentCall[]));
}
