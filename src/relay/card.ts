import { allowingOptions, GRANT_CHARS_MAX } from '../domain/permission.ts';
import {
  ANSWER_CHARS_MAX,
  OPTION_DESCRIPTION_CHARS_MAX,
  OPTION_LABEL_CHARS_MAX,
  OPTIONS_MAX,
  QUESTION_CHARS_MAX,
} from '../domain/question-input.ts';
import type { Option, Permission, Person, QuestionRecord } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';
import { beginning, preview } from '../domain/text.ts';
import type { Card, CardState, SessionName } from './channel.ts';

// A session file may say anything, and a card goes to every channel, again and again: of each field it holds what our own
// sessions may write, and lists as far as a person can read them.
const OPTIONS_SHOWN_MAX = 4 * OPTIONS_MAX;
const DANGERS_SHOWN_MAX = 20;
const DANGER_CHARS_MAX = 5_000;
const PATH_CHARS_MAX = 4_096;
const NAME_CHARS_MAX = 300;
// That of a permission says what is granted, and must be whole.
const DESCRIPTION_CHARS_MAX = Math.max(OPTION_DESCRIPTION_CHARS_MAX, GRANT_CHARS_MAX);

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
    question: beginning(record.question, QUESTION_CHARS_MAX),
    context: record.context ?? context,
    ...optionsOf(record),
    multi_select: record.multi_select,
    allow_text: record.allow_text,
    default_answer: answerText(record.default_answer),
    level: record.level,
    ...(record.permission ? { permission: permissionOf(record.permission) } : {}),
    ...(record.kind === 'permission' && contextMissing ? { withheld: allowingOptions(record.options ?? []) } : {}),
    ...(held ? { held } : {}),
    asked_at: record.created_at,
    expires_at: record.expires_at,
    state: stateOf(question),
  };
}

function optionsOf({ options = [] }: QuestionRecord): Pick<Card, 'options' | 'options_left_out'> {
  const left = options.length - OPTIONS_SHOWN_MAX;
  return {
    options: options.slice(0, OPTIONS_SHOWN_MAX).map(optionOf),
    ...(left > 0 ? { options_left_out: left } : {}),
  };
}

function optionOf({ label, description }: Option): Option {
  return {
    label: labelOf(label),
    ...(description === undefined ? {} : { description: beginning(description, DESCRIPTION_CHARS_MAX) }),
  };
}

function labelOf(label: string): string {
  return beginning(label, OPTION_LABEL_CHARS_MAX);
}

function permissionOf(permission: Permission): Permission {
  const { tool, input_hash, cwd, grant, dangers } = permission;
  return {
    ...permission,
    tool: preview(tool, NAME_CHARS_MAX),
    input_hash: beginning(input_hash, NAME_CHARS_MAX),
    cwd: beginning(cwd, PATH_CHARS_MAX),
    ...(grant === undefined ? {} : { grant: beginning(grant, QUESTION_CHARS_MAX) }),
    ...(dangers === undefined ? {} : { dangers: dangersOf(dangers) }),
  };
}

function dangersOf(dangers: readonly string[]): string[] {
  const shown = dangers.slice(0, DANGERS_SHOWN_MAX).map((danger) => beginning(danger, DANGER_CHARS_MAX));
  const left = dangers.length - shown.length;
  return left > 0 ? [...shown, `… and ${left} more`] : shown;
}

function answerText<T extends string | undefined>(text: T): T {
  return (text === undefined ? undefined : beginning(text, ANSWER_CHARS_MAX)) as T;
}

function personOf({ channel, id, name }: Person): Person {
  return {
    channel: preview(channel, NAME_CHARS_MAX),
    id: preview(id, NAME_CHARS_MAX),
    name: preview(name, NAME_CHARS_MAX),
  };
}

function stateOf(question: QuestionState): CardState {
  const { answer, closed, lateAnswer } = question;
  if (answer) {
    return {
      status: 'answered',
      answer: answerText(answer.answer),
      selected: answer.selected?.slice(0, OPTIONS_SHOWN_MAX).map(labelOf),
      answered_by: personOf(answer.answered_by),
      answered_at: answer.answered_at,
      delivered: question.deliveredAt !== undefined,
    };
  }
  if (closed) {
    return {
      status: 'closed',
      reason: closed.reason,
      at: closed.timestamp,
      answer: answerText(closed.answer),
      ...(closed.where === undefined ? {} : { where: preview(closed.where, NAME_CHARS_MAX) }),
      lateAnswer: lateAnswer && {
        answer: answerText(lateAnswer.answer),
        answered_by: personOf(lateAnswer.answered_by),
      },
    };
  }
  return { status: 'pending' };
}
