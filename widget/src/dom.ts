/**
 * Builds elements and shadow roots.
 *
 * Invariant: words only ever become text; no markup is read from a string, and nothing here needs
 * an inline style or script to be allowed.
 */
import base from "./base.css";
import { dress } from "./look";
import type { Look } from "./wire";

type Attribute = string | boolean | undefined | ((event: Event) => void);

/** An attribute that is false or undefined is left out; a function listens to the event of that name. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute>,
  ...children: (Node | string | undefined)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Puts values in the place of `{name}`. */
export const fill = (words: string, values: Record<string, string | number>): string =>
  words.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : whole));

/** A link that opens beside the page; undefined unless it leads somewhere. */
export const link = (words: string, href: string | undefined): HTMLAnchorElement | undefined =>
  href && /^(https?:)?\//.test(href) ? make("a", { href, target: "_blank", rel: "noopener" }, words) : undefined;

/** A line for screen readers to speak when its text changes. */
export const makeStatus = (): HTMLElement => make("p", { role: "status", class: "status" });

/** An element with an open shadow root, dressed in the site's look, in the language of its words. */
export function makeRoot(words: { lang: string; dir: string }, look: Look, css: string): ShadowRoot {
  const host = make("div", { lang: words.lang, dir: words.dir });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(base + css);
  root.adoptedStyleSheets = [sheet];
  dress(host, look);
  return root;
}
