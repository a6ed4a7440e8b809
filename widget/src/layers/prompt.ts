/**
 * The newsletter offered by itself: a card that slides into the page's corner, with three answers.
 *
 * Invariants: once a page view; it takes no focus and comes last in the page's order, behind what is being read; never while
 * something is asked or lies over the page, nor while somebody writes; to close it is "later", and its date is said.
 */
import type { Desk } from "../desk";
import { fill, make, makeRoot } from "../dom";
import { post } from "../post";
import { QUIET } from "../stored";
import type { SignupWords } from "../wire";
import { makeForm, pageOf } from "./form";
import { answer, isQuiet, keep } from "./quiet";
import { makeRoom } from "./room";
import css from "./signup.css";

declare const T: SignupWords;

/** Milliseconds that the outcome is to be seen. */
const SEEN = 8e3;

/** Whether the page or a layer over it has such an element. */
const has = (selector: string): boolean =>
  [document, ...Array.from(document.body.children, ({ shadowRoot }) => shadowRoot)].some((root) =>
    root?.querySelector(selector),
  );

/** Whether an element is to be seen, or a part of it. */
function isInView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top < innerHeight && bottom > 0;
}

/**
 * Whether somebody writes or uses a frame, something modal lies over the page (its own, or our settings), or the form is
 * in view anyway.
 */
function isBusy(): boolean {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return (
    !!one?.matches("input,textarea,select,iframe,[contenteditable]") ||
    has(":modal,:fullscreen") ||
    [...document.querySelectorAll("[data-newsletter]")].some(isInView)
  );
}

interface History {
  entries(): { url: string | null; id: string }[];
}

/** Pages of this site that were read in this tab, by the browser's own history: nothing is kept to count them. */
const countPages = (): number =>
  new Set(
    // A page that keeps its address to itself has none here.
    (window as { navigation?: History }).navigation?.entries().map(({ url, id }) => url?.split("#")[0] ?? id),
  ).size || (document.referrer.startsWith(location.origin + "/") ? history.length : 1);

/** Waits for a trigger, then for a moment that disturbs nobody. */
export function watch(desk: Desk): void {
  const plan = T.prompt!;
  // As many as the loader waits before it sends for this.
  let seconds = 3;
  let due: string | undefined;
  let isOver = false;
  const look = (): void => {
    if (document.hidden || isOver) return;
    const scroll = (scrollY / (document.documentElement.scrollHeight - innerHeight)) * 100;
    const reached = { seconds: ++seconds, scroll, pages: countPages() };
    due ??= (Object.keys(reached) as (keyof typeof reached)[]).find((kind) => reached[kind] >= plan[kind]!);
    if (!due || desk.standing().asking || isBusy()) return;
    isOver = true;
    clearInterval(timer);
    if (!isQuiet()) show(desk, due);
  };
  const timer = setInterval(look, 1e3);
  if (plan.exit)
    document.documentElement.addEventListener("pointerleave", ({ pointerType, clientY }) => {
      if (pointerType !== "mouse" || clientY > 0) return;
      due ??= "exit";
      look();
    });
}

function show(desk: Desk, variant: string): void {
  const { words } = T;
  const { settings, language } = desk;
  const root = makeRoot(css);
  const status = make("p", { role: "status", class: "card" });
  let isOpen = true;
  let before: EventTarget | null;

  const count = (kind: string): void =>
    void post(
      settings,
      "events",
      JSON.stringify({ kind: "prompt_" + kind, notice: settings.notice, language, variant, page: pageOf() }),
    ).catch(() => {});
  /** What an answer keeps, and the sentence with its date. */
  function weigh(isLater: boolean): [kept: string, said: string] {
    const kept = answer(localStorage[QUIET], Date.now(), T.prompt!, isLater);
    const date = new Date(parseInt(kept)).toLocaleDateString(T.lang, { dateStyle: "long" });
    return [kept, fill(words[isLater ? "later_date" : "declined"]!, { date })];
  }
  const leave = (isLater: boolean) => (): void => {
    if (root.activeElement) (before as HTMLElement | null)?.focus?.({ preventScroll: true });
    card.remove();
    if (!isOpen) return;
    isOpen = false;
    const [kept, said] = weigh(isLater);
    keep(kept);
    status.textContent = said;
    setTimeout(() => root.host.remove(), SEEN);
    count(isLater ? "later" : "declined");
  };
  const later = leave(true);
  const makeAnswer = (part: string, look: string, click: () => void): HTMLElement =>
    make("button", { part, class: "quiet " + look, click, "aria-describedby": click === later && "date" }, words[part]);
  const answers = make(
    "div",
    { class: "row" },
    makeAnswer("decline", "", leave(false)),
    makeAnswer("later", "", later),
    make("p", { id: "date", class: "small" }, weigh(true)[1]),
  );
  const form = makeForm(desk, T.prompt!.lists, { via: "prompt", variant }, () => {
    isOpen = false;
    answers.remove();
    count("submitted");
  });
  const card = make(
    "section",
    {
      part: "prompt",
      "aria-label": words["title"],
      class: has("[part=reopen]") ? "card up" : "card",
      focusin: (event) => void (before ??= (event as FocusEvent).relatedTarget),
    },
    makeAnswer("close", "small x", later),
    form,
    answers,
  );
  root.append(card, status);
  document.body.append(root.host);
  makeRoom(card);
  count("shown");
  /** Unanswered here, but answered elsewhere, or something else is asked now. */
  const withdraw = (): void => {
    if (isOpen) root.host.remove();
    isOpen = false;
  };
  for (const kind of ["shown", "signup"]) document.addEventListener("consent:" + kind, withdraw);
  for (const kind of ["storage", "pageshow"]) addEventListener(kind, () => isQuiet() && withdraw());
  document.addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape" && [root.host, document.body].includes(target as HTMLElement)) later();
  });
}
