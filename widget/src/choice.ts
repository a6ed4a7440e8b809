/**
 * The cookie that holds the visitor's choice, as a value and as text.
 *
 * Format, also for a publisher's own back end:
 * `fc=1~material~subject~record~decided~expires~purposes~services~receipt`, with `1g` where Global Privacy Control was on;
 * the two times are milliseconds since 1970 in base 36, the decisions are ids joined by `.`, a refused one led by `!`.
 *
 * Invariant: text that is not exactly of this form reads as no choice at all, never as a grant.
 */
import type { Decisions } from "./wire";

export interface Choice {
  /** Whether Global Privacy Control was on when it was made. */
  gpc: boolean;
  /** Digest of the material part of the notice that was shown. */
  material: string;
  subject: string;
  record: string;
  /** Milliseconds since 1970, the browser's clock. */
  decided: number;
  expires: number;
  purposes: Decisions;
  services: Decisions;
  /** Empty until the service has answered. */
  receipt: string;
}

const FORM = /^fc=1g?~[\w-]+(~[\da-f-]{36}){2}(~[\da-z]{1,9}){2}(~(!?[\w-]+(\.!?[\w-]+)*)?){2}~[\w.-]*$/;

const readDecisions = (text: string): Decisions =>
  new Map(text ? text.split(".").map((id) => (id[0] === "!" ? [id.slice(1), false] : [id, true])) : []);

const writeDecisions = (decisions: Decisions): string =>
  [...decisions].map(([id, given]) => (given ? id : "!" + id)).join(".");

/** The choice that a cookie spells, or undefined when it is not of the form. */
export function parse(text: string): Choice | undefined {
  if (!FORM.test(text)) return undefined;
  const [version, material, subject, record, decided, expires, purposes, services, receipt] = text.split("~");
  return {
    gpc: version === "fc=1g",
    material: material!,
    subject: subject!,
    record: record!,
    decided: parseInt(decided!, 36),
    expires: parseInt(expires!, 36),
    purposes: readDecisions(purposes!),
    services: readDecisions(services!),
    receipt: receipt!,
  };
}

/** The receipt of this record in the text `record~receipt`, which stands outside the cookie; empty when it has none. */
export const receiptOf = (record: string, text: string | null): string =>
  new RegExp(`^${record}~([\\w.-]+)$`).exec(text!)?.[1] ?? "";

/** The cookie; `parse` of it gives the same choice back. */
export const print = (choice: Choice): string =>
  [
    choice.gpc ? "fc=1g" : "fc=1",
    choice.material,
    choice.subject,
    choice.record,
    choice.decided.toString(36),
    choice.expires.toString(36),
    writeDecisions(choice.purposes),
    writeDecisions(choice.services),
    choice.receipt,
  ].join("~");

/**
 * The newest choice in a `Cookie` header or `document.cookie`: a cookie left behind on another path
 * or parent domain may have the same name.
 */
export function find(cookies: string): Choice | undefined {
  let newest: Choice | undefined;
  for (const pair of cookies.split("; ")) {
    const choice = parse(pair);
    if (choice && choice.decided > (newest?.decided ?? 0)) newest = choice;
  }
  return newest;
}
