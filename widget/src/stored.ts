/**
 * What the loader reads in the browser's storage: records that are still owed, a receipt too long for the cookie.
 *
 * Invariant: only looks; `send` and `act` write these keys, after a choice.
 */
export const QUEUE = "fc.q";
export const RECEIPT = "fc.r";
/** Until when the newsletter is not offered: milliseconds since 1970, first of what `signup` keeps there. */
export const QUIET = "fc.n";

/** What is kept under a key; null also when the storage is out of reach. */
export function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
