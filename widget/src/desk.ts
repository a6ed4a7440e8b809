/**
 * What the loader lends to the layers: how the visitor stands, and the way back to the page.
 *
 * Invariant: the desk itself decides nothing; only `act`, called from a layer or through
 * `window.consent`, makes a choice.
 */
import type { Choice } from "./choice";
import type { Standing } from "./standing";
import type { Settings } from "./wire";

export type Tell = (kind: "change" | "shown" | "recorded", detail: unknown) => void;

export interface Desk {
  readonly settings: Settings;
  /** The language that the visitor is shown. */
  readonly language: string;
  /** Whether the browser sends Global Privacy Control. */
  readonly gpc: boolean;
  standing(): Standing;
  /** The choice in the cookie; undefined also when cookies are out of reach. */
  read(): Choice | undefined;
  /** What would hold with this choice. */
  weigh(choice: Choice | undefined): Standing;
  /** Makes it hold on this page. The gates are not asked yet. */
  hold(standing: Standing): void;
  /** Lets the page and its gates know; true when something runs that may not run any more. */
  spread(): boolean;
  /** An event of this kind, on the document. */
  tell: Tell;
  /** Opens the second layer. */
  open(): Promise<void>;
  /** Takes the open layer away, nothing decided. */
  close(): void;
  /** Shows the small button back to the settings, where one is wanted. */
  offerReopen(): Promise<void>;
}
