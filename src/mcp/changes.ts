/** Tells those who wait for something that the state may have come to it. */
export class Changes<S> {
  private readonly waiting = new Set<() => void>();
  private readonly listeners: (() => void)[] = [];
  private readonly state: () => S;

  constructor(state: () => S) {
    this.state = state;
  }

  /** Does anybody wait? */
  get awaited(): boolean {
    return this.waiting.size > 0;
  }

  /** Lets all who wait look at the state again. */
  tell(): void {
    for (const look of [...this.waiting]) look();
    for (const listener of this.listeners) listener();
  }

  /** Calls `listener` after every change, for good. It does not count as somebody who waits. */
  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Resolves with what `probe` finds in the state, as soon as that is not undefined; with undefined after `ms`
   * milliseconds of the monotonic clock, if given. Rejects with the signal's reason when it aborts.
   */
  until<T>(probe: (state: S) => T | undefined, signal: AbortSignal, ms?: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        leave();
        reject(signal.reason);
      };
      const look = (): void => {
        const found = probe(this.state());
        if (found === undefined) return;
        leave();
        resolve(found);
      };
      const giveUp = (): void => {
        leave();
        resolve(undefined);
      };
      if (ms !== undefined) timer = setTimeout(giveUp, ms);
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.add(look);
      look();
    });
  }
}
