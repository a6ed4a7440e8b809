/**
 * `window.consent`: what a page may ask and do.
 *
 * Invariant: answers are copies, so that a page cannot change a choice by changing an answer, and
 * nothing thrown by a queued call reaches the page.
 */
import type { act as makeChoice } from "./act";
import type { Desk } from "./desk";
import { isGiven } from "./standing";
import type { Action, Decisions, Regime } from "./wire";

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

export type ConsentEvent = "change" | "shown" | "recorded" | "signup";
type Call = [method: string, ...args: unknown[]];

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
  on(kind: ConsentEvent, listener: (detail: unknown) => void): () => void;
  receipt(): string | null;
  /** Calls in the stub's form, made at once. */
  q: { push(...calls: Call[]): void };
}

const iso = (time: number | undefined): string | null => (time ? new Date(time).toISOString() : null);

export function describe(desk: Desk): ConsentState {
  const { choice, asking, purposes, services } = desk.standing();
  return {
    decided: !asking,
    purposes: Object.fromEntries(purposes),
    services: Object.fromEntries(services),
    regime: desk.settings.regime,
    gpc: desk.gpc,
    notice: desk.settings.notice,
    subject: choice?.subject ?? null,
    record: choice?.record ?? null,
    decided_at: iso(choice?.decided),
    expires_at: iso(choice?.expires),
    receipt: choice?.receipt || null,
  };
}

/** The whole choice that comes of some decisions; throws at an id that the site does not have. */
function complete(desk: Desk, wanted: Record<string, boolean>): [purposes: Decisions, services: Decisions] {
  const purposes = new Map(desk.standing().purposes);
  const services = new Map(desk.standing().services);
  const known = desk.settings.purposes;
  const entries = Object.entries(wanted);
  for (const [id, given] of entries) {
    const purpose = known.find((one) => one.id === id);
    if (typeof given !== "boolean" || !(purpose || known.some((one) => one.services.includes(id))))
      throw new TypeError("consent.set: " + id);
    if (purpose) {
      purposes.set(id, given);
      purpose.services.forEach((service) => services.delete(service));
    }
  }
  // After the purposes, each of which speaks for all its services.
  for (const [id, given] of entries) if (!purposes.has(id)) services.set(id, given);
  return [purposes, services];
}

/** `fetchAct`: the making of a choice comes with the layers, as the loader alone only reads. */
export function makeApi(desk: Desk, fetchAct: () => Promise<typeof makeChoice>): Consent {
  async function decide(action: Action, ...decisions: Decisions[]): Promise<ConsentState> {
    if (!(await fetchAct())(desk, action, ...decisions)) throw new Error("consent: this browser keeps no choice");
    return describe(desk);
  }
  const api: Consent = {
    ready: Promise.resolve(describe(desk)),
    given: (id) => isGiven(desk.settings, desk.standing(), id),
    state: () => describe(desk),
    open: desk.open,
    close: desk.close,
    set: async (decisions) => decide("save", ...complete(desk, decisions)),
    withdraw: () => decide("withdraw"),
    on(kind, listener) {
      const heard = (event: Event): void => listener((event as CustomEvent).detail);
      document.addEventListener("consent:" + kind, heard);
      return () => document.removeEventListener("consent:" + kind, heard);
    },
    receipt: () => desk.standing().choice?.receipt || null,
    q: { push: (...calls) => calls.forEach(replay) },
  };
  const replay = async ([method, ...args]: Call): Promise<void> => {
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
  if (Array.isArray(waiting)) api.q.push(...(waiting as Call[]));
}
