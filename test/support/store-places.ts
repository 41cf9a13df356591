import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { JsonlStore, type JsonlStoreOptions } from '../../src/store/jsonl/jsonl-store.ts';
import { metadataDraft, newSession } from './records.ts';
import { silentLog } from './silent-log.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A sessions directory of a test's own. */
export class StorePlace {
  readonly directory: string;

  constructor(parent = temporaryDirectory()) {
    this.directory = join(parent, 'sessions');
  }

  /** A store at this place that closes with the test. */
  store(options: Partial<JsonlStoreOptions> = {}): JsonlStore {
    const store = new JsonlStore({
      directory: this.directory,
      writer: { role: 'hub', pid: process.pid },
      timings: TIMINGS,
      log: silentLog,
      ...options,
    });
    onTestFinished(() => store.close());
    return store;
  }

  /** A store with one opened session. */
  async withSession(
    options: Partial<JsonlStoreOptions> = {},
  ): Promise<{ store: JsonlStore; session: SessionId; path: string }> {
    const store = this.store(options);
    const session = newSession();
    await store.open(session, metadataDraft(session));
    return { store, session, path: this.log(session) };
  }

  log(session: SessionId): string {
    return join(this.directory, `${session}.jsonl`);
  }

  lock(session: SessionId): string {
    return join(this.directory, '.locks', `${session}.lock`);
  }

  /** A file in the archive; see `archivedPath`. */
  archived(name: string): string {
    return archivedPath(this.directory, name);
  }
}

/** Where a file lies in the archive of a sessions directory, or would if it were put there now: a test may run at midnight. */
export function archivedPath(sessionsDirectory: string, name: string): string {
  const archive = join(sessionsDirectory, 'archive');
  const days = existsSync(archive) ? readdirSync(archive) : [];
  const day = days.find((each) => existsSync(join(archive, each, name)));
  return join(archive, day ?? new Date().toISOString().slice(0, 10), name);
}

/** The lines of a file, without the empty ones. */
export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
