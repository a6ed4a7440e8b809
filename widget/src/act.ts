/**
 * Makes a visitor's choice: kept in the cookie, owed to the service, told to the page.
 *
 * Invariants: a choice that gives something and cannot be kept is not made; the cookie is written
 * and the layers are gone before any other work starts, so that the page answers the click at once.
 */
import { print, type Choice } from "./choice";
import type { Desk } from "./desk";
import { makeId } from "./ids";
import { post } from "./post";
import { QUEUE } from "./stored";
import type { Action, ConsentBody, Decisions } from "./wire";

const DAY = 864e5;

/** Writes the cookie; false when the browser did not keep it. */
export function keep({ read, settings: { domain } }: Desk, choice: Choice): boolean {
  // For the site's own domain where the page is of it, else for the page's host alone.
  const shared = domain && ("." + location.hostname).endsWith("." + domain) ? "; Domain=" + domain : "";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = ~~((choice.expires - Date.now()) / 1e3);
  try {
    document.cookie = `${print(choice)}; Path=/; Max-Age=${age}; SameSite=Lax${shared}${secure}`;
  } catch {
    // A page may be barred from cookies altogether.
  }
  return read()?.record === choice.record;
}

/** Whether it gives anything at all. */
export const gives = ({ purposes, services }: Pick<Choice, "purposes" | "services">): boolean =>
  [...purposes.values(), ...services.values()].includes(true);

/** The choice that an act makes: of these decisions, where they are given, else what the act says of every purpose. */
function draft(
  { settings, gpc, standing, weigh }: Desk,
  action: Action,
  purposes: Decisions | undefined,
  services: Decisions | undefined,
): Choice {
  const now = Date.now();
  const held = standing();
  const leaves = action === "acknowledge" || action === "gpc";
  const made: Choice = {
    gpc,
    material: settings.material,
    subject: held.choice?.subject ?? makeId(now),
    record: makeId(now),
    decided: now,
    expires: Infinity,
    purposes:
      purposes ?? (leaves ? held.purposes : new Map(settings.purposes.map(({ id }) => [id, action === "accept_all"]))),
    services: services ?? (leaves ? held.services : new Map()),
    receipt: "",
  };
  // Only the services decided otherwise than their purpose.
  made.services = weigh(made).services;
  const { days, refusal_days = days } = settings;
  made.expires = now + (gives(made) ? days : refusal_days) * DAY;
  return made;
}

const describe = ({ settings, language }: Desk, choice: Choice, action: Action): ConsentBody => ({
  id: choice.record,
  subject: choice.subject,
  notice: settings.notice,
  language,
  action,
  purposes: Object.fromEntries(choice.purposes),
  services: Object.fromEntries(choice.services),
  regime: settings.layout.regime,
  gpc: choice.gpc,
  page: location.origin + location.pathname,
  decided_at: new Date(choice.decided).toISOString(),
});

/**
 * `purposes` and `services` as decided one by one, else what the action says; `more` goes with the record.
 * False: it cannot be kept, so it was not made.
 */
export function act(
  desk: Desk,
  action: Action,
  purposes?: Decisions,
  services?: Decisions,
  more?: Partial<ConsentBody>,
): boolean {
  const choice = draft(desk, action, purposes, services);
  const kept = keep(desk, choice);
  if (!kept && gives(choice)) return false;
  desk.hold(choice);
  desk.close();
  owe(desk, JSON.stringify({ ...describe(desk, choice, action), ...more }), kept);
  return true;
}

/** Lays the record where the next page finds it as well, and sets what follows the choice under way. */
function owe(desk: Desk, record: string, kept: boolean): void {
  try {
    localStorage.setItem(QUEUE, `${localStorage.getItem(QUEUE) ?? ""}${record}\n`);
  } catch {
    // Then it is owed as long as this page is there.
  }
  let isDue = true;
  /** A click may be the last before the page is left or hidden, too late for anything to be fetched. */
  const leave = (): void => {
    if (isDue) post(desk.settings, "consents", record).catch(() => {});
    isDue = false;
  };
  addEventListener("visibilitychange", leave, { once: true });
  afterPaint(async () => {
    const overran = desk.spread() && kept;
    desk.offerReopen().catch(() => {});
    const { settle } = await desk.fetchLayer("clear");
    isDue = false;
    await settle(desk, overran, record);
  });
}

/** In a task after the next paint; a hidden page does not paint. */
const afterPaint = (work: () => Promise<void>): unknown =>
  (document.hidden ? setTimeout : requestAnimationFrame)(() => setTimeout(() => work().catch(() => {})));
