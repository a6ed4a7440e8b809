/**
 * The second layer: a switch for every purpose and every service, and the record of the last choice.
 *
 * Invariants: a switch shows what holds now, never what a publisher would like; leaving by Escape or
 * by the X decides nothing; every control works without a pointer.
 */
import type { Desk } from "../desk";
import type { Kit, Layer } from "../stage";
import type { Action, PreferencesWords } from "../wire";
import { makePurpose, type Scene } from "./purposes";
import { makeRecord } from "./record";
import css from "./preferences.css";

/** The service puts this before the built file; named here, so that nothing built takes the name. */
declare const T: PreferencesWords;

/** What the switches of one kind show, by id. */
const read = (dialog: HTMLElement, kind: "purpose" | "service"): Map<string, boolean> =>
  new Map(
    [...dialog.querySelectorAll<HTMLInputElement>(`[data-${kind}]`)].map((one) => [one.dataset[kind]!, one.checked]),
  );

export function show(desk: Desk, kit: Kit, closed: () => void): Layer {
  const { fill, make, makeButton } = kit;
  const { words } = T;
  const [decide, unsaved] = kit.makeDecide(desk);
  const scene: Scene = { desk, kit };
  const act = (action: Action) => (): void => decide(action);
  const save = (): void => decide("save", undefined, read(dialog, "purpose"), read(dialog, "service"));
  const withdraw = (): void => decide("withdraw", words["withdrawn"]);
  const leave = (): void => dialog.close();
  const dialog = make(
    "dialog",
    { part: "preferences", class: "card", "aria-label": words["title"], close: () => (dialog.remove(), closed()) },
    make("h2", { tabindex: "-1", autofocus: true }, words["title"]),
    makeButton("close", "small quiet x", leave, words["close"]),
    make(
      "div",
      { class: "text" },
      make("p", {}, fill(words["intro"]!, { controller: kit.T.controller.name })),
      ...T.purposes.map((purpose, at) => makePurpose(scene, purpose, at)),
      makeRecord(scene, () => makeButton("withdraw", "quiet", withdraw, words["withdraw"])),
      kit.makePolicies(),
    ),
    make(
      "div",
      { class: "actions row" },
      unsaved,
      makeButton("accept", "", act("accept_all")),
      makeButton("refuse", "", act("reject_all")),
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
