import { v4 } from 'uuid';
import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import type { Draft } from '../domain/records.ts';
import type { SessionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { Timings } from '../runtime/timings.ts';
import type { AppendResult, SessionStore } from '../store/contract.ts';
import { StoreError } from '../store/errors.ts';
import { type News, SessionView } from '../store/session-view.ts';
import { reportUnreadable } from '../store/unreadable-lines.ts';
import type { AskedQuestion } from './asked-question.ts';
import { carriedDrafts } from './carried-drafts.ts';
import { Changes } from './changes.ts';
import { followSession } from './follow-session.ts';
import { OwedRecords } from './owed-records.ts';
import { metadataDraft, type SessionFacts, systemDraft } from './session-drafts.ts';

/** What a session is made of. */
export interface OwnSessionParts {
  readonly openStore: () => Promise<SessionStore>;
  readonly facts: () => SessionFacts;
  readonly gitBranch: () => string | undefined;
  readonly timings: Pick<Timings, 'heartbeat' | 'slowLook'>;
  readonly log: Logger;
  /** The session goes on under this id; called for its first one too. */
  readonly onOpened: (id: SessionId) => void;
}

// The end has 100 ms: Claude Code sends SIGTERM that long after SIGINT. What is not written by then stays unsaid,
// and the kernel tells the hub that the process is gone.
export const END_MS_MAX = 75;
// A log that vanishes under the third try in a row is being removed by somebody; the caller must know.
const APPEND_TRIES_MAX = 3;

type Stored = Exclude<AppendResult, { status: 'closed' }>;

/**
 * The session of this process: one log that it opens, writes, and follows, whatever happens to the log. A log that was
 * moved away as corrupt is opened again under its id; one that was archived while this process slept is succeeded by a
 * new one. Questions that Claude still waits for move along under their own ids, so the tools that wait notice nothing.
 */
export class OwnSession {
  id: SessionId = v4() as SessionId;
  readonly changes = new Changes<SessionState>(() => this.state);
  private readonly parts: OwnSessionParts;
  private readonly asked = new Map<QuestionId, AskedQuestion>();
  private readonly written = new Set<QuestionId>();
  private readonly owed: OwedRecords;
  private readonly ending = new AbortController();
  private store: SessionStore | null = null;
  private view: SessionView | null = null;
  private opening: Promise<void> | null = null;
  private moving: Promise<void> | null = null;
  private successor: SessionId | null = null;
  private following = new AbortController();
  private heartbeat: NodeJS.Timeout | null = null;
  private lastTrouble = '';

  constructor(parts: OwnSessionParts) {
    this.parts = parts;
    this.owed = new OwedRecords(
      (draft) => this.append(draft),
      (error) => this.trouble('could not write a receipt; it is tried again with the next heartbeat', error),
    );
  }

  /** Has it a log by now? */
  get opened(): boolean {
    return this.view !== null;
  }

  /** What the log tells, as of the last look. */
  get state(): SessionState {
    if (!this.view) throw new Error('The session is not open yet.');
    return this.view.state;
  }

  /** True once the end has begun: what is open then stays open in the log. */
  get ended(): boolean {
    return this.ending.signal.aborted;
  }

  /**
   * Resolves once the session has its log. What failed before is tried again by every call.
   *
   * @throws StoreError when the sessions directory does not take it.
   */
  ready(): Promise<void> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  /** Adds a record, in the log's successor if it was moved away meanwhile. Throws as the store does. */
  async append(draft: Draft): Promise<Stored> {
    for (let tries = 0; tries < APPEND_TRIES_MAX; tries += 1) {
      const { store, view } = await this.log();
      const result = await store.append(view.id, draft);
      if (result.status !== 'closed') return result;
      await this.moveFrom(view, 'vanished');
    }
    throw new StoreError('IO', 'The session file is moved away as soon as it is written; nothing was recorded.');
  }

  /** Writes a question and keeps it in the log, wherever that goes, until `forget`. Throws as the store does. */
  async ask(question: AskedQuestion): Promise<void> {
    const { store, view } = await this.log();
    const draft = await question.draft(store, view.id);
    this.asked.set(question.id, question);
    try {
      await this.append(draft);
      if (this.asked.has(question.id)) this.written.add(question.id);
    } catch (error) {
      this.asked.delete(question.id);
      throw error;
    }
  }

  /** Claude has the last word on this question: it need not move along any more. */
  forget(question: QuestionId): void {
    if (this.asked.delete(question)) this.written.delete(question);
  }

  /** Adds a record that nobody waits for: now, or with a later heartbeat when the store refuses now. */
  owe(draft: Draft): Promise<void> {
    return this.owed.owe(draft);
  }

  /** Takes in what is new in the log. Throws as the store does. */
  async look(): Promise<void> {
    const { store, view } = await this.log();
    const before = view.state;
    const news = await view.refresh();
    if (view !== this.view || this.ended) return;
    if (!news.gone && !view.state.metadata) await store.archiveCorrupt(view.id);
    if (news.gone || !view.state.metadata) await this.moveFrom(view, 'vanished', before);
    else if (this.isMisjudged(view.state)) await this.moveFrom(view, 'judged_over');
    else {
      await this.report(store, view, news);
      // Another file in its place may lack what was written; so may this one, if it was cut off before it was read.
      const lost = [...this.written].some((id) => !view.state.questions.has(id));
      if ((news.restarted || lost) && (await this.carry(store, view, before))) await view.refresh();
    }
    this.changes.tell();
    this.lastTrouble = '';
  }

  /** Looks, and leaves what fails to the next look. */
  async lookQuietly(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.trouble('could not read the session file', error);
    }
  }

  /** Writes `session_end` and lets go of everything, within 100 ms. Never rejects. */
  async end(reason: string): Promise<void> {
    if (this.ended) return;
    this.ending.abort();
    this.following.abort();
    if (this.heartbeat) clearInterval(this.heartbeat);
    const words = this.writeEnd(reason).catch((error: unknown) => this.trouble('could not write session_end', error));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, END_MS_MAX);
    });
    await Promise.race([words, limit]);
    clearTimeout(timer);
  }

  private async writeEnd(reason: string): Promise<void> {
    if (!this.opening) return;
    await this.opening;
    const { store, view } = await this.log();
    const written = store.append(view.id, systemDraft('session_end', reason));
    // Closing makes the store stop waiting for a lock that somebody else holds.
    await Promise.all([written, store.close()]);
  }

  private async log(): Promise<{ store: SessionStore; view: SessionView }> {
    await this.ready();
    await this.moving;
    if (!this.store || !this.view) throw new Error('An open session has a store and a view.');
    return { store: this.store, view: this.view };
  }

  private async open(): Promise<void> {
    this.store ??= await this.parts.openStore();
    const { store } = this;
    const view = await this.openLog(store, this.id);
    await store.append(view.id, systemDraft('session_start'));
    await this.settleOn(store, view);
    this.heartbeat = setInterval(() => this.beat(), this.parts.timings.heartbeat).unref();
  }

  private async openLog(store: SessionStore, id: SessionId, label?: string): Promise<SessionView> {
    await store.open(id, metadataDraft(id, this.parts.facts(), { label, git_branch: this.parts.gitBranch() }));
    return new SessionView(store, id);
  }

  private async settleOn(store: SessionStore, view: SessionView): Promise<void> {
    const news = await view.refresh();
    this.view = view;
    this.id = view.id;
    this.successor = null;
    this.following.abort();
    this.following = new AbortController();
    const follower = {
      look: () => this.look(),
      urgent: () => this.changes.awaited,
      onTrouble: (error: unknown) => this.trouble('could not follow the session file', error),
      againMs: this.parts.timings.slowLook,
    };
    void followSession(store, view.id, follower, this.following.signal);
    await this.report(store, view, news);
    this.parts.onOpened(view.id);
  }

  /** Goes on in another log, unless that has happened already. */
  private moveFrom(view: SessionView, why: 'vanished' | 'judged_over', known = view.state): Promise<void> {
    if (view !== this.view) return Promise.resolve();
    this.moving ??= this.move(view, why, known).finally(() => {
      this.moving = null;
    });
    return this.moving;
  }

  private async move(old: SessionView, why: 'vanished' | 'judged_over', known: SessionState): Promise<void> {
    const store = this.store;
    if (!store) return;
    const { label } = known;
    const view = why === 'vanished' ? await this.succeed(store, old.id, label) : await this.openNew(store, label);
    await this.carry(store, view, known);
    const sameId = view.id === old.id;
    await store.append(view.id, systemDraft(sameId ? 'session_reopened' : 'previous_session', why, old.id));
    if (why === 'judged_over') await store.append(old.id, systemDraft('session_end', 'moved', view.id));
    await this.settleOn(store, view);
    this.parts.log.warn({ session_id: view.id, previous_session: old.id, why }, 'the session goes on in another file');
    this.changes.tell();
  }

  /** Writes again what Claude still waits for, and how it ended as far as `known`; returns whether there was anything. */
  private async carry(store: SessionStore, to: SessionView, known: SessionState): Promise<boolean> {
    for (const question of this.asked.values()) {
      const asked = await question.draft(store, to.id);
      for (const draft of carriedDrafts(asked, known.questions.get(question.id))) await store.append(to.id, draft);
    }
    return this.asked.size > 0;
  }

  /** A corrupt log comes back under its id, with all that was readable; one that is archived or blocked, under a new one. */
  private async succeed(store: SessionStore, old: SessionId, label: string | undefined): Promise<SessionView> {
    try {
      return await this.openLog(store, old, label);
    } catch (error) {
      if (error instanceof StoreError && ['ARCHIVED', 'IO'].includes(error.code)) return this.openNew(store, label);
      throw error;
    }
  }

  private openNew(store: SessionStore, label: string | undefined): Promise<SessionView> {
    // Remembered, so that a move that fails half-way goes on where it was and leaves no second successor behind.
    this.successor ??= v4() as SessionId;
    return this.openLog(store, this.successor, label);
  }

  /** Somebody held this session for over, e.g. while this process was stopped, and closed what is still wanted. */
  private isMisjudged(state: SessionState): boolean {
    if (state.ended) return true;
    return [...this.asked.keys()].some((id) => state.questions.get(id)?.closed?.reason === 'session_ended');
  }

  private async report(store: SessionStore, view: SessionView, news: News): Promise<void> {
    try {
      await reportUnreadable(store, view, news.unreadable, this.parts.log);
    } catch (error) {
      this.trouble('could not write down that lines are unreadable', error);
    }
  }

  private beat(): void {
    this.append({ id: v4() as EventId, body: { type: 'heartbeat' } })
      .then(() => this.owed.pay())
      .catch((error: unknown) => this.trouble('could not write a heartbeat', error));
  }

  /** Says the same trouble once, not with every look. */
  private trouble(what: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (this.lastTrouble === what + text) return;
    this.lastTrouble = what + text;
    this.parts.log.error({ session_id: this.id, error: text }, what);
  }
}
