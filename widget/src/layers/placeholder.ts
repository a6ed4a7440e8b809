/**
 * What stands in for a frame, or for anything else with a box, until it may load.
 *
 * Invariant: the frame keeps its own box in the page's layout, unseen; the placeholder only lies
 * over it, so that nothing moves when either comes or goes.
 */
import type { Desk } from "../desk";
import type { Kit } from "../stage";
import type { PlaceholderWords } from "../wire";
import css from "./placeholder.css";

/** The service puts this before the built file; named here, so that nothing built takes the name. */
declare const T: PlaceholderWords;

/** What is smaller than this is not looked at by anybody. */
const LEAST = 48;

function makeCard(desk: Desk, kit: Kit, { dataset }: HTMLElement, open: () => void): HTMLElement {
  const { fill, make, makeButton } = kit;
  const { words, services } = T;
  const id = dataset["service"]!;
  const service = Object.hasOwn(services, id) ? services[id] : undefined;
  const purpose = kit.T.purposes.find((one) => one.id === dataset["purpose"])?.name ?? dataset["purpose"]!;
  const [decide, unsaved] = kit.makeDecide(desk);
  const always = decide("save", () => {
    const { purposes, services } = desk.standing();
    return service
      ? [purposes, new Map(services).set(id, true)]
      : [new Map(purposes).set(dataset["purpose"]!, true), services];
  });
  const values = { service: service ?? words["unnamed"]!, purpose, name: service ?? purpose };
  const title = fill(words["title"]!, values);
  return make(
    "div",
    { part: "placeholder", role: "group", "aria-label": title },
    make("strong", { class: "title" }, title),
    make("p", { class: "small" }, fill(words["text"]!, values)),
    unsaved,
    make(
      "div",
      { class: "row" },
      makeButton("once", "quiet", open, words["once"]),
      makeButton("always", "quiet", always, fill(words["always"]!, values)),
      makeButton("manage", "quiet", kit.openSettings(desk), kit.T.words["reopen"]),
    ),
  );
}

/** Keeps `host` over `frame`: same size, and moved by what its own place in the flow is off. */
function follow(frame: HTMLElement, host: HTMLElement): () => void {
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

export function cover(desk: Desk, kit: Kit, frame: HTMLElement, open: () => void): () => void {
  const root = kit.makeRoot(css);
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
