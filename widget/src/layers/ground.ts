/**
 * What the first layer, the second and the way back stand on: one shadow root, and the line in it that speaks.
 *
 * Invariants: the root stays on the page once it is there, so that an outcome is spoken after its layer has gone;
 * a choice that was not made is never said to be.
 */
import { act } from "../act";
import type { Desk } from "../desk";
import { link, make, makeRoot, makeSheet } from "../dom";
import type { Action, Decisions, NoticeWords } from "../wire";
import css from "./notice.css";

declare const T: NoticeWords;

let root: ShadowRoot | undefined;
const status = make("p", { role: "status", class: "unseen" });
/** The page's corner: the way back, and what a law wants to be seen to stay. */
export const dock = make("div", { class: "dock row" }, status);

/** The root, on the page; `more` is the second layer's style sheet. */
export function useGround(more = ""): ShadowRoot {
  if (!root) {
    (root = makeRoot(css)).append(dock);
    // Some pages change their body for another to go on to the next page.
    new MutationObserver(() => useGround()).observe(document.documentElement, { childList: true });
  }
  if (more) root.adoptedStyleSheets = [makeSheet(css + more)];
  // First in the tab order, as it lies over what comes after.
  if (!root.host.isConnected) document.body.prepend(root.host);
  return root;
}

/** Speaks to those who cannot see it; `seen`: shows it in the corner as well. */
export function say(words: string, seen?: boolean): void {
  useGround();
  status.className = seen ? "seen small" : "unseen";
  status.textContent = words;
}

/** What a button does that decides: by itself, or as these `decisions` say when it is clicked. */
type Decide = (action: Action, decisions?: () => Decisions[], spoken?: string) => () => void;

/** Makes choices for a layer's buttons and speaks the outcome; the element is where the layer says why there is none. */
export function makeDecide(desk: Desk): [decide: Decide, unsaved: HTMLElement] {
  const unsaved = make("p", { role: "status" });
  const decide: Decide = (action, decisions = () => [], spoken = T.words["saved"]!) => () => {
    if (act(desk, action, ...decisions())) say(spoken);
    else unsaved.textContent = T.words["unsaved"]!;
  };
  return [decide, unsaved];
}

/** What the buttons do that lead to the second layer. */
export const openSettings = (desk: Desk) => (): void => void desk.open().catch(() => {});

/** The links that both layers end on. */
export const makePolicies = (): HTMLElement =>
  make(
    "p",
    { class: "small row" },
    link(T.words["cookie_policy"]!, T.controller.cookie_policy),
    link(T.words["privacy_policy"]!, T.controller.privacy_policy),
  );
