/** Places for work that takes most of a core for a moment. Nobody has more than one of them, or waits more than once. */
export class Turns {
  private readonly running = new Set<string>();
  private readonly waiting: { userId: string; begin: () => void }[] = [];
  private readonly runningMax: number;
  private readonly waitingMax: number;

  constructor(runningMax: number, waitingMax: number) {
    this.runningMax = runningMax;
    this.waitingMax = waitingMax;
  }

  /** Does somebody's work when it is their turn; null when they, or too many, wait already. */
  async take<Done>(userId: string, work: () => Promise<Done>): Promise<Done | null> {
    if (this.mayRun(userId)) this.running.add(userId);
    else if (this.waiting.length >= this.waitingMax || this.waiting.some((one) => one.userId === userId)) return null;
    else await new Promise<void>((begin) => this.waiting.push({ userId, begin }));
    try {
      return await work();
    } finally {
      this.running.delete(userId);
      this.beginNext();
    }
  }

  private mayRun(userId: string): boolean {
    return this.running.size < this.runningMax && !this.running.has(userId);
  }

  private beginNext(): void {
    const at = this.waiting.findIndex(({ userId }) => this.mayRun(userId));
    const [next] = at === -1 ? [] : this.waiting.splice(at, 1);
    if (!next) return;
    this.running.add(next.userId);
    next.begin();
  }
}
