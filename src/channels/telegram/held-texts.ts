import type { QuestionId } from '../../domain/ids.ts';
import type { ButtonAction } from './callback-data.ts';
import type { Outgoing } from './card-message.ts';
import type { FileAnswers } from './file-answers.ts';
import type { IncomingMessage, IncomingPress } from './incoming.ts';
import { URGENCY } from './outbox.ts';
import type { Place } from './place.ts';
import type { Floor } from './presses.ts';
import { whichQuestion } from './question-list.ts';
import { RecentMap } from './recent-map.ts';
import { plain } from './rich-text.ts';
import { verdictWords, WORDS } from './words.ts';

const REMEMBERED_MAX = 1_000;

/**
 * Texts and files that may be for one of several questions. The bot asks, as a reply to what was sent, and Telegram
 * brings that along with each press: nothing is kept here, so a text waits safely however often the hub restarts.
 */
export class HeldTexts {
  readonly #floor: Floor;
  readonly #files: FileAnswers;
  readonly #now: () => number;
  readonly #used = new RecentMap<string, true>(REMEMBERED_MAX);
  /** The last asking about a text of each person in each chat, only so that `/cancel` can drop it. */
  readonly #last = new RecentMap<string, number>(REMEMBERED_MAX);

  constructor(floor: Floor, files: FileAnswers, now: () => number) {
    this.#floor = floor;
    this.#files = files;
    this.#now = now;
  }

  /** Asks which question a text is for. */
  async hold(message: IncomingMessage): Promise<void> {
    const [id] = await this.#floor.messenger.reply(message, [this.#asking(0, message)]);
    if (id !== undefined) this.#last.set(`${message.chat}:${message.person.id}`, id);
  }

  /** Drops the last text of a person that is still held; false when there is none. */
  drop(chat: string, person: string): boolean {
    const messageId = this.#last.get(`${chat}:${person}`);
    if (messageId === undefined) return false;
    this.#last.delete(`${chat}:${person}`);
    this.#used.set(`${chat}:${messageId}`, true);
    this.#become({ chat, messageId }, { text: plain(WORDS.dropped) });
    return true;
  }

  /** Takes a press on such an asking. */
  async handle(
    press: IncomingPress,
    action: Extract<ButtonAction, { verb: 'assign' | 'assign_page' | 'drop' }>,
  ): Promise<void> {
    const { repliedTo } = press;
    if (repliedTo && repliedTo.author !== press.person.id) return this.#say(press, WORDS.notYourText, true);
    if (action.verb === 'drop') {
      this.#ended(press);
      this.#say(press, WORDS.dropped);
      return this.#become(press, { text: plain(WORDS.dropped) });
    }
    if (action.verb === 'assign_page') {
      this.#say(press, '');
      return this.#become(press, this.#asking(action.page, press));
    }
    if (repliedTo?.file && !repliedTo.edited && !this.#used.get(`${press.chat}:${press.messageId}`)) {
      this.#ended(press);
      return this.#files.assign(press, action.question);
    }
    if (repliedTo?.text == null) {
      this.#ended(press);
      this.#say(press, WORDS.textGone, true);
      return this.#become(press, { text: plain(WORDS.textGone) });
    }
    // What was first sent is not known any more, and what it says now must not count: an edit changes nothing.
    if (repliedTo.edited) {
      this.#ended(press);
      this.#say(press, WORDS.textEdited, true);
      return this.#become(press, { text: plain(WORDS.textEdited) });
    }
    return this.#assign(press, action.question, { messageId: repliedTo.messageId, text: repliedTo.text });
  }

  async #assign(
    press: IncomingPress,
    question_id: QuestionId,
    { messageId, text }: { readonly messageId: number; readonly text: string },
  ): Promise<void> {
    // A text that Telegram brought again has two askings; and of one asking two questions may be pressed quickly. The
    // text is for the first.
    const keys = [press.messageId, messageId].map((id) => `${press.chat}:${id}`);
    if (keys.some((key) => this.#used.get(key))) return this.#say(press, WORDS.alreadyAssigned, true);
    const { desk, chosen } = this.#floor;
    const { person, cause } = press;
    const verdict = await desk.answer({ question_id, given: { text }, person, cause });
    const recorded = verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late';
    const words = verdictWords(verdict);
    this.#say(press, words, !recorded);
    if (!recorded) return this.#become(press, this.#asking(0, press));
    for (const key of keys) this.#used.set(key, true);
    this.#ended(press);
    chosen.forget(press.chat, person.id, question_id);
    this.#become(press, { text: plain(words) });
  }

  #ended(press: IncomingPress): void {
    const key = `${press.chat}:${press.person.id}`;
    if (this.#last.get(key) === press.messageId) this.#last.delete(key);
  }

  #asking(page: number, place: Place): Outgoing {
    return whichQuestion(this.#floor.board.pendingAt(place), page, this.#now());
  }

  #become(press: Pick<IncomingPress, 'chat' | 'messageId'>, draft: Outgoing): void {
    const { messenger, inBackground } = this.#floor;
    inBackground(messenger.edit(press.chat, press.messageId, draft, URGENCY.reply));
  }

  #say(press: IncomingPress, words: string, alert = false): void {
    void this.#floor.messenger.answerPress(press.pressId, words, alert);
  }
}
