import { InvalidQuestionError } from './errors.ts';
import type { Option } from './records.ts';
import { wellFormed } from './text.ts';

/** Characters of a question. Two Telegram messages; a longer text is context, which may be 25 times as long. */
export const QUESTION_CHARS_MAX = 8_000;
/** Characters of a context that still goes into the record; a longer one goes into a file beside the session file. */
export const CONTEXT_CHARS_INLINE_MAX = 8_000;
/** Characters of any context: what one person can be expected to read on a phone, with room to spare. */
export const CONTEXT_CHARS_MAX = 200_000;
/** Characters of an answer, as of a question. */
export const ANSWER_CHARS_MAX = 8_000;
export const OPTIONS_MIN = 2;
export const OPTIONS_MAX = 12;
export const OPTION_LABEL_CHARS_MAX = 200;
export const OPTION_DESCRIPTION_CHARS_MAX = 500;
export const TIMEOUT_MINUTES_DEFAULT = 30;
const TIMEOUT_MINUTES_MIN = 1;
const TIMEOUT_MINUTES_MAX = 24 * 60;

/** A question as the model gives it. */
export interface QuestionInput {
  readonly question: string;
  readonly context?: string | undefined;
  readonly options?: readonly (string | { label: string; description?: string | undefined })[] | undefined;
  readonly multi_select?: boolean | undefined;
  readonly allow_text?: boolean | undefined;
  readonly default_answer?: string | undefined;
  readonly timeout_minutes?: number | undefined;
}

/** A question that can be asked: trimmed, within limits, well-formed Unicode. */
export interface ValidQuestion {
  readonly question: string;
  readonly context?: string;
  readonly options?: Option[];
  readonly multi_select: boolean;
  readonly allow_text: boolean;
  readonly default_answer?: string;
  readonly timeout_minutes: number;
}

/** @throws InvalidQuestionError with what to mend. A time-out out of range is clamped, since models guess it. */
export function validateQuestion(input: QuestionInput): ValidQuestion {
  const question = tidy(input.question);
  if (question === '') {
    throw new InvalidQuestionError(
      'The question is empty; nothing was asked. Give the text that the person shall read.',
    );
  }
  if (question.length > QUESTION_CHARS_MAX) {
    throw new InvalidQuestionError(
      `The question has ${question.length} characters, the limit is ${QUESTION_CHARS_MAX}; nothing was asked. ` +
        'Ask in a few sentences and put the rest into "context".',
    );
  }
  const context = tidy(input.context ?? '');
  if (context.length > CONTEXT_CHARS_MAX) {
    throw new InvalidQuestionError(
      `The context has ${context.length} characters, the limit is ${CONTEXT_CHARS_MAX}; nothing was asked. ` +
        'Name the file to look at instead.',
    );
  }
  const options = validateOptions(input.options);
  const allowText = input.allow_text ?? true;
  if (!allowText && !options) {
    throw new InvalidQuestionError(
      '"allow_text" is false but there are no options, so nobody could answer; nothing was asked. ' +
        'Give 2 to 12 options or allow text.',
    );
  }
  const defaultAnswer = tidy(input.default_answer ?? '');
  if (defaultAnswer.length > ANSWER_CHARS_MAX) {
    throw new InvalidQuestionError(
      `The default answer has ${defaultAnswer.length} characters, the limit is ${ANSWER_CHARS_MAX}; nothing was asked.`,
    );
  }
  if (defaultAnswer && options && !allowText && !options.some((option) => option.label === defaultAnswer)) {
    throw new InvalidQuestionError(
      `The default answer ${JSON.stringify(defaultAnswer)} is none of the options and text is not allowed; nothing was asked.`,
    );
  }
  return {
    question,
    ...(context ? { context } : {}),
    ...(options ? { options } : {}),
    multi_select: Boolean(input.multi_select && options),
    allow_text: allowText,
    ...(defaultAnswer ? { default_answer: defaultAnswer } : {}),
    timeout_minutes: clampTimeout(input.timeout_minutes),
  };
}

function validateOptions(given: QuestionInput['options']): Option[] | undefined {
  if (!given || given.length === 0) return undefined;
  if (given.length < OPTIONS_MIN || given.length > OPTIONS_MAX) {
    throw new InvalidQuestionError(
      `A question takes ${OPTIONS_MIN} to ${OPTIONS_MAX} options, ${given.length} given; nothing was asked. ` +
        (given.length < OPTIONS_MIN ? 'Leave options out for a free-text question.' : 'Ask in two steps.'),
    );
  }
  const options = given.map((option) => validateOption(typeof option === 'string' ? { label: option } : option));
  const seen = new Set<string>();
  for (const { label } of options) {
    if (seen.has(label)) {
      throw new InvalidQuestionError(
        `Two options are called ${JSON.stringify(label)}, so an answer could mean either; nothing was asked. Rename one.`,
      );
    }
    seen.add(label);
  }
  return options;
}

function validateOption(option: { label: string; description?: string | undefined }): Option {
  const label = tidy(option.label);
  const description = tidy(option.description ?? '');
  if (label === '') throw new InvalidQuestionError('An option has an empty label; nothing was asked.');
  if (label.length > OPTION_LABEL_CHARS_MAX) {
    throw new InvalidQuestionError(
      `An option's label has ${label.length} characters, the limit is ${OPTION_LABEL_CHARS_MAX}; nothing was asked. ` +
        'Use a short label and put the rest into its description.',
    );
  }
  if (description.length > OPTION_DESCRIPTION_CHARS_MAX) {
    throw new InvalidQuestionError(
      `The description of option ${JSON.stringify(label)} has ${description.length} characters, ` +
        `the limit is ${OPTION_DESCRIPTION_CHARS_MAX}; nothing was asked. Put the rest into "context".`,
    );
  }
  return { label, ...(description ? { description } : {}) };
}

function clampTimeout(minutes: number | undefined): number {
  if (minutes === undefined || Number.isNaN(minutes)) return TIMEOUT_MINUTES_DEFAULT;
  return Math.min(TIMEOUT_MINUTES_MAX, Math.max(TIMEOUT_MINUTES_MIN, minutes));
}

function tidy(text: string): string {
  return wellFormed(text).trim();
}
