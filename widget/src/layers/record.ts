/**
 * The visitor's own record in the second layer: when they chose, under which ids, with the receipt.
 *
 * Invariant: it shows the choice that holds, or nothing.
 */
import { desk, gives, link, make, makeButton, shared, words } from "./scene";

/** `withdraw` is on offer only when something is given. */
export function makeRecord(withdraw: () => void): HTMLElement | undefined {
  const now = desk.standing();
  const { choice } = now;
  if (!choice) return undefined;
  const showDate = (time: number): string => new Date(time).toLocaleDateString(shared.lang, { dateStyle: "long" });
  const receipt = link(words["receipt_open"]!, choice.receipt && `${desk.settings.url}/receipts/${choice.receipt}`);
  const facts = {
    decided: showDate(choice.decided),
    expires: showDate(choice.expires),
    record_id: make("code", {}, choice.record),
    subject: make("code", {}, choice.subject),
    receipt: receipt ?? words["receipt_pending"]!,
  };
  return make(
    "section",
    {},
    make("h3", {}, words["record"]),
    make(
      "dl",
      { class: "small" },
      ...Object.entries(facts).flatMap(([name, fact]) => [make("dt", {}, words[name]), make("dd", {}, fact)]),
    ),
    gives(now) && makeButton("withdraw", "quiet", withdraw, words["withdraw"]),
  );
}
