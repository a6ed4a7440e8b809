/**
 * What holds for this visitor now: the stored choice, or what the regime presumes without one, read against today's
 * notice and the browser's own signal.
 *
 * Invariants: a stored refusal is never turned into a grant here; under opt-in, and under a regime that is not known,
 * nothing is given that the visitor did not give to this very purpose as it is today.
 */
import type { Choice } from "./choice";
import type { Decisions, Settings } from "./wire";

export interface Standing {
  choice: Choice | undefined;
  /** When the choice runs out, and all this with it; milliseconds since 1970. */
  until: number;
  /** Whether the choice holds as it is: neither expired nor made against an older notice. */
  decided: boolean;
  /** Whether the visitor is to be asked (again). Not where the browser's signal has spoken before any choice. */
  asking: boolean;
  /** Whether the page's other parties may be told: there is a choice, or the regime presumes one. */
  settled: boolean;
  /** Whether the signal, sent only since the choice was made, takes back what that gave. */
  overruled: boolean;
  /** Purposes that changed since the stored choice; undefined when that cannot be known. */
  changed: readonly string[] | undefined;
  purposes: Decisions;
  /** Only the services decided otherwise than their purpose. */
  services: Decisions;
  /**
   * Whether code may run, by `purpose` and by `purpose/service`. False: it was refused, by the visitor or by the
   * signal; neither true nor false: nobody was asked yet.
   */
  runs: Readonly<Record<string, boolean | undefined>>;
}

/** Ids hold no slash. */
const nameOf = (purpose: string, service: string | null | undefined): string =>
  service ? purpose + "/" + service : purpose;

/** `now` in milliseconds since 1970; `gpc`: whether Global Privacy Control is on. */
export function stand(settings: Settings, choice: Choice | undefined, now: number, gpc: boolean): Standing {
  const { material, changes, layout, required } = settings;
  const isOptOut = layout.regime === "opt_out";
  const presumed = isOptOut || layout.regime === "notice_only";
  const alive = !!choice && choice.expires > now;
  const isSame = !choice || choice.material === material;
  const decided = alive && isSame;
  const changed = isSame ? [] : Object.hasOwn(changes, choice.material) ? changes[choice.material] : undefined;
  const purposes = new Map<string, boolean>();
  const services = new Map<string, boolean>();
  const runs: Record<string, boolean | undefined> = { __proto__: null as never };
  for (const { id, services: own } of required) for (const one of ["", ...own]) runs[nameOf(id, one)] = true;
  let overruled = false;
  for (const { id, services: own, sale } of settings.purposes) {
    const old = choice?.purposes.get(id);
    const kept = alive && !!changed && !changed.includes(id);
    // A choice outweighs the signal, unless, under opt-out, it was made before the signal was there.
    const signalled = gpc && sale === true && !(kept && (choice.gpc || !isOptOut));
    const given = old !== false && !signalled && ((kept && old === true) || presumed);
    if (signalled && old) overruled = decided;
    purposes.set(id, given);
    const may = given || (signalled || old === false ? false : undefined);
    runs[id] = may;
    for (const service of own) {
      const mine = choice?.services.get(service);
      const counts = mine === false || (mine && kept && !signalled);
      if (signalled && mine) overruled = decided;
      if (counts && mine !== given) services.set(service, mine);
      runs[nameOf(id, service)] = counts ? mine : may;
    }
  }
  const asking = !decided && (alive || !gpc);
  const until = alive ? choice.expires : Infinity;
  return { choice, until, decided, asking, settled: alive || presumed, overruled, changed, purposes, services, runs };
}

const runsNow = ({ runs }: Standing, purpose: string, service?: string | null): boolean | undefined =>
  runs[nameOf(purpose, service)] ?? runs[purpose];

/** Whether code of this purpose, and of this service when named, may run. Unknown ids never may. */
export const permits = (now: Standing, purpose: string, service?: string | null): boolean =>
  runsNow(now, purpose, service) === true;

/** Whether what a page has marked may run: `!purpose` marks what stands in for what was refused. */
export const opens = (now: Standing, mark: string, service: string | null): boolean =>
  runsNow(now, mark.replace(/^!/, ""), service) === (mark[0] !== "!");

/** Whether code of one id, a purpose's or a service's, may run. */
export const isGiven = ({ runs }: Standing, id: string): boolean =>
  runs[id in runs ? id : Object.keys(runs).find((name) => name.endsWith("/" + id))!] === true;
