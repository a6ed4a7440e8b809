/**
 * Which of the site's languages the visitor is spoken to in.
 *
 * Invariant: the answer is always one of the site's languages (the first, when none fits).
 */

/** `wanted`: BCP 47 tags, best first; `zh-Hant-TW` also finds `zh-Hant` and `zh`. */
export function pickLanguage(offered: readonly string[], wanted: readonly string[]): string {
  for (const tag of wanted) {
    const parts = tag.toLowerCase().split(/[-_]/);
    for (; parts.length; parts.pop()) {
      const found = offered.find((one) => one.toLowerCase() === parts.join("-"));
      if (found) return found;
    }
  }
  return offered[0] ?? "en";
}
