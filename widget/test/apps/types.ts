/**
 * Never run: what the type checker must take, and must refuse.
 */
import { installed, load, type ConsentState } from "consent-page";
import served from "https://consent.example/w/miami-new-times.mjs";

export async function use(): Promise<ConsentState> {
  const consent = await load({ url: "https://consent.example", site: "miami-new-times" });
  const stop: () => void = consent.on("change", (state) => state.purposes["analytics"]);
  stop();
  consent.on("recorded", ({ receipt }) => receipt.length);
  document.addEventListener("consent:change", ({ detail }) => detail.decided);
  // @ts-expect-error no such event
  consent.on("changed", () => {});
  // @ts-expect-error a decision is true or false
  await consent.set({ analytics: "yes" });
  // @ts-expect-error the queue may still stand in its place
  window.consent?.given("analytics");
  window.consent?.q.push(["open"]);
  if (installed()?.given("analytics")) served.close();
  return served.state();
}
