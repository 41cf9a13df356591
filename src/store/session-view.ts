import { setImmediate as breathe } from 'node:timers/promises';
import type { SessionId } from '../domain/ids.ts';
import type { SessionRecord } from '../domain/records.ts';
import { emptySessionState, fold, type SessionState } from '../domain/session-state.ts';
import type { Cursor, SessionStore, UnreadableLine } from './contract.ts';

// Records of one read: some milliseconds of folding, so that a long log does not hold up everything else.
const RECORDS_PER_READ = 2_000;

/** What a refresh found. */
export interface News {
  readonly records: readonly SessionRecord[];
  readonly unreadable: readonly UnreadableLine[];
  /** The log was replaced: the state was folded again from its start. */
  readonly restarted: boolean;
  /** The session is not among the live ones (any more): the state is the last one known. */
  readonly gone: boolean;
}

/** A session's state, kept up to date by reading on from where the last look ended. */
export class SessionView {
  readonly id: SessionId;
  state: SessionState = emptySessionState();
  unreadableLines = 0;
  private readonly store: SessionStore;
  private readonly onNews: (news: News) => void;
  private cursor: Cursor | null = null;
  private running: Promise<News> | null = null;
  private queued: Promise<News> | null = null;

  /** `onNews` is told of every record once, whoever called `refresh`; the state holds it already. */
  constructor(store: SessionStore, id: SessionId, onNews: (news: News) => void = () => undefined) {
    this.store = store;
    this.id = id;
    this.onNews = onNews;
  }

  /** Reads what is new. A call made while another reads waits for a fresh read, so it sees all that was written before it. */
  refresh(): Promise<News> {
    // One that waits has not begun to read, even if the one before it has just ended.
    if (this.queued) return this.queued;
    if (!this.running) return this.start();
    this.queued = this.running.then(
      () => this.start(),
      () => this.start(),
    );
    return this.queued;
  }

  private start(): Promise<News> {
    this.queued = null;
    const running = this.readOn().finally(() => {
      if (this.running === running) this.running = null;
    });
    this.running = running;
    return running;
  }

  private async readOn(): Promise<News> {
    const records: SessionRecord[] = [];
    const unreadable: UnreadableLine[] = [];
    let restarted = false;
    for (;;) {
      const read = await this.store.read(this.id, this.cursor, RECORDS_PER_READ).catch((error: unknown) => {
        // What is folded already comes with no later read.
        this.tell({ records, unreadable, restarted, gone: false });
        throw error;
      });
      if (!read) return this.tell({ records, unreadable, restarted, gone: true });
      if (read.restarted) {
        restarted = true;
        this.state = emptySessionState();
        this.unreadableLines = 0;
      }
      for (const record of read.records) fold(this.state, record);
      records.push(...read.records);
      unreadable.push(...read.unreadable);
      this.unreadableLines += read.unreadable.length;
      this.cursor = read.cursor;
      if (!read.more) return this.tell({ records, unreadable, restarted, gone: false });
      await breathe();
    }
  }

  private tell(news: News): News {
    if (news.records.length > 0 || news.unreadable.length > 0 || news.restarted) this.onNews(news);
    return news;
  }
}
