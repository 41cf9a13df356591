import type { QuestionId } from '../../domain/ids.ts';
import type { Card } from '../../relay/channel.ts';
import type { HeldTexts } from './held-texts.ts';
import type { IncomingMessage } from './incoming.ts';
import type { Floor } from './presses.ts';
import { startedQuestion } from './question-link.ts';
import { sessionList } from './question-list.ts';
import { plain } from './rich-text.ts';
import { endedWords, UNKNOWN_QUESTION, verdictWords, WORDS } from './words.ts';

type Target = Card | 'none' | 'several';

/** Understands what people write. */
export class Messages {
  readonly #floor: Floor;
  readonly #held: HeldTexts;
  readonly #now: () => number;

  constructor(floor: Floor, held: HeldTexts, now: () => number) {
    this.#floor = floor;
    this.#held = held;
    this.#now = now;
  }

  /** Resolves once an answer is in the session file, or the person has been told why not. */
  async handle(message: IncomingMessage): Promise<void> {
    // A group talks about other things, too: there, only commands and replies to the bot are meant for it.
    if (message.kind !== 'command' && !message.private && !message.repliesToBot) return;
    switch (message.kind) {
      case 'text':
        return this.#text(message);
      case 'command':
        return this.#command(message);
      case 'edited':
        return this.#say(message, WORDS.editedMessage);
      case 'other':
        return this.#say(message, WORDS.onlyText);
      default:
        return message.kind satisfies never;
    }
  }

  async #text(message: IncomingMessage): Promise<void> {
    if (message.question) return this.#answer(message, message.question);
    const target = this.#target(message);
    if (target === 'none') return this.#say(message, WORDS.nothingOpen);
    if (target === 'several') return this.#floor.said(this.#held.hold(message));
    return this.#answer(message, target.question_id);
  }

  async #answer(message: IncomingMessage, question_id: QuestionId): Promise<void> {
    const { desk, chosen, inBackground } = this.#floor;
    const { person, cause, text } = message;
    const verdict = await desk.answer({ question_id, given: { text }, person, cause });
    const said = this.#say(message, verdictWords(verdict));
    if (verdict.verdict !== 'recorded' && verdict.verdict !== 'recorded_late') return said;
    chosen.forget(message.chat, person.id, question_id);
    // The answer is safe in the file; nothing needs to wait until that has been said.
    inBackground(said);
  }

  /** The question that a text without a reply is for. In doubt it is for none: the person is asked. */
  #target(message: IncomingMessage): Target {
    const { board, chosen } = this.#floor;
    const open = board.pending();
    const choice = chosen.of(message.chat, message.person.id);
    const chosenCard = open.find(({ question_id }) => question_id === choice);
    if (chosenCard) return chosenCard;
    const [only] = open;
    if (!only) return 'none';
    // What was chosen has ended meanwhile: the text was hardly meant for what is left.
    if (choice || open.length > 1) return 'several';
    return this.#isOlder(only, message) ? only : 'several';
  }

  async #command(message: IncomingMessage): Promise<void> {
    const { board, desk, messenger } = this.#floor;
    switch (message.command) {
      case 'start': {
        // Whoever has just opened the chat could not be shown anything before.
        desk.retryCards();
        const question = startedQuestion(message.argument);
        return question ? this.#showQuestion(message, question) : this.#floor.said(board.sendList(message.chat));
      }
      case 'pending':
        return this.#floor.said(board.sendList(message.chat));
      case 'status':
        return this.#floor.said(messenger.send(message.chat, sessionList(desk.sessions(), this.#now())));
      case 'help':
        return this.#say(message, WORDS.help);
      default:
        // "/compact" as a reply to a question is an answer like any other.
        return message.question
          ? this.#answer(message, message.question)
          : this.#say(message, WORDS.unknownCommand(message.command));
    }
  }

  async #showQuestion(message: IncomingMessage, question: QuestionId): Promise<void> {
    const { board, chosen, desk } = this.#floor;
    const card = desk.card(question);
    if (card?.state.status !== 'pending') {
      return this.#say(message, card ? endedWords(card.state) : UNKNOWN_QUESTION);
    }
    chosen.choose(message.chat, message.person.id, question);
    return this.#floor.said(board.sendCopy(card, message.chat));
  }

  #say(message: IncomingMessage, words: string): Promise<void> {
    return this.#floor.said(this.#floor.messenger.send(message.chat, [{ text: plain(words) }], message.messageId));
  }

  /** Was the question there when the text was written? Telegram gives whole seconds, by its own clock. */
  #isOlder(card: Card, message: IncomingMessage): boolean {
    return Date.parse(card.asked_at) + this.#floor.messenger.aheadMs < (message.date + 1) * 1000;
  }
}
