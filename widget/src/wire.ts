/**
 * The shapes that cross the wire or the seam between the loader and the layers.
 *
 * Invariant: nothing here has behaviour; the service writes `Settings` and the `…Words` values,
 * the service reads `ConsentBody` and answers with `Receipt`.
 */
export type Decisions = ReadonlyMap<string, boolean>;
export type Regime = "opt_in" | "opt_out" | "notice_only";
export type Action =
  | "accept_all"
  | "reject_all"
  | "save"
  | "dismiss"
  | "acknowledge"
  | "gpc"
  | "withdraw"
  | "import";
export type LayerName = "notice" | "preferences" | "placeholder" | "clear" | "carry" | "signup";

export interface Purpose {
  id: string;
  services: string[];
  /** Whether it sells or shares data, which is what Global Privacy Control switches off. */
  sale?: boolean;
}

/** How this place's law has the first layer ask; the keys name words of the first layer. */
export interface Layout {
  regime: Regime;
  intro: string;
  says: string[];
  buttons: ("accept" | "refuse" | "choose" | "acknowledge")[];
  reopen: string;
}

export type Position = "bottom" | "bottom-left" | "bottom-right" | "center";

/** What the service bakes into the loader, for one site at one place. */
export interface Settings {
  site: string;
  url: string;
  notice: string;
  material: string;
  layout: Layout;
  /** The service saw `Sec-GPC: 1`. */
  gpc?: boolean;
  close: "refuse" | "ask_later";
  /** Days that a choice is kept for; one that gives nothing, as long as `refusal_days`, when there are such. */
  days: number;
  refusal_days?: number;
  /** The domain that the cookie is set for; the page's own host, when it is not given. */
  domain?: string;
  /** The service sets the cookie as well. */
  by_service?: boolean;
  /** A page on which something runs that was taken back is not loaded anew. */
  stay?: boolean;
  purposes: Purpose[];
  required: Purpose[];
  languages: string[];
  /** Other tags, in lower case, to languages of the site. */
  aliases?: Record<string, string>;
  /** Names the layers made together with this loader. */
  build: string;
  /** Older material digest -> purposes that differ from it now. */
  changes: Record<string, string[]>;
  /** Consent Mode's types, with the purposes that name each. */
  signals?: Record<string, string[]>;
  /** Tools that are not told, by the page's names for them. */
  mute?: string[];
  /** Origins of the controller's other sites, which a choice is carried to. */
  together?: string[];
  /** Whether the small way back is wanted on pages without one of their own. */
  reopen: boolean;
  /** Whether the newsletter may be offered unasked. */
  offer?: true;
}

/** `POST {url}/v1/sites/{site}/consents`. */
export interface ConsentBody {
  id: string;
  subject: string;
  notice: string;
  language: string;
  action: Action;
  purposes: Record<string, boolean>;
  services: Record<string, boolean>;
  regime: Regime;
  gpc: boolean;
  page: string;
  decided_at: string;
  /** The ticket of an imported choice. */
  hand_off?: string;
}

/** The answer to a `ConsentBody`: 201, or 200 when the same body came before. */
export interface Receipt {
  id: string;
  seq: number;
  recorded_at: string;
  expires_at: string;
  receipt: string;
}

export interface NoticeWords {
  lang: string;
  dir: "ltr" | "rtl";
  words: Record<string, string>;
  controller: { name: string; privacy_policy?: string; cookie_policy?: string };
  position: Position;
  /** What the site gives all layers to wear, and what this place's law wants to be seen (California's icon). */
  css: string;
  purposes: { id: string; name: string; required: boolean; sale?: boolean }[];
  /** How many services there are. */
  services: number;
  /** Names of the controller's other sites that the choice also holds on. */
  together?: string[];
}

/** Where something is kept on the device. */
export type Kind = "cookie" | "local_storage" | "session_storage" | "indexed_db";

/** A service's id is the one in its place among the purpose's `services` in the settings. */
export interface ServiceWords {
  name: string;
  provider?: string;
  privacy_policy?: string;
  cookies: { name: string; kind?: Kind; lifetime?: string; domain?: string; about?: string }[];
}

export interface PurposeWords {
  description: string;
  legal_basis: string;
  services: ServiceWords[];
}

/** The language, the look, the controller and some words of all the other layers come from the first one. */
export interface PreferencesWords {
  words: Record<string, string>;
  /** In the order of the first layer's, which has their ids and names. */
  purposes: PurposeWords[];
}

export interface PlaceholderWords {
  words: Record<string, string>;
  /** Names by id. */
  services: Record<string, string>;
}

/** A newsletter: its id, its name, what it brings. */
export type ListWords = [id: string, name: string, about: string];

/** All that the newsletter's form and prompt show; they stand by themselves, without the first layer's file. */
export interface SignupWords {
  lang: string;
  dir: "ltr" | "rtl";
  words: Record<string, string>;
  controller: { name: string; privacy_policy?: string };
  css: string;
  lists: ListWords[];
  prompt?: PromptWords;
}

/** When the newsletter is offered unasked; a trigger that is not there never comes. */
export interface PromptWords {
  lists: string[];
  seconds?: number;
  /** Percent of the page. */
  scroll?: number;
  pages?: number;
  /** The mouse leaves the page at its top. */
  exit?: boolean;
  /** Days until it may come again, after "Remind me later" and after "No thanks". */
  later: number;
  decline: number;
}

/** An address was taken; whether it is the reader's, the mail will show. */
export interface SignedUp {
  lists: string[];
  via: "form" | "prompt";
  /** What opened the prompt (`seconds`, `scroll`, `pages`, `exit`), or what the form's place has as `data-variant`. */
  variant?: string;
}

/** `POST {url}/v1/sites/{site}/signups`. */
export interface SignupBody extends SignedUp {
  email: string;
  language: string;
  notice: string;
  page: string;
  /** The campaign that the page's address names. */
  source: Record<string, string>;
  /** How long the form was there. */
  seconds: number;
  /** Nobody sees it: what is in it a machine has written. */
  url_2: string;
  /** A challenge with its solution. */
  challenge?: string;
}

/** Something that a service keeps on the device. */
export interface Kept {
  kind: Kind;
  name: string;
  service: string;
  /** Why it is left: it is still there after trying, or it belongs to a domain that this page cannot reach. */
  why?: "kept" | "unreachable";
}

/** What became of the things that services keep which may not run any more. */
export interface Cleared {
  deleted: Kept[];
  left: Kept[];
}

/** What the services of optional purposes keep, by where they keep it; a name may hold `*`, for any characters. */
export interface ClearWords {
  kept: Partial<Record<Kind, [service: string, name: string, domain?: string][]>>;
}
