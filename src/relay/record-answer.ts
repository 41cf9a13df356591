import { setTimeout as delay } from 'node:timers/promises';
import { type GivenChoice, InvalidAnswerError, resolveAnswer } from '../domain/answer-input.ts';
import { answerDraft, closedDraft } from '../domain/drafts.ts';
import { SwitchboardError } from '../domain/errors.ts';
import { type EventId, eventIdFrom, type QuestionId } from '../domain/ids.ts';
import type { Person, QuestionRecord } from '../domain/records.ts';
import type { QuestionState, SessionState } from '../domain/session-state.ts';
import type { SessionStore } from '../store/contract.ts';
import type { SessionView } from '../store/session-view.ts';

/** What a person gave, and what caused it: the same cause writes the same record however often it comes. */
export interface AnswerAttempt {
  readonly question_id: QuestionId;
  /** A function is called once, when the log says that the question can be answered. */
  readonly given: GivenChoice | ((question: QuestionRecord) => Promise<GivenChoice>);
  readonly person: Person;
  readonly cause: EventId;
  /** ISO 8601. */
  readonly now: string;
}

/** What became of it; `question` is as the log tells it after the attempt. Only the two `recorded` changed anything. */
export type AnswerOutcome =
  | {
      readonly outcome: 'recorded' | 'recorded_late' | 'already_answered' | 'closed';
      readonly question: QuestionState;
    }
  | { readonly outcome: 'unknown_question' }
  | { readonly outcome: 'invalid' | 'failed'; readonly message: string };

// A lost race is settled by the next look at the log. A log that is gone although its session has not ended is most likely
// damaged and about to be opened again by its owner: worth two seconds of patience.
const REOPENING_MS = 100;
const REOPENINGS_MAX = 20;
const ATTEMPTS_MAX = REOPENINGS_MAX + 3;

/**
 * Writes an answer into the session's log by the rules that hold for everybody: the first one wins, and a session that
 * `isOver` gets none, since nobody would ever have it. Never throws for what the disk does.
 */
export async function recordAnswer(
  store: SessionStore,
  view: SessionView,
  attempt: AnswerAttempt,
  isOver: (state: SessionState) => boolean,
): Promise<AnswerOutcome> {
  let given: GivenChoice | null = null;
  try {
    for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts += 1) {
      await view.refresh();
      const question = view.state.questions.get(attempt.question_id);
      if (!question) return { outcome: 'unknown_question' };
      const settled = judgeByLog(question, attempt.cause);
      if (settled) return settled;
      if (isOver(view.state)) return await refuseForGood(store, view, question, attempt);
      const late = question.status === 'closed';
      if (!given) {
        given = typeof attempt.given === 'function' ? await attempt.given(question.record) : attempt.given;
        // Fetching it may have taken minutes: what holds by now decides.
        if (typeof attempt.given === 'function') continue;
      }
      const { question_id, person: answered_by, now: answered_at } = attempt;
      const answer = { question_id, answered_by, answered_at, ...resolveAnswer(question.record, given) };
      const appended = await store.append(view.id, answerDraft(attempt.cause, answer, late));
      if (appended.status === 'closed') {
        if (attempts < REOPENINGS_MAX) {
          await delay(REOPENING_MS);
          continue;
        }
        return { outcome: 'closed', question: endedWithSession(question, attempt.now) };
      }
      if (appended.status === 'slot_taken') continue;
      await view.refresh();
      const after = view.state.questions.get(attempt.question_id) ?? question;
      return { outcome: late ? 'recorded_late' : 'recorded', question: after };
    }
    return { outcome: 'failed', message: 'Others were writing at the same moment; nothing was recorded. Try again.' };
  } catch (error) {
    if (error instanceof InvalidAnswerError) return { outcome: 'invalid', message: error.message };
    if (error instanceof SwitchboardError) return { outcome: 'failed', message: error.message };
    throw error;
  }
}

/** The log says that the session's end was first, before anybody is told that an answer came too late. */
async function refuseForGood(
  store: SessionStore,
  view: SessionView,
  question: QuestionState,
  { question_id, cause, now }: AnswerAttempt,
): Promise<AnswerOutcome> {
  if (question.status === 'pending') await store.append(view.id, closedDraft(question_id, 'session_ended'));
  await view.refresh();
  const after = view.state.questions.get(question_id) ?? question;
  return judgeByLog(after, cause) ?? { outcome: 'closed', question: endedWithSession(after, now) };
}

function endedWithSession(question: QuestionState, timestamp: string): QuestionState {
  return { ...question, status: 'closed', closed: { reason: 'session_ended', timestamp } };
}

/** What the log alone says; null while an answer can still be recorded. */
function judgeByLog(question: QuestionState, cause: EventId): AnswerOutcome | null {
  const { answer, closed, lateAnswer, record } = question;
  if (record.kind === 'notice') return { outcome: 'invalid', message: 'This was a notice; it takes no answer.' };
  if (answer) return { outcome: answer.event_id === cause ? 'recorded' : 'already_answered', question };
  if (!closed) return null;
  if (lateAnswer) {
    const own = lateAnswer.event_id === eventIdFrom('late', cause);
    return { outcome: own ? 'recorded_late' : 'already_answered', question };
  }
  return closed.reason === 'expired' ? null : { outcome: 'closed', question };
}
