/**
 * One purpose of the second layer, with its services.
 *
 * Invariant: turning a purpose turns all its services; turning a service leaves its purpose as it is,
 * and the words beside a switch always say what it shows.
 */
import type { Desk } from "../desk";
import type { Kit } from "../stage";
import { permits } from "../standing";
import type { PurposeWords, ServiceWords } from "../wire";

export interface Switches {
  purposes: Map<string, HTMLInputElement>;
  services: Map<string, HTMLInputElement>;
}
type Texts = Record<string, string>;

/** What every part of a purpose is made with. */
export interface Scene {
  desk: Desk;
  kit: Kit;
  words: Texts;
  switches: Switches;
}

const makeSwitch = ({ kit }: Scene, kind: "purpose" | "service", id: string, checked: boolean): HTMLInputElement =>
  kit.make("input", {
    part: "switch",
    type: "checkbox",
    role: "switch",
    id: `${kind}-${id}`,
    ["data-" + kind]: id,
    "aria-labelledby": `${kind}-${id}-name`,
    checked,
  });

/** What a switch shows, also in words: a colour alone would not tell. */
const stateOf = (words: Texts, { checked }: HTMLInputElement, services: HTMLInputElement[]): string =>
  words[services.some((one) => one.checked !== checked) ? "partly" : checked ? "on" : "off"]!;

function makeService(scene: Scene, service: ServiceWords, control?: HTMLInputElement): HTMLElement {
  const { words } = scene;
  const { link, make } = scene.kit;
  const { id, name, provider, privacy_policy, cookies } = service;
  return make(
    "li",
    {},
    make("label", { class: "row" }, make("strong", { id: `service-${id}-name` }, name), control),
    make(
      "p",
      { class: "small links" },
      provider ? make("span", {}, `${words["provider"]}: ${provider}`) : undefined,
      link(words["privacy_policy"]!, privacy_policy),
    ),
    ...cookies.map(({ name, about, lifetime, domain }) =>
      make(
        "p",
        { class: "small cookie" },
        make("code", {}, name),
        make("span", {}, about),
        make("span", {}, lifetime && `${words["lifetime"]}: ${lifetime}`),
        make("span", {}, domain && `${words["domain"]}: ${domain}`),
      ),
    ),
  );
}

function makeServices(
  scene: Scene,
  services: ServiceWords[],
  controls: HTMLInputElement[],
): HTMLElement | undefined {
  const { fill, make } = scene.kit;
  if (!services.length) return undefined;
  return make(
    "details",
    {},
    make("summary", {}, fill(scene.words["services"]!, { count: services.length })),
    make("ul", {}, ...services.map((service, at) => makeService(scene, service, controls[at]))),
  );
}

/** The lines under a purpose's name: what it is for, on which ground, and why it stands as it does. */
const makeNotes = ({ desk, words, kit: { make } }: Scene, purpose: PurposeWords): (HTMLElement | undefined)[] => {
  const { changed } = desk.standing();
  const sale = desk.settings.purposes.find((one) => one.id === purpose.id)?.sale;
  const basis = words["basis_" + purpose.legal_basis];
  return [
    make("p", { id: `purpose-${purpose.id}-about` }, purpose.description),
    basis ? make("p", { class: "small" }, basis) : undefined,
    changed?.includes(purpose.id) ? make("p", { class: "small change" }, words["changed"]) : undefined,
    sale && desk.gpc ? make("p", { class: "small" }, words["gpc"]) : undefined,
  ];
};

/** The switch of a purpose, which turns those of its services with it. */
function makeControl(scene: Scene, id: string, given: boolean, services: HTMLInputElement[]): HTMLInputElement {
  const control = makeSwitch(scene, "purpose", id, given);
  control.setAttribute("aria-describedby", `purpose-${id}-about`);
  control.addEventListener("change", () => services.forEach((one) => (one.checked = control.checked)));
  scene.switches.purposes.set(id, control);
  for (const one of services) scene.switches.services.set(one.dataset["service"]!, one);
  return control;
}

export function makePurpose(scene: Scene, purpose: PurposeWords): HTMLElement {
  const { desk, words, kit } = scene;
  const { id, services, required } = purpose;
  const holds = (service?: string): boolean => permits(desk.settings, desk.standing(), id, service);
  const controls = required ? [] : services.map((one) => makeSwitch(scene, "service", one.id, holds(one.id)));
  const control = required ? undefined : makeControl(scene, id, holds(), controls);
  const state = kit.make("span", { class: "state" });
  const say = (): void => {
    state.textContent = control ? stateOf(words, control, controls) : words["always_on"]!;
  };
  say();
  return kit.make(
    "section",
    { change: say },
    kit.make("label", { class: "row" }, kit.make("h3", { id: `purpose-${id}-name` }, purpose.name), state, control),
    ...makeNotes(scene, purpose),
    makeServices(scene, services, controls),
  );
}
