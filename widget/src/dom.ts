/**
 * Builds elements and shadow roots, in the site's look and the visitor's language.
 *
 * Invariant: words only ever become text; no markup is read from a string, and nothing here needs
 * an inline style or script to be allowed.
 */
import base from "./base.css";
import type { NoticeWords } from "./wire";

/** The first layer's, whose file carries this module for all layers. */
declare const T: NoticeWords;

type Attribute = string | boolean | undefined | ((event: Event) => void);
/** What is empty, false or undefined is left out. */
type Child = Node | string | false | undefined;

/** An attribute that is empty, false or undefined is left out; a function listens to the event of that name. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute>,
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value) element.setAttribute(name, value as string);
  }
  element.append(...(children.filter(Boolean) as (Node | string)[]));
  return element;
}

/** A button with a part's name; its words are the first layer's of that name, unless others are given. */
export const makeButton = (part: string, look: string, click: () => void, words = T.words[part]): HTMLButtonElement =>
  make("button", { part, class: look, click }, words);

/** Puts values in the place of `{name}`. */
export const fill = (words: string, values: Record<string, string | number>): string =>
  words.replace(/\{(\w+)\}/g, (whole, name: string) => (values[name] ?? whole) as string);

/** Names in a row, as the visitor's language lists them. */
export const list = (names: string[]): string => new Intl.ListFormat(T.lang).format(names);

/** A link that opens beside the page; nothing unless it leads somewhere. */
export const link = (words: string, href: string | undefined): Child =>
  href && make("a", { href, target: "_blank" }, words);

/** A style sheet with what all layers wear, and this. */
export function makeSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(base + T.css + css);
  return sheet;
}

/** A new element's open shadow root, dressed. */
export function makeRoot(css: string): ShadowRoot {
  const { lang, dir } = T;
  const root = make("div", { lang, dir }).attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [makeSheet(css)];
  return root;
}
