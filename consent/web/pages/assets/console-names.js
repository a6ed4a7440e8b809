// Puts codes of countries and languages in words, where the browser knows them. Without it the codes stay.
for (const type of ["region", "language"]) {
  const names = new Intl.DisplayNames(["en"], { type, fallback: "none" });
  for (const element of document.querySelectorAll(`[data-${type}]`)) {
    try {
      element.textContent = names.of(element.dataset[type]) ?? element.textContent;
    } catch {
      // No code of that kind: it stays as it is.
    }
  }
}
