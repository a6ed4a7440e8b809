/**
 * Makes the choice that a page asks for through `window.consent`.
 *
 * Invariant: what the page does not name stays as it is, and an id that the site does not have decides nothing.
 */
import type { Desk } from "./desk";
import type { Decisions } from "./wire";

/** The whole choice that comes of some decisions; throws at an id that the site does not have. */
function complete({ settings, standing }: Desk, wanted: Record<string, boolean>): [Decisions, Decisions] {
  const { runs } = standing();
  const told = new Map(Object.entries(wanted));
  const purposes = new Map<string, boolean>();
  const services = new Map<string, boolean>();
  for (const { id, services: own } of settings.purposes) {
    purposes.set(id, told.get(id) ?? runs[id] === true);
    // A purpose speaks for all its services that are not named themselves.
    for (const one of own) services.set(one, told.get(one) ?? told.get(id) ?? runs[id + "/" + one] === true);
  }
  for (const [id, given] of told)
    if (typeof given !== "boolean" || !(purposes.has(id) || services.has(id)))
      throw new TypeError("consent.set: " + id);
  return [purposes, services];
}

/** Decides for these purposes and services; takes everything back when none are named. Throws when it cannot be kept. */
export async function decide(desk: Desk, wanted?: Record<string, boolean>): Promise<void> {
  const { act } = await desk.fetchLayer("notice");
  const isMade = wanted ? act(desk, "save", ...complete(desk, wanted)) : act(desk, "withdraw");
  if (!isMade) throw new Error("consent: this browser keeps no choice");
}
