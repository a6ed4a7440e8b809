/**
 * One purpose of the second layer, with its services.
 *
 * Invariant: turning a purpose turns all its services; turning a service leaves its purpose as it is,
 * and the words beside a switch always say what it shows.
 */
import type { Kit } from "../stage";
import type { PurposeWords, ServiceWords } from "../wire";
import { desk, fill, link, make, shared, words } from "./scene";

type Cookie = ServiceWords["cookies"][number];

/** `more` names the purpose or the service, by whose id the switches are read. */
const makeSwitch = (label: string, more: Parameters<Kit["make"]>[1]): HTMLInputElement =>
  make("input", { part: "switch", type: "checkbox", role: "switch", "aria-label": label, ...more });

/** What a switch shows, also in words: a colour alone would not tell. */
const stateOf = ({ checked }: HTMLInputElement, services: HTMLInputElement[]): string =>
  words[services.some((one) => one.checked !== checked) ? "partly" : checked ? "on" : "off"]!;

/** "90 days" in the visitor's language; `session` and `persistent` by the site's words. */
function tellLifetime(lifetime: string): string {
  const [count, unit] = lifetime.split(" ");
  if (!unit) return words[lifetime]!;
  return Number(count).toLocaleString(shared.lang, {
    style: "unit",
    unit: unit.replace(/s$/, ""),
    unitDisplay: "long",
  });
}

function makeCookie({ name, kind, about, lifetime, domain }: Cookie): HTMLElement {
  const facts = [
    kind && words[kind],
    lifetime && `${words["lifetime"]}: ${tellLifetime(lifetime)}`,
    domain && `${words["domain"]}: ${domain}`,
  ];
  return make("li", { class: "small" }, make("code", {}, name), " ", about, make("br", {}), facts.filter(Boolean).join(" · "));
}

function makeService(service: ServiceWords, control?: HTMLInputElement): HTMLElement {
  const { name, provider, privacy_policy, cookies } = service;
  return make(
    "li",
    {},
    make("label", { class: "line" }, make("strong", {}, name), control),
    make(
      "p",
      { class: "small row" },
      provider && make("span", {}, `${words["provider"]}: ${provider}`),
      link(shared.words["privacy_policy"]!, privacy_policy),
    ),
    make("ul", {}, ...cookies.map(makeCookie)),
  );
}

/** The lines under a purpose's name: what it is for, on which ground, and why it stands as it does. */
function makeNotes({ description, legal_basis }: PurposeWords, id: string, isSold?: boolean) {
  const { changed, purposes } = desk.standing();
  const isSignalled = isSold && desk.gpc;
  const line = (look: string, text: string | false | undefined) =>
    text && make("p", { class: "small " + look }, text);
  return [
    make("p", { id: "about-" + id }, description),
    line("", words["basis_" + legal_basis]),
    line("strong", changed?.includes(id) && words["changed"]),
    line("", isSignalled && words["gpc"]),
    line("strong", isSignalled && !purposes.get(id) && shared.words["gpc_honored"]),
  ];
}

/** The purpose in the same place of the first layer's words. */
export function makePurpose(purpose: PurposeWords, at: number): HTMLElement {
  const { runs } = desk.standing();
  const { id, name } = shared.purposes[at]!;
  const { services } = purpose;
  // Undefined for a required one: nobody decides on it.
  const own = desk.settings.purposes.find((one) => one.id === id);
  const controls = (own?.services ?? []).map((one, at) =>
    makeSwitch(services[at]!.name, { "data-service": one, checked: runs[id + "/" + one] }),
  );
  const turn = (): void => controls.forEach((one) => (one.checked = control!.checked));
  const control =
    own &&
    makeSwitch(name, { "data-purpose": id, "aria-describedby": "about-" + id, checked: runs[id], change: turn });
  const state = make("span", { class: "small" });
  const say = (): void => {
    state.textContent = control ? stateOf(control, controls) : words["always_on"]!;
  };
  say();
  return make(
    "section",
    { change: say },
    make("label", { class: "line" }, make("h3", {}, name), state, control),
    ...makeNotes(purpose, id, own?.sale),
    services[0] &&
      make(
        "details",
        {},
        make("summary", {}, fill(words["services"]!, { count: services.length })),
        make("ul", {}, ...services.map((service, at) => makeService(service, controls[at]))),
      ),
  );
}
