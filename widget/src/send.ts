/**
 * Gets consent records to the service, however often that takes.
 *
 * Invariants: a record keeps its id through every attempt, so that it counts once; records leave in
 * the order they were made; nothing is stored before there is a record to send, and the key goes
 * away with the last one.
 */
import { QUEUE } from "./stored";
import type { ConsentBody, Receipt } from "./wire";

const MOST = 10;
const LIFE = 30 * 864e5;
const LONGEST_WAIT = 3e5;

/** One record that is owed: its body as sent, and when it was made (milliseconds since 1970). */
export interface Owed {
  id: string;
  at: number;
  body: string;
}

/** What `localStorage` offers; it may throw. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The owed records a stored text spells, oldest first; anything else in it is left out. */
export function readOwed(text: string | null, now: number): Owed[] {
  const entries: unknown = JSON.parse(text ?? "[]");
  if (!Array.isArray(entries)) return [];
  const isOwed = (one: Owed | null): boolean =>
    typeof one?.id === "string" && typeof one.body === "string" && now - one.at < LIFE;
  return entries.filter(isOwed).slice(-MOST);
}

/** The queue in one browser; when the store is out of reach it lives as long as the page. */
export function openQueue(store: () => Store, clock: () => number) {
  let here: Owed[] = [];
  const read = (): Owed[] => {
    try {
      return (here = readOwed(store().getItem(QUEUE), clock()));
    } catch {
      return here;
    }
  };
  const write = (owed: Owed[]): void => {
    here = owed;
    try {
      if (owed.length) store().setItem(QUEUE, JSON.stringify(owed));
      else store().removeItem(QUEUE);
    } catch {
      // Out of reach or full: `here` has them.
    }
  };
  return {
    read,
    add: (one: Owed): void => write([...read(), one].slice(-MOST)),
    // Read anew: another tab may have added to it or taken from it meanwhile.
    drop: (id: string): void => write(read().filter((one) => one.id !== id)),
  };
}

/** Milliseconds until the next try: what the service asked for, else doubling, five minutes at most. */
export const waitFor = (tries: number, retryAfter: string | null): number =>
  Math.min(LONGEST_WAIT, Number(retryAfter) * 1e3 || 1e3 * 2 ** tries);

/** A POST that needs no preflight, carries no cookie and outlives the page. */
export const post = (url: string, body: string): Promise<Response> =>
  fetch(url, { method: "POST", body, headers: { "Content-Type": "text/plain" }, credentials: "omit", keepalive: true });

export type Sender = ReturnType<typeof openSender>;

/**
 * The sender for one site. `recorded` is told of every answer that matches its record.
 * `flush` resolves when the queue is empty or has to wait, and never rejects.
 */
export function openSender(url: string, recorded: (answer: Receipt) => void) {
  const queue = openQueue(() => localStorage, Date.now);
  let running: Promise<void> | undefined;
  let tries = 0;

  /** Sends one; true when it needs no further try. */
  async function settle(one: Owed): Promise<boolean> {
    let retryAfter: string | null = null;
    try {
      const answer = await post(url, one.body);
      if (answer.ok) {
        const receipt: Receipt = await answer.json();
        if (receipt.id !== one.id) throw receipt;
        recorded(receipt);
        return true;
      }
      // The service will not take this body later either; the local choice stands.
      if (answer.status < 500 && answer.status !== 429) return true;
      retryAfter = answer.headers.get("Retry-After");
    } catch {
      // No network, or an answer that is none.
    }
    setTimeout(flush, waitFor(tries++, retryAfter));
    return false;
  }

  async function drain(): Promise<void> {
    for (let one; (one = queue.read()[0]); queue.drop(one.id)) if (!(await settle(one))) return;
    tries = 0;
  }

  const flush = (): Promise<void> => (running ??= drain().finally(() => (running = undefined)));
  addEventListener("online", flush);

  return {
    flush,
    add: (body: ConsentBody, at: number): void => queue.add({ id: body.id, at, body: JSON.stringify(body) }),
  };
}
