/**
 * The site's own look: its accent, and an ink that can be read on it.
 *
 * Invariant: text on the accent has a contrast of at least 4.5:1, whatever the accent: against one
 * of black and white every colour has 4.58:1 or more (WCAG 2.2, 1.4.3).
 */
import type { Look } from "./wire";

const ACCENT = "#2b5c8a";

/** Relative luminance as WCAG 2.2 defines it, of `#rgb` or `#rrggbb`. */
function luminance(hex: string): number {
  const digits = hex.length < 6 ? hex.replace(/./g, "$&$&") : hex;
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const part = parseInt(digits.slice(at, at + 2), 16) / 255;
    return part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** Black or white, whichever reads better on this colour. */
export const inkOn = (accent: string): string => (luminance(accent.slice(1)) > 0.179 ? "#000" : "#fff");

/** Sets the private properties that the style sheets fall back to. */
export function dress({ style }: HTMLElement, look: Look): void {
  const accent = /^#([\da-f]{3}){1,2}$/i.test(look.accent) ? look.accent : ACCENT;
  style.setProperty("--_accent", accent);
  style.setProperty("--_on-accent", inkOn(accent));
  style.setProperty("--_radius", look.radius);
}
