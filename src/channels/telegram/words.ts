import * as persons from '../../domain/person-words.ts';
import type { Person } from '../../domain/records.ts';
import { preview, spanText } from '../../domain/text.ts';
import type { Card, CardState, SessionSummary, Transcription, Verdict } from '../../relay/channel.ts';
import * as anywhere from '../../relay/verdict-words.ts';

// Everything a person reads in Telegram, but for what the questions themselves say, and how an answer or a question
// ended: that is worded once for all channels, in relay/verdict-words.ts and where the rule is.

const HERE = 'telegram';

export const ICONS = {
  question: '❓',
  permission: '🔐',
  notice: { info: 'ℹ️', warning: '⚠️', error: '🛑' },
  answered: '✅',
  closed: '⌛',
  write: '✍️',
  marked: '☑️',
  unmarked: '⬜',
  file: '📎',
  inbox: '📥',
  reminder: '⏰',
  danger: '⚠️',
} as const;

export const BUTTONS = {
  again: '🔁 Try again',
  write: '✍️ Write an answer',
  denyWhy: '✍️ Deny and say why',
  yes: (label: string) => `⚠️ Yes, ${label.charAt(0).toLowerCase()}${label.slice(1)}`,
  no: 'No',
  done: (marked: number) => (marked > 0 ? `✔️ Done (${marked})` : '✔️ Done'),
  optionsBefore: (from: number, to: number) => `◀️ ${from}–${to}`,
  optionsAfter: (from: number, to: number) => `${from}–${to} ▶️`,
  showPending: '📋 Show them',
  drop: '🗑 Drop it',
  previous: '◀️',
  next: '▶️',
} as const;

export const COMMANDS = [
  { command: 'pending', description: 'Questions that wait for an answer' },
  { command: 'status', description: 'How everything is' },
  { command: 'sessions', description: 'Sessions that are running' },
  { command: 'tell', description: 'Say something to a session, e.g. /tell checkout use the cache' },
  { command: 'away', description: 'You are away from the desk: nothing waits for you there' },
  { command: 'back', description: 'You are back at the desk' },
  { command: 'mute', description: 'No sound for so many minutes, e.g. /mute 30' },
  { command: 'unmute', description: 'Sound again' },
  { command: 'cancel', description: 'Forget the chosen question or the text that waits' },
  { command: 'help', description: 'How to answer' },
] as const;

export const WORDS = {
  // Cards
  part: (part: number, parts: number) => `(${part} of ${parts})`,
  contextFile: (question: string) => `Context of: ${question}`,
  contextInFile: (characters: number) =>
    `… The whole context (${countWords(characters)} characters) is in the file above.`,
  contextCut: (missing: number) => `… ${countWords(missing)} more characters of context do not fit here.`,
  moreOptions: (missing: number) => `… and ${countWords(missing)} more`,
  byDefault: (answer: string, at: string | null) =>
    at ? `If nobody answers by ${at}, “${answer}” is taken.` : `Without an answer, “${answer}” is taken.`,
  expires: (at: string) => `Waits until ${at}.`,
  chooseSeveral: 'Mark as many as apply, then press Done.',
  answer: 'Answer: ',
  ended: 'This has ended, and nothing more is shown here.',
  byWhom: (who: string, when: string, delivered: boolean) => `${who} · ${when}${delivered ? ' · delivered' : ''}`,
  prompt: (title: string, question: string) => `Write your answer to ${title}: ${question}`,
  promptPlaceholder: 'Your answer',
  denyPrompt: (title: string, question: string) => `Deny, and say why to ${title}: ${question}`,
  denyPlaceholder: 'Why not',
  grants: (label: string) => `${label}: `,
  dangerous: 'You will be asked twice:',
  confirm: (label: string) => `${label}? Look at all of it.`,
  pinPrompt: (label: string, title: string, question: string) =>
    `Your PIN, to ${label.toLowerCase()} (${title}): ${question}`,
  pinPlaceholder: 'PIN',

  // Inbox and reminders
  inbox: (count: number) => (count === 1 ? '1 question waits' : `${count} questions wait`),
  inboxEmpty: 'No question waits',
  inboxLine: (title: string, count: number) => `• ${title}${count > 1 ? ` (${count})` : ''}`,
  inboxMore: (sessions: number) => `… and ${sessions} more sessions`,
  inboxOff: 'This inbox is switched off.',
  remind: (title: string, age: string) => `${title} has waited for this for ${age}.`,
  remindMany: (count: number, age: string) => `${count} questions still wait, the oldest for ${age}.`,

  // Lists
  pending: (count: number) => `Pending questions (${count})`,
  pendingHint: 'Choose one to see it in full.',
  page: (page: number, pages: number) => `Page ${page} of ${pages}.`,
  nonePending: 'No question is waiting. New ones come to you by themselves.',
  which: 'Which question is this for?',
  listEntry: (card: Card, question: string, age: string) =>
    `${preview(card.session.title, 24)} · ${age} · ${preview(question, 60)}`,
  sessions: (count: number) => `Sessions (${count})`,
  noSessions: 'No session is running.',
  sessionLine: ({ name, pending }: SessionSummary, age: string) =>
    `${name.title.includes(name.project) ? '' : ` · ${name.project}`} · ${age} · ${openWords(pending)}`,

  // Commands
  channelLine: (detail: string, since: string) => `${detail}, since ${since}.`,
  pendingLine: (count: number) => `${count === 1 ? '1 question waits' : `${count} questions wait`}: /pending`,
  mutedUntil: (until: string) => `Muted until ${until}: /unmute`,
  muted: (minutes: number, until: string) =>
    `Muted for ${minutes} min, until ${until}: questions still come, without sound and reminders. /unmute ends it.`,
  unmuted: 'Questions come with sound again.',
  notMuted: 'This chat is not muted.',
  muteUsage: (minutesMax: number) => `Say for how many minutes, from 1 to ${minutesMax}: /mute 30`,
  noLongerChosen: (card: Card) => `${card.session.title} is no longer chosen.`,
  promptWithdrawn: 'No answer is asked for any more; the question stays open.',
  nothingToCancel: 'There is nothing to cancel: no question is chosen, and no text waits.',

  // Pairing
  admitted: (name: string) =>
    `Welcome, ${name}. You are an owner of this bot now: questions of your Claude Code sessions come here. /help says how to answer.`,
  ownerAlready: 'You are an owner of this bot already; nothing was changed.',
  codeRefused:
    'This link is not good any more: it was used, or has expired. `switchboard pair` prints a new one. Nothing was changed.',
  tooManyAttempts: 'Too many attempts; nothing was changed. Try again in ten minutes.',
  notAdmitted: (why: string) => `You could not be made an owner: ${why}`,

  // Sessions that have not asked
  tellUsage: 'Say to whom, and what: /tell checkout use the cache. /sessions lists the sessions.',
  noSuchSession: 'No running session is called so; nothing was sent or changed. /sessions lists them.',
  severalSessions: (titles: readonly string[]) =>
    `Several are called so: ${preview(titles.join(', '), 500)}. Say more of the name; nothing was changed.`,
  whichSession: 'Which session is this for?',
  sayAgain: (words: string) => `${words} To say it to the session all the same, send it again.`,
  away: (title: string | undefined) =>
    `You are away${title === undefined ? '' : ` from ${title}`}: what Claude Code wants comes here at once. /back ends it.`,
  back: (title: string | undefined) =>
    `You are back${title === undefined ? '' : ` at ${title}`}: what can be answered in the terminal may wait for you there first.`,
  presenceNotKept: 'This could not be written down; nothing was changed. The hub’s log says why.',
  presenceLine: (away: boolean, others: readonly string[]) =>
    `${away ? 'Away' : 'At the desk'}${others.length === 0 ? '' : `, but ${away ? 'at the desk of' : 'away from'} ${preview(others.join(', '), 200)}`}: ${away ? '/back' : '/away'}`,

  // Dangerous permissions
  pinNow: 'Now reply with your PIN.',
  notInSight: 'Not all of it fits here, so it cannot be allowed here: allow it in the terminal or in the web inbox.',
  notAllowed: 'Not allowed, and not denied either: the permission above still waits.',
  pinNotNeeded:
    'So no PIN is needed any more: these digits were taken for it, and nothing was recorded. If they answer something else, send them again.',
  onlyPin: 'Only the PIN is taken in reply to this; nothing was recorded.',

  // Texts
  gaveUp: 'Something went wrong here; nothing was recorded. Please try again.',
  nothingOpen: 'No question is waiting, so nothing was recorded.',
  nothingOpenHere: 'This session waits for no answer, so nothing was recorded.',
  topicOfNobody:
    'This topic belongs to no session any more, so nothing was recorded. Reply to the question itself; /pending lists all.',
  dropped: 'Dropped; nothing was recorded.',
  alreadyAssigned: 'This text was used already; nothing more was recorded.',
  textGone: 'The text this was about is gone; nothing was recorded. Please write it again.',
  textEdited:
    'This text was edited after it was sent, so it is not taken; nothing was recorded. Please write it again.',
  notYourText: 'Only who wrote the text may say what it is for.',
  editedMessage: 'An edited message changes nothing: an answer stays as it was first sent.',
  onlyText: (what: string) =>
    `${what} cannot be an answer; nothing was recorded. Send a text, a photo, a voice message or a file.`,

  // Files
  takingFiles: (title: string | null) =>
    `Taking in what you sent${title === null ? '' : ` for ${title}`} … If this stays so, try again.`,
  albumOver: 'The album that this belongs to was taken in without it; nothing more was recorded.',
  filesUnderway: 'It is being taken in already.',
  fileTooBig: (name: string) =>
    `${name} is larger than 20 MB, and Telegram hands bots no more than that; it was not recorded. Put it where Claude can read it, and answer where that is.`,
  fileGone: 'Telegram does not hand out this file any more; nothing was recorded. Please send it again.',
  albumForgotten:
    'I was restarted meanwhile and do not have the whole album any more; nothing was recorded. Please send it again.',
  heard: (words: string) => ` I heard: “${words}”`,
  notTranscribed: ' It could not be transcribed, so Claude gets it as a file.',

  // Topics
  noTopicRights:
    'I may not manage topics here, so all questions come to General. Make me an administrator with “Manage topics”, and each session gets its own.',
  topicMadeAgain: 'The topic of this session was deleted, so this is a new one.',
  topicGivenUp: (title: string) => `The topic of ${title} does not take my messages, so its questions come to General.`,

  // Presses
  chosen: (card: Card) => `Chosen: ${card.session.title}. Press an option, or just write. /cancel forgets it.`,
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
    COMMANDS.map(({ command, description }) => `/${command}  ${description}`).join('\n'),
  unknownCommand: (command: string) =>
    `I do not know /${preview(command, 64)}. I know ${COMMANDS.map((known) => `/${known.command}`).join(', ')}.`,

  // Health, for `switchboard status`
  connecting: 'Connecting to Telegram',
  connected: 'Connected to Telegram',
  connectedAs: (bot: string) => `Connected as @${bot}`,
  connectedByWebhook: (bot: string) => `Connected as @${bot} by webhook`,
  refusedCall: (why: string) => `Telegram refuses what the hub asks: ${why}`,
  cannotListen: (address: string, why: string) =>
    `The hub cannot listen at ${address} (${why}); TELEGRAM_WEBHOOK_LISTEN says where`,
  webhookFails: (why: string) => `Telegram cannot reach the webhook: ${why}`,
  connectedNobody: (bot: string) =>
    `Connected as @${bot}, but there is no owner: nobody is heard until \`switchboard pair\``,
  refused: (why: string) => `Telegram refused the message: ${why}`,
  groupMoved: (chat: string) => `The group has become a supergroup with another id; set TELEGRAM_CHAT_ID to ${chat}`,
  notReachable: (why: string) =>
    `This chat takes no messages from the bot (${why}). Open the bot in Telegram and press Start, or unblock it.`,
  chatsClosed: (connected: string, chats: readonly string[]) =>
    `${connected}, but no message reaches ${chats.join(', ')}: open the bot there and press Start, and check TELEGRAM_OWNER_ID`,
  heldBack: (seconds: number) => `Telegram takes no messages into this chat for ${seconds} s`,
  unreachable: (why: string) => `Telegram unreachable: ${why}`,
  conflict:
    'Another program polls with this bot token, so presses and texts may go there: end it, or give each a bot of its own',
  tokenRefused: 'Telegram refuses the bot token; get the right one from @BotFather',
} as const;

function countWords(count: number): string {
  return count.toLocaleString('en-GB');
}

function openWords(count: number): string {
  if (count === 0) return 'no open question';
  return count === 1 ? '1 open question' : `${count} open questions`;
}

/** What became of an answer, in one sentence for who gave it. */
export function verdictWords(verdict: Verdict): string {
  if (verdict.verdict === 'not_allowed') return 'Only the owner of this bot may answer; nothing was recorded.';
  const words = anywhere.verdictWords(verdict, HERE);
  return verdict.verdict === 'recorded' ? `${words}${transcriptionWords(verdict)}` : words;
}

function transcriptionWords({
  card,
  transcription,
}: Extract<Verdict, { card: Card }> & { transcription?: Transcription }): string {
  if (transcription === 'failed') return WORDS.notTranscribed;
  return transcription === 'done' && card.state.status === 'answered'
    ? WORDS.heard(preview(card.state.answer, 500))
    : '';
}

/** What a message is that cannot be an answer. */
export const CONTENT_WORDS = {
  sticker: 'A sticker',
  location: 'A location',
  venue: 'A place',
  contact: 'A contact',
  poll: 'A poll',
  dice: 'A die',
  story: 'A story',
  game: 'A game',
  checklist: 'A checklist',
  paid_media: 'A paid post',
  other: 'This',
} as const;

/** How a question ended, in one sentence; empty while it is open. */
export function endedWords(card: Pick<Card, 'kind' | 'state'>): string {
  return anywhere.endedWords(card, HERE);
}

/** What was decided about a permission; null for what is no permission, or has no answer. */
export const { decisionWords } = anywhere;

/** Why a question closed without a winning answer. */
export function closedWords(kind: Card['kind'], state: Extract<CardState, { status: 'closed' }>): string {
  return anywhere.closedWords(kind, state, HERE);
}

/** Who gave an answer, and where if not here. */
export function whoWords(person: Person): string {
  return persons.whoWords(person, HERE);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];

/** A moment (ISO 8601) as the hub's own clock shows it, e.g. `20 Nov, 14:05`. */
export function clockWords(iso: string): string {
  const date = new Date(iso);
  const [hour, minute] = [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, '0'));
  return `${date.getDate()} ${MONTHS[date.getMonth()]}, ${hour}:${minute}`;
}

/** How long ago a moment (ISO 8601) was. */
export function ageWords(iso: string, now: number): string {
  return spanText(now - Date.parse(iso));
}
