/**
 * The first layer: asks, and offers the way back later.
 *
 * Invariants: it takes no focus and blocks nothing; accepting and refusing are one click each, by
 * the same function with the same style; closing never accepts. What it says and which buttons it
 * has is the service's to decide (`layout`), so that a new law needs no new widget.
 */
export * from "../kit";
import type { Desk } from "../desk";
import { fill, list, make, makeButton } from "../dom";
import { post } from "../post";
import type { Layer } from "../stage";
import type { NoticeWords } from "../wire";
import { dock, makeDecide, makePolicies, openSettings, say, useGround } from "./ground";
import { makeRoom } from "./room";

/** The service puts this before the built file; named here, so that nothing built takes the name. */
declare const T: NoticeWords;

const namesOf = (purposes: NoticeWords["purposes"]): string[] => purposes.map(({ name }) => name);

/** A sentence of the words, with all that any of them may name. */
const tell = (desk: Desk, key: string, purposes = T.purposes.filter(({ sale }) => sale)): string =>
  fill(T.words[key]!, {
    controller: T.controller.name,
    count: T.services,
    // In quotes, as the words know it: the property of ours is another.
    "settings": T.words[desk.settings.layout.reopen]!,
    purposes: list(namesOf(purposes)),
    sites: list(T.together ?? []),
  });

/** What changed since the visitor last chose; undefined when nothing did. */
function makeChange(desk: Desk): HTMLElement | undefined {
  const { changed } = desk.standing();
  if (changed && !changed.length) return undefined;
  const purposes = T.purposes.filter(({ id }) => changed?.includes(id));
  return make("p", { class: "strong" }, tell(desk, purposes.length ? "changed" : "changed_unnamed", purposes));
}

function makeText(desk: Desk): HTMLElement {
  const { intro, says } = desk.settings.layout;
  const optional = T.purposes.filter(({ required }) => !required);
  const sentences = T.together ? [...says, "together"] : says;
  return make(
    "div",
    { class: "text" },
    makeChange(desk),
    make("p", {}, tell(desk, intro)),
    make("p", { class: "strong" }, namesOf(optional).join(" · ")),
    make("p", { class: "small" }, sentences.map((key) => tell(desk, key)).join(" ")),
    makePolicies(),
  );
}

/** A counter only: no id, nothing kept in the browser. */
function count({ settings, language }: Desk, kind: string): void {
  post(settings, "events", JSON.stringify({ kind, notice: settings.notice, language })).catch(() => {});
}

function makeNotice(desk: Desk): HTMLElement {
  const { close, layout } = desk.settings;
  const [decide, unsaved] = makeDecide(desk);
  const isLater = close === "ask_later";
  const clicks = {
    accept: decide("accept_all"),
    refuse: decide("reject_all"),
    acknowledge: decide("acknowledge"),
    choose: openSettings(desk),
  };
  return make(
    "section",
    { part: "notice", "aria-label": T.words["title"], class: "card " + T.position },
    make("h2", {}, T.words["title"]),
    makeButton(
      "close",
      "small quiet x",
      isLater ? desk.close : decide("dismiss"),
      T.words[isLater ? "close_later" : "close_refuse"],
    ),
    makeText(desk),
    make(
      "div",
      { class: "actions row" },
      unsaved,
      ...layout.buttons.map((name) => makeButton(name, name === "choose" ? "quiet" : "", clicks[name])),
    ),
  );
}

export function show(desk: Desk): Layer {
  const notice = makeNotice(desk);
  useGround().append(notice);
  makeRoom(notice);
  count(desk, "notice_shown");
  return notice;
}

/** What is to be seen of an opt-out (11 CCR 7025(c)(6), 7026(g)): the words' key; undefined when there is none. */
function outcomeOf({ settings: { layout, purposes }, standing, gpc }: Desk): string | undefined {
  const now = standing();
  const isSold = purposes.some(({ id, sale }) => sale && now.purposes.get(id));
  if (isSold || !layout.says.includes("sale")) return undefined;
  return gpc ? "gpc_honored" : now.choice && "opted_out";
}

let way: HTMLElement | undefined;

/** The small way back to the settings, and beside it what became of an opt-out; `isWanted`: also without the latter. */
export function showWay(desk: Desk, isWanted: boolean): void {
  const { reopen: label } = desk.settings.layout;
  const outcome = outcomeOf(desk);
  if (!outcome && !isWanted) return;
  useGround();
  if (outcome) say(T.words[outcome]!, true);
  if (way) return;
  way = makeButton("reopen", "small quiet " + label, openSettings(desk), T.words[label]);
  dock.prepend(way);
  makeRoom(dock);
  if (outcome === "gpc_honored" && !desk.standing().choice) count(desk, outcome);
}
