/**
 * Whether consent records of an earlier page are still owed to the service.
 *
 * Invariant: only looks; `send` alone writes the key.
 */
export const QUEUE = "fc.q";

/** False also when the storage is out of reach. */
export function isOwing(): boolean {
  try {
    return !!localStorage.getItem(QUEUE);
  } catch {
    return false;
  }
}
