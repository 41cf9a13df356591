import type { GivenChoice } from '../../domain/answer-input.ts';
import type { QuestionId } from '../../domain/ids.ts';
import type { Card, ChannelHealth, RelayDesk, Verdict } from '../../relay/channel.ts';
import { missingWords } from '../../relay/verdict-words.ts';
import type { Board } from './board.ts';
import { type ButtonAction, decodeAction } from './callback-data.ts';
import type { Chosen } from './chosen.ts';
import type { Endings } from './endings.ts';
import type { HeldTexts } from './held-texts.ts';
import type { IncomingPress } from './incoming.ts';
import type { Messenger } from './messenger.ts';
import { keyboardOf, marksIn, pageOfOption } from './options-keyboard.ts';
import type { Permissions } from './permissions.ts';
import type { Prompts } from './prompts.ts';
import { RecentMap } from './recent-map.ts';
import { isOpenCard } from './ref.ts';
import type { SessionWords } from './session-words.ts';
import { endedWords, verdictWords, WORDS } from './words.ts';

const REMEMBERED_MAX = 2_000;

// They put a list, or the asking which question a text is for, into the place of their message. No card has such a button.
const REPLACING: ReadonlySet<string> = new Set(['open', 'list_page', 'assign', 'assign_page', 'drop']);

/** What the handlers of presses and texts work with. */
export interface Floor {
  readonly desk: RelayDesk;
  readonly board: Board;
  readonly messenger: Messenger;
  readonly chosen: Chosen;
  readonly endings: Endings;
  readonly prompts: Prompts;
  /** How the channel is, and since when. */
  readonly health: () => ChannelHealth;
  /** Waits until something has been said, as long as others can be kept waiting; what can never be said is logged. */
  readonly said: (work: Promise<unknown>) => Promise<void>;
  /** For work that nobody waits for: logs if it fails. */
  readonly inBackground: (work: Promise<unknown>) => void;
}

type Of<V extends ButtonAction['verb']> = Extract<ButtonAction, { verb: V }>;

/** Understands presses. A press can only concern the question that its button names. */
export class Presses {
  readonly #floor: Floor;
  readonly #held: HeldTexts;
  readonly #permissions: Permissions;
  readonly #words: SessionWords;
  /** Marks of multiple choices that may not have reached their message yet; the message itself is the record. */
  readonly #marks = new RecentMap<string, ReadonlySet<number>>(REMEMBERED_MAX);

  constructor(floor: Floor, parts: { held: HeldTexts; permissions: Permissions; words: SessionWords }) {
    this.#floor = floor;
    this.#held = parts.held;
    this.#permissions = parts.permissions;
    this.#words = parts.words;
  }

  /** Resolves once an answer is in the session file; what is said and shown for it follows. */
  async handle(press: IncomingPress): Promise<void> {
    const action = decodeAction(press.data);
    if (action && REPLACING.has(action.verb) && isOpenCard(press, this.#floor.desk)) {
      return this.#say(press, WORDS.unknownButton, true);
    }
    switch (action?.verb) {
      case 'answer':
        return this.#answer(press, action.question, { options: [action.option] });
      case 'confirm':
        return this.#confirm(press, action);
      case 'unconfirm':
        return this.#openCard(press, action.question) ? this.#permissions.takeBack(press) : undefined;
      case 'tell':
        return this.#words.chosen(press, action.session);
      case 'mark':
      case 'unmark':
        return this.#mark(press, action);
      case 'options_page':
        return this.#turnOptions(press, action);
      case 'done':
        return this.#done(press, action.question);
      case 'write':
        return this.#write(press, action.question);
      case 'open':
        return this.#open(press, action.question);
      case 'list':
        this.#say(press, '');
        return this.#floor.inBackground(this.#floor.board.sendList(press));
      case 'list_page':
        this.#say(press, '');
        return this.#floor.inBackground(this.#floor.board.turnList(press.chat, press.messageId, action.page));
      case 'assign':
      case 'assign_page':
      case 'drop':
        return this.#held.handle(press, action);
      case undefined:
        return this.#say(press, WORDS.unknownButton, true);
      default:
        return action satisfies never;
    }
  }

  async #answer(press: IncomingPress, question_id: QuestionId, given: GivenChoice): Promise<void> {
    const { person, cause } = press;
    this.#conclude(press, await this.#floor.desk.answer({ question_id, given, person, cause }), question_id);
  }

  async #confirm(press: IncomingPress, action: Of<'confirm'>): Promise<void> {
    const verdict = await this.#permissions.confirm(press, action);
    if (verdict) this.#conclude(press, verdict, action.question);
  }

  /** Says what became of an answer; the second step of a dangerous permission follows. */
  #conclude(press: IncomingPress, verdict: Verdict, question_id: QuestionId): void {
    const { board, chosen, inBackground } = this.#floor;
    const recorded = verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late';
    this.#say(press, verdictWords(verdict), !recorded && verdict.verdict !== 'confirm');
    if (verdict.verdict === 'confirm') inBackground(board.sendConfirmation(verdict, press));
    if (recorded) chosen.forget(press.chat, press.person.id, question_id);
    this.#endMessage(press, cardOf(verdict));
  }

  #mark(press: IncomingPress, { verb, question, option }: Of<'mark' | 'unmark'>): void {
    const card = this.#openCard(press, question);
    if (!card) return;
    const before = this.#marksOn(press);
    if (!before || option >= card.options.length) {
      this.#say(press, WORDS.cardTooOld, true);
      return;
    }
    const marks = new Set(before);
    if (verb === 'mark') marks.add(option);
    else marks.delete(option);
    this.#marks.set(messageKey(press), marks);
    this.#say(press, '');
    this.#changeOptions(press, card, marks, pageOfOption(card, option));
  }

  /** Turns to another page of the options. What is marked on the others goes along in the message's own buttons. */
  #turnOptions(press: IncomingPress, { question, page }: Of<'options_page'>): void {
    const card = this.#openCard(press, question);
    if (!card) return;
    const marks = this.#marksOn(press);
    if (!marks) {
      this.#say(press, WORDS.cardTooOld, true);
      return;
    }
    this.#say(press, '');
    this.#changeOptions(press, card, marks, page);
  }

  #changeOptions(press: IncomingPress, card: Card, marks: ReadonlySet<number>, page: number): void {
    const { messenger, inBackground } = this.#floor;
    inBackground(messenger.editButtons(press.chat, press.messageId, keyboardOf(card, marks, page)));
  }

  async #done(press: IncomingPress, question: QuestionId): Promise<void> {
    if (!this.#openCard(press, question)) return;
    const marks = this.#marksOn(press);
    if (!marks) return this.#say(press, WORDS.cardTooOld, true);
    if (marks.size === 0) return this.#say(press, WORDS.nothingMarked, true);
    return this.#answer(press, question, { options: [...marks] });
  }

  #write(press: IncomingPress, question: QuestionId): void {
    const card = this.#openCard(press, question);
    if (!card) return;
    const { chosen, inBackground, prompts } = this.#floor;
    // Not every app opens the reply by itself; what is just written then is meant for this question, too.
    chosen.choose(press, press.person.id, question);
    this.#say(press, WORDS.writeNow);
    inBackground(prompts.send(card, press));
  }

  #open(press: IncomingPress, question: QuestionId): void {
    const { board, chosen, desk, inBackground } = this.#floor;
    const card = desk.card(question);
    if (card?.state.status !== 'pending') {
      this.#say(press, card ? endedWords(card) : missingWords(desk, question), true);
      inBackground(board.turnList(press.chat, press.messageId, 0));
      return;
    }
    chosen.choose(press, press.person.id, question);
    this.#say(press, WORDS.chosen(card));
    inBackground(board.sendCopy(card, press));
  }

  /** The card if its question is open; else says how it ended, and takes the buttons that came too late. */
  #openCard(press: IncomingPress, question: QuestionId): Card | null {
    const { desk } = this.#floor;
    const card = desk.card(question);
    if (card?.state.status === 'pending') return card;
    this.#say(press, card ? endedWords(card) : missingWords(desk, question), true);
    this.#endMessage(press, card);
    return null;
  }

  /** The marks on the message; null when the message is gone and nothing is remembered of it. */
  #marksOn(press: IncomingPress): ReadonlySet<number> | null {
    const remembered = this.#marks.get(messageKey(press));
    if (remembered || !press.buttons) return remembered ?? null;
    return marksIn(press.buttons);
  }

  /**
   * A message that still offers buttons for a question that has ended says so instead. One whose question nobody here
   * knows is left as it is: with two hubs on one token it may be the other's, and open.
   */
  #endMessage(press: IncomingPress, card: Card | null): void {
    if (!card || card.state.status === 'pending' || !press.buttons) return;
    this.#floor.inBackground(this.#floor.board.end(press.chat, press.messageId, card));
  }

  #say(press: IncomingPress, words: string, alert = false): void {
    void this.#floor.messenger.answerPress(press.pressId, words, alert);
  }
}

/** The card a verdict is about, if it says. */
function cardOf(verdict: Verdict): Card | null {
  return 'card' in verdict ? verdict.card : null;
}

function messageKey(press: IncomingPress): string {
  return `${press.chat}:${press.messageId}`;
}
