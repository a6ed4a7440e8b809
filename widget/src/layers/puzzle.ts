/**
 * The work that the service asks of a sender in doubt, done by the browser's own cryptography, off the page's main thread.
 *
 * Invariant: the page stays answerable, and the work is for one sign-up alone.
 */
import type { Settings } from "../wire";

/** Numbers tried at a time. */
const SLICE = 16;

/** A challenge with the number that solves it: PBKDF2 of it begins with as many zero bits as were asked. */
export async function solve({ url, site }: Settings): Promise<string> {
  const answer = await fetch(`${url}/v1/sites/${site}/signups/challenge`);
  const { challenge, salt, cost, bits } = await answer.json();
  const algorithm = {
    name: "PBKDF2",
    hash: "SHA-256",
    salt: Uint8Array.from((salt as string).match(/../g)!, (two) => parseInt(two, 16)),
    iterations: cost as number,
  };
  const { subtle } = crypto;
  /** How many zero bits a number gives; the first 32 tell. */
  async function zeros(number: number): Promise<number> {
    const key = await subtle.importKey("raw", new TextEncoder().encode(`${number}`), "PBKDF2", false, ["deriveBits"]);
    return Math.clz32(new DataView(await subtle.deriveBits(algorithm, key, 32)).getUint32(0));
  }
  for (let from = 0; ; from += SLICE) {
    const found = await Promise.all(Array.from({ length: SLICE }, (_, at) => zeros(from + at)));
    const at = found.findIndex((one) => one >= bits);
    if (at >= 0) return `${challenge}.${from + at}`;
  }
}
