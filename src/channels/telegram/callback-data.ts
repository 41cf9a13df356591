import { parseQuestionId, type QuestionId, type SessionId, UUID } from '../../domain/ids.ts';

// Telegram refuses buttons whose data exceed 64 bytes (BUTTON_DATA_INVALID), so a button carries a verb of one letter,
// the question's whole id as 22 characters, and the option's index: never its text, never "the current question".

/** What a press means. */
export type ButtonAction =
  /** This option is the answer. */
  | { readonly verb: 'answer'; readonly question: QuestionId; readonly option: number }
  /** Of a dangerous permission, with all of it in sight: yes, this option; or no, not yet. */
  | { readonly verb: 'confirm'; readonly question: QuestionId; readonly option: number }
  | { readonly verb: 'unconfirm'; readonly question: QuestionId }
  /** Of a multiple choice: mark or unmark this option. Both say what shall be, so a repeated press is harmless. */
  | { readonly verb: 'mark' | 'unmark'; readonly question: QuestionId; readonly option: number }
  /** Of a multiple choice: the marked options are the answer. */
  | { readonly verb: 'done'; readonly question: QuestionId }
  /** Turn to a page (from 0) of the options. The button carries all marks, since the other pages' are not on buttons. */
  | { readonly verb: 'options_page'; readonly question: QuestionId; readonly page: number; readonly marks: number }
  /** Ask me for a text. */
  | { readonly verb: 'write'; readonly question: QuestionId }
  /** Show me this question in full. */
  | { readonly verb: 'open'; readonly question: QuestionId }
  /** The text I wrote is for this question. */
  | { readonly verb: 'assign'; readonly question: QuestionId }
  /** What I wrote after `/tell` is for this session. */
  | { readonly verb: 'tell'; readonly session: SessionId }
  /** Forget the text I wrote. */
  | { readonly verb: 'drop' }
  /** Show me the list of pending questions. */
  | { readonly verb: 'list' }
  /** Turn to a page (from 0) of the pending questions, or of the questions a text may be for. */
  | { readonly verb: 'list_page'; readonly page: number }
  | { readonly verb: 'assign_page'; readonly page: number };

const LETTERS = {
  answer: 'a',
  confirm: 'y',
  unconfirm: 'n',
  mark: 'm',
  unmark: 'u',
  done: 'd',
  options_page: 'g',
  write: 'w',
  open: 'o',
  assign: 't',
  tell: 's',
  drop: 'x',
  list: 'i',
  list_page: 'l',
  assign_page: 'p',
} as const satisfies Record<ButtonAction['verb'], string>;

const VERBS: ReadonlyMap<string, ButtonAction['verb']> = new Map(
  Object.entries(LETTERS).map(([verb, letter]) => [letter, verb as ButtonAction['verb']]),
);

const DATA = /^([a-z])(?:\.([A-Za-z0-9_-]{22}))?(?:\.(\d{1,4}))?(?:\.(\d{1,15}))?$/;

/** Writes an action as callback data of at most 64 bytes, e.g. `a.MDEyMzQ1Njc4OWFiY2RlZg.3`. */
export function encodeAction(action: ButtonAction): string {
  const parts: string[] = [LETTERS[action.verb]];
  if ('question' in action) parts.push(packId(action.question));
  if ('session' in action) parts.push(packId(action.session));
  if ('option' in action) parts.push(String(action.option));
  if ('page' in action) parts.push(String(action.page));
  if ('marks' in action) parts.push(String(action.marks));
  return parts.join('.');
}

/** Reads callback data; null for anything that this program has not written. */
export function decodeAction(data: string): ButtonAction | null {
  const [, letter, id, digits, moreDigits] = DATA.exec(data) ?? [];
  const question = id === undefined ? null : unpackId(id);
  const number = digits === undefined ? null : Number(digits);
  const action = actionOf(letter, question, number, moreDigits === undefined ? null : Number(moreDigits));
  // What it means must also be how it is written: nothing missing, nothing beside it.
  return action && encodeAction(action) === data ? action : null;
}

function actionOf(
  letter: string | undefined,
  question: QuestionId | null,
  number: number | null,
  marks: number | null,
): ButtonAction | null {
  const verb = VERBS.get(letter ?? '');
  switch (verb) {
    case 'answer':
    case 'confirm':
    case 'mark':
    case 'unmark':
      return question && number !== null ? { verb, question, option: number } : null;
    case 'options_page':
      return question && number !== null && marks !== null ? { verb, question, page: number, marks } : null;
    case 'tell':
      // Both are UUIDs, and only the verb says of what.
      return question ? { verb, session: question as string as SessionId } : null;
    case 'done':
    case 'unconfirm':
    case 'write':
    case 'open':
    case 'assign':
      return question ? { verb, question } : null;
    case 'list_page':
    case 'assign_page':
      return number === null ? null : { verb, page: number };
    case 'drop':
    case 'list':
      return { verb };
    case undefined:
      return null;
    default:
      return verb satisfies never;
  }
}

/** The id of a question or a session as 22 characters of base64url. */
export function packId(id: QuestionId | SessionId): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The id that was packed, or null when the text is none. */
export function unpackId(packed: string): QuestionId | null {
  const hex = Buffer.from(packed, 'base64url').toString('hex');
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return UUID.test(uuid) ? parseQuestionId(uuid) : null;
}
