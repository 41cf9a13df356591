import { answerAgainDraft } from '../domain/drafts.ts';
import type { QuestionId, SessionId } from '../domain/ids.ts';
import {
  type AnswerRecord,
  type Draft,
  isForeign,
  type QuestionRecord,
  type SessionRecord,
} from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { Timings } from '../runtime/timings.ts';
import type { SessionStore } from '../store/contract.ts';
import { type News, SessionView } from '../store/session-view.ts';
import { reportUnreadable } from '../store/unreadable-lines.ts';
import { cardOf } from './card.ts';
import { CardKeeper, type KeeperSession } from './card-keeper.ts';
import type { Card, Channel, SessionName } from './channel.ts';

/** What a tracked session needs of the relay around it. */
export interface Surroundings {
  readonly channels: readonly Channel[];
  readonly name: () => SessionName;
  /** Answers that were in an earlier log of this session and had not reached it. */
  readonly undelivered: Map<QuestionId, AnswerRecord>;
  /** Does the card of a question wait for somebody at the desk? Then `keep` is called when that is over. */
  readonly isHeld: (question: QuestionState) => boolean;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'retryMin' | 'retryMax'>;
  readonly signal: AbortSignal;
  /** A card got further, so a finished session may be ready for the archive. */
  readonly advanced: () => void;
  /** What was read of the session's log; the session's own state and cards have taken it in. */
  readonly onNews: (news: News) => void;
  /** The context of a question has been read: its card says more now. */
  readonly onContext: (question: QuestionId) => void;
}

/** One live session with the keepers of its cards. */
export class TrackedSession {
  readonly view: SessionView;
  readonly store: SessionStore;
  /** Answers that were in a log of this session and have not reached it, as far as was read. */
  readonly undelivered: Map<QuestionId, AnswerRecord>;
  private readonly surroundings: Surroundings;
  private readonly keepers = new Map<QuestionId, CardKeeper[]>();
  /** Contexts that are kept beside the log, of questions that are open; null while one is being read. */
  private readonly contexts = new Map<QuestionId, { readonly text: string; readonly lost: boolean } | null>();
  private readonly waiting = new Set<() => void>();
  private gone = false;

  constructor(store: SessionStore, id: SessionId, surroundings: Surroundings) {
    this.store = store;
    this.surroundings = surroundings;
    this.undelivered = surroundings.undelivered;
    this.view = new SessionView(store, id, (news) => this.takeIn(news));
  }

  /** Looks at every card again, e.g. because a channel has a new chat. */
  keepAll(): void {
    for (const question of this.view.state.questions.keys()) this.keep(question);
  }

  /** Tries again at once whatever card could not be shown or settled. */
  hurry(): void {
    this.keepAll();
    for (const keepers of this.keepers.values()) for (const keeper of keepers) keeper.hurry();
  }

  /** The session is not live any more: its keepers have nothing left to do. */
  letGo(): void {
    this.gone = true;
  }

  /** Does any channel still have to show or settle a card of this question? */
  owesCard(question: QuestionState): boolean {
    return this.keepers.get(question.record.id)?.some((keeper) => keeper.owes) ?? false;
  }

  /** The same of any question. */
  owesCards(): boolean {
    for (const keepers of this.keepers.values()) if (keepers.some((keeper) => keeper.owes)) return true;
    return false;
  }

  /** Resolves when something new was read of the log, or after `msMax`. */
  nextNews(msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, msMax);
      this.waiting.add(done);
    });
  }

  /** Brings the cards of a question to what the log says. */
  keep(id: QuestionId): void {
    const question = this.view.state.questions.get(id);
    if (!question || !this.hasContext(question)) return;
    let keepers = this.keepers.get(id);
    if (!keepers || question.status === 'pending') {
      keepers = this.keepersOf(question, keepers ?? []);
      this.keepers.set(id, keepers);
    }
    for (const keeper of keepers) keeper.poke();
    if (question.status !== 'pending' && !this.owesCard(question)) {
      this.keepers.delete(id);
      this.contexts.delete(id);
    }
  }

  /** The card of a question, as the log tells it now. */
  cardOf(question: QuestionState): Card {
    const { id, context_file } = question.record;
    const context = this.contexts.get(id);
    return cardOf(question, {
      session: this.surroundings.name(),
      context: context?.text,
      contextMissing: question.status === 'pending' && context_file !== undefined && (context?.lost ?? true),
      held: this.surroundings.isHeld(question),
    });
  }

  /**
   * The card with the whole context, also when that was never read here. Null when it cannot be read: then nobody sees
   * what the question is about.
   */
  async wholeCardOf(question: QuestionState): Promise<Card | null> {
    const { context_file } = question.record;
    if (!context_file) return this.cardOf(question);
    const context = await this.store.readAttachment(this.view.id, context_file).catch(() => null);
    return context === null ? null : { ...this.cardOf(question), context, withheld: undefined };
  }

  /** A context beside the log is read before the card is shown; a card whose context is lost says so. */
  private hasContext({ record, status }: QuestionState): boolean {
    if (!record.context_file || status !== 'pending') return true;
    const context = this.contexts.get(record.id);
    if (context !== undefined) return context !== null;
    this.contexts.set(record.id, null);
    this.store
      .readAttachment(this.view.id, record.context_file)
      .catch((error: unknown) => {
        this.surroundings.log.warn({ question_id: record.id, error: String(error) }, 'could not read a context');
        return null;
      })
      .then((text) => {
        this.contexts.set(record.id, { text: text ?? lostWords(record), lost: text === null });
        this.surroundings.onContext(record.id);
        this.keep(record.id);
      });
    return false;
  }

  private takeIn(news: News): void {
    // First the relay, since a new label is on the cards that follow.
    this.surroundings.onNews(news);
    for (const done of [...this.waiting]) done();
    reportUnreadable(this.store, this.view, news.unreadable, this.surroundings.log).catch((error: unknown) => {
      this.surroundings.log.warn(
        { session_id: this.view.id, error: String(error) },
        'could not record unreadable lines',
      );
    });
    this.keepAnswers(news);
    if (news.restarted) {
      // Another log in the place of the one that was read: what its cards have come to stands there, or nowhere, and what
      // lies beside it may have been written again, too.
      this.keepers.clear();
      this.contexts.clear();
      this.keepAll();
    } else for (const question of questionsOf(news.records)) this.keep(question);
  }

  /**
   * A log that was cut short, replaced or deleted may lack an answer that was confirmed to a person and that its session
   * has not read: nobody else knows of it, so it is written again as soon as the question is there.
   */
  private keepAnswers({ records }: News): void {
    for (const record of records) {
      if (isForeign(record)) continue;
      if (record.type === 'question') this.keepAnswer(record.id);
      else if (record.type === 'answer' || record.type === 'answer_delivered') this.keepAnswer(record.question_id);
    }
  }

  private keepAnswer(id: QuestionId): void {
    const { undelivered } = this;
    const question = this.view.state.questions.get(id);
    if (!question) return; // An answer can stand before its question, in a log that is being written again.
    const answer = undelivered.get(id);
    if (question.answer && !question.deliveredAt) undelivered.set(id, question.answer);
    else if (question.status !== 'pending') undelivered.delete(id);
    else if (answer) {
      this.append(answerAgainDraft(answer)).catch((error: unknown) => {
        this.surroundings.log.warn({ question_id: id, error: String(error) }, 'could not write an answer again');
      });
    }
  }

  /** One keeper for each chat that has a card or is to have one. */
  private keepersOf(question: QuestionState, known: CardKeeper[]): CardKeeper[] {
    const keepers = [...known];
    for (const channel of this.surroundings.channels) {
      const chats = new Set(channel.chats());
      for (const shown of question.shown.values()) if (shown.channel === channel.name) chats.add(shown.chat);
      for (const chat of chats) {
        if (keepers.some((keeper) => keeper.keeps(channel, chat))) continue;
        keepers.push(new CardKeeper({ channel, chat }, this.keeperSession(question.record.id), this.surroundings));
      }
    }
    return keepers;
  }

  private keeperSession(id: QuestionId): KeeperSession {
    return {
      question: () => (this.gone ? undefined : this.view.state.questions.get(id)),
      card: (question) => this.cardOf(question),
      isHeld: (question) => this.surroundings.isHeld(question),
      append: (draft) => this.append(draft),
      advanced: () => this.surroundings.advanced(),
    };
  }

  private async append(draft: Draft): Promise<void> {
    await this.store.append(this.view.id, draft);
    await this.view.refresh();
  }
}

function lostWords({ kind, context_file }: QuestionRecord): string {
  return kind === 'permission'
    ? `(What this is about could not be read from ${context_file}, so only Claude Code’s own dialog can allow it.)`
    : `(The context could not be read from ${context_file}.)`;
}

/** The questions that records are about, each once. */
function questionsOf(records: readonly SessionRecord[]): Set<QuestionId> {
  const questions = new Set<QuestionId>();
  for (const record of records) {
    if (isForeign(record)) continue;
    if (record.type === 'question') questions.add(record.id);
    else if ('question_id' in record && record.question_id) questions.add(record.question_id);
  }
  return questions;
}
