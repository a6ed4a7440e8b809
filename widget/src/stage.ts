/**
 * Fetches the layers and says which of them is on the page.
 *
 * Invariant: at most one layer is there at a time, and a layer that cannot be fetched leaves the
 * page as it was, with every gate shut.
 */
import type { Desk } from "./desk";
import type { Cover } from "./gate";
import type * as KitModule from "./kit";
import { parsed } from "./parsed";
import type { LayerName } from "./wire";

export type Kit = typeof KitModule;

export interface Layer {
  remove(): void;
}
/** The first layer steps aside while the second is open. */
export interface FirstLayer extends Layer {
  hide(): void;
  unhide(): void;
}

interface Modules {
  notice: Kit & {
    show(desk: Desk): FirstLayer;
    reopen(desk: Desk): void;
  };
  preferences: { show(desk: Desk, kit: Kit, closed: () => void): Layer };
  placeholder: {
    cover(desk: Desk, kit: Kit, frame: HTMLIFrameElement, open: () => void): () => void;
  };
}

export function openStage(desk: Desk) {
  let first: FirstLayer | undefined;
  let second: Layer | undefined;
  let hasReopen = false;

  const fetchLayer = <Name extends LayerName>(name: Name): Promise<Modules[Name]> =>
    import(desk.settings.url + desk.settings.files[desk.language]![name]);
  const fetchKit = (): Promise<Modules["notice"]> => fetchLayer("notice");

  const shown = (layer: LayerName): void => desk.tell("shown", { layer, language: desk.language });

  return {
    fetchKit,
    async ask(): Promise<void> {
      const { show } = await fetchKit();
      if (!document.body) await parsed();
      if (first || second || !desk.standing().asking) return;
      first = show(desk);
      shown("notice");
    },
    async open(): Promise<void> {
      const [kit, { show }] = await Promise.all([fetchKit(), fetchLayer("preferences")]);
      if (second) return;
      second = show(desk, kit, () => {
        second = undefined;
        first?.unhide();
      });
      first?.hide();
      shown("preferences");
    },
    close(): void {
      second?.remove();
      first?.remove();
      first = second = undefined;
    },
    cover: ((frame, open) =>
      Promise.all([fetchKit(), fetchLayer("placeholder")]).then(
        ([kit, { cover }]) => cover(desk, kit, frame, open),
        () => () => {},
      )) as Cover,
    /** Nothing where the page has its own way back, or the site wants none. */
    async offerReopen(): Promise<void> {
      if (hasReopen || !desk.settings.look.reopen || document.querySelector("[data-consent-open]")) return;
      hasReopen = true;
      const { reopen } = await fetchKit();
      reopen(desk);
    },
  };
}
