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

const read = (switches: Map<string, HTMLInputElement>): Map<string, boolean> =>
  new Map([...switches].map(([id, { checked }]) => [id, checked]));

type MakeButton = (part: string, action: Action, look?: string) => HTMLButtonElement;

function makeHeader({ make }: Kit, leave: () => void): HTMLElement {
  // No `header`: a dialog is no section, so that one would be a second banner of the page.
  return make(
    "div",
    { class: "head" },
    make("h2", { id: "title", tabindex: "-1", autofocus: true }, T.words["title"]),
    make("button", { part: "close", type: "button", class: "x", click: leave }, T.words["close"]),
  );
}

function makeBody(scene: Scene, makeButton: MakeButton): HTMLElement {
  const { words, controller, purposes } = T;
  const { fill, link, make } = scene.kit;
  return make(
    "div",
    { class: "body" },
    make("p", {}, fill(words["intro"]!, { controller: controller.name })),
    ...purposes.map((purpose) => makePurpose(scene, purpose)),
    makeRecord(scene, T.lang, () => makeButton("withdraw", "withdraw", "quiet")),
    make(
      "p",
      { class: "small links" },
      link(words["cookie_policy"]!, controller.cookie_policy),
      link(words["privacy_policy"]!, controller.privacy_policy),
    ),
  );
}

export function show(desk: Desk, kit: Kit, closed: () => void): Layer {
  const { act, make } = kit;
  const { words } = T;
  const scene: Scene = { desk, kit, words, switches: { purposes: new Map(), services: new Map() } };
  const unsaved = make("p", { role: "status", class: "unsaved" });
  const decide = (action: Action) => () => {
    const decisions = action === "save" ? [read(scene.switches.purposes), read(scene.switches.services)] : [];
    if (act(desk, action, ...decisions)) status.textContent = words[action === "withdraw" ? "withdrawn" : "saved"]!;
    else unsaved.textContent = words["unsaved"]!;
  };
  const makeButton: MakeButton = (part, action, look) =>
    make("button", { part, type: "button", class: look, click: decide(action) }, words[part]);
  const leave = (): void => dialog.close();
  const dialog = make(
    "dialog",
    { part: "preferences", "aria-labelledby": "title", close: () => (dialog.remove(), closed()) },
    makeHeader(kit, leave),
    makeBody(scene, makeButton),
    make(
      "div",
      { class: "actions" },
      unsaved,
      makeButton("accept", "accept_all"),
      makeButton("refuse", "reject_all"),
      makeButton("save", "save"),
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
