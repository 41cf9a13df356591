import { SwitchboardError } from './errors.ts';
import { allows } from './permission.ts';
import { ANSWER_CHARS_MAX } from './question-input.ts';
import type { AnswerFile, Option, QuestionRecord } from './records.ts';

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

const LOOSE_YES =
  /^(y|yes|yep|yeah|ok|okay|sure|allow|allowed|allow (it|this|once|for this session)|approve|approved|go|go ahead|do it|fine|👍)[.! ]*$/iu;

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

/** What was typed where there are no buttons to press: the options that the text means, else the text. */
export function typedChoice(question: QuestionRecord, text: string): GivenChoice {
  const labels = chosenByText(question, text.trim());
  if (!labels) return { text };
  return { options: labels.map((label) => (question.options ?? []).findIndex((option) => option.label === label)) };
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
  const chosen = chosenByText(question, text);
  if (question.kind === 'permission') refuseWrittenYes(question, text, chosen);
  if (chosen) return { answer: chosen.join(', '), selected: chosen, ...files };
  if (!question.allow_text) {
    const what = given.files ? 'files' : 'text';
    const labels = question.options?.map(({ label }) => label).join(', ');
    throw new InvalidAnswerError(
      `This question takes one of its options, not ${what}: ${labels}. Nothing was recorded.`,
    );
  }
  return { answer: text || fileWords(given.files ?? []), ...files };
}

/**
 * A text to a permission denies it and says why. It allows nothing, by the name or the number of an option neither: it may
 * have been meant for something else, or heard wrong. And a plain yes is no reason to deny.
 */
function refuseWrittenYes(question: QuestionRecord, text: string, selected: readonly string[] | null): void {
  const namesIt = selected !== null && allows(question, { answer: text, selected });
  if (!namesIt && !LOOSE_YES.test(text)) return;
  throw new InvalidAnswerError(
    'Press one of the buttons to allow this, or in a terminal give the number of the option: a text denies it and tells Claude why. Nothing was recorded.',
  );
}

/** The answer of who sent files and no word. */
function fileWords(files: readonly AnswerFile[]): string {
  return `See ${files.length === 1 ? 'the attached file' : 'the attached files'}: ${files.map(({ name }) => name).join(', ')}`;
}

/** The labels that a text means: one, or with several allowed a list of them with commas; null when it is just a text. */
function chosenByText({ options = [], multi_select }: QuestionRecord, text: string): string[] | null {
  const whole = labelOf(options, text);
  if (whole !== null) return [whole];
  if (!multi_select) return null;
  const labels = text.split(',').map((part) => labelOf(options, part.trim()));
  const known = labels.filter((label) => label !== null);
  if (known.length < labels.length) return null;
  return options.map(({ label }) => label).filter((label) => known.includes(label));
}

function labelOf(options: readonly Option[], text: string): string | null {
  const exact = options.find(({ label }) => label === text);
  const similar = exact ?? options.find(({ label }) => label.toLowerCase() === text.toLowerCase());
  if (similar) return similar.label;
  // "2" means the second option, as cards number them, unless the options are about numbers themselves.
  const number = /^(\d{1,2})[.)]?$/.exec(text)?.[1];
  if (number === undefined || options.some(({ label }) => /\d/.test(label))) return null;
  return options[Number(number) - 1]?.label ?? null;
}
