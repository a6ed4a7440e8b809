/**
 * Which of the site's languages the visitor is spoken to in.
 *
 * Invariant: the answer is always one of the site's languages (the first, when none fits).
 */
import type { Settings } from "./wire";

/** `wanted`: BCP 47 tags, best first; `zh-Hant-TW` also finds `zh-Hant` and `zh`, each also by its other names. */
export function pickLanguage({ languages, aliases }: Settings, wanted: readonly string[]): string {
  for (const tag of wanted)
    for (let name = tag.toLowerCase().replaceAll("_", "-"); name; name = name.replace(/-?[^-]*$/, "")) {
      const found = languages.find((one) => one.toLowerCase() === name || aliases?.[name] === one);
      if (found) return found;
    }
  return languages[0]!;
}
