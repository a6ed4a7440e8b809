/**
 * Holds back what a page has marked with `data-purpose`, and lets it go once it is permitted.
 *
 * Invariants: what is not permitted at the very moment of opening stays inert; each element is
 * opened once; scripts run in document order, each waiting for the one before unless it is async.
 */
import { insertable } from "./trusted";

const GATED = 'script[type="text/plain"][data-purpose],template[data-purpose],iframe[data-purpose][data-src]';
const RUNNABLE = /^(module|(text|application)\/(java|ecma)script)?$/i;

type Permits = (purpose: string, service: string | null) => boolean;
/** Lays a placeholder over a frame that may not load; gives back how to take it off. */
export type Cover = (frame: HTMLIFrameElement, open: () => void) => Promise<() => void>;

const purposeOf = (gate: Element): string => gate.getAttribute("data-purpose")!;
const serviceOf = (gate: Element): string | null => gate.getAttribute("data-service");

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

/** The gates of this document. Nothing happens before the first `scan`. */
export function openGates(permits: Permits, cover: Cover) {
  const opened = new WeakSet<Element>();
  const ran: Element[] = [];
  const covers = new Map<HTMLIFrameElement, Promise<() => void>>();
  let last: Promise<unknown> = Promise.resolve();

  const allows = (gate: Element): boolean => permits(purposeOf(gate), serviceOf(gate));

  function showFrame(frame: HTMLIFrameElement): void {
    opened.add(frame);
    frame.src = frame.dataset["src"]!;
    void covers.get(frame)?.then((uncover) => uncover());
    covers.delete(frame);
  }

  function open(gate: Element): Promise<unknown> | undefined {
    // Asked again, as the choice may have changed while it waited for its turn.
    if (opened.has(gate) || !gate.isConnected || !allows(gate)) return undefined;
    opened.add(gate);
    ran.push(gate);
    if (gate instanceof HTMLIFrameElement) return void showFrame(gate);
    return gate instanceof HTMLTemplateElement ? unpack(gate) : run(gate as HTMLScriptElement);
  }

  function hold(gate: Element): void {
    if (gate instanceof HTMLIFrameElement && !covers.has(gate)) covers.set(gate, cover(gate, () => showFrame(gate)));
  }

  function scan(): void {
    for (const gate of document.querySelectorAll(GATED)) {
      if (opened.has(gate)) continue;
      if (allows(gate)) last = last.then(() => open(gate)).catch(() => {});
      else hold(gate);
    }
  }

  const isGated = (node: Node): boolean =>
    node instanceof Element && (node.matches(GATED) || !!node.querySelector(GATED));
  const observer = new MutationObserver((changes) => {
    if (changes.some((change) => [...change.addedNodes].some(isGated))) scan();
  });

  return {
    scan,
    /** Opens what may open now and watches for what the page adds later. */
    watch(): void {
      scan();
      observer.observe(document, { childList: true, subtree: true });
    },
    /** Whether something runs on this page that may not run any more. */
    hasOverrun: (): boolean => ran.some((gate) => !allows(gate)),
  };
}
