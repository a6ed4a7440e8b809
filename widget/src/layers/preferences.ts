/**
 * The second layer: a switch for every purpose and every service, and the record of the last choice.
 *
 * Invariants: a switch shows what holds now, never what a publisher would like; leaving by Escape or
 * by the X decides nothing; every control works without a pointer.
 */
import type { Desk } from "../desk";
import type { Kit, Layer } from "../stage";
import type { Action, PreferencesWords } from "../wire";
import { makePurpose, type Switches } from "./purposes";
import { makeRecord } from "./record";
import css from "./preferences.css";

/** The service appends this to the built file; named here, so that nothing built takes the name. */
declare const T: PreferencesWords;

let root: ShadowRoot | undefined;
let status: HTMLElement;

/** The root stays on the page after the dialog, to speak the outcome. */
function useRoot({ makeRoot, makeStatus }: Kit): ShadowRoot {
  if (!root) {
    root = makeRoot(T, T.look, css);
    root.append((status = makeStatus()));
  }
  if (!root.host.isConnected) document.body.append(root.host);
  return root;
}

export function show(desk: Desk, kit: Kit, closed: () => void): Layer {
  const { act, fill, link, make } = kit;
  const { words, controller } = T;
  const unsaved = make("p", { role: "status", class: "unsaved" });
  const switches: Switches = { purposes: new Map(), services: new Map() };
  const decide = (action: Action) => () => {
    const done = act(desk, action, ...(action === "save" ? [read(switches.purposes), read(switches.services)] : []));
    if (done) status.textContent = words[action === "withdraw" ? "withdrawn" : "saved"]!;
    else unsaved.textContent = words["unsaved"]!;
  };
  const button = (part: string, action: Action): HTMLButtonElement =>
    make("button", { part, type: "button", class: part === "withdraw" && "quiet", click: decide(action) }, words[part]);
  const leave = (): void => dialog.close();
  const dialog = make(
    "dialog",
    { part: "preferences", "aria-labelledby": "title", close: () => (dialog.remove(), closed()) },
    make(
      "header",
      {},
      make("h2", { id: "title", tabindex: "-1", autofocus: true }, words["title"]),
      make("button", { part: "close", type: "button", class: "x", click: leave }, words["close"]),
    ),
    make(
      "div",
      { class: "body" },
      make("p", {}, fill(words["intro"]!, { controller: controller.name })),
      ...T.purposes.map((purpose) => makePurpose({ desk, kit, words, switches }, purpose)),
      makeRecord(desk, T, kit, () => button("withdraw", "withdraw")),
      make(
        "p",
        { class: "small links" },
        link(words["cookie_policy"]!, controller.cookie_policy),
        link(words["privacy_policy"]!, controller.privacy_policy),
      ),
    ),
    make(
      "div",
      { class: "actions" },
      unsaved,
      button("accept", "accept_all"),
      button("refuse", "reject_all"),
      button("save", "save"),
    ),
  );
  useRoot(kit).append(dialog);
  dialog.showModal();
  return {
    remove() {
      // The dialog gives the focus back; what `closed` would bring back is not wanted.
      closed = () => {};
      leave();
    },
  };
}

const read = (switches: Map<string, HTMLInputElement>): Map<string, boolean> =>
  new Map([...switches].map(([id, { checked }]) => [id, checked]));
