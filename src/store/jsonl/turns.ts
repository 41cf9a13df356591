/** Lets jobs with the same key run one after the other, in the order they came. */
export class Turns {
  private readonly last = new Map<string, Promise<void>>();

  /** Runs `job` once all earlier ones of `key` have ended, however they ended. */
  take<T>(key: string, job: () => Promise<T>): Promise<T> {
    const turn = (this.last.get(key) ?? Promise.resolve()).then(job);
    const ended: Promise<void> = turn.then(
      () => this.leave(key, ended),
      () => this.leave(key, ended),
    );
    this.last.set(key, ended);
    return turn;
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    while (this.last.size > 0) await Promise.all(this.last.values());
  }

  private leave(key: string, ended: Promise<void>): void {
    if (this.last.get(key) === ended) this.last.delete(key);
  }
}
