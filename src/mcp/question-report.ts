import type { AnswerRecord } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';
import type { AskOutput, QuestionStatusWord } from './tool-schemas.ts';

/** Whose word a default answer is: nobody's. Written by the session itself when nobody answered in time. */
export const DEFAULT_ANSWER_BY = { channel: 'default', id: 'timeout', name: 'default answer' } as const;

/** What of a question Claude may still have to be told: its outcome, or an answer that came after it had expired. */
export type Ending = 'outcome' | 'late';

/** The ending that counts by now; null while the question is open. */
export function endingOf(question: QuestionState): Ending | null {
  if (question.lateAnswer) return 'late';
  return question.status === 'pending' ? null : 'outcome';
}

/** Where the question stands, in one word. */
function statusOf(question: QuestionState): QuestionStatusWord {
  if (question.answer || question.lateAnswer) return 'answered';
  return question.closed?.reason ?? 'pending';
}

/** What Claude is told of a question, as complete as the log is. */
export function reportQuestion(question: QuestionState, note?: string): AskOutput {
  const answer = question.answer ?? question.lateAnswer;
  const notes = [note, answer ? noteOnAnswer(answer) : noteOnEnd(question)].filter((part) => part !== undefined);
  return {
    question_id: question.record.id,
    status: statusOf(question),
    asked_at: question.record.created_at,
    ...(answer
      ? {
          answer: answer.answer,
          ...(answer.selected ? { selected: answer.selected } : {}),
          ...(answer.files ? { files: answer.files } : {}),
          answered_at: answer.answered_at,
          answered_by: answer.answered_by,
        }
      : {}),
    ...(!answer && question.closed?.answer !== undefined ? { answer: question.closed.answer } : {}),
    ...(notes.length > 0 ? { note: notes.join(' ') } : {}),
  };
}

function noteOnAnswer(answer: AnswerRecord): string | undefined {
  if (answer.late) return 'This answer came after the question had expired.';
  if (answer.answered_by.channel !== DEFAULT_ANSWER_BY.channel) return undefined;
  return 'Nobody answered in time: this is your own default answer, not the word of a person.';
}

function noteOnEnd({ closed }: QuestionState): string | undefined {
  switch (closed?.reason) {
    case 'expired':
      return 'Nobody answered in time. An answer that still comes is kept; check_question_answers hands it out.';
    case 'answered_elsewhere':
      return 'The question was marked as answered elsewhere.';
    case 'withdrawn':
      return 'The question was withdrawn because the call that asked it was cancelled.';
    case 'session_ended':
    case undefined:
      return undefined;
  }
}
