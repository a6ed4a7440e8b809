/**
 * The visitor's own record in the second layer: when they chose, under which ids, with the receipt.
 *
 * Invariant: it shows the choice that holds, or nothing.
 */
import type { Scene } from "./purposes";

function showDate(time: number, lang: string): string {
  const style = { dateStyle: "long" } as const;
  try {
    return new Date(time).toLocaleDateString(lang, style);
  } catch {
    // A site may name a language that the browser does not know.
    return new Date(time).toLocaleDateString(undefined, style);
  }
}

/** `makeWithdraw` makes the button, wanted only when something is given. */
export function makeRecord(scene: Scene, lang: string, makeWithdraw: () => HTMLElement): HTMLElement | undefined {
  const { desk, words } = scene;
  const { link, make } = scene.kit;
  const { choice, purposes, services } = desk.standing();
  if (!choice) return undefined;
  const receipt =
    link(words["receipt_open"]!, choice.receipt && `${desk.settings.url}/receipts/${choice.receipt}`) ??
    words["receipt_pending"]!;
  const line = (name: string, value: string | Node): HTMLElement =>
    make("div", {}, make("dt", {}, words[name]), make("dd", {}, value));
  const gives = [...purposes.values(), ...services.values()].includes(true);
  return make(
    "section",
    { class: "record" },
    make("h3", {}, words["record"]),
    make(
      "dl",
      { class: "small" },
      line("decided", showDate(choice.decided, lang)),
      line("expires", showDate(choice.expires, lang)),
      line("record_id", make("code", {}, choice.record)),
      line("subject", make("code", {}, choice.subject)),
      line("receipt", receipt),
    ),
    gives ? makeWithdraw() : undefined,
  );
}
