import { closeSync } from 'node:fs';
import type { SessionId } from '../../domain/ids.ts';
import { admit, emptyLedger, type Ledger } from '../../domain/ledger.ts';
import type { SessionRecord } from '../../domain/records.ts';
import type { AppendResult } from '../contract.ts';
import { linesFrom, recordIn } from './lines.ts';
import { identityAt, isLineStart, type OpenLog, openLog } from './open-log.ts';

/** The ids and slots of one log as far as it was read, so that an append costs what changed since the last one. */
export class LogIndex {
  private ledger: Ledger = emptyLedger();
  private identity = '';
  private offset = 0;

  /** How much of a log it has not taken in yet, in bytes. */
  bytesBehind({ identity, size }: Pick<OpenLog, 'identity' | 'size'>): number {
    return identity === this.identity && size >= this.offset ? size - this.offset : size;
  }

  /** How many ids it holds. */
  get size(): number {
    return this.ledger.eventIds.size;
  }

  /**
   * Takes in the complete lines that came since, from the start when this is another log. Stops after about `bytesMax`
   * bytes; returns whether it reached the end.
   */
  catchUp(log: OpenLog, bytesMax = Number.POSITIVE_INFINITY): boolean {
    if (log.identity !== this.identity || !isLineStart(log, this.offset)) {
      this.ledger = emptyLedger();
      this.identity = log.identity;
      this.offset = 0;
    }
    const began = this.offset;
    for (const line of linesFrom(log, began)) {
      if (line.position - began >= bytesMax) return false;
      const record = recordIn(line);
      if (typeof record === 'object') admit(this.ledger, record);
      this.offset = line.position + line.bytes;
    }
    return true;
  }

  /** Whether the log ends within a line: somebody was cut off, or is writing right now. */
  endsTorn(log: OpenLog): boolean {
    return log.size > this.offset;
  }

  /** What the log says of a record: in it, its slot taken, or (null) neither. */
  verdictOn(record: SessionRecord, repeated: boolean): AppendResult | null {
    const holder = record.slot === undefined ? undefined : this.ledger.slots.get(record.slot);
    if (holder && holder.event_id !== record.event_id) return { status: 'slot_taken', holder };
    return this.ledger.eventIds.has(record.event_id) ? { status: 'stored', repeated } : null;
  }
}

// About 50 MB of ids: two logs of 100,000 records, or thousands of ordinary ones.
const IDS_MAX = 250_000;
const CATCH_UP_BYTES = 512 * 1024;

/** The indexes of the logs that were appended to last. */
export class LogIndexes {
  private readonly indexes = new Map<SessionId, LogIndex>();

  /** The index of a session's log; the one used longest ago gives way when there are too many ids in memory. */
  of(session: SessionId): LogIndex {
    const index = this.indexes.get(session) ?? new LogIndex();
    this.indexes.delete(session);
    this.indexes.set(session, index);
    return index;
  }

  forget(session: SessionId): void {
    this.indexes.delete(session);
  }

  /** Takes in some more of the log at `path`; returns whether nothing is left to take in. */
  catchUpSome(session: SessionId, path: string): boolean {
    // What little is left, the append itself takes in.
    const now = identityAt(path);
    if (!now || this.of(session).bytesBehind(now) < CATCH_UP_BYTES) {
      this.shed(session);
      return true;
    }
    const log = openLog(path, 'read');
    if (!log) return true;
    try {
      const done = this.of(session).catchUp(log, CATCH_UP_BYTES);
      if (done) this.shed(session);
      return done;
    } finally {
      closeSync(log.fd);
    }
  }

  private shed(kept: SessionId): void {
    let ids = 0;
    for (const index of this.indexes.values()) ids += index.size;
    for (const [session, index] of this.indexes) {
      if (ids <= IDS_MAX || session === kept) return;
      this.indexes.delete(session);
      ids -= index.size;
    }
  }
}
