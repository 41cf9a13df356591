import { SwitchboardError } from './errors.ts';
import { ANSWER_CHARS_MAX } from './question-input.ts';
import type { AnswerFile, QuestionRecord } from './records.ts';

/** What a person did with a card: pressed options by index, or wrote, or sent files with or without a caption. */
export type GivenChoice =
  | { readonly options: readonly number[] }
  | { readonly text: string; readonly files?: readonly AnswerFile[] | undefined };

/** An answer as a record holds it. */
export interface ResolvedAnswer {
  readonly answer: string;
  readonly selected?: string[];
  readonly files?: readonly AnswerFile[];
}

/** The answer does not fit its question; nothing was recorded. The message is for the person. */
export class InvalidAnswerError extends SwitchboardError {
  override readonly name = 'InvalidAnswerError';
  readonly code = 'INVALID_ANSWER';
}

/**
 * Turns what a person gave into the answer's text and, where options were chosen, their labels.
 * A text that equals an option's label is that option.
 *
 * @throws InvalidAnswerError when the question does not take such an answer.
 */
export function resolveAnswer(question: QuestionRecord, given: GivenChoice): ResolvedAnswer {
  return 'text' in given ? resolveText(question, given) : resolveOptions(question, given.options);
}

/**
 * Judges files before they are fetched.
 *
 * @throws InvalidAnswerError when the question does not take files, or not with this caption.
 */
export function checkTakesFiles(question: QuestionRecord, caption: string): void {
  resolveText(question, { text: caption, files: [] });
}

function resolveOptions(question: QuestionRecord, indexes: readonly number[]): ResolvedAnswer {
  const labels = [...new Set(indexes)].sort((a, b) => a - b).map((index) => question.options?.[index]?.label);
  if (labels.some((label) => label === undefined)) {
    throw new InvalidAnswerError('This question has no such option; nothing was recorded.');
  }
  if (labels.length === 0) throw new InvalidAnswerError('No option is chosen; nothing was recorded.');
  if (labels.length > 1 && !question.multi_select) {
    throw new InvalidAnswerError('This question takes one option only; nothing was recorded.');
  }
  const selected = labels.filter((label) => label !== undefined);
  return { answer: selected.join(', '), selected };
}

function resolveText(question: QuestionRecord, given: Extract<GivenChoice, { text: string }>): ResolvedAnswer {
  const text = given.text.toWellFormed().trim();
  const files = given.files ? { files: given.files } : {};
  if (text === '' && !given.files) throw new InvalidAnswerError('The answer is empty; nothing was recorded.');
  if (text.length > ANSWER_CHARS_MAX) {
    throw new InvalidAnswerError(
      `The answer has ${text.length} characters, the limit is ${ANSWER_CHARS_MAX}; nothing was recorded.`,
    );
  }
  const option = question.options?.find(({ label }) => label.toLowerCase() === text.toLowerCase());
  if (option) return { answer: option.label, selected: [option.label], ...files };
  if (!question.allow_text) {
    const what = given.files ? 'files' : 'text';
    throw new InvalidAnswerError(`This question takes one of its options, not ${what}; nothing was recorded.`);
  }
  return { answer: text || fileWords(given.files ?? []), ...files };
}

/** The answer of who sent files and no word. */
function fileWords(files: readonly AnswerFile[]): string {
  return `See ${files.length === 1 ? 'the attached file' : 'the attached files'}: ${files.map(({ name }) => name).join(', ')}`;
}
