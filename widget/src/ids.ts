/**
 * Identifiers made in the browser.
 *
 * Invariant: an id carries its time of making and randomness, nothing of the visitor or the device.
 */

/** A UUIDv7 (RFC 9562, section 5.7), lower case. */
export function makeId(now: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // `randomUUID` would need a secure context; this works on http pages too.
  const hex = (number: number, length: number): string => number.toString(16).padStart(length, "0");
  const digits = hex(now, 12) + [...bytes.slice(6)].map((byte) => hex(byte, 2)).join("");
  const variant = "89ab"[bytes[0]! & 3];
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-7$3-${variant}$4-$5`);
}
