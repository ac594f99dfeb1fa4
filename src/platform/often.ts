import { LRUCache } from "lru-cache";

/** How many are held at once. */
export const OFTEN_MAX = 200;

const SEEN_ONCE_MAX = 2_000;

/** What was asked for last, and more than once: a flood of what is new takes nobody's place for longer than it lasts. */
export class Often {
  /** How many were let in so far; some of them are gone again. */
  letIn = 0;
  private readonly seenOnce = new LRUCache<string, true>({ max: SEEN_ONCE_MAX });
  private readonly seenAgain = new LRUCache<string, true>({ max: OFTEN_MAX });

  /** Counts a name as asked for, and says whether it is asked for often. */
  has(name: string): boolean {
    if (this.seenAgain.get(name)) return true;
    const again = this.seenOnce.delete(name);
    (again ? this.seenAgain : this.seenOnce).set(name, true);
    if (again) this.letIn++;
    return again;
  }
}
