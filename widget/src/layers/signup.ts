/**
 * The newsletter on the page: a form in every place that wants one, and the offer by itself.
 *
 * Invariants: nothing is kept in the browser before the reader has answered, and nobody is mailed a newsletter who has not
 * confirmed it by the mail; the layer stands by itself, so that a returning reader fetches nothing else for it.
 */
import type { Desk } from "../desk";
import { makeRoot } from "../dom";
import type { SignupWords } from "../wire";
import { makeForm } from "./form";
import { watch } from "./prompt";
import css from "./signup.css";

declare const T: SignupWords;

/** Makes the form in this place, once; without one, waits for the moment to offer the newsletter. */
export function offer(desk: Desk, place?: HTMLElement): void {
  if (!place) return watch(desk);
  if (place.firstElementChild?.shadowRoot) return;
  const { newsletter, variant } = place.dataset;
  const form = makeForm(desk, newsletter!.split(/\s+/), { via: "form", ...(variant && { variant }) });
  if (!form) return;
  const root = makeRoot(css);
  root.append(form);
  place.replaceChildren(root.host);
}
