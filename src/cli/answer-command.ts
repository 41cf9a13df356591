import { text as readText } from 'node:stream/consumers';
import { v4 } from 'uuid';
import { typedChoice } from '../domain/answer-input.ts';
import { eventIdFrom } from '../domain/ids.ts';
import { whoWords } from '../domain/person-words.ts';
import type { QuestionRecord } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';
import { preview, printableJson } from '../domain/text.ts';
import { Confirmations } from '../relay/confirmations.ts';
import { type AnswerAttempt, type AnswerOutcome, NOT_READABLE, recordAnswer } from '../relay/record-answer.ts';
import { CLAIMED_TWICE } from '../relay/verdict-words.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { askYes, isSomebodyThere } from './ask-yes.ts';
import { commandName } from './command-name.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { idPrefixIn } from './id-prefix.ts';
import { type AskedQuestion, type LiveSession, questionsOf, readLiveSessions } from './live-sessions.ts';
import { contextOf, sightCode, wholeLines } from './permission-sight.ts';
import { pinOfEnvironment, readPin } from './pin-prompt.ts';
import { tellHub } from './tell-hub.ts';
import { print, printable, printableLine, printError } from './terminal.ts';
import { thisPerson } from './this-person.ts';

const PREVIEW_CHARS = 60;

/** An answer as it was typed. */
export interface TypedAnswer {
  readonly id: string;
  /** Null when none was given: the question is shown, and nothing is recorded. */
  readonly text: string | null;
  /** Takes a number that no option has for what it is: the answer. */
  readonly asText: boolean;
  /** The code that stands below a dangerous permission that was shown whole. */
  readonly confirm?: string;
  /** As it was given in the arguments. */
  readonly home?: string;
}

/** Answers a question from a terminal, by the rules that hold for everybody: the first answer wins. */
export async function answerQuestion(config: Config, log: Logger, typed: TypedAnswer): Promise<ExitCode> {
  const { id } = typed;
  const wanted = idPrefixIn(id);
  const status = `\`${commandName(typed.home)} status\` lists the open ones`;
  if (wanted === null) {
    printError(`${printableJson(id)} is no question id, nor the first characters of one; ${status}.`);
    return EXIT.usage;
  }
  const asked = questionsOf(await readLiveSessions(config, log));
  const matching = asked.filter(({ question }) => question.record.id.startsWith(wanted));
  const waiting = matching.filter(({ session, question }) => session.view.state.open.has(question.record.id));
  const match = waiting[0] ?? matching[0];
  if (!match) {
    printError(`No live session asks a question ${wanted}; ${status}.`);
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
  const { text, asText, home } = typed;
  if (text === null) return showQuestion(match, `${commandName(home)} answer ${id} <text>`);
  const slip = asText ? null : numberWithoutOption(match.question.record, text);
  if (slip !== null) {
    const { options = [], allow_text } = match.question.record;
    const count = options.length === 1 ? 'There is 1 option' : `There are ${options.length} options`;
    const way = allow_text ? ` To send it as text: ${commandName(home)} answer --text ${id} ${text.trim()}` : '';
    printError(printable(`${count}, and ${slip} is none of them; nothing was recorded.${way}`));
    return EXIT.failed;
  }
  return record(config, match, { ...typed, text });
}

/** Shows what would be answered, to who has not said the answer yet. */
async function showQuestion(asked: AskedQuestion, way: string): Promise<ExitCode> {
  const { options = [] } = asked.question.record;
  printError(
    ...wholeLines(asked, await contextOf(asked)),
    ...options.map(({ label, description }, index) =>
      printableLine(`  ${index + 1}. ${label}${description === undefined ? '' : `: ${description}`}`),
    ),
    `Nothing was recorded. To answer: ${way}`,
  );
  return EXIT.usage;
}

/** With an answer in it. */
type Given = TypedAnswer & { readonly text: string };

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

/** The text that was typed: the words given, or standard input for `-`. Null without any. */
export async function readAnswerText(words: readonly string[]): Promise<string | null> {
  const given = words.join(' ');
  // In a loop of a script, standard input is often a list that has nothing to do with this question.
  return given === '-' ? readText(process.stdin) : given === '' ? null : given;
}

async function record(config: Config, asked: AskedQuestion, typed: Given): Promise<ExitCode> {
  const { session, question } = asked;
  const attempt = {
    question_id: question.record.id,
    given: typedChoice(question.record, typed.text),
    person: thisPerson('cli'),
    cause: eventIdFrom('cli', v4()),
    now: new Date().toISOString(),
  };
  // Only living sessions were read, a moment ago. Wrong PINs are counted by the hub alone: whoever runs commands here
  // can read config.json, too.
  const rules = { isOver: () => false, confirmations: new Confirmations(config.permissionPin) };
  const give = (said: SecondYes | null) => recordAnswer(session.store, session.view, { ...attempt, ...said }, rules);
  // What is allowed here is seen here: all of a permission is printed before anything of it is recorded.
  const isPermission = question.record.kind === 'permission' && question.status === 'pending';
  const context = isPermission ? await contextOf(asked) : '';
  if (isPermission) printError(...wholeLines(asked, context));
  let outcome = await give(null);
  if (outcome.outcome === 'confirm') {
    const said = context === null ? NOT_READABLE : await secondYes(question.record, outcome, typed);
    if (typeof said === 'string') {
      printError(said);
      return EXIT.failed;
    }
    outcome = await give(said);
  }
  const recorded = outcome.outcome === 'recorded' || outcome.outcome === 'recorded_late';
  if (recorded) {
    await tellHub(config.home, { type: 'look', session: session.id, sessions_directory: session.directory });
  }
  (recorded ? print : printError)(sentence(outcome, session, commandName(typed.home)));
  return recorded ? EXIT.ok : EXIT.failed;
}

/** A yes that was said below all of it, and the PIN where one is set. */
type SecondYes = Pick<AnswerAttempt, 'confirmed' | 'pin'>;

/**
 * The second yes to what has just been printed whole: by its code, or by who sits in front of it. A sentence when it was
 * not said.
 */
async function secondYes(
  question: QuestionRecord,
  { pin: asksPin }: Extract<AnswerOutcome, { outcome: 'confirm' }>,
  { id, text, confirm, home }: Given,
): Promise<SecondYes | string> {
  const code = sightCode(question);
  if (confirm !== undefined && confirm !== code) {
    return `${confirm} is not the code of what is shown above, but ${code} is; nothing was recorded.`;
  }
  if (confirm === undefined && !isSomebodyThere()) {
    return (
      `Nothing was recorded. To allow it all the same${asksPin ? ', with your PIN' : ''}: ` +
      `${commandName(home)} answer ${id} --confirm ${code} ${printable(text)}`
    );
  }
  // A PIN that is typed below all of it is a yes of its own; one in the environment is not.
  const asksYes = confirm === undefined && !(asksPin && pinOfEnvironment() === null);
  if (asksYes && !(await askYes('Allow it all the same?'))) return 'Nothing was recorded.';
  if (!asksPin) return { confirmed: true };
  const pin = await readPin();
  return { confirmed: true, ...(pin === null ? {} : { pin }) };
}

function sentence(outcome: AnswerOutcome, { title }: LiveSession, command: string): string {
  switch (outcome.outcome) {
    case 'confirm':
      return 'The PIN is missing: type it in a terminal, or give it as SWITCHBOARD_PIN. Nothing was recorded.';
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
      return `Its session has just ended, or its file was replaced; nothing was recorded. \`${command} status\` shows what is open.`;
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
  const { answered_by: by } = answer;
  const who = printableLine(whoWords({ ...by, name: preview(by.name, PREVIEW_CHARS) }));
  const when = new Date(answer.answered_at).toLocaleString('sv'); // YYYY-MM-DD HH:MM:SS
  return `Already answered ${quoted(answer.answer)} by ${who} at ${when}.`;
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
