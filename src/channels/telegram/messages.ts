import type { QuestionId } from '../../domain/ids.ts';
import type { Card } from '../../relay/channel.ts';
import type { Commands } from './commands.ts';
import { mayAnswer } from './endings.ts';
import type { FileAnswers } from './file-answers.ts';
import type { HeldTexts } from './held-texts.ts';
import type { IncomingMessage } from './incoming.ts';
import type { Permissions } from './permissions.ts';
import type { Floor } from './presses.ts';
import { plain } from './rich-text.ts';
import type { SessionWords } from './session-words.ts';
import { CONTENT_WORDS, endedWords, verdictWords, WORDS } from './words.ts';

type Target = Card | 'none' | 'several';

/** What hears the parts of what people write. */
interface MessagesParts {
  readonly held: HeldTexts;
  readonly files: FileAnswers;
  readonly commands: Commands;
  readonly permissions: Permissions;
  readonly words: SessionWords;
}

/** Understands what people write. */
export class Messages {
  readonly #floor: Floor;
  readonly #held: HeldTexts;
  readonly #files: FileAnswers;
  readonly #commands: Commands;
  readonly #permissions: Permissions;
  readonly #words: SessionWords;

  constructor(floor: Floor, parts: MessagesParts) {
    this.#floor = floor;
    this.#held = parts.held;
    this.#files = parts.files;
    this.#commands = parts.commands;
    this.#permissions = parts.permissions;
    this.#words = parts.words;
  }

  /** Resolves once an answer is in the session file, or the person has been told why not. */
  async handle(message: IncomingMessage): Promise<void> {
    // A group talks about other things, too: there, only commands and replies to the bot are meant for it, and what
    // is said in the topic of a session.
    const meant = message.private || message.repliesToBot || this.#floor.board.sessionAt(message) !== null;
    if (message.kind !== 'command' && !meant) return this.#unheard(message);
    const pin = message.kind === 'text' ? this.#permissions.pinIn(message) : null;
    if (pin) return this.#permissions.takePin(message, pin);
    if (message.pin && (message.kind === 'file' || message.kind === 'other')) return this.#say(message, WORDS.onlyPin);
    switch (message.kind) {
      case 'text':
        return this.#text(message);
      case 'command':
        return this.#command(message);
      case 'edited':
        return this.#say(message, WORDS.editedMessage);
      case 'file':
        return this.#file(message);
      case 'other':
        return this.#say(message, WORDS.onlyText(CONTENT_WORDS[message.content]));
      default:
        return message.kind satisfies never;
    }
  }

  /** A topic that the bot has made looks like a session's, also when that has ended, or its record is lost. */
  async #unheard(message: IncomingMessage): Promise<void> {
    const taken = message.kind === 'text' || message.kind === 'file';
    if (taken && message.inOwnTopic) return this.#say(message, WORDS.topicOfNobody);
  }

  async #text(message: IncomingMessage): Promise<void> {
    const { desk } = this.#floor;
    const told = desk.toldBy(message.cause);
    if (told) return this.#words.say(message, told);
    if (message.question) return this.#reply(message, message.question);
    const before = desk.answeredBy(message.cause);
    if (before) return this.#sayAgain(message, before);
    const target = this.#target(message);
    if (target === 'none') return this.#nothingAsked(message);
    if (target === 'several') return this.#floor.said(this.#held.hold(message));
    return this.#answer(message, target.question_id);
  }

  async #file(message: IncomingMessage): Promise<void> {
    const refusal = this.#files.refusal(message);
    if (refusal !== null) return this.#say(message, refusal);
    if (this.#files.joins(message)) return;
    if (message.question) return this.#files.take(message, message.question);
    const before = this.#floor.desk.answeredBy(message.cause);
    if (before) return this.#sayAgain(message, before);
    const target = this.#target(message);
    if (target === 'none') return this.#say(message, this.#nothingOpen(message));
    if (target === 'several') return this.#floor.said(this.#held.hold(message));
    return this.#files.take(message, target.question_id);
  }

  /** In reply to what has ended, or to what has asked nothing, a text is a word to the session. */
  #reply(message: IncomingMessage, question: QuestionId): Promise<void> {
    const card = this.#floor.desk.card(question);
    if (!card || !endedForGood(card)) return this.#answer(message, question);
    if (card.kind !== 'notice' && mayAnswer(card, message.person, this.#writtenAt(message))) {
      return this.#say(message, WORDS.sayAgain(endedWords(card)));
    }
    return this.#words.say(message, card.session.id);
  }

  /** In the topic of a session that asks nothing, a text is a word to it. */
  #nothingAsked(message: IncomingMessage): Promise<void> {
    const { board, endings } = this.#floor;
    const session = board.sessionAt(message);
    if (session === null) return this.#say(message, WORDS.nothingOpen);
    const missed = endings.missedIn(session, message.person, this.#writtenAt(message));
    if (missed) return this.#say(message, WORDS.sayAgain(endedWords(missed)));
    return this.#words.say(message, session);
  }

  async #answer(message: IncomingMessage, question_id: QuestionId): Promise<void> {
    const { desk, chosen, inBackground, prompts } = this.#floor;
    const { person, cause, text } = message;
    const verdict = await desk.answer({ question_id, given: { text }, person, cause });
    const said = this.#say(message, verdictWords(verdict));
    if (verdict.verdict !== 'recorded' && verdict.verdict !== 'recorded_late') return said;
    chosen.forget(message.chat, person.id, question_id);
    prompts.forget(message.chat, person.id);
    // The answer is safe in the file; nothing needs to wait until that has been said.
    inBackground(said);
  }

  /** What Telegram brings again, after a crash, is the answer that it was; it is offered to no other question. */
  #sayAgain(message: IncomingMessage, card: Card): Promise<void> {
    return this.#say(message, verdictWords({ verdict: 'recorded', card }));
  }

  /** The question that a text without a reply is for. In doubt it is for none: the person is asked. */
  #target(message: IncomingMessage): Target {
    const { board, endings } = this.#floor;
    const open = board.pendingAt(message);
    const choice = this.#choiceAt(message);
    // In the topic of one session somebody may have chosen a question of another.
    const chosenCard = board.pending().find(({ question_id }) => question_id === choice);
    if (chosenCard) return chosenCard;
    const [only] = open;
    if (!only) return 'none';
    // What was chosen has ended meanwhile: the text was hardly meant for what is left.
    if (choice || open.length > 1) return 'several';
    // It is about something else, such as what the bot has said of an earlier answer.
    if (message.replies) return 'several';
    const doubtful = endings.leaveInDoubt(only, message.person, this.#writtenAt(message), board.sessionAt(message));
    return this.#isOlder(only, message) && !doubtful ? only : 'several';
  }

  /** The question that the person has chosen for what is written here. */
  #choiceAt({ chat, thread, person }: IncomingMessage): QuestionId | null {
    const { board, chosen, desk } = this.#floor;
    const choice = chosen.of(chat, person.id);
    const here = board.sessionAt({ chat, thread });
    // What was chosen elsewhere does not count in the topic of another session.
    if (!choice || here === null || choice.thread === thread) return choice?.question ?? null;
    return desk.card(choice.question)?.session.id === here ? choice.question : null;
  }

  #nothingOpen(message: IncomingMessage): string {
    return this.#floor.board.sessionAt(message) === null ? WORDS.nothingOpen : WORDS.nothingOpenHere;
  }

  async #command(message: IncomingMessage): Promise<void> {
    const understood = this.#commands.handle(message);
    if (understood) return understood;
    // "/compact" as a reply to a question is an answer like any other.
    return message.question
      ? this.#reply(message, message.question)
      : this.#say(message, WORDS.unknownCommand(message.command));
  }

  #say(message: IncomingMessage, words: string): Promise<void> {
    return this.#floor.said(this.#floor.messenger.reply(message, [{ text: plain(words) }]));
  }

  /** Was the question there when the text was written? */
  #isOlder(card: Card, message: IncomingMessage): boolean {
    return Date.parse(card.asked_at) < this.#writtenAt(message);
  }

  /** When a text was written at the latest, by this machine's clock. Telegram gives whole seconds, by its own. */
  #writtenAt({ date }: IncomingMessage): number {
    return (date + 1) * 1000 - this.#floor.messenger.aheadMs;
  }
}

/** Takes no answer any more, while its session goes on. */
function endedForGood({ kind, state }: Card): boolean {
  if (kind === 'notice') return true;
  if (state.status !== 'closed') return state.status === 'answered';
  const takesLate = state.reason === 'expired' && kind !== 'permission' && !state.lateAnswer;
  return !takesLate && state.reason !== 'session_ended';
}
