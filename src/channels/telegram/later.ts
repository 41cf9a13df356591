/** Does things a little later, and once for all calls until then. */
export class Later {
  readonly #ms: number;
  readonly #signal: AbortSignal;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(ms: number, signal: AbortSignal) {
    this.#ms = ms;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      for (const timer of this.#timers.values()) clearTimeout(timer);
    });
  }

  /** Calls back once. What has the same key and waits already is not put off: a steady stream must not starve it. */
  call(key: string, work: () => void): void {
    if (this.#timers.has(key) || this.#signal.aborted) return;
    const run = () => {
      this.#timers.delete(key);
      work();
    };
    this.#timers.set(key, setTimeout(run, this.#ms).unref());
  }
}
