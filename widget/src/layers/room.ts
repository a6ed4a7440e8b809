/**
 * Makes room in the page for a layer that lies over its lower edge.
 *
 * Invariant: nothing on the page moves; what takes the focus is scrolled clear of the layer, and the
 * page's end can be scrolled above it (WCAG 2.2, 2.4.11).
 */

/** Gives back how to take the room away again. */
export function makeRoom(layer: HTMLElement): () => void {
  const sheet = new CSSStyleSheet();
  const observer = new ResizeObserver(() => {
    const height = innerHeight - layer.getBoundingClientRect().top;
    // A layer that fills the window would leave nothing to scroll in.
    const room = layer.isConnected && height < innerHeight * 0.7 ? Math.ceil(height) : 0;
    sheet.replaceSync(
      `html{scroll-padding-block-end:${room}px}html::after{content:"";display:block;block-size:${room}px}`,
    );
  });
  observer.observe(layer);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return () => {
    observer.disconnect();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
  };
}
