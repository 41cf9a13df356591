import { text as readText } from 'node:stream/consumers';
import { v4 } from 'uuid';
import { typedChoice } from '../domain/answer-input.ts';
import { eventIdFrom } from '../domain/ids.ts';
import type { QuestionRecord } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';
import { preview } from '../domain/text.ts';
import { Confirmations } from '../relay/confirmations.ts';
import { type AnswerOutcome, recordAnswer } from '../relay/record-answer.ts';
import { CLAIMED_TWICE } from '../relay/verdict-words.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { commandName } from './command-name.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { parseIdPrefix } from './id-prefix.ts';
import { type AskedQuestion, type LiveSession, questionsOf, readLiveSessions } from './live-sessions.ts';
import { readPin } from './pin-prompt.ts';
import { tellHub } from './tell-hub.ts';
import { print, printable, printableLine, printError } from './terminal.ts';
import { thisPerson } from './this-person.ts';

const PREVIEW_CHARS = 60;

/** An answer as it was typed. `confirm`: the person knows what a dangerous permission is about. */
export interface TypedAnswer {
  readonly id: string;
  readonly text: string;
  /** Takes a number that no option has for what it is: the answer. */
  readonly asText: boolean;
  readonly confirm: boolean;
}

/** Answers a question from a terminal, by the rules that hold for everybody: the first answer wins. */
export async function answerQuestion(config: Config, log: Logger, typed: TypedAnswer): Promise<ExitCode> {
  const { id } = typed;
  const wanted = parseIdPrefix('question', id);
  if (wanted === null) return EXIT.usage;
  const asked = questionsOf(await readLiveSessions(config, log));
  const matching = asked.filter(({ question }) => question.record.id.startsWith(wanted));
  const waiting = matching.filter(({ session, question }) => session.view.state.open.has(question.record.id));
  const match = waiting[0] ?? matching[0];
  if (!match) {
    printError(`No live session asks a question ${wanted}. \`switchboard status\` lists the open ones.`);
    return EXIT.failed;
  }
  if (new Set(matching.map(({ question }) => question.record.id)).size > 1) {
    printError(`${matching.length} questions begin with ${wanted}; give more of the id:`, ...matching.map(listed));
    return EXIT.failed;
  }
  if (waiting.length > 1) {
    printError(CLAIMED_TWICE, ...waiting.map(listed));
    return EXIT.failed;
  }
  const { text, asText } = typed;
  const slip = asText ? null : numberWithoutOption(match.question.record, text);
  if (slip !== null) {
    const { options = [], allow_text } = match.question.record;
    const count = options.length === 1 ? 'There is 1 option' : `There are ${options.length} options`;
    const way = allow_text ? ` To send it as text: ${commandName()} answer --text ${id} ${text.trim()}` : '';
    printError(printable(`${count}, and ${slip} is none of them; nothing was recorded.${way}`));
    return EXIT.failed;
  }
  return record(config, match, typed);
}

/** The first number in a text of nothing but numbers that no option has; null when there is none. */
function numberWithoutOption({ options, multi_select }: QuestionRecord, text: string): string | null {
  // Where the options are about numbers themselves, a number is just a text.
  if (!options || options.some(({ label }) => /\d/.test(label))) return null;
  const parts = (multi_select ? text.split(',') : [text]).map((part) => part.trim());
  if (!parts.every((part) => /^\d{1,3}[.)]?$/.test(part))) return null;
  const isOption = (part: string): boolean =>
    Number.parseInt(part, 10) >= 1 && Number.parseInt(part, 10) <= options.length;
  return parts.find((part) => !isOption(part)) ?? null;
}

/** The answer's text: the words given, or standard input for `-` and for none. Null when a person would have to type it. */
export async function readAnswerText(words: readonly string[]): Promise<string | null> {
  const given = words.join(' ');
  if (given !== '' && given !== '-') return given;
  if (given === '' && process.stdin.isTTY) return null;
  return readText(process.stdin);
}

async function record(config: Config, { session, question }: AskedQuestion, typed: TypedAnswer): Promise<ExitCode> {
  const { text, confirm } = typed;
  const pin = confirm && config.permissionPin !== undefined ? await readPin() : null;
  const attempt = {
    question_id: question.record.id,
    given: typedChoice(question.record, text),
    person: thisPerson('cli'),
    cause: eventIdFrom('cli', v4()),
    ...(confirm ? { confirmed: true as const } : {}),
    ...(pin === null ? {} : { pin }),
    now: new Date().toISOString(),
  };
  // Only living sessions were read, a moment ago. Wrong PINs are counted by the hub alone: whoever runs commands here
  // can read config.json, too.
  const rules = { isOver: () => false, confirmations: new Confirmations(config.permissionPin) };
  const outcome = await recordAnswer(session.store, session.view, attempt, rules);
  const recorded = outcome.outcome === 'recorded' || outcome.outcome === 'recorded_late';
  if (recorded) {
    await tellHub(config.home, { type: 'look', session: session.id, sessions_directory: session.directory });
  }
  if (outcome.outcome === 'confirm') await explain(outcome, session, typed);
  else (recorded ? print : printError)(sentence(outcome, session));
  return recorded ? EXIT.ok : EXIT.failed;
}

/** Says why a dangerous permission is to be confirmed, and shows all of it. */
async function explain(
  { question: { record }, pin }: Extract<AnswerOutcome, { outcome: 'confirm' }>,
  { store, view, title }: LiveSession,
  { id, text, confirm }: TypedAnswer,
): Promise<void> {
  const kept = record.context_file ? await store.readAttachment(view.id, record.context_file) : null;
  const shown = record.context ?? kept ?? '(What it is about cannot be read: better deny it.)';
  const missing = confirm && pin ? 'The PIN is missing: type it in a terminal, or give it as SWITCHBOARD_PIN.' : null;
  printError(
    printable(`${title}: ${record.question}`),
    '',
    printable(shown),
    '',
    'This is dangerous:',
    ...(record.permission?.dangers ?? []).map((danger) => printable(`  - ${danger}`)),
    '',
    missing ??
      `Nothing was recorded. To allow it all the same${pin ? ', with your PIN' : ''}: ` +
        `switchboard answer ${id} --confirm ${printable(text)}`,
  );
}

function sentence(outcome: Exclude<AnswerOutcome, { outcome: 'confirm' }>, { title }: LiveSession): string {
  switch (outcome.outcome) {
    case 'recorded':
      return `Recorded ${quoted(outcome.question.answer?.answer)} for ${printable(title)}; Claude gets it now.`;
    case 'recorded_late':
      return `The question had ended, so ${quoted(outcome.question.lateAnswer?.answer)} is kept for the next check of ${printable(title)}.`;
    case 'already_answered':
      return `${alreadyAnswered(outcome.question)} Nothing was recorded.`;
    case 'closed':
      return `The question is closed (${closedWords(outcome.question)}); nothing was recorded.`;
    case 'wrong_pin':
      return 'Wrong PIN; nothing was recorded.';
    case 'unknown_question':
      return 'Its session has just ended; nothing was recorded.';
    case 'invalid':
    case 'failed':
      return printable(outcome.message);
    default:
      return outcome satisfies never;
  }
}

function alreadyAnswered(question: QuestionState): string {
  const answer = question.answer ?? question.lateAnswer;
  if (!answer) return 'Somebody was first.';
  const { name, channel } = answer.answered_by;
  const when = new Date(answer.answered_at).toLocaleString('sv'); // YYYY-MM-DD HH:MM:SS
  return `Already answered ${quoted(answer.answer)} by ${printable(preview(name, PREVIEW_CHARS))} (${printableLine(channel)}) at ${when}.`;
}

function closedWords({ closed }: QuestionState): string {
  if (closed?.where === 'terminal') return 'answered in the terminal';
  return closed?.reason.replaceAll('_', ' ') ?? 'over';
}

function listed({ session, question: { record } }: AskedQuestion): string {
  return `  ${record.id}  ${printable(session.title)}: ${printable(preview(record.question, PREVIEW_CHARS))}`;
}

function quoted(text = ''): string {
  return `"${printable(preview(text, PREVIEW_CHARS))}"`;
}
