import { type GivenChoice, InvalidAnswerError, type ResolvedAnswer, resolveAnswer } from '../domain/answer-input.ts';
import { answerDraft, closedDraft } from '../domain/drafts.ts';
import { SwitchboardError } from '../domain/errors.ts';
import { type EventId, eventIdFrom, type QuestionId } from '../domain/ids.ts';
import { allows } from '../domain/permission.ts';
import type { Person, QuestionRecord } from '../domain/records.ts';
import type { QuestionState, SessionState } from '../domain/session-state.ts';
import type { SessionStore } from '../store/contract.ts';
import type { SessionView } from '../store/session-view.ts';
import type { Confirmations } from './confirmations.ts';
import { REWRITING_LOOKS_MAX, rewritten } from './rewriting.ts';

/** What a person gave, and what caused it: the same cause writes the same record however often it comes. */
export interface AnswerAttempt {
  readonly question_id: QuestionId;
  /** A function is called once, when the log says that the question can be answered. */
  readonly given: GivenChoice | ((question: QuestionRecord) => Promise<GivenChoice>);
  readonly person: Person;
  readonly cause: EventId;
  /** Of a dangerous permission: the person has seen the whole of it, and says yes again. */
  readonly confirmed?: true | undefined;
  readonly pin?: string | undefined;
  /** ISO 8601. */
  readonly now: string;
}

/** What became of it; `question` is as the log tells it after the attempt. Only the two `recorded` changed anything. */
export type AnswerOutcome =
  | {
      readonly outcome: 'recorded' | 'recorded_late' | 'already_answered' | 'closed';
      readonly question: QuestionState;
    }
  /** To be given once more, with the whole of it in sight; `pin`: and with the PIN. */
  | {
      readonly outcome: 'confirm';
      /** The option that was chosen, by index. */
      readonly option: number;
      readonly pin: boolean;
      readonly question: QuestionState;
    }
  | { readonly outcome: 'wrong_pin'; readonly attempts_left: number; readonly question: QuestionState }
  | { readonly outcome: 'unknown_question' }
  | { readonly outcome: 'invalid' | 'failed'; readonly message: string };

/** What decides, besides the log, whether an answer may be recorded. */
export interface AnswerRules {
  /** A session that is over gets no answer, since nobody would ever have it. */
  readonly isOver: (state: SessionState) => boolean;
  readonly confirmations: Confirmations;
}

// A lost race is settled by the next look at the log.
const ATTEMPTS_MAX = REWRITING_LOOKS_MAX + 3;

// What cannot be shown cannot be allowed, whatever a card still offers.
/** Said of a permission of which nobody can see the whole. */
export const NOT_READABLE =
  'What this is about cannot be read any more, so only Claude Code’s own dialog can allow it. Nothing was recorded; you can still deny it.';

/**
 * Writes an answer into the session's log by the rules that hold for everybody: the first one wins, a session that is
 * over gets none, and what is dangerous is approved twice. Never throws for what the disk does.
 */
export async function recordAnswer(
  store: SessionStore,
  view: SessionView,
  attempt: AnswerAttempt,
  { isOver, confirmations }: AnswerRules,
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
      const resolved = resolveAnswer(question.record, given);
      if (allows(question.record, resolved) && !(await canBeRead(store, view, question.record))) {
        return { outcome: 'invalid', message: NOT_READABLE };
      }
      const confirmed = confirm(question, resolved, attempt, confirmations);
      if (typeof confirmed === 'object') return confirmed;
      const answer = { question_id, answered_by, answered_at, ...resolved, confirmed };
      const appended = await store.append(view.id, answerDraft(attempt.cause, answer, late));
      if (appended.status === 'closed') {
        if (attempts < REWRITING_LOOKS_MAX) {
          await rewritten();
          continue;
        }
        // Its session is not over, as far as can be judged: it may still come back and write its log again.
        return { outcome: 'unknown_question' };
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

/** Can anybody see the whole of what the question is about? */
async function canBeRead(store: SessionStore, view: SessionView, { context_file }: QuestionRecord): Promise<boolean> {
  return context_file === undefined || (await store.readAttachment(view.id, context_file)) !== null;
}

/** How the answer was confirmed, undefined when it need not be; or why it cannot be recorded as it is. */
function confirm(
  question: QuestionState,
  answer: ResolvedAnswer,
  attempt: AnswerAttempt,
  confirmations: Confirmations,
): 'twice' | 'pin' | undefined | AnswerOutcome {
  if (!answer.selected && confirmations.isStrayPin(question.record, answer.answer)) {
    const message =
      'This may be a PIN, so it is no reason to deny anything. Press a button first, or in a terminal give the number of an option. Nothing was recorded.';
    return { outcome: 'invalid', message };
  }
  const confirmation = confirmations.judge(question.record, answer, attempt);
  switch (confirmation.is) {
    case 'free':
      return undefined;
    case 'confirmed':
      return confirmation.how;
    case 'missing':
      return { outcome: 'confirm', option: optionOf(question.record, answer), pin: confirmation.pin, question };
    case 'wrong_pin':
      return { outcome: 'wrong_pin', attempts_left: confirmation.attempts_left, question };
    default:
      return confirmation satisfies never;
  }
}

function optionOf({ options = [] }: QuestionRecord, { selected }: ResolvedAnswer): number {
  return options.findIndex(({ label }) => label === selected?.[0]);
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
  // Nobody waits for a late permission, and it must not come to Claude as if it allowed something.
  const takesLate = closed.reason === 'expired' && record.kind !== 'permission';
  return takesLate ? null : { outcome: 'closed', question };
}
