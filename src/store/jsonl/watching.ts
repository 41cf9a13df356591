import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';

/** What both watches need. `watch` is replaceable, since a test cannot use up a user's watches without harm to others. */
export interface WatchMeans {
  readonly timings: Pick<Timings, 'slowLook' | 'slowLookWaiting'>;
  readonly log: Logger;
  readonly watch?: typeof watch;
}

type OnEvent = (event: string, name: string | null) => void;

/**
 * A system watch on one path that may die at any time, mostly without a word: when the user's watches are used up, or
 * what it watches is replaced. Its owner calls `arm` at every slow look.
 */
export class FragileWatch {
  private readonly path: string;
  private readonly means: WatchMeans;
  private readonly onEvent: OnEvent;
  private watcher: FSWatcher | null = null;
  private watched: string | null = null;
  private complaint = '';

  constructor(path: string, means: WatchMeans, onEvent: OnEvent) {
    this.path = path;
    this.means = means;
    this.onEvent = onEvent;
  }

  get alive(): boolean {
    return this.watcher !== null;
  }

  /** Watches what is at the path now; `identity` tells whether that is still the same. Returns whether it began anew. */
  arm(identity: string | null): boolean {
    if (this.watcher && this.watched === identity) return false;
    this.disarm();
    if (identity === null) return false;
    try {
      const watcher = (this.means.watch ?? watch)(this.path, { persistent: false });
      watcher.on('change', (event, name) => this.onEvent(event, typeof name === 'string' ? name : null));
      watcher.on('error', (error) => {
        this.complain(error);
        if (this.watcher === watcher) this.disarm();
      });
      this.watcher = watcher;
      this.watched = identity;
      return true;
    } catch (error) {
      this.complain(error);
      return false;
    }
  }

  disarm(): void {
    this.watcher?.close();
    this.watcher = null;
    this.watched = null;
  }

  /** Says what is wrong with the path, once as long as it stays the same. */
  complain(error: unknown): void {
    const complaint = String(error);
    if (complaint === this.complaint) return;
    this.complaint = complaint;
    this.means.log.warn({ path: this.path, error: complaint }, 'no change events for this path: looking now and then');
  }
}
