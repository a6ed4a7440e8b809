/**
 * The one script of the embed: reads the stored choice, opens the gates it permits, asks if there
 * is something to ask. It makes no choice and writes nothing: that comes with the layers.
 *
 * Invariant: fail closed. Whatever is missing, blocked, altered or down, nothing gated runs without
 * a choice that was read back whole, and the page sees no error of ours.
 */
import { describe, install, makeApi } from "./api";
import { find, receiptOf, type Choice } from "./choice";
import type { Desk, Ground, Tell } from "./desk";
import { openGates } from "./gate";
import { pickLanguage } from "./language";
import { parsed } from "./parsed";
import { readGpc, signal } from "./signals";
import { openStage } from "./stage";
import { isGiven, stand, type Standing } from "./standing";
import { QUEUE, QUIET, RECEIPT, stored } from "./stored";
import type { Settings } from "./wire";

const quietly = (done: Promise<unknown>): void => void done.catch(() => {});

const tell: Tell = (kind, detail) =>
  document.dispatchEvent(new CustomEvent("consent:" + kind, { detail, cancelable: true }));

function readChoice(): Choice | undefined {
  try {
    const choice = find(document.cookie);
    if (choice) choice.receipt ||= receiptOf(choice.record, stored(RECEIPT));
    return choice;
  } catch {
    return undefined;
  }
}

/** `[data-consent-open]` anywhere on the page, now or later, opens the settings. */
function heedLinks(desk: Desk): void {
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest?.("[data-consent-open]")) return;
    event.preventDefault();
    quietly(desk.open());
  });
}

/** The desk with its gates and its stage, each of which needs the others. */
function setUp(settings: Settings) {
  const { url, site, build } = settings;
  let language: string | undefined;
  const gpc = settings.gpc === true || readGpc();
  const weigh: Desk["weigh"] = (one) => stand(settings, one, Date.now(), gpc);
  let now = weigh(readChoice());
  // Asked at every gate, and another only once the choice has run out, on a page that stays open.
  const standing = (): Standing => (Date.now() < now.until ? now : (now = weigh(now.choice)));
  const ground: Ground = {
    settings,
    // Only once somebody is spoken to; asking the browser takes time.
    get language() {
      return (language ??= pickLanguage(settings, [document.documentElement.lang, ...(navigator.languages ?? [])]));
    },
    gpc,
    tell,
    weigh,
    standing,
    read: readChoice,
    given: (id) => isGiven(standing(), id),
    hold: (next) => void (now = weigh(next)),
    spread() {
      signal(settings, standing(), new Set(settings.mute), true);
      tell("change", describe(desk));
      // A visitor may decide while the page is still being read, its gates half there.
      return document.readyState !== "loading" && gates.scan();
    },
    fetchLayer: (name) => import(`${url}/w/${site}.${name}.${ground.language}.${build}.js`),
  };
  const desk = Object.assign(ground, openStage(ground as Desk));
  const gates = openGates(desk);
  return { desk, gates };
}

/** Keeps up with the other tabs, of which one may have decided, and with the clock. */
function keepUp(desk: Desk): void {
  const look = (): void => {
    const { choice } = desk.standing();
    const found = readChoice();
    if (found && found.decided >= (choice?.decided ?? 0)) {
      desk.hold(found);
      if (found.record !== choice?.record) {
        desk.close();
        const overran = desk.spread();
        quietly(desk.fetchLayer("clear").then(({ settle }) => settle(desk, overran)));
      }
    }
    quietly(desk.ask());
  };
  for (const kind of ["focus", "visibilitychange"]) addEventListener(kind, look);
  // Put back as it was left; a page that is loaded has just looked.
  addEventListener("pageshow", ({ persisted }) => persisted && look());
  // A choice is owed to the service from the moment it is made until its receipt is there: both tell the other tabs.
  addEventListener("storage", ({ key }) => key === QUEUE && look());
}

function start(settings: Settings): void {
  const { desk, gates } = setUp(settings);
  const { ask, standing, fetchLayer } = desk;
  const told = new Set(settings.mute);
  signal(settings, standing(), told);
  install(makeApi(desk));
  tell("ready", describe(desk));
  heedLinks(desk);
  // A choice with its receipt owes nothing; then the storage is left alone, the first look at which blocks the page.
  if (!standing().choice?.receipt && stored(QUEUE)) quietly(fetchLayer("clear").then(({ flush }) => flush(desk)));
  if (standing().overruled) quietly(fetchLayer("notice").then(({ act }) => act(desk, "gpc")));
  quietly(settings.together ? fetchLayer("carry").then(({ carry }) => carry(desk)).then(ask, ask) : ask());
  keepUp(desk);
  quietly(
    parsed().then(() => {
      signal(settings, standing(), told);
      gates.watch();
      if (settings.offer) setTimeout(() => (stored(QUIET) as unknown as number) > Date.now() || desk.offer(), 3e3);
      if (!standing().asking) quietly(desk.offerReopen());
    }),
  );
}

// A symbol, since an element's id or name cannot stand for one.
const HERE = Symbol.for("consent");
try {
  const page = window as { [HERE]?: boolean };
  if (!page[HERE]) {
    page[HERE] = true;
    // The service puts the site's settings in the place of this string.
    start("__SETTINGS__" as unknown as Settings);
  }
} catch {
  // Nothing has been opened; the page goes on without us.
}
