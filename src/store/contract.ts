import type { SessionId } from '../domain/ids.ts';
import type { Draft, RecordBody, SessionRecord } from '../domain/records.ts';

/** A place in a session's log. Opaque: only the store that gave it can read it. */
export type Cursor = string & { readonly __cursor: true };

/**
 * What became of an append.
 *
 * - `stored`: the record is in the log, durable, and holds its slot if it claims one. Also when an earlier call with
 *   the same id had stored it already: `repeated` says so.
 * - `slot_taken`: `holder` claimed the slot first. The record counts for nothing.
 * - `closed`: the session is archived or was never there. Nothing was written that counts.
 */
export type AppendResult =
  | { readonly status: 'stored'; readonly repeated: boolean }
  | { readonly status: 'slot_taken'; readonly holder: SessionRecord }
  | { readonly status: 'closed' };

/** A complete line that is no record: where it begins (a position, stable for the life of the log) and how long it is. */
export interface UnreadableLine {
  readonly position: number;
  readonly bytes: number;
}

/** Records in file order, repeats and lost claims included: the fold and the ledger know what each is worth. */
export interface ReadResult {
  readonly records: readonly SessionRecord[];
  readonly unreadable: readonly UnreadableLine[];
  /** Where to go on. Equal to what was given when there is nothing new. */
  readonly cursor: Cursor;
  /** More is there already: the limit ended this read. */
  readonly more: boolean;
  /** The log is not the one the cursor came from (replaced or cut short): this read began at its start. */
  readonly restarted: boolean;
}

/** What became of an archiving: `kept` when `stillOver` said no, `gone` when somebody else was first. */
export type ArchiveResult = 'archived' | 'kept' | 'gone';

/**
 * Where sessions are kept: append-only logs, one a session. Safe for any number of processes at once.
 *
 * All errors are `StoreError`s and mean that nothing was confirmed; the same draft may be appended again.
 */
export interface SessionStore {
  /**
   * Starts a log. Its first record is there before anybody can see the log. Salvages what a corrupt log of the same id
   * left. A live session that is there already stays as it is.
   *
   * @throws StoreError `ARCHIVED` for a session that is archived whole: an owner that woke up too late opens a new one.
   */
  open(session: SessionId, first: Draft<Extract<RecordBody, { type: 'session_metadata' }>>): Promise<void>;
  /** Adds a record and returns once it is durable and this call knows who holds its slot. */
  append(session: SessionId, draft: Draft): Promise<AppendResult>;
  /** Reads on after `after` (null: from the start), at most `limit` records. Null when there is no such live session. */
  read(session: SessionId, after: Cursor | null, limit: number): Promise<ReadResult | null>;
  /** The live sessions: all that are not archived. */
  sessions(): Promise<SessionId[]>;
  /**
   * Tells that a session (null: any session) may have news, until `signal` aborts. The first hint comes at once: a
   * look that follows it misses nothing. Spurious and merged hints are allowed, a missed one comes at the next slow
   * look, or sooner while `urgent` says that somebody waits. Yields the session's id, or null when it could be any.
   */
  hints(session: SessionId | null, signal: AbortSignal, urgent?: () => boolean): AsyncIterable<SessionId | null>;
  /**
   * Takes a session out of the live ones for good, whole, unless `stillOver`, asked at the last moment, says no.
   * `stillOver` may read; an append to the same session would wait for ever.
   */
  archive(session: SessionId, stillOver: () => Promise<boolean>): Promise<ArchiveResult>;
  /** Takes a log without readable metadata out of the live ones; its owner, if it lives, opens it again. */
  archiveCorrupt(session: SessionId): Promise<ArchiveResult>;
  /**
   * Keeps what is too long for a record, or no text, beside the session's log, and returns its path, relative to the
   * sessions directory. `name`: letters, digits, `.`, `_`, `-`; or `files/` and any name that `safeFileName` leaves as
   * it is. Writing again replaces it. Archiving moves it along with the log.
   */
  attach(session: SessionId, name: string, content: string | Uint8Array): Promise<string>;
  /** The text attached under `name` (or the path that `attach` returned), null when there is none. */
  readAttachment(session: SessionId, name: string): Promise<string | null>;
  /** Ends all hints, lets appends under way end without further waiting, and lets go of everything held open. */
  close(): Promise<void>;
}

/** What a store is told about its writer when it is made. */
export interface WriterIdentity {
  readonly role: 'mcp' | 'hub' | 'cli';
  readonly pid: number;
}
