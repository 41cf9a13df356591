import { allowingOptions } from '../domain/permission.ts';
import type { QuestionState } from '../domain/session-state.ts';
import type { Card, CardState, SessionName } from './channel.ts';

/** What a card says beside what stands in the log. */
export interface CardFacts {
  readonly session: SessionName;
  /** The context that is kept beside the log. */
  readonly context?: string | undefined;
  /** The context has not been read, or cannot be. */
  readonly contextMissing: boolean;
  readonly held: boolean;
}

/** The card of a question, as the log tells it now. */
export function cardOf(question: QuestionState, { session, context, contextMissing, held }: CardFacts): Card {
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
    ...(record.permission ? { permission: record.permission } : {}),
    ...(record.kind === 'permission' && contextMissing ? { withheld: allowingOptions(record.options ?? []) } : {}),
    ...(held ? { held } : {}),
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
  if (closed) {
    return {
      status: 'closed',
      reason: closed.reason,
      at: closed.timestamp,
      answer: closed.answer,
      ...(closed.where === undefined ? {} : { where: closed.where }),
      lateAnswer,
    };
  }
  return { status: 'pending' };
}
