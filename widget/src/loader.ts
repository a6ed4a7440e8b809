/**
 * The one script of the embed: reads the stored choice, opens the gates it permits, asks if there
 * is something to ask. It makes no choice and writes nothing: that comes with the layers.
 *
 * Invariant: fail closed. Whatever is missing, blocked, altered or down, nothing gated runs without
 * a choice that was read back whole, and the page sees no error of ours.
 */
import { describe, install, makeApi } from "./api";
import { find, receiptOf, type Choice } from "./choice";
import type { Desk, Tell } from "./desk";
import { openGates } from "./gate";
import { pickLanguage } from "./language";
import { parsed } from "./parsed";
import { readGpc } from "./signals";
import { openStage } from "./stage";
import { permits, stand } from "./standing";
import { QUEUE, RECEIPT, stored } from "./stored";
import type { Settings } from "./wire";

const quietly = (done: Promise<unknown>): void => void done.catch(() => {});

const tell: Tell = (kind, detail) => void document.dispatchEvent(new CustomEvent("consent:" + kind, { detail }));

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
  const language = pickLanguage(settings.languages, [document.documentElement.lang, ...(navigator.languages ?? [])]);
  const gpc = readGpc();
  const weigh: Desk["weigh"] = (choice) => stand(settings, choice, Date.now(), gpc);
  let standing = weigh(readChoice());
  const desk: Desk = {
    settings,
    language,
    gpc,
    tell,
    weigh,
    read: readChoice,
    standing: () => standing,
    hold: (next) => void (standing = next),
    spread() {
      tell("change", describe(desk));
      gates.scan();
      return gates.hasOverrun();
    },
    open: () => stage.open(),
    close: () => stage.close(),
    offerReopen: () => stage.offerReopen(),
  };
  const stage = openStage(desk);
  const gates = openGates((purpose, service) => permits(settings, standing, purpose, service), stage.cover);
  return { desk, stage, gates };
}

function start(settings: Settings): void {
  const { desk, stage, gates } = setUp(settings);
  const { asking } = desk.standing();
  install(makeApi(desk, async () => (await stage.fetchKit()).act));
  heedLinks(desk);
  if (stored(QUEUE)) quietly(stage.fetchKit().then(({ flush }) => flush(desk)));
  if (asking) quietly(stage.ask());
  quietly(
    parsed().then(() => {
      gates.watch();
      if (!asking) quietly(stage.offerReopen());
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
