/**
 * Fetches the layers and says which of them is on the page.
 *
 * Invariant: at most one layer is there at a time, and a layer that cannot be fetched leaves the
 * page as it was, with every gate shut.
 */
import type * as CarryLayer from "./carry";
import type { Desk } from "./desk";
import type { Cover } from "./gate";
import type * as KitModule from "./kit";
import { parsed } from "./parsed";
import type * as LateModule from "./late";
import type * as SignupLayer from "./layers/signup";
import type { LayerName, NoticeWords } from "./wire";

/** What the first layer's file lends to the others: what they are made with, and its words. */
export type Kit = typeof KitModule & { readonly T: NoticeWords };

export interface Layer {
  remove(): void;
}

interface Modules {
  notice: Kit & {
    show(desk: Desk): Layer;
    showWay(desk: Desk, isWanted: boolean): void;
  };
  preferences: { show(desk: Desk, kit: Kit, closed: () => void): Layer };
  placeholder: {
    cover(desk: Desk, kit: Kit, frame: HTMLElement, open: () => void): () => void;
  };
  clear: typeof LateModule;
  signup: typeof SignupLayer;
  carry: typeof CarryLayer;
}
export type FetchLayer = <Name extends LayerName>(name: Name) => Promise<Modules[Name]>;

export interface Stage {
  /** Asks where there is something to ask, once for each choice that holds no more. */
  ask(): Promise<void>;
  /** Opens the second layer. */
  open(): Promise<void>;
  /** Takes the open layer away, nothing decided. */
  close(): void;
  cover: Cover;
  /** Makes the newsletter's form in this place; without one, offers it by itself once it is time. */
  offer(place?: HTMLElement): void;
  /** Shows the small button back to the settings, where one is wanted. */
  offerReopen(): Promise<void>;
}

/** `desk` is what the layers get, and gets these itself. */
export function openStage(desk: Desk): Stage {
  const { settings, fetchLayer } = desk;
  let first: Layer | undefined;
  let second: Layer | undefined;
  let asked: string | undefined | null = null;

  const shown = (layer: LayerName) => desk.tell("shown", { layer, language: desk.language });

  return {
    async ask() {
      const { asking, choice } = desk.standing();
      if (!asking || asked === choice?.record) return;
      asked = choice?.record;
      const { show } = await fetchLayer("notice");
      if (!document.body) await parsed();
      if (first || second || !desk.standing().asking) return;
      first = show(desk);
      shown("notice");
    },
    async open() {
      const [kit, { show }] = await Promise.all([fetchLayer("notice"), fetchLayer("preferences")]);
      if (second) return;
      second = show(desk, kit, () => (second = undefined));
      shown("preferences");
    },
    close() {
      second?.remove();
      first?.remove();
      first = second = undefined;
    },
    offer: (place) => void fetchLayer("signup").then(({ offer }) => offer(desk, place)).catch(() => {}),
    cover: (frame, open) =>
      Promise.all([fetchLayer("notice"), fetchLayer("placeholder")]).then(
        ([kit, { cover }]) => cover(desk, kit, frame, open),
        () => () => {},
      ),
    /** Nothing where the page has its own way back, or the site wants none, unless an opt-out is to be seen honoured. */
    async offerReopen() {
      const { choice, decided } = desk.standing();
      // Counted, not fetched: the first element that a script gets hold of is dear.
      const isWanted = settings.reopen && !document.querySelectorAll("[data-consent-open]").length;
      const isOptOut = settings.layout.regime === "opt_out";
      // For a minute: the page may have been loaded anew after it.
      const isTold = isOptOut && (decided ? Date.now() - choice!.decided < 6e4 : desk.gpc);
      if (isWanted || isTold) (await fetchLayer("notice")).showWay(desk, isWanted);
    },
  };
}
