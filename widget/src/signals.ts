/**
 * Signals in and out: what the browser says by itself about the visitor's will, and what other tools on the page are
 * told of it.
 *
 * Invariants: only the exact value `true` counts as a signal; nobody is told anything before there is a choice, unless
 * the regime presumes one; a tool that is not there, or that throws, keeps the others from nothing.
 */
import type { Standing } from "./standing";
import type { Decisions, Settings } from "./wire";

/** Whether the browser sends Global Privacy Control (W3C GPC, section 4). */
export const readGpc = (): boolean =>
  (navigator as Navigator & { globalPrivacyControl?: boolean }).globalPrivacyControl === true;

/** The tools' own functions and queues, as each documents them. */
interface Page {
  dataLayer?: { push(entry: unknown): void };
  uetq: { push(...words: unknown[]): void };
  clarity(...words: unknown[]): void;
  fbq(...words: unknown[]): void;
  _paq: { push(call: unknown[]): void };
  ttq: Record<"grantConsent" | "revokeConsent", () => void>;
  wp_set_consent(group: string, value: string): void;
  Shopify: { customerPrivacy: { setTrackingConsent(consent: Record<string, boolean>, done: () => void): void } };
}

/** Each of Consent Mode's types in its word: granted by all of the purposes that name it, so that none is outvoted. */
const wordsOf = (signals: Record<string, string[]>, purposes: Decisions): Record<string, string> =>
  Object.fromEntries(
    Object.entries(signals).map(([type, ids]) => [
      type,
      ids[0] && ids.every((id) => purposes.get(id)) ? "granted" : "denied",
    ]),
  );

/** How each tool is told, by the name that it is switched off by. `sale` is for Shopify, where it is to hear of one. */
function toolsOf(
  signals: Record<string, string[]>,
  purposes: Decisions,
  sale: { sale_of_data: boolean } | false | undefined,
): Record<string, () => void> {
  const page = window as unknown as Page;
  const consent = wordsOf(signals, purposes);
  const { ad_storage, analytics_storage } = consent;
  const [ads, stats, prefs] = [
    ad_storage,
    analytics_storage,
    consent[signals["personalization_storage"]?.[0] ? "personalization_storage" : "functionality_storage"],
  ].map((word) => word === "granted") as [boolean, boolean, boolean];
  return {
    google() {
      // A page that is still being read may yet lay down its own.
      if (document.readyState !== "loading") page.dataLayer ??= [];
      const { dataLayer } = page;
      // Google's tags heed only an `arguments` object.
      (function (..._words: unknown[]) {
        dataLayer!.push(arguments);
      })("consent", "update", consent);
      dataLayer!.push({ event: "consent_change", consent: Object.fromEntries(purposes) });
    },
    microsoft_uet: () => page.uetq.push("consent", "update", { ad_storage }),
    microsoft_clarity: () =>
      page.clarity("consentv2", { ad_Storage: ad_storage, analytics_Storage: analytics_storage }),
    meta: () => page.fbq("consent", ads ? "grant" : "revoke"),
    matomo: () => page._paq.push([stats ? "rememberCookieConsentGiven" : "forgetCookieConsentGiven"]),
    tiktok: () => page.ttq[ads ? "grantConsent" : "revokeConsent"](),
    wordpress() {
      const groups = { functional: true, preferences: prefs, statistics: stats, "statistics-anonymous": stats };
      for (const [group, given] of Object.entries({ ...groups, marketing: ads }))
        page.wp_set_consent(group, given ? "allow" : "deny");
    },
    shopify: () =>
      page.Shopify.customerPrivacy.setTrackingConsent(
        { marketing: ads, analytics: stats, preferences: prefs, ...sale },
        () => {},
      ),
  };
}

/**
 * Tells each tool that is there and not in `told`, and adds it. `isAct`: the visitor has decided just now; a sale is
 * spoken of to Shopify only then, and only under opt-out, as it asks.
 */
export function signal(
  { signals, layout, purposes: all }: Settings,
  { settled, purposes }: Standing,
  told: Set<string>,
  isAct?: boolean,
): void {
  if (!signals || !settled) return;
  const isSold = all.every(({ id, sale }) => !sale || purposes.get(id) === true);
  const sale = isAct && layout.regime === "opt_out" && { sale_of_data: isSold };
  for (const [name, tell] of Object.entries(toolsOf(signals, purposes, sale)))
    try {
      if (!told.has(name)) tell();
      told.add(name);
    } catch {
      // Not on this page, or not yet.
    }
}
