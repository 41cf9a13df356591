import type { SessionId } from '../domain/ids.ts';
import { admit, emptyLedger, type Ledger } from '../domain/ledger.ts';
import type { Draft, SessionRecord } from '../domain/records.ts';
import { attachmentNameIn, checkAttachmentName } from './attachment-name.ts';
import type { AppendResult, ArchiveResult, Cursor, ReadResult, SessionStore, WriterIdentity } from './contract.ts';
import { StoreError } from './errors.ts';
import { HintQueue } from './hint-queue.ts';
import { recordLine } from './record-line.ts';

interface MemoryLog {
  /** Tells a log from an earlier one of the same session. */
  readonly serial: number;
  readonly records: SessionRecord[];
  readonly ledger: Ledger;
}

interface Listener {
  readonly session: SessionId | null;
  readonly queue: HintQueue;
}

/** What several stores share that stand side by side on one memory. */
interface Memory {
  readonly logs: Map<SessionId, MemoryLog>;
  readonly archived: Map<SessionId, readonly SessionRecord[]>;
  readonly attachments: Map<string, string | Uint8Array>;
  readonly listeners: Set<Listener>;
  serial: number;
}

/** Sessions in memory: the same promises as the files make, for tests of everything above the store. */
export class MemoryStore implements SessionStore {
  private readonly writer: WriterIdentity;
  private readonly now: () => number;
  private readonly memory: Memory;
  private readonly closing = new AbortController();

  /** `now` gives milliseconds since the epoch; with `beside`, the new store shares the memory of another. */
  constructor(options: { writer: WriterIdentity; now?: () => number; beside?: MemoryStore }) {
    this.writer = options.writer;
    this.now = options.now ?? Date.now;
    this.memory = options.beside?.memory ?? {
      logs: new Map(),
      archived: new Map(),
      attachments: new Map(),
      listeners: new Set(),
      serial: 0,
    };
  }

  async open(session: SessionId, first: Draft): Promise<void> {
    const { record } = recordLine(first, this.writer, this.now());
    if (this.memory.logs.has(session)) return;
    if (this.memory.archived.has(session))
      throw new StoreError('ARCHIVED', `Session ${session} is archived; nothing was written.`);
    const ledger = emptyLedger();
    admit(ledger, record);
    this.memory.serial += 1;
    this.memory.logs.set(session, { serial: this.memory.serial, records: [record], ledger });
    this.tell(session);
  }

  async append(session: SessionId, draft: Draft): Promise<AppendResult> {
    const { record } = recordLine(draft, this.writer, this.now());
    const log = this.memory.logs.get(session);
    if (!log) return { status: 'closed' };
    const repeated = log.ledger.eventIds.has(draft.id);
    const holder = draft.slot === undefined ? undefined : log.ledger.slots.get(draft.slot);
    if (holder && holder.event_id !== draft.id) return { status: 'slot_taken', holder };
    if (repeated) return { status: 'stored', repeated };
    log.records.push(record);
    admit(log.ledger, record);
    this.tell(session);
    return { status: 'stored', repeated };
  }

  async read(session: SessionId, after: Cursor | null, limit: number): Promise<ReadResult | null> {
    const log = this.memory.logs.get(session);
    if (!log) return null;
    const [serial, position] = (after ?? `${log.serial}:0`).split(':').map(Number);
    const restarted = serial !== log.serial;
    const from = restarted ? 0 : (position ?? 0);
    const records = log.records.slice(from, from + Math.max(1, limit));
    const end = from + records.length;
    const cursor = `${log.serial}:${end}` as Cursor;
    return { records, unreadable: [], cursor, more: end < log.records.length, restarted };
  }

  async sessions(): Promise<SessionId[]> {
    return [...this.memory.logs.keys()];
  }

  async *hints(session: SessionId | null, signal: AbortSignal): AsyncGenerator<SessionId | null, void, void> {
    const listener = { session, queue: new HintQueue() };
    this.memory.listeners.add(listener);
    listener.queue.add(session);
    try {
      yield* listener.queue.take(AbortSignal.any([signal, this.closing.signal]));
    } finally {
      this.memory.listeners.delete(listener);
    }
  }

  async archive(session: SessionId, stillOver: () => Promise<boolean>): Promise<ArchiveResult> {
    if (!this.memory.logs.has(session)) return 'gone';
    if (!(await stillOver())) return 'kept';
    const log = this.memory.logs.get(session);
    if (!log) return 'gone';
    this.memory.logs.delete(session);
    this.memory.archived.set(session, log.records);
    this.tell(session);
    return 'archived';
  }

  async archiveCorrupt(session: SessionId): Promise<ArchiveResult> {
    // A log in memory always has its metadata.
    return this.memory.logs.has(session) ? 'kept' : 'gone';
  }

  async attach(session: SessionId, name: string, content: string | Uint8Array): Promise<string> {
    const path = `${session}/${checkAttachmentName(name)}`;
    this.memory.attachments.set(path, content);
    return path;
  }

  async readAttachment(session: SessionId, name: string): Promise<string | null> {
    const bare = attachmentNameIn(session, name);
    const content = bare === null ? undefined : this.memory.attachments.get(`${session}/${bare}`);
    return typeof content === 'object' ? Buffer.from(content).toString('utf8') : (content ?? null);
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  /** The records of an archived session, for tests; undefined when it was never archived. */
  archivedRecords(session: SessionId): readonly SessionRecord[] | undefined {
    return this.memory.archived.get(session);
  }

  private tell(session: SessionId): void {
    for (const listener of this.memory.listeners) {
      if (listener.session === null || listener.session === session) listener.queue.add(session);
    }
  }
}
