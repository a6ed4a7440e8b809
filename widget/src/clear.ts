/**
 * Clears what services keep on the device that may not run any more.
 *
 * Invariants: what a permitted service keeps as well is spared, and so is the widget's own; what a page cannot see or
 * reach is never said to be deleted.
 */
import type { Desk } from "./desk";
import type { ClearWords, Cleared, Kept, Kind } from "./wire";

/** The service puts this before the built file; named here, so that nothing built takes the name. */
declare const T: ClearWords;

/** Nothing tells where a cookie belongs, so it is expired wherever this page could have set it. */
function expire(name: string): void {
  const paths = location.pathname.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/"));
  const domains = location.hostname.split(".").map((_, at, labels) => labels.slice(at).join("."));
  for (const path of paths.flatMap((one) => [one, one + "/"]))
    for (const domain of ["", ...domains.flatMap((one) => ["; Domain=" + one, "; Domain=." + one])])
      // One of these kinds is not replaced by one of another.
      for (const kind of ["", "; Secure", "; Secure; Partitioned"])
        document.cookie = `${name}=; Max-Age=0; Path=${path}${domain}${kind}`;
}

/** How the names of what is kept somewhere are told, and how one is removed. May throw where it is out of reach. */
type Shelf = [names: () => string[] | Promise<string[]>, remove: (name: string) => unknown];

const inStorage = (storage: () => Storage): Shelf => [
  () => Object.keys(storage()),
  (name) => storage().removeItem(name),
];

const SHELVES: Record<Kind, Shelf> = {
  cookie: [() => document.cookie.split("; ").map((pair) => pair.split("=")[0]!), expire],
  local_storage: inStorage(() => localStorage),
  session_storage: inStorage(() => sessionStorage),
  indexed_db: [
    async () => (await indexedDB.databases()).map(({ name }) => name!),
    (name) =>
      new Promise((resolve) => {
        const request = indexedDB.deleteDatabase(name);
        // Blocked: another connection has it open, and it goes when that closes.
        request.onsuccess = request.onerror = request.onblocked = resolve;
      }),
  ],
};

const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replace(/[^\w*]/g, "\\$&").replaceAll("*", "[^]*")}$`).test(name);

/** Whether a page of this host has any part in cookies of that domain. */
const reaches = (domain: string): boolean => ("." + location.hostname).endsWith(domain.replace(/^\.?/, "."));

/** All names but the widget's own. */
async function others(names: Shelf[0]): Promise<string[]> {
  try {
    return (await names()).filter((name) => !/^(fc(\..*)?)?$/.test(name));
  } catch {
    return [];
  }
}

/** Clears everything of services that may not run as the visitor stands now, and tells what came of it. */
export async function clear({ given }: Desk): Promise<Cleared> {
  const deleted: Kept[] = [];
  const left: Kept[] = [];
  for (const [kind, kept] of Object.entries(T.kept) as [Kind, NonNullable<ClearWords["kept"][Kind]>][]) {
    const [names, remove] = SHELVES[kind];
    const spared = kept.filter(([service]) => given(service));
    const free = (await others(names)).filter((name) => !spared.some(([, pattern]) => matches(pattern, name)));
    const tried: Kept[] = [];
    for (const [service, pattern, domain] of kept) {
      if (given(service)) continue;
      const found = free.filter((name) => matches(pattern, name));
      for (const name of found) {
        await remove(name);
        tried.push({ kind, name, service });
      }
      if (!found[0] && domain && !reaches(domain)) left.push({ kind, name: pattern, service, why: "unreachable" });
    }
    const still = await others(names);
    for (const one of tried)
      if (still.includes(one.name)) left.push({ ...one, why: "kept" });
      else deleted.push(one);
  }
  return { deleted, left };
}
