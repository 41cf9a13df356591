import { fmt } from 'telegraf/format';
import type { QuestionId } from '../../domain/ids.ts';
import type { Card, Verdict } from '../../relay/channel.ts';
import type { ButtonAction } from './callback-data.ts';
import type { IncomingMessage, IncomingPress } from './incoming.ts';
import { URGENCY } from './outbox.ts';
import { inThread, type Place } from './place.ts';
import type { Floor } from './presses.ts';
import type { PinFor } from './question-link.ts';
import { RecentMap } from './recent-map.ts';
import { plain } from './rich-text.ts';
import { verdictWords, WORDS } from './words.ts';

const PIN_LIKE = /^\s*\d{4,12}\s*$/;
/** How long digits without a reply are taken for the PIN that was asked for. */
const AWAITED_MS = 10 * 60_000;
const REMEMBERED_MAX = 1_000;

/** A PIN that somebody was asked for in a chat. */
interface Awaited extends PinFor {
  readonly chat: string;
  readonly person: string;
  readonly until: number;
}

/**
 * The second step of a dangerous permission, and its PIN. Buttons and prompts carry what they are about, so nothing is
 * lost when the hub restarts between the steps.
 */
export class Permissions {
  readonly #floor: Floor;
  /** Whom a PIN was asked of lately, in which chat: not every app opens the reply by itself. */
  readonly #awaited = new RecentMap<string, Awaited>(REMEMBERED_MAX);

  constructor(floor: Floor) {
    this.#floor = floor;
  }

  /** Takes a yes that was said with all of it in sight. Null when a PIN is asked for instead. */
  async confirm(
    press: IncomingPress,
    { question, option }: Extract<ButtonAction, { verb: 'confirm' }>,
  ): Promise<Verdict | null> {
    const { desk, inBackground, messenger } = this.#floor;
    const { person, cause } = press;
    const given = { options: [option] };
    const verdict = await desk.answer({ question_id: question, given, person, cause, confirmed: true });
    if (verdict.verdict !== 'confirm') return verdict;
    void messenger.answerPress(press.pressId, WORDS.pinNow, false);
    inBackground(this.#askPin(verdict.card, option, press));
    return null;
  }

  /** A question has ended: nobody is to type a PIN for it any more. */
  ended(question: QuestionId): void {
    const { prompts, inBackground } = this.#floor;
    for (const awaited of this.#awaited.values()) {
      const { chat, person } = awaited;
      const withdrawn = awaited.question === question ? prompts.withdrawPin(chat, person, question) : null;
      if (withdrawn) inBackground(withdrawn);
    }
  }

  /** Takes a second thought: nothing is recorded, and the card still waits. */
  takeBack(press: IncomingPress): void {
    const { messenger, inBackground } = this.#floor;
    void messenger.answerPress(press.pressId, WORDS.notAllowed, false);
    inBackground(messenger.edit(press.chat, press.messageId, { text: fmt(WORDS.notAllowed) }, URGENCY.reply));
  }

  /**
   * What the PIN is for that this message may be; null: it is none. Also when nobody needs it any more: who types it may not
   * know that, and it must not become the answer to something else.
   */
  pinIn(message: IncomingMessage): PinFor | null {
    if (message.pin) return message.pin;
    const awaited = this.#awaited.get(`${message.chat}:${message.person.id}`);
    if (!awaited || performance.now() > awaited.until || message.question || !PIN_LIKE.test(message.text)) return null;
    return awaited;
  }

  /** Takes a PIN. Whatever comes of it, it is no answer, and goes from the chat if the bot may delete it. */
  async takePin(message: IncomingMessage, { question, option }: PinFor): Promise<void> {
    const { desk, messenger, prompts, said, inBackground, chosen } = this.#floor;
    const { chat, thread, person, cause } = message;
    inBackground(messenger.remove(chat, message.messageId));
    const pin = message.text.trim();
    const given = { options: [option] };
    const verdict = await desk.answer({ question_id: question, given, person, cause, confirmed: true, pin });
    const withdrawn = prompts.withdraw(chat, person.id);
    if (withdrawn) inBackground(withdrawn);
    const over = ['already_answered', 'closed', 'unknown_question'].includes(verdict.verdict);
    const words = [verdictWords(verdict), ...(over ? [WORDS.pinNotNeeded] : [])].join(' ');
    const told = messenger.send(chat, inThread([{ text: plain(words) }], thread));
    if (verdict.verdict === 'wrong_pin' && verdict.attempts_left > 0) {
      await said(told);
      return said(this.#askPin(verdict.card, option, { chat, thread, person }));
    }
    // Whatever else became of it, who has not been heard may type it again.
    if (over || verdict.verdict === 'recorded') this.#awaited.delete(`${chat}:${person.id}`);
    if (verdict.verdict !== 'recorded') return said(told);
    chosen.forget(chat, person.id, question);
    // The answer is safe in the file; nothing needs to wait until that has been said.
    inBackground(told);
  }

  async #askPin(card: Card, option: number, to: Place & { readonly person: { readonly id: string } }): Promise<void> {
    const { desk, prompts } = this.#floor;
    const { question_id: question } = card;
    const { chat, person } = to;
    const until = performance.now() + AWAITED_MS;
    this.#awaited.set(`${chat}:${person.id}`, { question, option, chat, person: person.id, until });
    await prompts.sendPin(card, option, to);
    // It may have ended while the prompt was on its way.
    if (desk.card(question)?.state.status !== 'pending') await prompts.withdrawPin(chat, person.id, question);
  }
}
