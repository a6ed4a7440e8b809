/**
 * Never run: what is built and what is published are one definition, each assignable to the other.
 */
import type { Consent as Published } from "consent-page";
import type { Consent as Built } from "../../src/api";

export const same = (built: Built, published: Published): [Published, Built] => [built, published];
