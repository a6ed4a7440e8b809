/**
 * What the loader lends to the layers: how the visitor stands, and the way back to the page.
 *
 * Invariant: the desk itself decides nothing; only `act`, called from a layer or through
 * `window.consent`, makes a choice.
 */
import type { ConsentEvent } from "./api";
import type { Choice } from "./choice";
import type { FetchLayer, Stage } from "./stage";
import type { Standing } from "./standing";
import type { Settings } from "./wire";

/** An event of this kind, on the document; false when a listener prevented what it announces. */
export type Tell = (kind: ConsentEvent, detail: unknown) => boolean;

export interface Ground {
  readonly settings: Settings;
  /** The language that the visitor is shown. */
  readonly language: string;
  /** Whether Global Privacy Control is on. */
  readonly gpc: boolean;
  /** How the visitor stands at this moment: what has run out holds no more. */
  standing(): Standing;
  /** The choice in the cookie; undefined also when cookies are out of reach. */
  read(): Choice | undefined;
  /** What would hold with this choice. */
  weigh(choice: Choice | undefined): Standing;
  /** Makes it hold on this page. Nobody is told yet. */
  hold(choice: Choice): void;
  /** Lets the tools, the page and its gates know; true when something runs that may not run any more. */
  spread(): boolean;
  /** Whether code of one id, a purpose's or a service's, may run. */
  given(id: string): boolean;
  tell: Tell;
  fetchLayer: FetchLayer;
}

/** With the layers that stand on it. */
export type Desk = Ground & Stage;
