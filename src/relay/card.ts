import type { QuestionState } from '../domain/session-state.ts';
import type { Card, CardState, SessionName } from './channel.ts';

/** The card of a question, as the log tells it now; `context` is the one that is kept beside the log. */
export function cardOf(question: QuestionState, session: SessionName, context?: string): Card {
  const { record } = question;
  return {
    question_id: record.id,
    session,
    kind: record.kind,
    question: record.question,
    context: record.context ?? context,
    options: record.options ?? [],
    multi_select: record.multi_select,
    allow_text: record.allow_text,
    default_answer: record.default_answer,
    level: record.level,
    asked_at: record.created_at,
    expires_at: record.expires_at,
    state: stateOf(question),
  };
}

function stateOf(question: QuestionState): CardState {
  const { answer, closed, lateAnswer } = question;
  if (answer) {
    return {
      status: 'answered',
      answer: answer.answer,
      selected: answer.selected,
      answered_by: answer.answered_by,
      answered_at: answer.answered_at,
      delivered: question.deliveredAt !== undefined,
    };
  }
  if (closed)
    return { status: 'closed', reason: closed.reason, at: closed.timestamp, answer: closed.answer, lateAnswer };
  return { status: 'pending' };
}
