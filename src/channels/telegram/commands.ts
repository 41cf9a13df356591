import type { QuestionId } from '../../domain/ids.ts';
import { isAway } from '../../domain/presence.ts';
import { missingWords } from '../../relay/verdict-words.ts';
import type { HeldTexts } from './held-texts.ts';
import type { IncomingMessage } from './incoming.ts';
import { MUTE_MINUTES_MAX, type Mutes } from './mutes.ts';
import { inThread } from './place.ts';
import type { Floor } from './presses.ts';
import { startedQuestion } from './question-link.ts';
import { sessionList } from './question-list.ts';
import { plain } from './rich-text.ts';
import type { SessionWords } from './session-words.ts';
import { clockWords, endedWords, WORDS } from './words.ts';

/** How long `/mute` alone mutes. */
const MUTE_MINUTES = 60;

/** Understands what people write after a slash. */
export class Commands {
  readonly #floor: Floor;
  readonly #held: HeldTexts;
  readonly #mutes: Mutes;
  readonly #words: SessionWords;
  readonly #now: () => number;

  constructor(floor: Floor, parts: { held: HeldTexts; mutes: Mutes; words: SessionWords; now: () => number }) {
    this.#floor = floor;
    this.#held = parts.held;
    this.#mutes = parts.mutes;
    this.#words = parts.words;
    this.#now = parts.now;
  }

  /** Resolves once the person has been told; null for a command that nobody here knows. */
  handle(message: IncomingMessage): Promise<void> | null {
    const { board, desk } = this.#floor;
    switch (message.command) {
      case 'start': {
        // Whoever has just opened the chat could not be shown anything before.
        desk.retryCards();
        const question = startedQuestion(message.argument);
        return question ? this.#showQuestion(message, question) : this.#floor.said(board.sendList(message));
      }
      case 'pending':
        return this.#floor.said(board.sendList(message));
      case 'status':
        return this.#status(message);
      case 'sessions':
        return this.#sendSessions(message, []);
      case 'help':
        return this.#say(message, WORDS.help);
      case 'tell':
        return this.#words.command(message);
      case 'away':
      case 'back':
        return this.#words.away(message, message.command === 'away');
      case 'cancel':
        return this.#cancel(message);
      case 'mute':
        return this.#mute(message);
      case 'unmute':
        return this.#say(message, this.#mutes.unmute(message.chat) ? WORDS.unmuted : WORDS.notMuted);
      default:
        return null;
    }
  }

  #status(message: IncomingMessage): Promise<void> {
    const { board, health } = this.#floor;
    const until = this.#mutes.until(message.chat);
    return this.#sendSessions(message, [
      WORDS.channelLine(health().detail, clockWords(health().since)),
      board.pending().length === 0 ? WORDS.nonePending : WORDS.pendingLine(board.pending().length),
      ...(until === null ? [] : [WORDS.mutedUntil(clockOf(until))]),
      this.#presenceLine(),
    ]);
  }

  #presenceLine(): string {
    const { desk } = this.#floor;
    const presence = desk.presence();
    const others = desk.sessions().filter(({ name }) => isAway(presence, name.id) !== presence.away);
    return WORDS.presenceLine(
      presence.away,
      others.map(({ name }) => name.title),
    );
  }

  #sendSessions(message: IncomingMessage, above: readonly string[]): Promise<void> {
    const { desk, messenger } = this.#floor;
    const list = sessionList(desk.sessions(), this.#now(), above);
    return this.#floor.said(messenger.send(message.chat, inThread(list, message.thread)));
  }

  /** Forgets what the person was about to do here; what was recorded stays as it is. */
  #cancel(message: IncomingMessage): Promise<void> {
    const { chosen, desk, prompts, inBackground } = this.#floor;
    const { chat, person } = message;
    const choice = chosen.of(chat, person.id)?.question;
    chosen.forget(chat, person.id);
    const held = this.#held.drop(chat, person.id);
    const prompted = prompts.withdraw(chat, person.id);
    if (prompted) inBackground(prompted);
    const card = choice && desk.card(choice);
    const words = [
      ...(card ? [WORDS.noLongerChosen(card)] : []),
      ...(held ? [WORDS.dropped] : []),
      ...(prompted && !card ? [WORDS.promptWithdrawn] : []),
    ];
    return this.#say(message, words.length > 0 ? words.join('\n') : WORDS.nothingToCancel);
  }

  #mute(message: IncomingMessage): Promise<void> {
    const { argument, chat } = message;
    const minutes = argument === '' ? MUTE_MINUTES : /^\d{1,6}$/.test(argument) ? Number(argument) : 0;
    if (minutes < 1 || minutes > MUTE_MINUTES_MAX) return this.#say(message, WORDS.muteUsage(MUTE_MINUTES_MAX));
    return this.#say(message, WORDS.muted(minutes, clockOf(this.#mutes.mute(chat, minutes))));
  }

  async #showQuestion(message: IncomingMessage, question: QuestionId): Promise<void> {
    const { board, chosen, desk } = this.#floor;
    const card = desk.card(question);
    if (card?.state.status !== 'pending') {
      return this.#say(message, card ? endedWords(card) : missingWords(desk, question));
    }
    chosen.choose(message, message.person.id, question);
    return this.#floor.said(board.sendCopy(card, message));
  }

  #say(message: IncomingMessage, words: string): Promise<void> {
    return this.#floor.said(this.#floor.messenger.reply(message, [{ text: plain(words) }]));
  }
}

function clockOf(at: number): string {
  return clockWords(new Date(at).toISOString());
}
