/**
 * The first layer: asks, and offers the way back later.
 *
 * Invariants: it takes no focus and blocks nothing; accepting and refusing are one click each, by
 * the same element with the same style; closing never accepts.
 */
export * from "../kit";
import { act } from "../act";
import type { Desk } from "../desk";
import { fill, link, make, makeRoot, makeStatus } from "../dom";
import { post } from "../send";
import type { FirstLayer } from "../stage";
import type { Standing } from "../standing";
import type { Action, NoticeWords } from "../wire";
import { makeRoom } from "./room";
import css from "./notice.css";

/** The service appends this to the built file; named here, so that nothing built takes the name. */
declare const T: NoticeWords;

let root: ShadowRoot | undefined;
const status = makeStatus();

/** The first layer's root stays on the page: it speaks the outcome and holds the way back. */
function useRoot(): ShadowRoot {
  if (!root) {
    root = makeRoot(T, T.look, css);
    root.append(status);
  }
  // First in the tab order, as it lies over what comes after. A page may have replaced its body.
  if (!root.host.isConnected) document.body.prepend(root.host);
  return root;
}

/** What changed since the visitor last chose, in a sentence; undefined when nothing did. */
function tellChange({ changed }: Standing): string | undefined {
  if (changed && !changed.length) return undefined;
  const names = T.purposes.filter(({ id }) => changed?.includes(id)).map(({ name }) => name);
  return names.length ? fill(T.words["changed"]!, { purposes: names.join(", ") }) : T.words["changed_unnamed"];
}

function makeText(desk: Desk): HTMLElement {
  const { words, controller } = T;
  const change = tellChange(desk.standing());
  const rights = [
    fill(words["services"]!, { count: T.services }),
    desk.settings.regime === "opt_in" ? words["opt_in"] : "",
    fill(words["withdraw"]!, { settings: words["reopen"]! }),
  ];
  return make(
    "div",
    { class: "text" },
    change && make("p", { class: "change" }, change),
    make("p", {}, fill(words["intro"]!, { controller: controller.name })),
    make("ul", {}, ...T.purposes.filter((one) => !one.required).map(({ name }) => make("li", {}, name))),
    make("p", { class: "small" }, rights.filter(Boolean).join(" ")),
    make(
      "p",
      { class: "small links" },
      link(words["cookie_policy"]!, controller.cookie_policy),
      link(words["privacy_policy"]!, controller.privacy_policy),
    ),
  );
}

/** A counter only: no id, nothing kept in the browser. */
function countShown({ settings: { url, site, notice }, language }: Desk): void {
  const body = JSON.stringify({ kind: "notice_shown", notice, language });
  post(`${url}/v1/sites/${site}/events`, body).catch(() => {});
}

const makeButton = (part: string, look: string, click: () => void, words = T.words[part]): HTMLButtonElement =>
  make("button", { part, type: "button", class: look, click }, words);

const openSettings = (desk: Desk) => (): void => void desk.open().catch(() => {});

/** The layer, and the button to come back to from the second one. */
function makeNotice(desk: Desk): [notice: HTMLElement, choose: HTMLElement] {
  const { words, look } = T;
  const unsaved = make("p", { role: "status", class: "unsaved" });
  const decide = (action: Action) => () => {
    const done = act(desk, action);
    status.textContent = done ? words["saved"]! : "";
    unsaved.textContent = done ? "" : words["unsaved"]!;
  };
  const buttons = {
    accept: makeButton("accept", "", decide("accept_all")),
    refuse: makeButton("refuse", "", decide("reject_all")),
    choose: makeButton("choose", "quiet", openSettings(desk)),
  };
  const close =
    desk.settings.close === "ask_later"
      ? makeButton("close", "x", desk.close, words["close_later"])
      : makeButton("close", "x", decide("dismiss"), words["close_refuse"]);
  const notice = make(
    "section",
    { part: "notice", role: "region", "aria-labelledby": "title", class: look.position },
    make("header", {}, make("h2", { id: "title" }, words["title"]), close),
    makeText(desk),
    make("div", { class: "actions" }, unsaved, ...look.buttons.map((name) => buttons[name])),
  );
  return [notice, buttons.choose];
}

export function show(desk: Desk): FirstLayer {
  const [notice, choose] = makeNotice(desk);
  let giveBack: () => void;
  const enter = (): void => {
    useRoot().append(notice);
    giveBack = makeRoom(notice);
  };
  const leave = (): void => {
    notice.remove();
    giveBack();
  };
  enter();
  countShown(desk);
  return {
    remove: leave,
    hide: leave,
    unhide() {
      enter();
      choose.focus();
    },
  };
}

/** The small way back to the settings, on a page that has none of its own. */
export function reopen(desk: Desk): void {
  useRoot().append(makeButton("reopen", "quiet", openSettings(desk)));
}
