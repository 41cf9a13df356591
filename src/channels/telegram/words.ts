import type { Person } from '../../domain/records.ts';
import { preview, spanText } from '../../domain/text.ts';
import type { Card, CardState, SessionSummary, Verdict } from '../../relay/channel.ts';

// Everything a person reads in Telegram, but for what the questions themselves say.

export const ICONS = {
  question: '❓',
  permission: '🔐',
  notice: { info: 'ℹ️', warning: '⚠️', error: '🛑' },
  answered: '✅',
  closed: '⌛',
  write: '✍️',
  marked: '☑️',
  unmarked: '⬜',
} as const;

export const BUTTONS = {
  write: '✍️ Write an answer',
  done: '✔️ Done',
  drop: '🗑 Drop it',
  previous: '◀️',
  next: '▶️',
} as const;

export const COMMANDS = [
  { command: 'pending', description: 'Questions that wait for an answer' },
  { command: 'status', description: 'Sessions that are running' },
  { command: 'help', description: 'How to answer' },
] as const;

export const WORDS = {
  // Cards
  part: (part: number, parts: number) => `(${part} of ${parts})`,
  contextCut: (missing: number) => `… ${missing} more characters of context do not fit here.`,
  byDefault: (answer: string, at: string | null) =>
    at ? `If nobody answers by ${at}, “${answer}” is taken.` : `Without an answer, “${answer}” is taken.`,
  expires: (at: string) => `Waits until ${at}.`,
  chooseSeveral: 'Mark as many as apply, then press Done.',
  answer: 'Answer: ',
  byWhom: (who: string, when: string, delivered: boolean) => `${who} · ${when}${delivered ? ' · delivered' : ''}`,
  elsewhere: (name: string, channel: string) => `${name} (${channel})`,
  prompt: (title: string, question: string) => `Write your answer to ${title}: ${question}`,
  promptPlaceholder: 'Your answer',

  // Lists
  pending: (count: number) => `Pending questions (${count})`,
  pendingHint: 'Choose one to see it in full.',
  page: (page: number, pages: number) => `Page ${page} of ${pages}.`,
  nonePending: 'No question is waiting. New ones come to you by themselves.',
  which: 'Which question is this for?',
  listEntry: (card: Card, age: string) => `${preview(card.session.title, 24)} · ${age} · ${preview(card.question, 60)}`,
  sessions: (count: number) => `Sessions (${count})`,
  noSessions: 'No session is running.',
  sessionLine: ({ name, pending }: SessionSummary, age: string) =>
    `${name.title.includes(name.project) ? '' : ` · ${name.project}`} · ${age} · ${openWords(pending)}`,

  // Texts
  gaveUp: 'Something went wrong here; nothing was recorded. Please try again.',
  nothingOpen: 'No question is waiting, so nothing was recorded.',
  dropped: 'Dropped; nothing was recorded.',
  alreadyAssigned: 'This text was used already; nothing more was recorded.',
  textGone: 'The text this was about is gone; nothing was recorded. Please write it again.',
  notYourText: 'Only who wrote the text may say what it is for.',
  editedMessage: 'An edited message changes nothing: an answer stays as it was first sent.',
  onlyText: 'Only texts and buttons can be answers; nothing was recorded.',

  // Presses
  chosen: (card: Card) => `Chosen: ${card.session.title}. Press an option, or just write.`,
  writeNow: 'Write your answer now.',
  nothingMarked: 'Nothing is marked yet; nothing was recorded.',
  cardTooOld: 'This message is too old to be marked; open the question with /pending.',
  unknownButton:
    'This button means nothing to this version of Switchboard; nothing was changed. /pending shows what is open.',

  // Strangers and places
  stranger: 'This bot answers to its owner only. Nothing was changed.',
  wrongChat: 'I show questions only in my own chats with my owner. Nothing was changed.',

  help:
    'Questions of your Claude Code sessions come here by themselves.\n\n' +
    'Press a button, reply to the question, or just write: with one question open your text is its answer, ' +
    'with several I ask which one you mean.\n\n' +
    '/pending  questions that wait for an answer\n' +
    '/status  sessions that are running\n' +
    '/help  this text',
  unknownCommand: (command: string) => `I do not know /${command}. I know /pending, /status and /help.`,

  // Health, for `switchboard status`
  connecting: 'Connecting to Telegram',
  connected: 'Connected to Telegram',
  connectedAs: (bot: string) => `Connected as @${bot}`,
  connectedNobody: (bot: string) => `Connected as @${bot}, but there is no owner: nobody is heard`,
  refused: (why: string) => `Telegram refused the message: ${why}`,
  notReachable: (why: string) =>
    `This chat takes no messages from the bot (${why}). Open the bot in Telegram and press Start, or unblock it.`,
  chatClosed: (chat: string) =>
    `Connected, but no message reaches ${chat}: open the bot there and press Start, and check TELEGRAM_OWNER_ID`,
  heldBack: (seconds: number) => `Telegram takes no messages into this chat for ${seconds} s`,
  unreachable: (why: string) => `Telegram unreachable: ${why}`,
  conflict:
    'Another program polls with this bot token, so presses and texts may go there: end it, or give each a bot of its own',
  tokenRefused: 'Telegram refuses the bot token; get the right one from @BotFather',
} as const;

function openWords(count: number): string {
  if (count === 0) return 'no open question';
  return count === 1 ? '1 open question' : `${count} open questions`;
}

/** What became of an answer, in one sentence for who gave it. */
export function verdictWords(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'recorded':
      return `Recorded for ${verdict.card.session.title}.`;
    case 'recorded_late':
      return `The question had expired. Your answer is kept: ${verdict.card.session.title} gets it when it looks again.`;
    case 'already_answered':
    case 'closed':
      return endedWords(verdict.card.state);
    case 'unknown_question':
      return UNKNOWN_QUESTION;
    case 'not_allowed':
      return 'Only the owner of this bot may answer; nothing was recorded.';
    case 'invalid':
      return verdict.message;
    case 'failed':
      return `Could not be recorded, please answer again: ${verdict.message}`;
    default:
      return verdict satisfies never;
  }
}

/** Said of a question that no session has. */
export const UNKNOWN_QUESTION = 'No running session asks this any more; nothing was recorded.';

/** How a question ended, in one sentence; empty while it is open. */
export function endedWords(state: CardState): string {
  if (state.status === 'pending') return '';
  if (state.status === 'closed') return closedWords(state);
  return `Answered already by ${whoWords(state.answered_by)}: “${preview(state.answer, 120)}”.`;
}

/** Why a question closed without a winning answer. */
export function closedWords(state: Extract<CardState, { status: 'closed' }>): string {
  switch (state.reason) {
    case 'withdrawn':
      return 'Withdrawn: Claude no longer needs an answer.';
    case 'expired':
      return state.lateAnswer
        ? `Expired; answered later by ${whoWords(state.lateAnswer.answered_by)}: “${preview(state.lateAnswer.answer, 1000)}”.`
        : 'Expired: nobody answered in time.';
    case 'answered_elsewhere':
      return state.answer ? `Answered elsewhere: “${preview(state.answer, 1000)}”.` : 'Answered elsewhere.';
    case 'session_ended':
      return 'The session has ended; nobody waits for an answer any more.';
    default:
      return state.reason satisfies never;
  }
}

/** Who gave an answer, and where if not here. */
export function whoWords(person: Person): string {
  return person.channel === 'telegram' ? person.name : WORDS.elsewhere(person.name, person.channel);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** A moment (ISO 8601) as the hub's own clock shows it, e.g. `20 Nov, 14:05`. */
export function clockWords(iso: string): string {
  return CLOCK.format(new Date(iso));
}

/** How long ago a moment (ISO 8601) was. */
export function ageWords(iso: string, now: number): string {
  return spanText(now - Date.parse(iso));
}
