import { resolveAnswer } from '../domain/answer-input.ts';
import { answerDraft, closedDraft, deliveredDraft } from '../domain/drafts.ts';
import { SwitchboardError } from '../domain/errors.ts';
import { eventIdFrom, parseQuestionId, type QuestionId } from '../domain/ids.ts';
import type { ValidQuestion } from '../domain/question-input.ts';
import type { Draft } from '../domain/records.ts';
import type { QuestionState, SessionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { Timings } from '../runtime/timings.ts';
import type { AskedQuestion } from './asked-question.ts';
import { newQuestion } from './new-question.ts';
import type { OwnSession } from './own-session.ts';
import { DEFAULT_ANSWER_BY, type Ending, endingOf } from './question-report.ts';
import type { ToolCall } from './tool-call.ts';

/** This session never asked such a question; nothing was done. */
class UnknownQuestionError extends SwitchboardError {
  override readonly name = 'UnknownQuestionError';
  readonly code = 'UNKNOWN_QUESTION';
  constructor(id: QuestionId) {
    super(`This session has asked no question ${id}. Use a question_id that ask_blocking_question returned here.`);
  }
}

/** A question that is asked, by this call or by an earlier one. */
export interface Asked {
  readonly id: QuestionId;
  /** An earlier call had asked it already. */
  readonly reattached: boolean;
}

interface Asking {
  readonly id: QuestionId;
  readonly written: Promise<void>;
}

/** The questions of this session: asks, lets expire, closes, and knows what Claude has been told. */
export class Questions {
  private readonly session: OwnSession;
  private readonly minuteMs: number;
  private readonly log: Logger;
  private readonly tellHub: () => void;
  /** The last question of each wording, so that asking it again finds it. */
  private readonly byText = new Map<string, Asking>();
  private readonly expiries = new Map<QuestionId, NodeJS.Timeout>();
  /** Cards whose endings are no news to the model. */
  private readonly quiet = new Set<QuestionId>();
  private readonly waits = new Map<QuestionId, number>();
  /** Endings that a result carries to Claude right now, and those that have arrived there. */
  private readonly onTheWay = new Set<string>();
  private readonly told = new Set<string>();

  constructor(session: OwnSession, parts: { timings: Pick<Timings, 'minute'>; log: Logger; tellHub: () => void }) {
    this.session = session;
    this.minuteMs = parts.timings.minute;
    this.log = parts.log;
    this.tellHub = parts.tellHub;
  }

  /** Writes the question, unless the same is open already or its answer is not with Claude yet. Throws as the store does. */
  async ask(valid: ValidQuestion): Promise<Asked> {
    // All that the person decides by: the same words about another command are another question.
    const { question: words, context, options, multi_select, allow_text, default_answer } = valid;
    const text = JSON.stringify([words, context, options, multi_select, allow_text, default_answer]);
    const earlier = this.byText.get(text);
    if (earlier && (await this.isUnfinished(earlier))) return { id: earlier.id, reattached: true };
    // Two equal asks at once: the one that waited above finds what the other has begun meanwhile.
    const meanwhile = this.byText.get(text);
    if (meanwhile && meanwhile !== earlier) return this.ask(valid);
    const timeoutMs = valid.timeout_minutes * this.minuteMs;
    const question = newQuestion(valid, timeoutMs);
    const written = this.write(question, timeoutMs);
    this.byText.set(text, { id: question.id, written });
    await written;
    return { id: question.id, reattached: false };
  }

  /**
   * Shows what does not come from the model: its ending goes to whoever waits for it here, never to the model as news,
   * unless it is `news` all the same. Throws as the store does.
   */
  async show(card: AskedQuestion, timeoutMs: number, news = false): Promise<void> {
    if (!news) this.quiet.add(card.id);
    await this.write(card, timeoutMs);
  }

  private async write(question: AskedQuestion, timeoutMs: number): Promise<void> {
    await this.session.ask(question);
    this.tellHub();
    this.expireAfter(question.id, timeoutMs);
    await this.session.lookQuietly();
  }

  /** Resolves once the question has ended, and hands its ending to the call that waits; rejects when that is aborted. */
  async untilEnded(id: QuestionId, call: ToolCall): Promise<QuestionState> {
    this.waits.set(id, (this.waits.get(id) ?? 0) + 1);
    try {
      const ended = await this.session.changes.until((state) => {
        const question = state.questions.get(id);
        return question && this.isOver(question) ? question : undefined;
      }, call.signal);
      if (!ended) throw new Error('Waiting without a limit ends with a question.');
      this.handOut(ended, call);
      return ended;
    } finally {
      const others = (this.waits.get(id) ?? 1) - 1;
      if (others > 0) this.waits.set(id, others);
      else this.waits.delete(id);
    }
  }

  /** Does any call wait for this question? */
  isAwaited(id: QuestionId): boolean {
    return this.waits.has(id);
  }

  /** Ends the question without an answer, unless somebody was first: then that stands. Throws as the store does. */
  async close(
    id: QuestionId,
    reason: 'withdrawn' | 'answered_elsewhere',
    answer?: string,
    where?: 'terminal',
  ): Promise<QuestionState> {
    const appended = await this.session.append(closedDraft(id, reason, answer, where));
    // Claude itself said so: it is no news.
    if (appended.status === 'stored') this.settle(id, 'outcome');
    await this.session.look();
    this.tellHub();
    return this.find(this.session.state, id);
  }

  /** Closes the question because its call was cancelled: now, or as soon as the store takes it. Never rejects. */
  withdraw(id: QuestionId): Promise<void> {
    return this.closeInTheEnd(id, 'withdrawn');
  }

  /** The same because it was answered at the desk. */
  settleInTerminal(id: QuestionId, answer?: string): Promise<void> {
    return this.closeInTheEnd(id, 'answered_elsewhere', answer, 'terminal');
  }

  private async closeInTheEnd(
    id: QuestionId,
    reason: 'withdrawn' | 'answered_elsewhere',
    answer?: string,
    where?: 'terminal',
  ): Promise<void> {
    try {
      await this.close(id, reason, answer, where);
    } catch (error) {
      this.log.warn({ question_id: id, error: String(error) }, 'could not close the question yet');
      await this.session.owe(closedDraft(id, reason, answer, where));
    }
  }

  /** @throws InvalidIdError, UnknownQuestionError. */
  find(state: SessionState, text: string): QuestionState {
    const id = parseQuestionId(text.trim().toLowerCase());
    const question = state.questions.get(id);
    if (!question || question.record.kind === 'notice') throw new UnknownQuestionError(id);
    return question;
  }

  /** What Claude has not been told: ended questions, oldest first, that no waiting call is about to bring. */
  news(state: SessionState): QuestionState[] {
    return [...state.questions.values()].filter(
      (question) =>
        this.isOver(question) &&
        !this.quiet.has(question.record.id) &&
        !this.waits.has(question.record.id) &&
        this.isNews(question),
    );
  }

  /** How many questions the model has asked and nobody has answered. */
  pending(state: SessionState): number {
    return [...state.open].filter((id) => !this.quiet.has(id)).length;
  }

  /** Over for Claude: ended, and not just because somebody took this living session for dead. */
  isOver(question: QuestionState): boolean {
    return endingOf(question) !== null && question.closed?.reason !== 'session_ended';
  }

  /** The result of this call carries the question's ending; once it has arrived, the log gets the receipt. */
  handOut(question: QuestionState, call: ToolCall): void {
    const ending = endingOf(question);
    if (!ending) return;
    const { id } = question.record;
    const key = keyOf(id, ending);
    if (this.told.has(key)) return;
    this.onTheWay.add(key);
    const answer = ending === 'late' ? question.lateAnswer : question.answer;
    call.whenSent(
      () => {
        this.onTheWay.delete(key);
        // An expired question may still get a late answer: it stays with the session.
        if (answer) this.delivered(question);
        else this.told.add(key);
      },
      () => this.onTheWay.delete(key),
    );
  }

  /** Claude has the answer to this question: the log gets the receipt. */
  delivered(question: QuestionState): void {
    const ending = endingOf(question);
    const answer = ending === 'late' ? question.lateAnswer : question.answer;
    if (!ending || !answer) return;
    this.settle(question.record.id, ending);
    void this.session.owe(deliveredDraft(answer)).then(() => this.tellHub());
  }

  private settle(id: QuestionId, ending: Ending): void {
    this.told.add(keyOf(id, ending));
    if (ending === 'late') this.told.add(keyOf(id, 'outcome'));
    clearTimeout(this.expiries.get(id));
    this.expiries.delete(id);
    for (const [text, asking] of this.byText) if (asking.id === id) this.byText.delete(text);
    this.session.forget(id);
  }

  /** Is its ending something that Claude has not been told, and that no result carries right now? */
  isNews(question: QuestionState): boolean {
    const ending = endingOf(question);
    if (!ending) return false;
    const deliveredAt = ending === 'late' ? question.lateDeliveredAt : question.deliveredAt;
    const key = keyOf(question.record.id, ending);
    return deliveredAt === undefined && !this.told.has(key) && !this.onTheWay.has(key);
  }

  private async isUnfinished(asking: Asking): Promise<boolean> {
    // Whether it was written or not, the log says so afterwards.
    await Promise.allSettled([asking.written]);
    const question = this.session.state.questions.get(asking.id);
    if (!question) return false;
    if (!this.isOver(question)) return true;
    return question.answer || question.lateAnswer ? this.isNews(question) : false;
  }

  private expireAfter(id: QuestionId, ms: number, refusals = 0): void {
    this.expiries.set(id, setTimeout(() => void this.expire(id, refusals), ms).unref());
  }

  /** Time is up, by the monotonic clock: whatever took the outcome first stands. */
  private async expire(id: QuestionId, refusals = 0): Promise<void> {
    this.expiries.delete(id);
    try {
      const question = this.session.state.questions.get(id);
      if (question && !this.isOver(question)) await this.session.append(expiryDraft(question));
      await this.session.look();
      this.tellHub();
    } catch (error) {
      if (refusals === 0) {
        this.log.error({ question_id: id, error: String(error) }, 'could not write that the question expired');
      }
    }
    const question = this.session.state.questions.get(id);
    // The store refused, or the question has just moved to another log: it is still to be ended.
    if (!this.session.ended && !(question && this.isOver(question))) {
      this.expireAfter(id, Math.min(this.minuteMs, (this.minuteMs / 60) * 2 ** refusals), refusals + 1);
    }
  }
}

function expiryDraft({ record }: QuestionState): Draft {
  const { id, default_answer: given } = record;
  if (given === undefined) return closedDraft(id, 'expired');
  return answerDraft(eventIdFrom('default', id), {
    question_id: id,
    ...resolveAnswer(record, { text: given }),
    answered_by: DEFAULT_ANSWER_BY,
    answered_at: new Date().toISOString(),
  });
}

function keyOf(id: QuestionId, ending: Ending): string {
  return `${id}:${ending}`;
}
