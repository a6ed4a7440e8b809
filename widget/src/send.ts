/**
 * Gets consent records to the service, however often that takes.
 *
 * Invariants: a record keeps its id through every attempt, so that it counts once; records leave in
 * the order they were made; the key goes away with the last one.
 */
import { QUEUE, stored } from "./stored";
import type { Receipt } from "./wire";

const MOST = 10;
const LIFE = 30 * 864e5;
const LONGEST_WAIT = 3e5;

/** Whether a text is a record, and not too old to be of use. */
function isRecord(text: string, now: number): boolean {
  try {
    const { id, decided_at } = JSON.parse(text);
    return id && now - Date.parse(decided_at) < LIFE;
  } catch {
    return false;
  }
}

/** The owed records that a text spells, one a line and oldest first; anything else in it is left out. */
export const readOwed = (text: string, now: number): string[] =>
  [...new Set(text.split("\n"))].filter((line) => isRecord(line, now)).slice(-MOST);

/** Milliseconds until the next try: what the service asked for, else doubling, five minutes at most. */
export const waitFor = (tries: number, retryAfter: string | null | undefined): number =>
  Math.min(LONGEST_WAIT, Number(retryAfter) * 1e3 || 1e3 * 2 ** tries);

/** What this page owes: the store may be out of reach. */
let here = "";

// Read anew each time: another tab may have added to it or taken from it meanwhile.
const read = (): string[] => readOwed(`${stored(QUEUE)}\n${here}`, Date.now());

/** Owes one record more. */
export function add(record: string): void {
  here += "\n" + record;
}

function drop(record: string): void {
  here = read()
    .filter((one) => one !== record)
    .join("\n");
  try {
    if (here) localStorage.setItem(QUEUE, here + "\n");
    else localStorage.removeItem(QUEUE);
  } catch {
    // `here` has them.
  }
}

/**
 * Gives the function that sends all that is owed by `post`; `recorded` is told of every answer that matches its record.
 * What that gives back resolves when all is sent or has to wait, and never rejects.
 */
export function openSender(
  post: (record: string) => Promise<Response>,
  recorded: (answer: Receipt) => void,
): () => Promise<void> {
  let running: Promise<void> | undefined;
  let tries = 0;

  async function drain(): Promise<void> {
    for (let record; (record = read()[0]); drop(record)) {
      let answer: Response | undefined;
      try {
        answer = await post(record);
        if (answer.ok) {
          const receipt: Receipt = await answer.json();
          if (receipt.id !== JSON.parse(record).id) throw receipt;
          recorded(receipt);
        }
        // Any other refusal is for good, and the local choice stands.
        if (answer.status > 499 || answer.status === 429) throw answer;
      } catch {
        // No network, no answer, or one that is none.
        setTimeout(flush, waitFor(tries++, answer?.headers.get("Retry-After")));
        return;
      }
    }
    tries = 0;
  }

  const flush = (): Promise<void> => (running ??= drain().finally(() => (running = undefined)));
  addEventListener("online", flush);
  return flush;
}
