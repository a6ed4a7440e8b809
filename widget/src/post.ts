/**
 * The one way that something is sent to the service.
 *
 * Invariant: no cookie goes along, but with a record where the service sets ours.
 */
import type { Settings } from "./wire";

/** A POST of JSON that needs no preflight and outlives the page. */
export const post = (
  { url, site, by_service }: Settings,
  path: "consents" | "events" | "signups" | "hand-offs" | "hand-offs/open",
  body: string,
): Promise<Response> =>
  fetch(`${url}/v1/sites/${site}/${path}`, {
    method: "POST",
    body,
    headers: { "Content-Type": "text/plain" },
    credentials: by_service && path === "consents" ? "include" : "omit",
    keepalive: true,
  });
