/**
 * What follows a choice: the record gets to the service, what the refused have kept is cleared, and a page on which
 * something runs that was taken back is left behind. Fetched only then.
 *
 * Invariant: the choice holds already, and nothing here changes what it decides.
 */
import type { Choice } from "./choice";
import { clear } from "./clear";
import type { Desk } from "./desk";
import { add, openSender } from "./send";
import { RECEIPT } from "./stored";
import type { Kit } from "./stage";
import type { Receipt } from "./wire";

/** Browsers drop a cookie of more than 4096 bytes, some with its attributes counted. */
const MOST = 3900;

/** The choice with what the service answered: the life of it as a span, since the two clocks may differ. */
const withAnswer = (choice: Choice, { recorded_at, expires_at, receipt }: Receipt): Choice => ({
  ...choice,
  expires: choice.decided + Date.parse(expires_at) - Date.parse(recorded_at) || choice.expires,
  receipt: /^[\w.-]{1,9999}$/.test(receipt) ? receipt : "",
});

/** Keeps the receipt: in the cookie, or beside it where that would grow too long. */
function keepReceipt(desk: Desk, { keep, print }: Kit, choice: Choice): void {
  const isApart = print(choice).length > MOST;
  keep(desk, isApart ? { ...choice, receipt: "" } : choice);
  try {
    if (isApart) localStorage.setItem(RECEIPT, choice.record + "~" + choice.receipt);
    else localStorage.removeItem(RECEIPT);
  } catch {
    // Without storage, such a long one is not kept.
  }
}

function takeAnswer(desk: Desk, kit: Kit, answer: Receipt): void {
  const { choice } = desk.standing();
  // Another tab, or another click, may have decided anew meanwhile: then the answer is to an older choice.
  if (choice?.record === answer.id) {
    const answered = withAnswer(choice, answer);
    const stored = desk.read();
    desk.hold(answered);
    // Where the service has set the cookie, receipt and all, it stays as it is: browsers let one that a script has
    // written live for days only.
    if (stored?.record === answer.id && !stored.receipt) keepReceipt(desk, kit, answered);
  }
  desk.tell("recorded", answer);
}

let send: (() => Promise<void>) | undefined;

/** Sends what is owed, from this page or an earlier one. */
export async function flush(desk: Desk): Promise<void> {
  const kit = await desk.fetchLayer("notice");
  send ??= openSender(
    (record) => kit.post(desk.settings, "consents", record),
    (answer) => takeAnswer(desk, kit, answer),
  );
  return send();
}

/** After a choice, made here (then `owed` is its record) or in another tab. `overran`: something runs that may not. */
export async function settle(desk: Desk, overran: boolean, owed?: string): Promise<void> {
  if (owed) add(owed);
  const sent = flush(desk);
  // The page may be left next. The record is owed already.
  if (overran) await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 1e3))]);
  const report = await clear(desk);
  desk.tell("cleared", report);
  // What has run cannot be un-run: only a new page is without it.
  if (overran && !desk.settings.stay && desk.tell("reload", report)) location.reload();
}
