/**
 * What the test's page has beside the widget.
 */
declare const ran: string[];
declare const SERVICE: string;

/** Typed by the recipe of package/README.md. */
declare module "https://consent.example/w/miami-new-times.mjs" {
  const consent: import("consent-page").Consent;
  export default consent;
}
