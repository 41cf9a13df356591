import type { QuestionId } from '../../domain/ids.ts';
import type { Card } from '../../relay/channel.ts';
import type { Commands } from './commands.ts';
import type { FileAnswers } from './file-answers.ts';
import type { HeldTexts } from './held-texts.ts';
import type { IncomingMessage } from './incoming.ts';
import type { Floor } from './presses.ts';
import { plain } from './rich-text.ts';
import { CONTENT_WORDS, verdictWords, WORDS } from './words.ts';

type Target = Card | 'none' | 'several';

/** Understands what people write. */
export class Messages {
  readonly #floor: Floor;
  readonly #held: HeldTexts;
  readonly #files: FileAnswers;
  readonly #commands: Commands;

  constructor(floor: Floor, parts: { held: HeldTexts; files: FileAnswers; commands: Commands }) {
    this.#floor = floor;
    this.#held = parts.held;
    this.#files = parts.files;
    this.#commands = parts.commands;
  }

  /** Resolves once an answer is in the session file, or the person has been told why not. */
  async handle(message: IncomingMessage): Promise<void> {
    // A group talks about other things, too: there, only commands and replies to the bot are meant for it, and what
    // is said in the topic of a session.
    const meant = message.private || message.repliesToBot || this.#floor.board.sessionAt(message) !== null;
    if (message.kind !== 'command' && !meant) return;
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

  async #text(message: IncomingMessage): Promise<void> {
    if (message.question) return this.#answer(message, message.question);
    const target = this.#target(message);
    if (target === 'none') return this.#say(message, this.#nothingOpen(message));
    if (target === 'several') return this.#floor.said(this.#held.hold(message));
    return this.#answer(message, target.question_id);
  }

  async #file(message: IncomingMessage): Promise<void> {
    const refusal = this.#files.refusal(message);
    if (refusal !== null) return this.#say(message, refusal);
    if (this.#files.joins(message)) return;
    if (message.question) return this.#files.take(message, message.question);
    const target = this.#target(message);
    if (target === 'none') return this.#say(message, this.#nothingOpen(message));
    if (target === 'several') return this.#floor.said(this.#held.hold(message));
    return this.#files.take(message, target.question_id);
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

  /** The question that a text without a reply is for. In doubt it is for none: the person is asked. */
  #target(message: IncomingMessage): Target {
    const { board, chosen, desk } = this.#floor;
    const open = board.pendingAt(message);
    const here = board.sessionAt(message);
    const chose = chosen.of(message.chat, message.person.id);
    // What was chosen elsewhere does not count in the topic of another session.
    const choice = chose && (here === null || desk.card(chose)?.session.id === here) ? chose : null;
    const chosenCard = open.find(({ question_id }) => question_id === choice);
    if (chosenCard) return chosenCard;
    const [only] = open;
    if (!only) return 'none';
    // What was chosen has ended meanwhile: the text was hardly meant for what is left.
    if (choice || open.length > 1) return 'several';
    return this.#isOlder(only, message) ? only : 'several';
  }

  #nothingOpen(message: IncomingMessage): string {
    return this.#floor.board.sessionAt(message) === null ? WORDS.nothingOpen : WORDS.nothingOpenHere;
  }

  async #command(message: IncomingMessage): Promise<void> {
    const understood = this.#commands.handle(message);
    if (understood) return understood;
    // "/compact" as a reply to a question is an answer like any other.
    return message.question
      ? this.#answer(message, message.question)
      : this.#say(message, WORDS.unknownCommand(message.command));
  }

  #say(message: IncomingMessage, words: string): Promise<void> {
    return this.#floor.said(this.#floor.messenger.reply(message, [{ text: plain(words) }]));
  }

  /** Was the question there when the text was written? Telegram gives whole seconds, by its own clock. */
  #isOlder(card: Card, message: IncomingMessage): boolean {
    return Date.parse(card.asked_at) + this.#floor.messenger.aheadMs < (message.date + 1) * 1000;
  }
}
