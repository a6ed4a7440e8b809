/**
 * What every part of the second layer is made with: lent by the loader and by the first layer's file.
 *
 * Invariant: set before anything is made, and the same ever after, as a page has one desk and one kit.
 */
import type { Desk } from "../desk";
import type { Kit } from "../stage";
import type { PreferencesWords } from "../wire";

declare const T: PreferencesWords;

export const { words } = T;
export let desk: Desk;
/** The first layer's words. */
export let shared: Kit["T"];
export let gives: Kit["gives"];
export let fill: Kit["fill"];
export let link: Kit["link"];
export let make: Kit["make"];
export let makeButton: Kit["makeButton"];

export function setScene(lent: Desk, kit: Kit): void {
  desk = lent;
  ({ T: shared, fill, gives, link, make, makeButton } = kit);
}
