/**
 * Until when the newsletter is not offered by itself: all that this layer keeps in the browser.
 *
 * Format of `fc.n`: a number, so that the loader need only compare it: milliseconds since 1970; after the point how often
 * "later" was said (one digit), and when the last answer was. `Infinity` once an address was given.
 *
 * Invariants: written by an answer alone; where nothing can be kept it is always quiet, as a no would not be remembered.
 */
import { QUIET } from "../stored";
import type { PromptWords } from "../wire";

const DAY = 864e5;

/** Whether the newsletter is not to be offered now. */
export function isQuiet(): boolean {
  try {
    return (localStorage[QUIET] as number) > Date.now();
  } catch {
    return true;
  }
}

/**
 * What is kept of an answer of `now`, as a number until when it is quiet: two offers a week at most, and a later, which
 * doubles each time, is no longer than a no.
 */
export function answer(kept: string | undefined, now: number, { later, decline }: PromptWords, isLater: boolean): string {
  const [, more = "0"] = (kept ?? "").split(".");
  const times = +more[0]!;
  const days = isLater ? Math.min(later * 2 ** times, decline) : decline;
  const until = Math.max(now + days * DAY, +more.slice(1) + 7 * DAY);
  return `${until}.${isLater ? Math.min(times + 1, 9) : times}${now}`;
}

export function keep(text: string): void {
  try {
    localStorage[QUIET] = text;
  } catch {
    // It is quiet as long as this page is there.
  }
}
