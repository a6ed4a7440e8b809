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

type Call = (...words: unknown[]) => void;
type Queue = { push: Call };
/** Each of Consent Mode's types in its word: granted by all of the purposes that name it, so that none is outvoted. */
const wordsOf = (signals: Record<string, string[]>, purposes: Decisions): Record<string, string> =>
  Object.fromEntries(
    Object.entries(signals).map(([type, ids]) => [
      type,
      ids[0] && ids.every((id) => purposes.get(id)) ? "granted" : "denied",
    ]),
  );

/**
 * How each tool is told, by the page's own name for it, under which it is called as its maker documents. `sale` is for
 * Shopify, where it is to hear of one.
 */
function toolsOf(
  signals: Record<string, string[]>,
  purposes: Decisions,
  sale: { sale_of_data: boolean } | false | undefined,
) {
  const consent = wordsOf(signals, purposes);
  const { ad_storage, analytics_storage } = consent;
  const isGranted = (word: string | undefined): boolean => word === "granted";
  const ads = isGranted(ad_storage);
  const analytics = isGranted(analytics_storage);
  const preferences = isGranted(
    consent[signals["personalization_storage"]?.[0] ? "personalization_storage" : "functionality_storage"],
  );
  return {
    dataLayer(layer: Queue) {
      // Google's tags heed only an `arguments` object.
      (function (..._words: unknown[]) {
        layer.push(arguments);
      })("consent", "update", consent);
      layer.push({ event: "consent_change", consent: Object.fromEntries(purposes) });
    },
    uetq: (queue: Queue) => queue.push("consent", "update", { ad_storage }),
    clarity: (call: Call) => call("consentv2", { ad_Storage: ad_storage, analytics_Storage: analytics_storage }),
    fbq: (call: Call) => call("consent", ads ? "grant" : "revoke"),
    _paq: (queue: Queue) => queue.push([analytics ? "rememberCookieConsentGiven" : "forgetCookieConsentGiven"]),
    ttq: (tool: Record<string, Call>) => tool[ads ? "grantConsent" : "revokeConsent"]!(),
    wp_set_consent(call: Call) {
      const statistics = { statistics: analytics, "statistics-anonymous": analytics };
      for (const [group, given] of Object.entries({ functional: true, preferences, ...statistics, marketing: ads }))
        call(group, given ? "allow" : "deny");
    },
    Shopify: ({ customerPrivacy }: { customerPrivacy: { setTrackingConsent: Call } }) =>
      customerPrivacy.setTrackingConsent(
        { marketing: ads, analytics, preferences, ...sale },
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
  const page = window as unknown as Record<string, never>;
  // A page that is still being read may yet lay down its own.
  if (document.readyState !== "loading") (page as { dataLayer?: unknown[] }).dataLayer ??= [];
  for (const [name, tell] of Object.entries(toolsOf(signals, purposes, sale)))
    try {
      // Looked for first: an error, on every page and for every tool that is not there, is the dearest thing to make.
      if (told.has(name) || !page[name]) continue;
      tell(page[name]);
      told.add(name);
    } catch {
      // No such tool, or not yet a whole one.
    }
}
