/**
 * The form that an address is given by.
 *
 * Invariants: it says the same for every address; what is doubted about one is said beside it and holds nothing up; nothing
 * is ticked that the reader has not ticked.
 */
import type { Desk } from "../desk";
import { fill, link, list, make } from "../dom";
import { post } from "../post";
import type { ListWords, SignedUp, SignupBody, SignupWords } from "../wire";
import { correct, providerOf } from "./address";
import { solve } from "./puzzle";
import { keep } from "./quiet";

declare const T: SignupWords;

/** Of the page's address the path alone. */
export const pageOf = (): string => (location.origin + location.pathname).slice(0, 2048);

/** The campaign that the page's address names. */
const sourceOf = (): Record<string, string> =>
  Object.fromEntries(
    [...new URLSearchParams(location.search)]
      .filter(([name]) => /^utm_[a-z\d_]{1,28}$/.test(name))
      .slice(0, 12)
      .map(([name, value]) => [name, value.slice(0, 200)]),
  );

/** Sends it, and solves what the service asks of a sender in doubt. Throws what of it is wrong, when it is not taken. */
async function send({ settings }: Desk, body: SignupBody, wait: () => void): Promise<void> {
  const deliver = (): Promise<Response> => post(settings, "signups", JSON.stringify(body));
  let answer = await deliver();
  if (answer.status === 403) {
    wait();
    body.challenge = await solve(settings);
    answer = await deliver();
  }
  if (!answer.ok) throw (await answer.json()).errors?.[0]?.path;
}

/** What is agreed to for these lists, with the policy where the words have it. */
function tellPrivacy(lists: ListWords[]): Node[] {
  const names = list(lists.map(([, name]) => name));
  const words = fill(T.words["privacy"]!, { controller: T.controller.name, lists: names }).split("{policy}");
  const policy = link(T.words["privacy_policy"]!, T.controller.privacy_policy);
  return [...make("p", {}, words[0], policy, words[1]).childNodes];
}

/** What a form has to be spoken to by. */
interface Fields {
  input: HTMLInputElement;
  /** One for each list; not shown when there is one alone. */
  boxes: HTMLInputElement[];
  /** No person sees it. */
  trap: HTMLInputElement;
  all: HTMLElement;
}

/** The fields for these lists; `changed` is called when the address was. */
function makeFields(lists: ListWords[], choose: () => ListWords[], changed: () => void): Fields {
  const { words } = T;
  const boxes = lists.map(([value]) => make("input", { type: "checkbox", value }));
  const input = make("input", {
    part: "email",
    type: "email",
    name: "email",
    dir: "ltr",
    autocomplete: "email",
    inputmode: "email",
    change: changed,
  });
  const trap = make("input", {
    class: "unseen",
    name: "url_2",
    tabindex: "-1",
    "aria-hidden": "true",
    autocomplete: "off",
  });
  const privacy = make("p", { class: "small" }, ...tellPrivacy(lists));
  const choice = lists.map(([, name, about], at) =>
    make("label", { class: "line" }, boxes[at], make("span", {}, make("strong", {}, name), " ", about)),
  );
  const change = (): void => privacy.replaceChildren(...tellPrivacy(choose()[0] ? choose() : lists));
  const all = make(
    "div",
    {},
    lists[1]
      ? make("fieldset", { change }, make("legend", {}, words["choose_lists"]), ...choice)
      : make("p", {}, lists[0]![2]),
    make(
      "div",
      { class: "row" },
      make("label", {}, words["label"], input),
      trap,
      make("button", { part: "submit" }, words["submit"]),
    ),
    privacy,
  );
  return { input, boxes, trap, all };
}

/** The form for these lists; nothing where the site has none of them. `done` is called when the address was taken. */
export function makeForm(
  desk: Desk,
  ids: string[],
  told: Omit<SignedUp, "lists">,
  done?: () => void,
): HTMLElement | undefined {
  const { words } = T;
  const lists = T.lists.filter(([id]) => ids.includes(id));
  if (!lists[0]) return undefined;
  const began = performance.now();
  let isBusy = false;
  const choose = (): ListWords[] => lists.filter((_, at) => !lists[1] || boxes[at]!.checked);
  const { input, boxes, trap, all } = makeFields(lists, choose, () => say(...makeHint()));
  const line = make("p", { id: "said", role: "status", tabindex: "-1" });

  function say(...said: Parameters<typeof make>[2][]): void {
    for (const field of [input, ...boxes]) field.removeAttribute("aria-invalid");
    line.replaceChildren(...(said.filter(Boolean) as Node[]));
  }
  /** Says what is wrong, at the field where it can be mended. */
  function refuse(field: HTMLElement, key: string): void {
    say(words[key]);
    field.setAttribute("aria-describedby", "said");
    field.setAttribute("aria-invalid", "true");
    field.focus();
  }
  /** What the address may have been meant to be; a click takes it. */
  function makeHint(): HTMLElement[] {
    const address = correct(input.value);
    if (!address) return [];
    const click = (): void => {
      input.value = address;
      say();
      line.before(all);
      input.focus();
    };
    return [make("button", { type: "button", class: "quiet small", click }, fill(words["typo"]!, { address }))];
  }
  /** Says the same for every address, and where its mail is read. */
  function thank(email: string): void {
    const [provider = "", host] = providerOf(email);
    all.remove();
    say(
      fill(words["sent"]!, { address: email }),
      link(fill(words["open_mail"]!, { provider }), host && "https://" + host),
      make("span", { class: "small" }, words["again"]),
      ...makeHint(),
    );
    line.focus();
  }
  async function deliver(email: string, chosen: string[]): Promise<void> {
    const body: SignupBody = {
      ...told,
      email,
      lists: chosen,
      language: desk.language,
      notice: desk.settings.notice,
      page: pageOf(),
      source: sourceOf(),
      seconds: (performance.now() - began) / 1e3,
      url_2: trap.value,
    };
    await send(desk, body, () => say(words["wait"]));
    thank(email);
    keep("Infinity");
    done?.();
    desk.tell("signup", { ...told, lists: chosen });
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const email = input.value.trim();
    const chosen = choose().map(([id]) => id);
    if (isBusy) return;
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) return refuse(input, "invalid");
    if (!chosen[0]) return refuse(boxes[0]!, "no_list");
    isBusy = true;
    say(words["sending"]);
    try {
      await deliver(email, chosen);
    } catch (path) {
      if (path === "email") refuse(input, "invalid");
      else say(words["failed"]);
    }
    isBusy = false;
  }
  return make(
    "form",
    { part: "signup", novalidate: "novalidate", submit: (event) => void submit(event) },
    make("h2", {}, lists[1] ? words["title"] : lists[0][1]),
    all,
    line,
  );
}
