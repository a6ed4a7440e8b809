/**
 * Makes room in the page for what lies over its lower edge.
 *
 * Invariant: nothing on the page moves; what takes the focus is scrolled clear of the layer, and the
 * page's end can be scrolled above it (WCAG 2.2, 2.4.11). The room goes with the layer.
 */
export function makeRoom(layer: HTMLElement): void {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  new ResizeObserver(() => {
    const room = layer.offsetHeight && innerHeight - layer.offsetTop;
    sheet.replaceSync(
      room ? `html{scroll-padding-bottom:${room}px}html::after{content:"";display:block;height:${room}px}` : "",
    );
  }).observe(layer);
}
