/**
 * Makes a visitor's choice: kept in the cookie, owed to the service, told to the page.
 *
 * Invariants: a choice that gives something and cannot be kept is not made; the cookie is written
 * and the layers are gone before any other work starts, so that the page answers the click at once.
 */
import { COOKIE, print, type Choice } from "./choice";
import type { Desk } from "./desk";
import { makeId } from "./ids";
import { openSender, type Sender } from "./send";
import { RECEIPT } from "./stored";
import type { Action, ConsentBody, Decisions, Receipt } from "./wire";

const DAY = 864e5;
/** Browsers drop a cookie of more than 4096 bytes, some with its attributes counted. */
const MOST = 3900;
let sender: Sender | undefined;

/** Writes the cookie, and beside it a receipt that would make it too long; false when the browser did not keep it. */
function keep({ read }: Desk, choice: Choice): boolean {
  let kept = false;
  try {
    const text = print(choice);
    const isApart = text.length > MOST && !!choice.receipt;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const age = Math.round((choice.expires - Date.now()) / 1e3);
    const value = isApart ? print({ ...choice, receipt: "" }) : text;
    document.cookie = `${COOKIE}=${value}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
    kept = read()?.record === choice.record;
    if (kept) localStorage.removeItem(RECEIPT);
    if (kept && isApart) localStorage.setItem(RECEIPT, choice.record + "~" + choice.receipt);
  } catch {
    // Without cookies it was not kept; without storage the receipt alone was not.
  }
  return kept;
}

/** The choice with what the service answered: the life of it as a span, since the two clocks may differ. */
const withAnswer = (choice: Choice, { recorded_at, expires_at, receipt }: Receipt): Choice => ({
  ...choice,
  expires: choice.decided + Date.parse(expires_at) - Date.parse(recorded_at) || choice.expires,
  receipt: /^[\w.-]{1,9999}$/.test(receipt) ? receipt : "",
});

function takeAnswer(desk: Desk, answer: Receipt): void {
  const stored = desk.read();
  // Another tab may have decided anew meanwhile: then the answer is to an older choice.
  if (stored?.record === answer.id) keep(desk, withAnswer(stored, answer));
  const standing = desk.standing();
  if (standing.choice?.record === answer.id) desk.hold({ ...standing, choice: withAnswer(standing.choice, answer) });
  desk.tell("recorded", answer);
}

const useSender = (desk: Desk): Sender =>
  (sender ??= openSender(`${desk.settings.url}/v1/sites/${desk.settings.site}/consents`, (answer) =>
    takeAnswer(desk, answer),
  ));

const describe = ({ settings, language, gpc }: Desk, choice: Choice, action: Action): ConsentBody => ({
  id: choice.record,
  subject: choice.subject,
  notice: settings.notice,
  language,
  action,
  purposes: Object.fromEntries(choice.purposes),
  ...(choice.services.size && { services: Object.fromEntries(choice.services) }),
  regime: settings.regime,
  gpc,
  page: location.origin + location.pathname,
  decided_at: new Date(choice.decided).toISOString(),
});

function draft({ settings, standing }: Desk, action: Action, purposes?: Decisions, services?: Decisions): Choice {
  const now = Date.now();
  const given = action === "accept_all";
  return {
    material: settings.material,
    subject: standing().choice?.subject ?? makeId(now),
    record: makeId(now),
    decided: now,
    expires: now + settings.days * DAY,
    purposes: purposes ?? new Map(settings.purposes.map(({ id }) => [id, given])),
    services: services ?? new Map(),
    receipt: "",
  };
}

/** Sends what is owed, from this page or an earlier one. */
export const flush = (desk: Desk): Promise<void> => useSender(desk).flush();

/** `purposes` and `services` are for `save` alone. False: it cannot be kept, so it was not made. */
export function act(desk: Desk, action: Action, purposes?: Decisions, services?: Decisions): boolean {
  const drafted = draft(desk, action, purposes, services);
  const standing = desk.weigh(drafted);
  const choice = { ...drafted, services: standing.services };
  const kept = keep(desk, choice);
  if (!kept && [...choice.purposes.values(), ...choice.services.values()].includes(true)) return false;
  desk.hold({ ...standing, choice });
  desk.close();
  const owe = owing(desk, describe(desk, choice, action), choice.decided);
  afterPaint(() => {
    owe();
    settle(desk, kept).catch(() => {});
  });
  return true;
}

/** Sends the record when called, or at the latest when the page is left or hidden: a click may be the last before. */
function owing(desk: Desk, body: ConsentBody, at: number): () => void {
  const sender = useSender(desk);
  let due = true;
  const owe = (): void => {
    if (!due) return;
    due = false;
    sender.add(body, at);
    void sender.flush();
  };
  for (const leaving of ["pagehide", "visibilitychange"]) addEventListener(leaving, owe, { once: true });
  return owe;
}

async function settle(desk: Desk, kept: boolean): Promise<void> {
  const overran = desk.spread();
  desk.offerReopen().catch(() => {});
  const sent = flush(desk);
  if (!overran || !kept) return;
  // What has run cannot be un-run: only a new page is without it. The record is owed already.
  await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 1e3))]);
  location.reload();
}

/** In a task after the next paint; a hidden page does not paint. */
function afterPaint(work: () => void): void {
  if (document.hidden) setTimeout(work);
  else requestAnimationFrame(() => setTimeout(work));
}
