/**
 * Carries a choice between the sites of one controller, which share no cookie.
 *
 * Invariants: no id travels, only a token of the service's that is good for two minutes; what does not decide everything
 * that is asked here decides nothing; a link leads where it did, with a token or without.
 */
import type { Desk } from "./desk";
import type { Decisions } from "./wire";

/** Milliseconds that a visitor is kept waiting for a token, and for what it opens. */
const PATIENCE = 1e3;

/** What the service answers; throws when it does not in time. */
async function ask(desk: Desk, path: "hand-offs" | "hand-offs/open", body: unknown): Promise<Record<string, unknown>> {
  const kit = desk.fetchLayer("notice");
  const late = new Promise<never>((_, reject) => setTimeout(reject, PATIENCE));
  const answer = await Promise.race([late, kit.then(({ post }) => post(desk.settings, path, JSON.stringify(body)))]);
  if (!answer.ok) throw answer;
  return answer.json();
}

/** The link to a partner's page that this click follows in this very window. */
function linkOf(event: MouseEvent, origins: string[]): HTMLAnchorElement | undefined {
  const { altKey, button, ctrlKey, defaultPrevented, metaKey, shiftKey, target } = event;
  if (defaultPrevented || button || altKey || ctrlKey || metaKey || shiftKey) return undefined;
  const link = (target as Element).closest?.<HTMLAnchorElement>("a[href]");
  const isPlain = link && !link.download && /^(_self)?$/i.test(link.target);
  return isPlain && origins.includes(link.origin) && link.origin !== location.origin ? link : undefined;
}

async function follow(desk: Desk, { href, origin }: HTMLAnchorElement, receipt: string): Promise<void> {
  const to = new URL(href);
  try {
    const { token } = await ask(desk, "hand-offs", { receipt, to: origin });
    if (typeof token === "string") to.hash += `${to.hash && "&"}fc=${token}`;
  } catch {
    // It goes without.
  }
  location.assign(to);
}

/** Only what an answer says in so many words. */
const decisions = (told: unknown): Map<string, boolean> =>
  new Map(Object.entries(told ?? {}).filter(([, given]) => typeof given === "boolean"));

/** The choice that the token opens, where it decides every purpose and gives nothing that the browser's signal refuses. */
function complete({ settings, gpc }: Desk, told: Record<string, unknown>): [Decisions, Decisions] | undefined {
  const found = decisions(told["purposes"]);
  const whole = settings.purposes.every(({ id, sale }) => found.has(id) && !(gpc && sale && found.get(id)));
  const known = settings.purposes.flatMap(({ services }) => services);
  const services = [...decisions(told["services"])].filter(([id]) => known.includes(id));
  return whole
    ? [new Map(settings.purposes.map(({ id }) => [id, found.get(id)!])), new Map(services)]
    : undefined;
}

/** Takes the token out of the address, so that it goes no further. */
function takeToken(): string | undefined {
  const [whole, token] = /[#&]fc=([\w.-]+)$/.exec(location.hash) ?? [];
  if (whole) {
    const rest = location.hash.slice(0, -whole.length);
    history.replaceState(history.state, "", location.pathname + location.search + rest);
  }
  return token;
}

/** Takes over what the visitor arrives with, and gives links to partners what they leave with. */
export async function carry(desk: Desk): Promise<void> {
  document.addEventListener("click", (event) => {
    const link = linkOf(event, desk.settings.together!);
    const { choice, decided } = desk.standing();
    if (!link || !decided || !choice?.receipt) return;
    event.preventDefault();
    void follow(desk, link, choice.receipt);
  });
  const token = takeToken();
  if (!token || desk.standing().decided) return;
  const told = await ask(desk, "hand-offs/open", { token, notice: desk.settings.notice });
  const choice = complete(desk, told);
  const { act } = await desk.fetchLayer("notice");
  const { ticket } = told;
  if (choice && typeof ticket === "string" && !desk.standing().decided) {
    act(desk, "import", ...choice, { hand_off: ticket });
  }
}
