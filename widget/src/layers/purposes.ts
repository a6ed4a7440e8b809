/**
 * One purpose of the second layer, with its services.
 *
 * Invariant: turning a purpose turns all its services; turning a service leaves its purpose as it is,
 * and the words beside a switch always say what it shows.
 */
import type { Desk } from "../desk";
import type { Kit } from "../stage";
import type { PreferencesWords, PurposeWords, ServiceWords } from "../wire";

declare const T: PreferencesWords;

type Cookie = ServiceWords["cookies"][number];

/** What every part of a purpose is made with. */
export interface Scene {
  desk: Desk;
  kit: Kit;
}

/** `more` names the purpose or the service, by whose id the switches are read. */
const makeSwitch = ({ kit }: Scene, label: string, more: Parameters<Kit["make"]>[1]): HTMLInputElement =>
  kit.make("input", { part: "switch", type: "checkbox", role: "switch", "aria-label": label, ...more });

/** What a switch shows, also in words: a colour alone would not tell. */
const stateOf = ({ checked }: HTMLInputElement, services: HTMLInputElement[]): string =>
  T.words[services.some((one) => one.checked !== checked) ? "partly" : checked ? "on" : "off"]!;

/** "90 days" in the visitor's language; `session` and `persistent` by the site's words. */
function tellLifetime({ kit }: Scene, lifetime: string): string {
  const [count, unit] = lifetime.split(" ");
  const style = { style: "unit", unit: unit?.replace(/s$/, "")!, unitDisplay: "long" } as const;
  return unit ? new Intl.NumberFormat(kit.T.lang, style).format(Number(count)) : T.words[lifetime]!;
}

function makeCookie(scene: Scene, { name, kind, about, lifetime, domain }: Cookie): HTMLElement {
  const { make } = scene.kit;
  const facts = [
    kind && T.words[kind],
    lifetime && `${T.words["lifetime"]}: ${tellLifetime(scene, lifetime)}`,
    domain && `${T.words["domain"]}: ${domain}`,
  ];
  return make("li", { class: "small" }, make("code", {}, name), " ", about, make("br", {}), facts.filter(Boolean).join(" · "));
}

function makeService(scene: Scene, service: ServiceWords, control?: HTMLInputElement): HTMLElement {
  const { link, make } = scene.kit;
  const { name, provider, privacy_policy, cookies } = service;
  return make(
    "li",
    {},
    make("label", { class: "line" }, make("strong", {}, name), control),
    make(
      "p",
      { class: "small row" },
      provider ? make("span", {}, `${T.words["provider"]}: ${provider}`) : undefined,
      link(scene.kit.T.words["privacy_policy"]!, privacy_policy),
    ),
    make("ul", {}, ...cookies.map((cookie) => makeCookie(scene, cookie))),
  );
}

/** The lines under a purpose's name: what it is for, on which ground, and why it stands as it does. */
function makeNotes({ desk, kit }: Scene, { description, legal_basis }: PurposeWords, id: string, isSold?: boolean) {
  const { changed, purposes } = desk.standing();
  const isSignalled = isSold && desk.gpc;
  const line = (look: string, words: string | false | undefined): HTMLElement | undefined =>
    words ? kit.make("p", { class: "small " + look }, words) : undefined;
  return [
    kit.make("p", { id: "about-" + id }, description),
    line("", T.words["basis_" + legal_basis]),
    line("strong", changed?.includes(id) && T.words["changed"]),
    line("", isSignalled && T.words["gpc"]),
    line("strong", isSignalled && !purposes.get(id) && kit.T.words["gpc_honored"]),
  ];
}

/** The purpose in the same place of the first layer's words. */
export function makePurpose(scene: Scene, purpose: PurposeWords, at: number): HTMLElement {
  const { desk, kit } = scene;
  const { fill, make } = kit;
  const { runs } = desk.standing();
  const { id, name } = kit.T.purposes[at]!;
  const { services } = purpose;
  // Undefined for a required one: nobody decides on it.
  const own = desk.settings.purposes.find((one) => one.id === id);
  const controls = (own?.services ?? []).map((one, at) =>
    makeSwitch(scene, services[at]!.name, { "data-service": one, checked: runs[id + "/" + one] }),
  );
  const turn = (): void => controls.forEach((one) => (one.checked = control!.checked));
  const control =
    own &&
    makeSwitch(scene, name, { "data-purpose": id, "aria-describedby": "about-" + id, checked: runs[id], change: turn });
  const state = make("span", { class: "small" });
  const say = (): void => {
    state.textContent = control ? stateOf(control, controls) : T.words["always_on"]!;
  };
  say();
  return make(
    "section",
    { change: say },
    make("label", { class: "line" }, make("h3", {}, name), state, control),
    ...makeNotes(scene, purpose, id, own?.sale),
    services.length
      ? make(
          "details",
          {},
          make("summary", {}, fill(T.words["services"]!, { count: services.length })),
          make("ul", {}, ...services.map((service, at) => makeService(scene, service, controls[at]))),
        )
      : undefined,
  );
}
