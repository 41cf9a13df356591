import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorDraft } from '../../domain/drafts.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { Draft, RecordBody } from '../../domain/records.ts';
import { breather } from '../../runtime/breathe.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { attachmentNameIn, checkAttachmentName } from '../attachment-name.ts';
import type { AppendResult, ArchiveResult, Cursor, ReadResult, SessionStore, WriterIdentity } from '../contract.ts';
import { StoreError } from '../errors.ts';
import { HintQueue } from '../hint-queue.ts';
import { type RecordLine, recordLine } from '../record-line.ts';
import { appendLine } from './append.ts';
import { moveCorruptToArchive, moveToArchive } from './archive-log.ts';
import { readAttachmentFile, writeAttachment } from './attachment-files.ts';
import { createLog, isArchived } from './create-log.ts';
import { DirectoryWatch, sessionsIn } from './directory-watch.ts';
import { storeError } from './fs-errors.ts';
import { LogIndexes } from './log-index.ts';
import { LogWatch } from './log-watch.ts';
import { readLog } from './read-log.ts';
import { SessionFiles } from './session-files.ts';
import { lockSession, type SessionLock } from './session-lock.ts';
import { Turns } from './turns.ts';
import type { WatchMeans } from './watching.ts';

/** Untouched for so long, the holder of a lock counts as dead. */
export const LOCK_STALE_MS = 10_000;
// A holder that was killed blocks until its lock is stale, so the deadline lies well above.
const LOCK_DEADLINE_MS = 30_000;

// Why a lock may be missing that somebody should know of: a holder that was killed or a store that closes is daily life.
const WORTH_MENDING: ReadonlySet<string> = new Set(['timeout', 'damaged']);

// How often `open` clears away a corrupt log that stands in its place; a second one in that moment is no accident.
const OPEN_ATTEMPTS_MAX = 3;

export interface JsonlStoreOptions {
  /** The sessions directory. Made when the first session is opened. */
  readonly directory: string;
  readonly writer: WriterIdentity;
  readonly timings: Pick<Timings, 'slowLook' | 'slowLookWaiting'>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Shortened by tests. */
  readonly lock?: { readonly stale: number; readonly deadline: number };
  /** Replaced by tests. */
  readonly watch?: NonNullable<WatchMeans['watch']>;
}

/** Sessions as JSON lines: one append-only file a session in one directory, shared by any number of processes. */
export class JsonlStore implements SessionStore {
  private readonly files: SessionFiles;
  private readonly options: JsonlStoreOptions;
  private readonly now: () => number;
  private readonly indexes = new LogIndexes();
  private readonly turns = new Turns();
  private readonly breathe = breather();
  private readonly closing = new AbortController();

  constructor(options: JsonlStoreOptions) {
    this.options = options;
    this.files = new SessionFiles(options.directory);
    this.now = options.now ?? Date.now;
  }

  async open(session: SessionId, first: Draft<Extract<RecordBody, { type: 'session_metadata' }>>): Promise<void> {
    const line = recordLine(first, this.options.writer, this.now());
    if (this.onDisk(() => isArchived(this.files, session))) {
      throw new StoreError('ARCHIVED', `Session ${session} is archived; nothing was written. Open a new one.`);
    }
    for (let attempt = 0; attempt < OPEN_ATTEMPTS_MAX; attempt += 1) {
      if (this.onDisk(() => createLog(this.files, session, line))) return;
      if ((await this.archiveCorrupt(session)) === 'kept') return;
    }
    throw new StoreError(
      'IO',
      `${this.files.log(session)} is in the way and is no session file; nothing was written. Move it elsewhere.`,
    );
  }

  async append(session: SessionId, draft: Draft): Promise<AppendResult> {
    const line = recordLine(draft, this.options.writer, this.now());
    return this.turns.take(session, async () => {
      // Thousands that wait for one another follow at once, without a turn for anything else.
      await this.breathe();
      await this.warmUp(session);
      // A question claims nothing that others could claim, and a person waits for it. Should its log be archived in this very
      // moment, its owner asks again in the log where its session goes on.
      if (line.record.type === 'question') return this.appendNow(session, line);
      return this.locked(session, async (lock) => {
        const result = this.appendNow(session, line);
        if (lock.without && WORTH_MENDING.has(lock.without.reason)) this.recordMissingLock(session, lock.without);
        return result;
      });
    });
  }

  async read(session: SessionId, after: Cursor | null, limit: number): Promise<ReadResult | null> {
    return readLog(this.files.log(session), after, limit);
  }

  async sessions(): Promise<SessionId[]> {
    return this.onDisk(() => sessionsIn(this.files.directory));
  }

  async *hints(
    session: SessionId | null,
    signal: AbortSignal,
    urgent: () => boolean = () => false,
  ): AsyncGenerator<SessionId | null, void, void> {
    const queue = new HintQueue();
    const watching =
      session === null
        ? new DirectoryWatch(this.files.directory, queue, this.options)
        : new LogWatch(this.files.log(session), session, queue, this.options, urgent);
    try {
      await watching.start();
      yield* queue.take(AbortSignal.any([signal, this.closing.signal]));
    } finally {
      watching.stop();
    }
  }

  async archive(session: SessionId, stillOver: () => Promise<boolean>): Promise<ArchiveResult> {
    return this.inQuietMoment(session, async () => {
      if (!(await stillOver())) return 'kept';
      return moveToArchive(this.files, session, this.now());
    });
  }

  async archiveCorrupt(session: SessionId): Promise<ArchiveResult> {
    return this.inQuietMoment(session, async () => moveCorruptToArchive(this.files, session, this.now()));
  }

  async attach(session: SessionId, name: string, content: string | Uint8Array): Promise<string> {
    checkAttachmentName(name);
    this.onDisk(() => writeAttachment(this.files, session, name, content));
    return `${session}/${name}`;
  }

  async readAttachment(session: SessionId, name: string): Promise<string | null> {
    const bare = attachmentNameIn(session, name);
    return bare === null ? null : this.onDisk(() => readAttachmentFile(this.files, session, bare));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.turns.idle();
  }

  private appendNow(session: SessionId, line: RecordLine): AppendResult {
    const result = appendLine(this.files.log(session), line, this.indexes.of(session));
    if (result.status === 'closed') this.indexes.forget(session);
    return result;
  }

  /** Reads a long log in pieces before its first append here, so that the append itself holds nobody up. */
  private async warmUp(session: SessionId): Promise<void> {
    while (!this.onDisk(() => this.indexes.catchUpSome(session, this.files.log(session)))) await nextTurn();
  }

  private async inQuietMoment(session: SessionId, job: () => Promise<ArchiveResult>): Promise<ArchiveResult> {
    if ((await this.read(session, null, 1)) === null) return 'gone';
    const result = await this.turns.take(session, () => this.locked(session, job));
    if (result !== 'kept') this.indexes.forget(session);
    return result;
  }

  private async locked<T>(session: SessionId, job: (lock: SessionLock) => Promise<T>): Promise<T> {
    const place = {
      log: this.files.log(session),
      lock: this.files.lock(session),
      stale: this.options.lock?.stale ?? LOCK_STALE_MS,
      deadline: this.options.lock?.deadline ?? LOCK_DEADLINE_MS,
    };
    const lock = await lockSession(place, this.closing.signal);
    try {
      return await job(lock);
    } catch (error) {
      throw error instanceof Error && 'syscall' in error ? storeError(error, place.log) : error;
    } finally {
      lock.release();
    }
  }

  /** Nothing rests on the lock, but a place where none can be had is worth mending. Said once a session. */
  private recordMissingLock(session: SessionId, without: NonNullable<SessionLock['without']>): void {
    const draft = errorDraft(
      {
        code: 'LOCK_UNAVAILABLE',
        message: 'The lock of this session could not be had; records are written without it.',
        detail: `${without.reason}: ${without.detail}`,
      },
      without.reason,
    );
    try {
      const result = this.appendNow(session, recordLine(draft, this.options.writer, this.now()));
      if (result.status !== 'stored' || result.repeated) return;
      this.options.log.warn({ session_id: session, ...without }, 'appending without the lock of the session');
    } catch (error) {
      this.options.log.warn({ session_id: session, error: String(error) }, 'could not record the missing lock');
    }
  }

  private onDisk<T>(job: () => T): T {
    try {
      return job();
    } catch (error) {
      throw storeError(error, this.files.directory);
    }
  }
}
