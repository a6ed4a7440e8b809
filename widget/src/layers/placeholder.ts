/**
 * What stands in for a frame until it may load.
 *
 * Invariant: the frame keeps its own box in the page's layout, unseen; the placeholder only lies
 * over it, so that nothing moves when either comes or goes.
 */
import type { Desk } from "../desk";
import type { Kit } from "../stage";
import type { PlaceholderWords } from "../wire";
import css from "./placeholder.css";

/** The service appends this to the built file; named here, so that nothing built takes the name. */
declare const T: PlaceholderWords;

/** Frames smaller than this are not looked at by anybody. */
const LEAST = 48;

function makeCard(desk: Desk, kit: Kit, frame: HTMLIFrameElement, open: () => void): HTMLElement {
  const { act, fill, make } = kit;
  const { words } = T;
  const purpose = frame.dataset["purpose"]!;
  const service = frame.dataset["service"];
  const known = service && Object.hasOwn(T.services, service) ? T.services[service] : undefined;
  const purposeName = (Object.hasOwn(T.purposes, purpose) && T.purposes[purpose]) || purpose;
  const from = known?.name ?? words["unnamed"]!;
  const always = (): void => {
    const { purposes, services } = desk.standing();
    const done = known
      ? act(desk, "save", purposes, new Map(services).set(service!, true))
      : act(desk, "save", new Map(purposes).set(purpose, true), services);
    if (!done) note.textContent = words["unsaved"]!;
  };
  const button = (part: string, text: string, click: () => void): HTMLElement =>
    make("button", { part, type: "button", class: "quiet", click }, text);
  const note = make("p", { role: "status" });
  return make(
    "div",
    { part: "placeholder", role: "group", "aria-labelledby": "title" },
    make("p", { id: "title", class: "title" }, fill(words["title"]!, { service: from })),
    make("p", { class: "small" }, fill(words["text"]!, { service: from, purpose: purposeName })),
    note,
    make(
      "div",
      { class: "actions" },
      button("once", words["once"]!, open),
      button("always", fill(words["always"]!, { name: known?.name ?? purposeName }), always),
      button("manage", words["manage"]!, () => void desk.open().catch(() => {})),
    ),
  );
}

/** Keeps `host` over `frame`: same size, and moved by what its own place in the flow is off. */
function follow(frame: HTMLIFrameElement, host: HTMLElement): () => void {
  let x = 0;
  let y = 0;
  // The sheet reads these: it overrules whatever the page says of the host, inline styles included.
  const set = (name: string, value: string): void => host.style.setProperty("--_" + name, value);
  const lay = (): void => {
    const target = frame.getBoundingClientRect();
    set("display", target.width < LEAST || target.height < LEAST ? "none" : "block");
    set("width", target.width + "px");
    set("height", target.height + "px");
    const actual = host.getBoundingClientRect();
    x += target.left - actual.left;
    y += target.top - actual.top;
    set("at", `${x}px ${y}px`);
  };
  const observer = new ResizeObserver(lay);
  observer.observe(frame);
  observer.observe(document.body);
  lay();
  return () => observer.disconnect();
}

export function cover(desk: Desk, kit: Kit, frame: HTMLIFrameElement, open: () => void): () => void {
  const root = kit.makeRoot(T, desk.settings.look, css);
  const host = root.host as HTMLElement;
  root.append(makeCard(desk, kit, frame, open));
  frame.before(host);
  frame.style.visibility = "hidden";
  const leave = follow(frame, host);
  return () => {
    leave();
    host.remove();
    frame.style.visibility = "";
  };
}
