/**
 * The shapes that cross the wire or the seam between the loader and the layers.
 *
 * Invariant: nothing here has behaviour; the service writes `Settings` and the `…Words` values,
 * the service reads `ConsentBody` and answers with `Receipt`.
 */
export type Decisions = ReadonlyMap<string, boolean>;
export type Regime = "opt_in" | "opt_out" | "notice_only";
export type Action = "accept_all" | "reject_all" | "save" | "dismiss" | "withdraw";
export type LayerName = "notice" | "preferences" | "placeholder";

export interface Purpose {
  id: string;
  services: string[];
  /** Whether it sells or shares data, which is what Global Privacy Control switches off. */
  sale?: boolean;
}

export interface Look {
  position: "bottom" | "bottom-left" | "bottom-right" | "center";
  /** A hex colour. */
  accent: string;
  /** A CSS length. */
  radius: string;
}

/** What the service bakes into the loader, for one site. */
export interface Settings {
  site: string;
  url: string;
  notice: string;
  material: string;
  regime: Regime;
  close: "refuse" | "ask_later";
  /** Days that a choice is kept for. */
  days: number;
  purposes: Purpose[];
  required: Purpose[];
  languages: string[];
  files: Record<string, Record<LayerName, string>>;
  /** Older material digest -> purposes that differ from it now. */
  changes: Record<string, string[]>;
  look: Look & { reopen: boolean };
}

/** `POST {url}/v1/sites/{site}/consents`. */
export interface ConsentBody {
  id: string;
  subject: string;
  notice: string;
  language: string;
  action: Action;
  purposes: Record<string, boolean>;
  services?: Record<string, boolean>;
  regime: Regime;
  gpc: boolean;
  page: string;
  decided_at: string;
}

/** The answer to a `ConsentBody`: 201, or 200 when the same body came before. */
export interface Receipt {
  id: string;
  seq: number;
  recorded_at: string;
  expires_at: string;
  receipt: string;
}

interface Words {
  lang: string;
  dir: "ltr" | "rtl";
  words: Record<string, string>;
}

interface LayerWords extends Words {
  controller: { name: string; privacy_policy?: string; cookie_policy?: string };
  look: Look & { buttons: ("accept" | "refuse" | "choose")[] };
}

export interface NoticeWords extends LayerWords {
  purposes: { id: string; name: string; required: boolean }[];
  /** How many services there are. */
  services: number;
}

export interface ServiceWords {
  id: string;
  name: string;
  provider?: string;
  privacy_policy?: string;
  cookies: { name: string; lifetime?: string; domain?: string; about?: string }[];
}

export interface PurposeWords {
  id: string;
  name: string;
  description: string;
  required: boolean;
  legal_basis: string;
  services: ServiceWords[];
}

export interface PreferencesWords extends LayerWords {
  purposes: PurposeWords[];
}

export interface PlaceholderWords extends Words {
  purposes: Record<string, string>;
  services: Record<string, { name: string; provider?: string }>;
}
