/**
 * What `window.consent` is. Written by `npm run build` from the widget's sources.
 */
export type Regime = "opt_in" | "opt_out" | "notice_only";

/** The answer to a `ConsentBody`: 201, or 200 when the same body came before. */
export interface Receipt {
  id: string;
  seq: number;
  recorded_at: string;
  expires_at: string;
  receipt: string;
}

/** Where something is kept on the device. */
export type Kind = "cookie" | "local_storage" | "session_storage" | "indexed_db";

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

/** An address was taken; whether it is the reader's, the mail will show. */
export interface SignedUp {
  lists: string[];
  via: "form" | "prompt";
  /** What opened the prompt (`seconds`, `scroll`, `pages`, `exit`), or what the form's place has as `data-variant`. */
  variant?: string;
}

export interface ConsentState {
  /** Whether a choice is held that is neither expired nor made against an older notice. */
  decided: boolean;
  purposes: Record<string, boolean>;
  /** Only those decided otherwise than their purpose. */
  services: Record<string, boolean>;
  regime: Regime;
  gpc: boolean;
  notice: string;
  subject: string | null;
  /** Id of the consent record. */
  record: string | null;
  decided_at: string | null;
  expires_at: string | null;
  /** The signed receipt, once the service has answered. */
  receipt: string | null;
}

export type ConsentEvent = keyof ConsentDetails;

/** What each event tells. */
export interface ConsentDetails {
  /** The widget is there: `window.consent` is its own now. */
  ready: ConsentState;
  change: ConsentState;
  shown: { layer: string; language: string };
  recorded: Receipt;
  /** After a choice that refuses something: what the refused had kept on the device. */
  cleared: Cleared;
  /** The page is about to be loaded anew, as something runs that was taken back; `preventDefault()` stays. */
  reload: Cleared;
  /** A reader has signed up for newsletters, and is to confirm it by the mail. */
  signup: SignedUp;
}

/** A call that waits in the queue. */
export type ConsentCall = [method: string, ...args: unknown[]];

export interface Consent {
  /** Resolves once the stored choice has been read. */
  ready: Promise<ConsentState>;
  given(purposeOrService: string): boolean;
  state(): ConsentState;
  /** Opens the second layer. */
  open(): Promise<void>;
  /** Takes an open layer away; nothing is decided. */
  close(): void;
  /** Decides for the purposes and services named; the others stay as they are. */
  set(decisions: Record<string, boolean>): Promise<ConsentState>;
  withdraw(): Promise<ConsentState>;
  /** Gives back a function that stops it. */
  on<Kind extends ConsentEvent>(kind: Kind, listener: (detail: ConsentDetails[Kind]) => void): () => void;
  receipt(): string | null;
  /** Calls in the stub's form, made at once. */
  q: { push(...calls: ConsentCall[]): void };
}
