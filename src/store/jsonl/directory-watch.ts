import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionId } from '../../domain/ids.ts';
import type { HintQueue } from '../hint-queue.ts';
import { systemCode } from './fs-errors.ts';
import { logFileName, sessionOfFileName } from './session-files.ts';
import { FragileWatch, type WatchMeans } from './watching.ts';

// Files looked at in one go: well under a millisecond, so that a thousand sessions hold nobody up.
const LOOKS_PER_TURN = 100;

/** The sessions that have a live log in the directory; none when it is missing. */
export function sessionsIn(directory: string): SessionId[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .map((entry) => (entry.isFile() ? sessionOfFileName(entry.name) : null))
      .filter((session) => session !== null);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
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
  /** Null until the first look, which is what later ones are compared with. */
  private seen: ReadonlyMap<SessionId, string> | null = null;
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
    const now = new Map<SessionId, string>();
    const sessions = sessionsIn(this.directory);
    for (const [index, session] of sessions.entries()) {
      if (index % LOOKS_PER_TURN === LOOKS_PER_TURN - 1) await nextTurn();
      const found = lstatSync(join(this.directory, logFileName(session)), { throwIfNoEntry: false });
      if (found) now.set(session, `${found.ino}:${found.size}`);
    }
    const before = this.seen ?? now;
    for (const [session, look] of now) if (before.get(session) !== look) this.queue.add(session);
    for (const session of before.keys()) if (!now.has(session)) this.queue.add(session);
    this.seen = now;
  }

  private directoryIdentity(): string | null {
    const stats = statSync(this.directory, { bigint: true, throwIfNoEntry: false });
    return stats?.isDirectory() ? `${stats.ino}.${stats.birthtimeNs}` : null;
  }
}
