import { lstatSync, readdirSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionId } from '../../domain/ids.ts';
import type { HintQueue } from '../hint-queue.ts';
import { systemCode } from './fs-errors.ts';
import { sessionOfFileName } from './session-files.ts';
import { FragileWatch, type WatchMeans } from './watching.ts';

// Files looked at in one go: well under a millisecond, so that a thousand sessions hold nobody up.
const LOOKS_PER_TURN = 100;

/** The sessions that have a live log in the directory; none when it is missing. */
export function sessionsIn(directory: string): SessionId[] {
  return unlessMissing(() => readdirSync(directory, { withFileTypes: true }))
    .map((entry) => (entry.isFile() ? sessionOfFileName(entry.name) : null))
    .filter((session) => session !== null);
}

function unlessMissing<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** A log as a look found it. One that is as it was makes nothing anew: thousands are looked at every two seconds. */
interface SeenLog {
  readonly session: SessionId;
  readonly ino: number;
  readonly size: number;
  /** Which look found it last. */
  look: number;
}

/**
 * Watches all logs of a directory: change events as hints, a slow look at each log as the truth. Keeps no process
 * alive.
 */
export class DirectoryWatch {
  private readonly directory: string;
  private readonly queue: HintQueue;
  private readonly means: WatchMeans;
  private readonly events: FragileWatch;
  /** By file name. */
  private readonly seen = new Map<string, SeenLog>();
  /** The first look is what later ones are compared with: it tells nothing. */
  private looks = 0;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(directory: string, queue: HintQueue, means: WatchMeans) {
    this.directory = directory;
    this.queue = queue;
    this.means = means;
    this.events = new FragileWatch(directory, means, (_event, name) => this.onEvent(name));
  }

  /** Resolves once it watches: what changes from then on is told. */
  async start(): Promise<void> {
    await this.look();
    this.queue.add(null);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.events.disarm();
  }

  private onEvent(name: string | null): void {
    const session = name === null ? null : sessionOfFileName(name);
    if (name === null || session) this.queue.add(session);
  }

  private async look(): Promise<void> {
    try {
      if (this.events.arm(this.directoryIdentity())) this.queue.add(null);
      await this.lookAtLogs();
    } catch (error) {
      this.events.complain(error);
    }
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.look(), this.means.timings.slowLook);
    this.timer.unref();
  }

  private async lookAtLogs(): Promise<void> {
    const look = this.looks;
    this.looks += 1;
    const names = unlessMissing(() => readdirSync(this.directory));
    for (const [index, name] of names.entries()) {
      if (index % LOOKS_PER_TURN === LOOKS_PER_TURN - 1) await nextTurn();
      this.lookAtLog(name, look);
    }
    for (const [name, log] of this.seen) {
      if (log.look === look) continue;
      this.seen.delete(name);
      this.queue.add(log.session);
    }
  }

  private lookAtLog(name: string, look: number): void {
    const known = this.seen.get(name);
    const session = known?.session ?? sessionOfFileName(name);
    if (!session) return;
    const found = lstatSync(this.directory + sep + name, { throwIfNoEntry: false });
    if (!found?.isFile()) return;
    const { ino, size } = found;
    if (known?.ino === ino && known.size === size) {
      known.look = look;
      return;
    }
    this.seen.set(name, { session, ino, size, look });
    if (look > 0) this.queue.add(session);
  }

  private directoryIdentity(): string | null {
    const stats = statSync(this.directory, { bigint: true, throwIfNoEntry: false });
    return stats?.isDirectory() ? `${stats.ino}.${stats.birthtimeNs}` : null;
  }
}
