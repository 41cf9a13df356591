import type { SessionId } from '../../domain/ids.ts';
import type { HintQueue } from '../hint-queue.ts';
import { identityAt } from './open-log.ts';
import { FragileWatch, type WatchMeans } from './watching.ts';

/**
 * Watches one log: change events as hints, a slow look at what and how large the file is as the truth. While events
 * are dead and `urgent` says that somebody waits, it looks more often. Keeps no process alive.
 */
export class LogWatch {
  private readonly path: string;
  private readonly session: SessionId;
  private readonly queue: HintQueue;
  private readonly means: WatchMeans;
  private readonly urgent: () => boolean;
  private readonly events: FragileWatch;
  private seen: string | null = null;
  private lookedAt = 0;
  /** The slow look found what no event had told: on a network file system they never come. */
  private eventsMissed = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(path: string, session: SessionId, queue: HintQueue, means: WatchMeans, urgent: () => boolean) {
    this.path = path;
    this.session = session;
    this.queue = queue;
    this.means = means;
    this.urgent = urgent;
    this.events = new FragileWatch(path, means, () => this.onEvent());
  }

  /** From now on, what changes is told. */
  start(): void {
    this.look();
    this.queue.add(this.session);
    this.schedule();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.events.disarm();
  }

  private onEvent(): void {
    this.eventsMissed = false;
    // Looks each time: what was moved or replaced must be watched anew, and the slow look must not tell it again.
    this.look();
    this.queue.add(this.session);
  }

  /** Returns whether the log is another or has another size than at the last look. */
  private look(): boolean {
    this.lookedAt = performance.now();
    const now = this.identityNow();
    this.events.arm(now?.identity ?? null);
    const seen = now && `${now.identity}:${now.size}`;
    const changed = seen !== this.seen;
    this.seen = seen;
    return changed;
  }

  private identityNow(): ReturnType<typeof identityAt> {
    try {
      return identityAt(this.path);
    } catch (error) {
      this.events.complain(error);
      return null;
    }
  }

  private schedule(): void {
    const { slowLook, slowLookWaiting } = this.means.timings;
    const eventsDead = !this.events.alive || this.eventsMissed;
    const rest = Math.max(0, this.lookedAt + slowLook - performance.now());
    this.timer = setTimeout(() => this.tick(), eventsDead ? Math.min(rest, slowLookWaiting) : rest);
    this.timer.unref();
  }

  private tick(): void {
    // A timer may fire a little before its time by the other clock.
    const due = performance.now() - this.lookedAt > this.means.timings.slowLook - 5;
    const eventsDead = !this.events.alive || this.eventsMissed;
    if (due || (eventsDead && this.urgent())) {
      const watched = this.events.alive;
      if (this.look()) {
        this.eventsMissed = watched;
        this.queue.add(this.session);
      }
    }
    this.schedule();
  }
}
