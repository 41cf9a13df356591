import type { Logger } from './log.ts';

type Release = () => void | Promise<void>;

/** What was opened and must be let go: whoever opens a thing pushes its release, one place releases all. */
export class Releases {
  private readonly pending: { name: string; release: Release }[] = [];
  private readonly log: Logger;
  private released: Promise<void> | null = null;

  constructor(log: Logger) {
    this.log = log;
  }

  /** Notes how to let go of what was just opened. When all was released already, it is let go at once. */
  push(name: string, release: Release): void {
    this.pending.push({ name, release });
    if (this.released) this.released = this.released.then(() => this.releasePending());
  }

  /** Lets go of everything, last opened first. A failing release is logged and holds up no other. Harmless to repeat. */
  releaseAll(): Promise<void> {
    this.released ??= this.releasePending();
    return this.released;
  }

  private async releasePending(): Promise<void> {
    for (let last = this.pending.pop(); last; last = this.pending.pop()) {
      try {
        await last.release();
      } catch (error) {
        this.log.error({ err: error, what: last.name }, 'could not release');
      }
    }
  }
}
