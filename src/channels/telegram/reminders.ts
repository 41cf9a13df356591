import { fmt } from 'telegraf/format';
import type { QuestionId } from '../../domain/ids.ts';
import { preview } from '../../domain/text.ts';
import type { Card, RelayDesk } from '../../relay/channel.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { pause } from '../../runtime/waiting.ts';
import { encodeAction } from './callback-data.ts';
import type { Outgoing } from './card-message.ts';
import type { Messenger } from './messenger.ts';
import type { Mutes } from './mutes.ts';
import { button } from './options-keyboard.ts';
import { URGENCY } from './outbox.ts';
import { iconOf } from './question-link.ts';
import { parseRef } from './ref.ts';
import { ageWords, BUTTONS, ICONS, WORDS } from './words.ts';

const TITLE_CHARS_MAX = 80;
const REMEMBERED_MAX = 200;

interface ReminderParts {
  readonly messenger: Messenger;
  readonly chats: () => readonly string[];
  readonly pending: () => readonly Card[];
  readonly mutes: Pick<Mutes, 'isMuted'>;
  /** After so many minutes a question is reminded of, then each time its age has doubled. 0: never. */
  readonly minutes: number;
  readonly timings: Pick<Timings, 'minute' | 'telegramReminders'>;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Sent {
  readonly chat: string;
  readonly messageId: number;
  readonly questions: Set<QuestionId>;
}

/**
 * Reminds of questions that stay open. When each is due follows from when it was asked, so nothing is kept, and what
 * fell due while no hub ran is left out. A reminder goes away with what it is about.
 */
export class Reminders {
  readonly #parts: ReminderParts;
  readonly #sent: Sent[] = [];
  #lookedAt: number;

  constructor(parts: ReminderParts) {
    this.#parts = parts;
    this.#lookedAt = parts.now();
  }

  /** Lives until the signal aborts. */
  async run(desk: RelayDesk, signal: AbortSignal): Promise<void> {
    const { minutes, timings, log } = this.#parts;
    while (minutes > 0 && !signal.aborted) {
      await pause(timings.telegramReminders, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#round(desk).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ error: String(error) }, 'a reminder could not be sent');
      });
    }
  }

  /** A question has ended: a reminder that is about nothing else goes. */
  settled(question: QuestionId): void {
    for (const each of [...this.#sent]) {
      if (each.questions.delete(question) && each.questions.size === 0) this.#remove(each);
    }
  }

  async #round(desk: RelayDesk): Promise<void> {
    const { pending, minutes, timings, now, chats, mutes, log } = this.#parts;
    const from = this.#lookedAt;
    const until = now();
    this.#lookedAt = until;
    const due = pending().filter(({ asked_at }) =>
      isDue(Date.parse(asked_at), { from, until, firstMs: minutes * timings.minute }),
    );
    for (const chat of chats()) {
      const here = due.filter(({ question_id }) => desk.refs(question_id, 'telegram').has(chat));
      if (here.length === 0 || mutes.isMuted(chat)) continue;
      // One chat that takes none, e.g. since the bot is blocked there, keeps it from no other.
      await this.#remind(desk, chat, here).catch((error: unknown) => {
        log.warn({ chat, error: String(error) }, 'a reminder could not be sent');
      });
    }
  }

  async #remind(desk: RelayDesk, chat: string, due: readonly Card[]): Promise<void> {
    const { messenger, now } = this.#parts;
    const [only] = due;
    if (!only) return;
    const { username } = await messenger.me();
    const ref = due.length === 1 ? desk.refs(only.question_id, 'telegram').get(chat) : undefined;
    const replyTo = ref === undefined ? undefined : parseRef(ref)?.messages.at(-1);
    const draft = due.length === 1 ? reminderOf(only, username, now()) : reminderOfMany(due, now());
    const [messageId] = await messenger.inLine(chat, 'reminder', URGENCY.list, (turn) =>
      messenger.sendNow(chat, [draft], turn, replyTo),
    );
    const questions = new Set(due.map(({ question_id }) => question_id));
    // What it says is said again by the new one.
    for (const each of [...this.#sent]) {
      if (each.chat === chat && [...each.questions].every((id) => questions.has(id))) this.#remove(each);
    }
    if (messageId === undefined) return;
    this.#sent.push({ chat, messageId, questions });
    if (this.#sent.length > REMEMBERED_MAX) this.#sent.shift();
    // Some may have ended while it was on its way.
    for (const id of questions) if (desk.card(id)?.state.status !== 'pending') this.settled(id);
  }

  #remove(sent: Sent): void {
    this.#sent.splice(this.#sent.indexOf(sent), 1);
    this.#parts.messenger.remove(sent.chat, sent.messageId).catch((error: unknown) => {
      this.#parts.log.debug({ error: String(error) }, 'a reminder could not be taken back');
    });
  }
}

/**
 * Is a reminder due after `from` and not after `until`, of what was asked at `asked`? All in milliseconds since the
 * epoch; the first is due `firstMs` after the question, the next each time its age has doubled.
 */
export function isDue(
  asked: number,
  { from, until, firstMs }: { readonly from: number; readonly until: number; readonly firstMs: number },
): boolean {
  for (let age = firstMs; asked + age <= until; age *= 2) if (asked + age > from) return true;
  return false;
}

function reminderOf(card: Card, botName: string, now: number): Outgoing {
  const words = WORDS.remind(preview(card.session.title, TITLE_CHARS_MAX), ageWords(card.asked_at, now));
  return { text: fmt`${iconOf(ICONS.reminder, card.question_id, botName)} ${words}` };
}

function reminderOfMany(cards: readonly Card[], now: number): Outgoing {
  const oldest = cards.reduce((a, b) => (Date.parse(b.asked_at) < Date.parse(a.asked_at) ? b : a));
  return {
    text: fmt`${ICONS.reminder} ${WORDS.remindMany(cards.length, ageWords(oldest.asked_at, now))}`,
    buttons: { inline_keyboard: [[button(BUTTONS.showPending, encodeAction({ verb: 'list' }))]] },
  };
}
