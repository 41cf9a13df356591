import type { QuestionId } from '../../domain/ids.ts';
import type { ButtonAction } from './callback-data.ts';
import type { Outgoing } from './card-message.ts';
import type { IncomingMessage, IncomingPress } from './incoming.ts';
import { URGENCY } from './outbox.ts';
import type { Floor } from './presses.ts';
import { whichQuestion } from './question-list.ts';
import { RecentMap } from './recent-map.ts';
import { plain } from './rich-text.ts';
import { verdictWords, WORDS } from './words.ts';

const REMEMBERED_MAX = 1_000;

/**
 * Texts that may be for one of several questions. The bot asks, as a reply to the text, and Telegram brings the text
 * along with each press: nothing is kept here, so a text waits safely however often the hub restarts.
 */
export class HeldTexts {
  readonly #floor: Floor;
  readonly #now: () => number;
  readonly #used = new RecentMap<string, true>(REMEMBERED_MAX);

  constructor(floor: Floor, now: () => number) {
    this.#floor = floor;
    this.#now = now;
  }

  /** Asks which question a text is for. */
  async hold(message: IncomingMessage): Promise<void> {
    await this.#floor.messenger.send(message.chat, [this.#asking(0)], message.messageId);
  }

  /** Takes a press on such an asking. */
  async handle(
    press: IncomingPress,
    action: Extract<ButtonAction, { verb: 'assign' | 'assign_page' | 'drop' }>,
  ): Promise<void> {
    const { repliedTo } = press;
    if (repliedTo && repliedTo.author !== press.person.id) return this.#say(press, WORDS.notYourText, true);
    if (action.verb === 'drop') {
      this.#say(press, WORDS.dropped);
      return this.#become(press, { text: plain(WORDS.dropped) });
    }
    if (action.verb === 'assign_page') {
      this.#say(press, '');
      return this.#become(press, this.#asking(action.page));
    }
    if (repliedTo?.text == null) {
      this.#say(press, WORDS.textGone, true);
      return this.#become(press, { text: plain(WORDS.textGone) });
    }
    return this.#assign(press, action.question, repliedTo.text);
  }

  async #assign(press: IncomingPress, question_id: QuestionId, text: string): Promise<void> {
    const key = `${press.chat}:${press.messageId}`;
    // Two quick presses on two questions: the text is for the first.
    if (this.#used.get(key)) return this.#say(press, WORDS.alreadyAssigned, true);
    const { desk, chosen } = this.#floor;
    const { person, cause } = press;
    const verdict = await desk.answer({ question_id, given: { text }, person, cause });
    const recorded = verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late';
    const words = verdictWords(verdict);
    this.#say(press, words, !recorded);
    if (!recorded) return this.#become(press, this.#asking(0));
    this.#used.set(key, true);
    chosen.forget(press.chat, person.id, question_id);
    this.#become(press, { text: plain(words) });
  }

  #asking(page: number): Outgoing {
    return whichQuestion(this.#floor.board.pending(), page, this.#now());
  }

  #become(press: IncomingPress, draft: Outgoing): void {
    const { messenger, inBackground } = this.#floor;
    inBackground(messenger.edit(press.chat, press.messageId, draft, URGENCY.reply));
  }

  #say(press: IncomingPress, words: string, alert = false): void {
    void this.#floor.messenger.answerPress(press.pressId, words, alert);
  }
}
