import { type EventId, eventIdFrom, type QuestionId, type SessionId } from '../domain/ids.ts';
import { judgeSession, type Observer } from '../domain/liveness.ts';
import { type AnswerRecord, isForeign, type KnownRecord } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';
import type { SessionStore } from '../store/contract.ts';
import type { News } from '../store/session-view.ts';
import { ChangeListeners } from './change-listeners.ts';
import type { Card, SessionName, SessionSummary } from './channel.ts';
import { waitsForDesk } from './held-cards.ts';
import { messageOf } from './record-word.ts';
import { type Key, SessionIndex } from './session-index.ts';
import { nameSessions } from './session-names.ts';
import type { TrackedSession } from './tracked-session.ts';

// What changes what a card says.
const ON_CARDS: ReadonlySet<KnownRecord['type']> = new Set(['answer', 'answer_delivered', 'question_closed']);

// Logs that are gone, of which is remembered what had not reached their sessions.
const GONE_LOGS_MAX = 1_000;

/** The live sessions that a relay follows, found by what people do with their cards. */
export class TrackedSessions {
  private readonly byId = new Map<SessionId, TrackedSession>();
  private readonly index = new SessionIndex();
  /** Every question that was seen open, by its session, until that has the answer or is archived; `awaited`: in vain, since its log is gone. */
  private readonly seen = new Map<QuestionId, { readonly session: SessionId; readonly awaited: boolean }>();
  /** What had not reached sessions whose logs are gone. The store: none goes to a copy of its session elsewhere. */
  private readonly gone = new Map<
    SessionId,
    { readonly store: SessionStore; readonly undelivered: Map<QuestionId, AnswerRecord> }
  >();
  private names: Map<SessionId, SessionName> | null = null;
  readonly changes = new ChangeListeners();

  get(id: SessionId): TrackedSession | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<TrackedSession> {
    return this.byId.values();
  }

  add(session: TrackedSession): void {
    this.byId.set(session.view.id, session);
  }

  /** The session is not live any more; `archived`: and never comes back. */
  remove(id: SessionId, { archived }: { archived: boolean }): void {
    const removed = this.byId.get(id);
    removed?.letGo();
    this.byId.delete(id);
    this.index.forget(id);
    this.renamed();
    if (!archived) {
      if (removed) this.rememberGone(removed);
      return;
    }
    this.gone.delete(id);
    for (const [question, { session }] of this.seen) if (session === id) this.seen.delete(question);
  }

  /** Answers that were in a log of this session which is gone, and had not reached it. */
  undeliveredOf(store: SessionStore, id: SessionId): Map<QuestionId, AnswerRecord> {
    const gone = this.gone.get(id);
    this.gone.delete(id);
    return gone?.store === store ? gone.undelivered : new Map();
  }

  /** Notes which questions the session has open. One that a new log lacks is not over: its owner is writing it again. */
  remember({ view }: TrackedSession, { records, restarted }: Pick<News, 'records' | 'restarted'>): void {
    if (restarted) this.index.forget(view.id);
    this.index.add(view.id, records);
    for (const record of records) {
      if (isForeign(record)) continue;
      if (record.type === 'system') this.changes.sessions();
      if (record.type === 'question') {
        if (view.state.open.has(record.id)) this.seen.set(record.id, { session: view.id, awaited: false });
        this.changes.question(record.id);
      } else if ('question_id' in record && record.question_id && ON_CARDS.has(record.type)) {
        this.changes.question(record.question_id);
      }
      // Answered is not enough: until its session has the answer, a log that is gone is written again.
      if (record.type !== 'answer_delivered' && record.type !== 'question_closed') continue;
      if (!view.state.open.has(record.question_id)) this.seen.delete(record.question_id);
    }
  }

  /** Was this question open in a log that is gone, though its session was not archived? Then its owner writes it again. */
  mayComeBack(id: QuestionId): boolean {
    return this.seen.get(id)?.awaited === false;
  }

  /** It did not come back while somebody waited for it: the next one need not wait. */
  giveUp(id: QuestionId): void {
    const seen = this.seen.get(id);
    if (seen) this.seen.set(id, { ...seen, awaited: true });
  }

  /** Was this question open when its log was last read? A log that cannot be read does not say that its session is over. */
  wasOpen(id: QuestionId): boolean {
    return this.seen.has(id);
  }

  /** The session that asked. An archived one is not here; where two have the question, the one that waits for it. */
  asking(id: QuestionId): TrackedSession | undefined {
    let found: TrackedSession | undefined;
    for (const session of this.thatRead(id)) {
      const question = session.view.state.questions.get(id);
      if (question?.status === 'pending') return session;
      if (question) found ??= session;
    }
    return found;
  }

  /**
   * Do sessions of different directories wait for an answer to this question? No session does that by itself, so one of
   * them has it from the other's file, and a press cannot tell which card it was on.
   */
  isClaimedTwice(id: QuestionId): boolean {
    const waiting = this.thatRead(id).filter(({ view }) => view.state.open.has(id));
    return new Set(waiting.map(({ store }) => store)).size > 1;
  }

  /** The sessions that live, as far as can be judged, oldest first. */
  living(observer: Observer): SessionSummary[] {
    const summaries: SessionSummary[] = [];
    for (const { view } of this.byId.values()) {
      const { metadata, open } = view.state;
      if (!metadata || judgeSession(view.state, observer)) continue;
      summaries.push({ name: this.nameOf(view.id), started_at: metadata.start_time, pending: open.size });
    }
    return summaries.sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
  }

  /** The cards of all open questions, oldest first. */
  openCards(): Card[] {
    const found: { at: number; card: Card }[] = [];
    for (const session of this.byId.values()) {
      const { questions, open } = session.view.state;
      for (const id of open) {
        const question = questions.get(id);
        if (question) found.push({ at: Date.parse(question.record.created_at), card: session.cardOf(question) });
      }
    }
    return found.sort((a, b) => a.at - b.at).map(({ card }) => card);
  }

  /** The cards of what has ended, and of notices: newest first, at most `limit`. */
  recentCards(limit: number): Card[] {
    const found: { at: number; session: TrackedSession; question: QuestionState }[] = [];
    for (const session of this.byId.values()) {
      const { questions, open } = session.view.state;
      for (const [id, question] of questions) if (!open.has(id)) found.push({ at: endOf(question), session, question });
    }
    found.sort((a, b) => b.at - a.at);
    return found.slice(0, limit).map(({ session, question }) => session.cardOf(question));
  }

  /** The card of a question, open or ended; null when no live session has it. */
  card(id: QuestionId): Card | null {
    const session = this.asking(id);
    const question = session?.view.state.questions.get(id);
    return session && question ? session.cardOf(question) : null;
  }

  /** Where a channel shows a question: its ref in each chat. */
  refs(id: QuestionId, channel: string): Map<string, string> {
    const shown = [...(this.asking(id)?.view.state.questions.get(id)?.shown.values() ?? [])];
    return new Map(shown.filter((each) => each.channel === channel).map(({ chat, ref }) => [chat, ref]));
  }

  /** The card that a person has answered by this very act, if any. */
  answeredBy(cause: EventId): Card | undefined {
    const late = eventIdFrom('late', cause);
    for (const session of [...this.thatRead(cause), ...this.thatRead(late)]) {
      for (const question of session.view.state.questions.values()) {
        const { answer, lateAnswer } = question;
        if (answer?.event_id === cause || lateAnswer?.event_id === late) return session.cardOf(question);
      }
    }
    return undefined;
  }

  /** The session that a person has told something by this very act, if any. */
  toldBy(cause: EventId): SessionId | undefined {
    const id = messageOf(cause);
    return this.thatRead(id).find(({ view }) => view.state.messages.has(id))?.view.id;
  }

  /** The person is away or back: what waited for the desk is looked at again. */
  presenceChanged(now: number): void {
    this.changes.presence();
    for (const session of this.byId.values()) {
      const { questions, open } = session.view.state;
      for (const id of open) {
        const question = questions.get(id);
        if (!question || !waitsForDesk(question.record, now)) continue;
        session.keep(id);
        this.changes.question(id);
      }
    }
  }

  nameOf(id: SessionId): SessionName {
    this.names ??= nameSessions([...this.byId].map(([each, session]) => [each, session.view.state] as const));
    return this.names.get(id) ?? { id, title: id, project: '' };
  }

  /** A session has come or gone, or is called otherwise: names are made anew. */
  renamed(): void {
    this.names = null;
    this.changes.sessions();
  }

  private rememberGone({ view, store, undelivered }: TrackedSession): void {
    if (undelivered.size === 0) return;
    this.gone.set(view.id, { store, undelivered });
    // That a log is gone for good nobody says: the oldest goes.
    for (const id of this.gone.keys()) {
      if (this.gone.size <= GONE_LOGS_MAX) break;
      this.gone.delete(id);
    }
  }

  private thatRead(key: Key): TrackedSession[] {
    return this.index.of(key).flatMap((id) => this.byId.get(id) ?? []);
  }
}

/** When a question ended, or a notice came, in milliseconds since the epoch. */
function endOf({ record, answer, closed }: QuestionState): number {
  return Date.parse(answer?.answered_at ?? closed?.timestamp ?? record.created_at);
}
