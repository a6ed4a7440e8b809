/**
 * When the page's own markup is all there.
 *
 * Invariant: gates are not touched before; a script element still being read has half its text.
 */
export const parsed = (): Promise<unknown> =>
  new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve);
    else resolve(0);
  });
