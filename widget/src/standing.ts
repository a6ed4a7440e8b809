/**
 * What holds for this visitor now: the stored choice read against today's notice.
 *
 * Invariant: a stored refusal is never turned into a grant here, and under opt-in nothing is given
 * that the visitor did not give to this very purpose as it is today.
 */
import type { Choice } from "./choice";
import type { Decisions, Settings } from "./wire";

export interface Standing {
  choice: Choice | undefined;
  /** Whether the visitor has yet to be asked (again). */
  asking: boolean;
  /** Purposes that changed since the stored choice; undefined when that cannot be known. */
  changed: readonly string[] | undefined;
  purposes: Decisions;
  /** Only the services decided otherwise than their purpose. */
  services: Decisions;
}

/** `now` in milliseconds since 1970; `gpc`: whether the browser sends Global Privacy Control. */
export function stand(settings: Settings, choice: Choice | undefined, now: number, gpc: boolean): Standing {
  const alive = !!choice && choice.expires > now;
  const same = alive && choice.material === settings.material;
  const changes = choice && Object.hasOwn(settings.changes, choice.material) && settings.changes[choice.material];
  const changed = !choice || choice.material === settings.material ? [] : changes || undefined;
  const purposes = new Map<string, boolean>();
  const services = new Map<string, boolean>();
  for (const purpose of settings.purposes) {
    const kept = same || (alive && !!changed && !changed.includes(purpose.id));
    const old = choice?.purposes.get(purpose.id);
    const presumed = !same && isPresumed(settings, gpc && !!purpose.sale);
    const given = old !== false && (kept && old ? true : presumed);
    purposes.set(purpose.id, given);
    for (const service of purpose.services) {
      const own = choice?.services.get(service);
      if (own !== undefined && own !== given && (kept || !own)) services.set(service, own);
    }
  }
  return { choice, asking: !same, changed, purposes, services };
}

/** Whether a purpose runs before it was decided: never under opt-in or an unknown regime. */
const isPresumed = (settings: Settings, optedOut: boolean): boolean =>
  (settings.regime === "opt_out" || settings.regime === "notice_only") && !optedOut;

/** Whether code of this purpose, and of this service when named, may run. Unknown ids never may. */
export function permits(settings: Settings, now: Standing, purpose: string, service?: string | null): boolean {
  if (settings.required.some((one) => one.id === purpose)) return true;
  const found = settings.purposes.find((one) => one.id === purpose);
  if (!found) return false;
  const own = service && found.services.includes(service) ? now.services.get(service) : undefined;
  return own ?? now.purposes.get(purpose) === true;
}

/** The same question for one id, of a purpose or of a service. */
export function isGiven(settings: Settings, now: Standing, id: string): boolean {
  const all = [...settings.required, ...settings.purposes];
  const purpose = all.find((one) => one.id === id) ?? all.find((one) => one.services.includes(id));
  return !!purpose && permits(settings, now, purpose.id, id);
}
