/**
 * Holds back what a page has marked with `data-purpose`, and lets it go once it is permitted.
 *
 * Invariants: what is not permitted at the very moment of opening stays inert; each element is
 * opened once; scripts run in document order, each waiting for the one before unless it is async.
 */
import type { Desk } from "./desk";
import { opens } from "./standing";
import { insertable } from "./trusted";

/** What stands in for an attribute of the same name, which the browser would follow at once. */
const LATE = ["src", "srcset", "href", "data"];
const GATED =
  ':is(script[type="text/plain"],template,:not(script):is([data-src],[data-srcset],[data-href],[data-data]))[data-purpose],[data-newsletter]';
/** Those that show something in a box of their own, which would be empty. */
const FRAMES = ':is(iframe,embed,object,video):not([data-purpose^="!"])';
const RUNNABLE = /^$|module|(java|ecma)script$/i;

/** Lays a placeholder over a frame that may not load; gives back how to take it off. */
export type Cover = (frame: HTMLElement, open: () => void) => Promise<() => void>;

const markOf = (gate: Element): string => gate.getAttribute("data-purpose")!;

const ended = (script: HTMLScriptElement): Promise<unknown> =>
  new Promise((resolve) => ["load", "error"].forEach((kind) => script.addEventListener(kind, resolve)));

/**
 * Resolves when an inline module has run, which no event tells: an empty script waits behind it in
 * the browser's queue, where even one that the page's policy blocks ends in its turn.
 */
function follow(module: HTMLScriptElement): Promise<unknown> {
  const mark = document.createElement("script");
  mark.src = insertable("src", "data:text/javascript,");
  mark.nonce = module.nonce;
  mark.async = false;
  module.after(mark);
  return ended(mark).then(() => mark.remove());
}

/** Puts a running copy in a script's place; resolves when the next one may run. */
function run(script: HTMLScriptElement): Promise<unknown> | undefined {
  // A copy, because a script that came by innerHTML never runs, whatever its type becomes.
  const copy = document.createElement("script");
  for (const { name, value } of script.attributes)
    if (name !== "type" && name !== "data-type") copy.setAttribute(name, insertable(name, value));
  const type = script.getAttribute("data-type") ?? "";
  if (type) copy.type = type;
  // The browser hides a nonce from the attribute. Only its own: lending ours would void the page's policy.
  copy.nonce = script.nonce;
  copy.async = script.hasAttribute("async");
  copy.text = insertable("text", script.text);
  script.replaceWith(copy);
  if (copy.async || !RUNNABLE.test(type)) return undefined;
  if (copy.src) return ended(copy);
  return /^m/i.test(type) ? follow(copy) : undefined;
}

/** Puts a template's content in its place, then runs its scripts one by one. */
async function unpack(template: HTMLTemplateElement): Promise<void> {
  const scripts = [...template.content.querySelectorAll<HTMLScriptElement>("script:not([data-purpose])")];
  for (const script of scripts) {
    // Inert while it is inserted: the browser would not keep the order of those with a src.
    if (script.type) script.setAttribute("data-type", script.type);
    script.type = "text/plain";
  }
  template.replaceWith(template.content);
  for (const script of scripts) await run(script);
}

/** Lets an image, a frame, a link … have what it was kept from. */
function load(element: HTMLElement): void {
  const isPlugin = element.matches("embed,object");
  for (const name of LATE) {
    const value = element.dataset[name];
    if (value !== undefined) element.setAttribute(name, isPlugin ? insertable("src", value) : value);
  }
  // Media has looked through its sources once, and found none.
  (element.parentElement as HTMLMediaElement | null)?.load?.();
}

/** The gates of this document. Nothing happens before the first `scan`. */
export function openGates({ offer, cover, standing }: Desk) {
  const opened = new WeakSet<Element>();
  const ran: Element[] = [];
  const covers = new Map<Element, Promise<() => void>>();
  let last: Promise<unknown> = Promise.resolve();

  const allows = (gate: Element): boolean => opens(standing(), markOf(gate), gate.getAttribute("data-service"));

  function show(element: HTMLElement): void {
    opened.add(element);
    load(element);
    void covers.get(element)?.then((uncover) => uncover());
    covers.delete(element);
  }

  function open(gate: HTMLElement): Promise<unknown> | undefined {
    // Asked again, as the choice may have changed while it waited for its turn.
    if (opened.has(gate) || !gate.isConnected || !allows(gate)) return undefined;
    opened.add(gate);
    ran.push(gate);
    if (gate instanceof HTMLScriptElement) return run(gate);
    return gate instanceof HTMLTemplateElement ? unpack(gate) : void show(gate);
  }

  /** True when something runs on this page that may not run any more; what ran on a refusal may stay. */
  function scan(): boolean {
    for (const gate of document.querySelectorAll<HTMLElement>(GATED)) {
      if (opened.has(gate)) continue;
      // No gate: a place for the newsletter's form, where the layer sees whether that is there.
      if (gate.dataset["newsletter"]) offer(gate);
      else if (allows(gate)) last = last.then(() => open(gate)).catch(() => {});
      else if (gate.matches(FRAMES) && !covers.has(gate)) covers.set(gate, cover(gate, () => show(gate)));
    }
    return ran.some((gate) => markOf(gate)[0] !== "!" && !allows(gate));
  }

  const isGated = (node: Node): boolean =>
    node instanceof Element && (node.matches(GATED) || !!node.querySelector(GATED));
  const observer = new MutationObserver((changes) => {
    let isNew = false;
    for (const { attributeName, target, addedNodes } of changes) {
      // Another address or purpose than what was opened is another gate.
      if (attributeName) opened.delete(target as Element);
      isNew ||= !!attributeName || [...addedNodes].some(isGated);
    }
    if (isNew) scan();
  });

  return {
    scan,
    /** Opens what may open now and watches for what the page adds later. */
    watch(): void {
      scan();
      const attributeFilter = ["data-purpose", ...LATE.map((name) => "data-" + name)];
      observer.observe(document, { childList: true, subtree: true, attributeFilter });
    },
  };
}
