import { fmt } from 'telegraf/format';
import { eventIdFrom, type SessionId } from '../../domain/ids.ts';
import type { SessionName } from '../../relay/channel.ts';
import { sessionsNamedIn } from '../../relay/session-names.ts';
import { wordVerdictWords } from '../../relay/verdict-words.ts';
import { encodeAction } from './callback-data.ts';
import type { IncomingMessage, IncomingPress } from './incoming.ts';
import { button } from './options-keyboard.ts';
import { URGENCY } from './outbox.ts';
import type { Floor } from './presses.ts';
import { plain } from './rich-text.ts';
import { WORDS } from './words.ts';

/** Sessions that are offered at most; who means another says more of its name. */
const OFFERED_MAX = 10;
const COMMAND = /^\/tell(?:@\w+)?\s+/i;

/** Brings what people say to sessions that have not asked. */
export class SessionWords {
  readonly #floor: Floor;

  constructor(floor: Floor) {
    this.#floor = floor;
  }

  /** Says a text to a session. Resolves once it is in the session file; how it went is said a moment later. */
  async say(message: IncomingMessage, session: SessionId, text = message.text): Promise<void> {
    const { desk, messenger, inBackground } = this.#floor;
    const verdict = await desk.tell({ session, text, person: message.person, cause: message.cause });
    const said = wordVerdictWords(verdict).then((words) => messenger.reply(message, [{ text: plain(words) }]));
    if (verdict.verdict === 'written') inBackground(said);
    else await this.#floor.said(said);
  }

  /** `/tell <session> <text>`; in the topic of a session all of it is the text. */
  command(message: IncomingMessage): Promise<void> {
    const { argument } = message;
    // What comes again, after a crash, was for that session, also when it is over by now or its name fits others, too.
    const told = this.#floor.desk.toldBy(message.cause);
    if (told) return this.say(message, told, argument);
    const here = this.#floor.board.sessionAt(message);
    if (here !== null && argument !== '') return this.say(message, here, argument);
    const { sessions, rest } = sessionsNamedIn(this.#names(), argument);
    const [only] = sessions;
    if (argument === '' || (only && rest === '')) return this.#reply(message, WORDS.tellUsage);
    if (!only) return this.#reply(message, WORDS.noSuchSession);
    return sessions.length === 1 ? this.say(message, only.id, rest) : this.#ask(message, sessions);
  }

  /** Takes a press on an asking which session is meant. What was written is the message that the asking replies to. */
  async chosen(press: IncomingPress, session: SessionId): Promise<void> {
    const { desk, messenger, inBackground } = this.#floor;
    const { repliedTo, person, chat } = press;
    if (repliedTo && repliedTo.author !== person.id) return this.#answer(press, WORDS.notYourText);
    const name = this.#names().find(({ id }) => id === session);
    if (repliedTo?.text == null || repliedTo.edited) {
      return this.#end(press, repliedTo?.edited ? WORDS.textEdited : WORDS.textGone);
    }
    const argument = repliedTo.text.replace(COMMAND, '');
    const text = name ? sessionsNamedIn([name], argument).rest : argument;
    // One text is one word to one session, however often it is pressed.
    const cause = eventIdFrom('telegram', 'tell', chat, repliedTo.messageId, session);
    const verdict = await desk.tell({ session, text, person, cause });
    void messenger.answerPress(press.pressId, '', false);
    inBackground(
      wordVerdictWords(verdict).then((words) =>
        messenger.edit(chat, press.messageId, { text: plain(words) }, URGENCY.reply),
      ),
    );
  }

  /** `/away` and `/back`, of all sessions, of one, or of that whose topic it is. */
  away(message: IncomingMessage, away: boolean): Promise<void> {
    const { desk, board } = this.#floor;
    const here = board.sessionAt(message);
    const named = message.argument === '' ? null : sessionsNamedIn(this.#names(), message.argument).sessions;
    if (named?.length === 0) return this.#reply(message, WORDS.noSuchSession);
    if (named && named.length > 1) return this.#reply(message, WORDS.severalSessions(named.map(({ title }) => title)));
    const session = named?.[0]?.id ?? here ?? undefined;
    try {
      desk.setAway(away, session);
    } catch {
      return this.#reply(message, WORDS.presenceNotKept);
    }
    const title = this.#names().find(({ id }) => id === session)?.title;
    return this.#reply(message, away ? WORDS.away(title) : WORDS.back(title));
  }

  #names(): SessionName[] {
    return this.#floor.desk.sessions().map(({ name }) => name);
  }

  #ask(message: IncomingMessage, sessions: readonly SessionName[]): Promise<void> {
    const rows = sessions
      .slice(0, OFFERED_MAX)
      .map(({ id, title }) => [button(title, encodeAction({ verb: 'tell', session: id }))]);
    const asking = { text: fmt(WORDS.whichSession), buttons: { inline_keyboard: rows } };
    return this.#floor.said(this.#floor.messenger.reply(message, [asking]));
  }

  #reply(message: IncomingMessage, words: string): Promise<void> {
    return this.#floor.said(this.#floor.messenger.reply(message, [{ text: plain(words) }]));
  }

  #answer(press: IncomingPress, words: string): void {
    void this.#floor.messenger.answerPress(press.pressId, words, true);
  }

  #end(press: IncomingPress, words: string): void {
    this.#answer(press, words);
    const { messenger, inBackground } = this.#floor;
    inBackground(messenger.edit(press.chat, press.messageId, { text: plain(words) }, URGENCY.reply));
  }
}
