/**
 * Identifiers made in the browser.
 *
 * Invariant: an id carries its time of making and randomness, nothing of the visitor or the device.
 */

/** A UUIDv7 (RFC 9562, section 5.7), lower case. */
export function makeId(now: number): string {
  // `randomUUID` would need a secure context; this works on http pages too.
  const random = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => (byte + 256).toString(16).slice(1));
  const digits = now.toString(16).padStart(12, "0") + 7 + random.join("");
  return digits.replace(/(.{8})(.{4})(.{4})(...)/, "$1-$2-$3-8$4-");
}
