/**
 * The visitor's own record in the second layer: when they chose, under which ids, with the receipt.
 *
 * Invariant: it shows the choice that holds, or nothing.
 */
import type { PreferencesWords } from "../wire";
import type { Scene } from "./purposes";

declare const T: PreferencesWords;

/** `makeWithdraw` makes the button, wanted only when something is given. */
export function makeRecord({ desk, kit }: Scene, makeWithdraw: () => HTMLElement): HTMLElement | undefined {
  const { link, make } = kit;
  const { words } = T;
  const { choice, purposes, services } = desk.standing();
  if (!choice) return undefined;
  const showDate = (time: number): string => new Date(time).toLocaleDateString(kit.T.lang, { dateStyle: "long" });
  const receipt = link(words["receipt_open"]!, choice.receipt && `${desk.settings.url}/receipts/${choice.receipt}`);
  const facts = {
    decided: showDate(choice.decided),
    expires: showDate(choice.expires),
    record_id: make("code", {}, choice.record),
    subject: make("code", {}, choice.subject),
    receipt: receipt ?? words["receipt_pending"]!,
  };
  const gives = [...purposes.values(), ...services.values()].includes(true);
  return make(
    "section",
    {},
    make("h3", {}, words["record"]),
    make(
      "dl",
      { class: "small" },
      ...Object.entries(facts).flatMap(([name, fact]) => [make("dt", {}, words[name]), make("dd", {}, fact)]),
    ),
    gives ? makeWithdraw() : undefined,
  );
}
