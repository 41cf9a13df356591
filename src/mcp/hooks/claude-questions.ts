import {
  OPTION_DESCRIPTION_CHARS_MAX,
  OPTION_LABEL_CHARS_MAX,
  OPTIONS_MAX,
  QUESTION_CHARS_MAX,
} from '../../domain/question-input.ts';
import type { AnswerRecord, Option } from '../../domain/records.ts';
import { preview, wellFormed } from '../../domain/text.ts';
import type { CardContent } from '../new-question.ts';
import type { ToolCall } from '../tool-call.ts';
import { askPerson } from './ask-person.ts';
import type { HookRoom } from './hook-room.ts';
import type { Decision } from './permission.ts';

/** One question of the host's own AskUserQuestion, as far as it is what it should be. */
interface ClaudeQuestion {
  readonly question: string;
  readonly header: string;
  readonly options: readonly { readonly label: string; readonly description: string; readonly preview: string }[];
  readonly multiSelect: boolean;
}

/**
 * Asks the person the questions of AskUserQuestion, one card after another. Null when the terminal was first, nobody
 * answered in time, or the input is none that can be shown whole: then the host's own dialog decides.
 */
export async function answerClaudeQuestions(
  room: HookRoom,
  input: Readonly<Record<string, unknown>>,
  call: ToolCall,
  local: AbortSignal,
): Promise<Decision> {
  const asked = Array.isArray(input.questions) ? input.questions.map(readQuestion) : [];
  const questions = asked.filter((question) => question !== null);
  if (questions.length === 0 || questions.length < asked.length) return null;
  const answers: [question: string, answer: string][] = [];
  for (const [index, question] of questions.entries()) {
    const card = questionCard(question, index, questions.length);
    const ended = await askPerson(room, card, call, local, index > 0);
    if (!ended?.answer) return null;
    answers.push([question.question, answerText(question, card.options, ended.answer)]);
  }
  return { behavior: 'allow', updatedInput: { ...input, answers: Object.fromEntries(answers) } };
}

function readQuestion(value: unknown): ClaudeQuestion | null {
  const { question, header, options, multiSelect } = (value ?? {}) as Record<string, unknown>;
  if (typeof question !== 'string' || question.trim() === '') return null;
  const text = (field: unknown): string => (typeof field === 'string' ? field : '');
  const read = (Array.isArray(options) ? options : []).map((option: unknown) => {
    const { label, description, preview: picture } = (option ?? {}) as Record<string, unknown>;
    return { label: text(label), description: text(description), preview: text(picture) };
  });
  return { question, header: text(header), options: read, multiSelect: multiSelect === true };
}

function questionCard(asked: ClaudeQuestion, index: number, count: number): CardContent & { options?: Option[] } {
  const options = shownOptions(asked);
  const words = wellFormed(asked.question).trim();
  const long = words.length > QUESTION_CHARS_MAX;
  const title = [preview(asked.header, 80), count > 1 && `question ${index + 1} of ${count}`]
    .filter(Boolean)
    .join(' · ');
  const context = [title, long && words, ...details(asked, options !== undefined)].filter(Boolean).join('\n\n');
  return {
    kind: 'question',
    question: long ? preview(words, QUESTION_CHARS_MAX) : words,
    ...(context ? { context } : {}),
    ...(options ? { options } : {}),
    multi_select: asked.multiSelect && options !== undefined,
    allow_text: true,
  };
}

/** Options as buttons show them, in the same order, no two alike; undefined when there are none to choose from, or too many. */
function shownOptions({ options }: ClaudeQuestion): Option[] | undefined {
  if (options.length < 2 || options.length > OPTIONS_MAX) return undefined;
  const seen = new Set<string>();
  return options.map(({ label, description }, index) => {
    let shown = preview(label, OPTION_LABEL_CHARS_MAX) || `Option ${index + 1}`;
    if (seen.has(shown)) shown = `${preview(label, OPTION_LABEL_CHARS_MAX - 5)} (${index + 1})`;
    seen.add(shown);
    return {
      label: shown,
      ...(description ? { description: preview(description, OPTION_DESCRIPTION_CHARS_MAX) } : {}),
    };
  });
}

/** What buttons do not show: previews, texts that were cut, options that are none or too many for buttons. */
function details({ options }: ClaudeQuestion, asButtons: boolean): string[] {
  return options.flatMap(({ label, description, preview: picture }) => {
    const cut = label.length > OPTION_LABEL_CHARS_MAX || description.length > OPTION_DESCRIPTION_CHARS_MAX;
    if (!picture && !cut && asButtons) return [];
    const text = !asButtons || cut ? `${label}${description ? `: ${description}` : ''}` : label;
    return [`${text}${picture ? `\n\`\`\`\n${picture.replaceAll('```', "'''")}\n\`\`\`` : ''}`];
  });
}

/** The answer as Claude Code takes it: the labels as it gave them, or what the person wrote. */
function answerText({ options }: ClaudeQuestion, shown: readonly Option[] | undefined, answer: AnswerRecord): string {
  const files = (answer.files ?? []).map(({ path }) => `\nAttached: ${path}`).join('');
  const labels = answer.selected?.map(
    (chosen) => options[shown?.findIndex(({ label }) => label === chosen) ?? -1]?.label,
  );
  const chosen = labels?.every((label) => label !== undefined) ? labels.join(', ') : answer.answer;
  return chosen + files;
}
