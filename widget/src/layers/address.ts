/**
 * What is known of an e-mail address by its domain alone.
 *
 * Invariant: a suggestion is never more than one; what is right is not doubted.
 */

/** Name of the provider, where its mail is read, domains of its addresses; the most used first. */
const PROVIDERS = (
  "Gmail mail.google.com gmail.com googlemail.com|Outlook outlook.live.com outlook.com hotmail.com live.com msn.com|" +
  "Yahoo mail.yahoo.com yahoo.com ymail.com|iCloud www.icloud.com/mail icloud.com me.com|AOL mail.aol.com aol.com|" +
  "Proton mail.proton.me proton.me|GMX www.gmx.net gmx.net gmx.de|mail.com www.mail.com mail.com"
)
  .split("|")
  .map((one) => one.split(" "));

/** Whether one text becomes the other by so many letters left out, put in or changed. */
const isNear = (a: string, b: string, most: number): boolean =>
  a === b ||
  (a[0] === b[0]
    ? isNear(a.slice(1), b.slice(1), most)
    : most > 0 &&
      (isNear(a.slice(1), b, most - 1) || isNear(a, b.slice(1), most - 1) || isNear(a.slice(1), b.slice(1), most - 1)));

const domainOf = (address: string): string => address.trim().toLowerCase().replace(/^.*@/, "");

/** Name of the provider and where its mail is read; nothing where that is not known. */
export const providerOf = (address: string): string[] =>
  PROVIDERS.find((one) => one.lastIndexOf(domainOf(address)) > 1) ?? [];

/** The address that may have been meant: at a domain that many have, mistyped by two letters at most. */
export function correct(address: string): string | undefined {
  const domain = domainOf(address);
  const near = PROVIDERS.flatMap((one) => one.slice(2)).find((one) => isNear(domain, one, one.length > 8 ? 2 : 1));
  return near && !providerOf(address)[0] ? address.trim().slice(0, -domain.length) + near : undefined;
}
