/**
 * What the browser says by itself about the visitor's will.
 *
 * Invariant: only the exact value `true` counts; a page cannot be made to read anything else as a signal.
 */

/** Whether Global Privacy Control is on (W3C GPC, section 4). */
export const readGpc = (): boolean =>
  (navigator as Navigator & { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
