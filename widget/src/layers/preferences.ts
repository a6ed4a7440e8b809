/**
 * The second layer: a switch for every purpose and every service, and the record of the last choice.
 *
 * Invariants: a switch shows what holds now, never what a publisher would like; leaving by Escape or
 * by the X decides nothing; every control works without a pointer.
 */
import type { Desk } from "../desk";
import type { Kit, Layer } from "../stage";
import type { PreferencesWords } from "../wire";
import { makePurpose } from "./purposes";
import { makeRecord } from "./record";
import { fill, make, makeButton, setScene, shared, words } from "./scene";
import css from "./preferences.css";

/** The service puts this before the built file; named here, so that nothing built takes the name. */
declare const T: PreferencesWords;

/** What the switches of one kind show, by id. */
const read = (dialog: HTMLElement, kind: "purpose" | "service"): Map<string, boolean> =>
  new Map(
    [...dialog.querySelectorAll<HTMLInputElement>(`[data-${kind}]`)].map((one) => [one.dataset[kind]!, one.checked]),
  );

export function show(desk: Desk, kit: Kit, closed: () => void): Layer {
  setScene(desk, kit);
  const [decide, unsaved] = kit.makeDecide(desk);
  const save = decide("save", () => [read(dialog, "purpose"), read(dialog, "service")]);
  const leave = (): void => dialog.close();
  const dialog = make(
    "dialog",
    { part: "preferences", class: "card", "aria-label": words["title"], close: () => (dialog.remove(), closed()) },
    make("h2", { tabindex: "-1", autofocus: true }, words["title"]),
    makeButton("close", "small quiet x", leave, words["close"]),
    make(
      "div",
      { class: "text" },
      make("p", {}, fill(words["intro"]!, { controller: shared.controller.name })),
      ...T.purposes.map(makePurpose),
      makeRecord(decide("withdraw", undefined, words["withdrawn"])),
      kit.makePolicies(),
    ),
    make(
      "div",
      { class: "actions row" },
      unsaved,
      makeButton("accept", "", decide("accept_all")),
      makeButton("refuse", "", decide("reject_all")),
      makeButton("save", "", save, words["save"]),
    ),
  );
  kit.useGround(css).prepend(dialog);
  dialog.showModal();
  return {
    remove() {
      // The dialog gives the focus back; what `closed` would bring back is not wanted.
      closed = () => {};
      leave();
    },
  };
}
