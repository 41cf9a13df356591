import type { SessionId } from '../domain/ids.ts';

/** Hints on their way to one consumer, merged while it is busy. `null` stands for any session. */
export class HintQueue {
  private readonly waiting = new Set<SessionId | null>();
  private wake: (() => void) | null = null;

  /** Adds a hint; one that waits already is not added twice. */
  add(hint: SessionId | null): void {
    this.waiting.add(hint);
    this.wake?.();
  }

  /** Yields hints as they come, until `signal` aborts. */
  async *take(signal: AbortSignal): AsyncGenerator<SessionId | null, void, void> {
    const onAbort = (): void => this.wake?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const next = this.waiting.values().next();
        if (!next.done) {
          this.waiting.delete(next.value);
          yield next.value;
          continue;
        }
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        this.wake = null;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
