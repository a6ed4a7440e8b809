// Checks a consent receipt with the site's keys. Node.js alone, no package.
import { createHmac, timingSafeEqual } from "node:crypto";

const MAX_AGE = 5 * 365 * 86400; // seconds: as long as the service itself accepts a receipt
const CLOCK_SKEW = 300; // seconds by which the service's clock may be ahead of yours

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

function isSame(one, other) {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * What the receipt says; throws when it is not one of this site's, or too old.
 * `keys` are the lines that `consent token keys --site SITE` prints.
 */
export function verifyReceipt(receipt, keys) {
  if (!keys.length || keys.some((key) => key.length !== 64)) // with an empty one, anybody could sign
    throw new Error("not the keys that `consent token keys` prints");
  const parts = receipt.split(".");
  if (parts.length !== 3) throw new Error("not a receipt"); // a fourth, in front, would mean compressed: never done
  const [content, date, signature] = parts;
  const signed = keys.map((key) => hmac(hmac(key, "consent.receipt"), `${content}.${date}`).toString("base64url"));
  if (!signed.some((one) => isSame(one, signature))) throw new Error("not a receipt of this site");
  const signedAt = Number.parseInt(Buffer.from(date, "base64url").toString("hex"), 16);
  const age = Date.now() / 1000 - signedAt;
  if (!(age >= -CLOCK_SKEW && age <= MAX_AGE)) throw new Error("too old, or dated in the future");
  return JSON.parse(Buffer.from(content, "base64url").toString("utf8"));
}
