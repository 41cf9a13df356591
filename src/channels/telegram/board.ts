import type { QuestionId } from '../../domain/ids.ts';
import type { Card, RelayDesk } from '../../relay/channel.ts';
import { cardMessages, promptMessage, settledMessage } from './card-message.ts';
import type { Messenger } from './messenger.ts';
import { URGENCY } from './outbox.ts';
import { pendingList } from './question-list.ts';
import { RecentMap } from './recent-map.ts';
import { formatRef, parseRef } from './ref.ts';

/** Beyond so many new cards that wait for one chat, they become one list. */
const WAITING_CARDS_MAX = 5;
/** How long the list of a flood takes up what comes after it: an edit makes no sound, so later ones get a new list. */
const LIST_JOIN_MS = 60_000;
const REMEMBERED_MAX = 2_000;

interface NewCard {
  readonly card: Card;
  readonly resolve: (ref: string) => void;
  readonly reject: (error: unknown) => void;
}

/** The last list that was sent into a chat. */
interface List {
  readonly messageId: number;
  /** When it was sent because of a flood; 0 when somebody asked for it. */
  readonly floodAt: number;
  page: number;
}

/**
 * What stands in the chats: cards, further copies of cards that people have opened, and lists. All of it can be
 * found again by what the messages themselves carry; what is remembered here only saves people a stale button.
 */
export class Board {
  readonly #messenger: Messenger;
  readonly #desk: () => RelayDesk | null;
  readonly #now: () => number;
  readonly #newCards = new Map<string, NewCard[]>();
  readonly #copies = new RecentMap<string, number[]>(REMEMBERED_MAX);
  readonly #lists = new RecentMap<string, List>(REMEMBERED_MAX);

  /** `desk`: null until the channel runs. `now`: milliseconds since the epoch. */
  constructor(messenger: Messenger, desk: () => RelayDesk | null, now: () => number) {
    this.#messenger = messenger;
    this.#desk = desk;
    this.#now = now;
  }

  /** Open questions, oldest first. */
  pending(): readonly Card[] {
    return this.#desk()?.inbox() ?? [];
  }

  /**
   * Shows a new card as soon as its chat has room for it, and returns its ref. Many that wait become one list.
   *
   * @throws ChannelError
   */
  show(card: Card, chat: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const waiting = this.#newCards.get(chat) ?? [];
      this.#newCards.set(chat, waiting);
      waiting.push({ card, resolve, reject });
      this.#showNext(chat);
    });
  }

  /**
   * Makes the messages of a question say how it ended.
   *
   * @throws ChannelError
   */
  async settle(ref: string, card: Card): Promise<void> {
    const place = parseRef(ref);
    if (!place || card.kind === 'notice' || card.state.status === 'pending') return;
    const { chat } = place;
    const changes = this.#copiesOf(card.question_id, chat).map((copy) => this.end(chat, copy, card));
    if (place.kind === 'card') changes.push(this.end(chat, place.messages.at(-1) ?? 0, card));
    else changes.push(this.#refresh(chat, place.messages[0] ?? 0));
    const list = this.#lists.get(chat);
    if (list) void this.#refresh(chat, list.messageId).catch(() => undefined);
    await Promise.all(changes);
  }

  /** Makes one message say how a question ended. */
  async end(chat: string, messageId: number, card: Card): Promise<void> {
    const { username } = await this.#messenger.me();
    await this.#messenger.edit(chat, messageId, settledMessage(card, username));
  }

  /** Shows a question in full to somebody who asked for it. */
  async sendCopy(card: Card, chat: string): Promise<void> {
    const { username } = await this.#messenger.me();
    const ids = await this.#messenger.send(chat, cardMessages(card, username));
    const last = ids.at(-1);
    if (last !== undefined) {
      this.#copies.set(copyKey(card.question_id, chat), [...this.#copiesOf(card.question_id, chat), last]);
    }
    // It may have ended while it was on its way, and nobody else knows of this copy.
    const now = this.#desk()?.card(card.question_id) ?? null;
    if (last !== undefined && now && now.state.status !== 'pending') await this.end(chat, last, now);
  }

  /** Asks for a text, as a reply to the message whose button was pressed. */
  async sendPrompt(card: Card, chat: string, replyTo: number): Promise<void> {
    const { username } = await this.#messenger.me();
    await this.#messenger.send(chat, [promptMessage(card, username)], replyTo);
  }

  /** Sends the list of pending questions. */
  async sendList(chat: string): Promise<void> {
    const [messageId] = await this.#messenger.send(chat, [pendingList(this.pending(), 0, this.#now())]);
    this.#remember(chat, messageId, 0);
  }

  /** Turns a list to a page. */
  async turnList(chat: string, messageId: number, page: number): Promise<void> {
    const list = this.#lists.get(chat);
    if (list?.messageId === messageId) list.page = page;
    const draft = pendingList(this.pending(), page, this.#now());
    await this.#messenger.edit(chat, messageId, draft, URGENCY.reply);
  }

  #showNext(chat: string): void {
    if (!this.#newCards.get(chat)?.length) return;
    const work = (turn: () => Promise<void>) => this.#showSome(chat, turn);
    this.#messenger.inLine(chat, 'new-cards', URGENCY.card, work).catch((error: unknown) => {
      for (const { reject } of this.#newCards.get(chat)?.splice(0) ?? []) reject(error);
    });
  }

  /** Shows the first waiting card, or all waiting questions as a list when they are many. */
  async #showSome(chat: string, turn: () => Promise<void>): Promise<void> {
    const waiting = this.#newCards.get(chat) ?? [];
    const questions = waiting.filter(({ card }) => card.kind !== 'notice');
    const some = questions.length > WAITING_CARDS_MAX && this.#desk() ? questions : waiting.slice(0, 1);
    this.#newCards.set(
      chat,
      waiting.filter((each) => !some.includes(each)),
    );
    const [first] = some;
    if (!first) return;
    try {
      const ref = some.length === 1 ? await this.#showOne(first.card, chat, turn) : await this.#showList(chat);
      for (const { resolve } of some) resolve(ref);
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
    this.#showNext(chat);
  }

  async #showOne(card: Card, chat: string, turn: () => Promise<void>): Promise<string> {
    const { username } = await this.#messenger.me();
    // What has ended while it waited is shown as it is now: buttons that cannot work would only mislead.
    const now = this.#desk()?.card(card.question_id) ?? card;
    const ended = now.kind !== 'notice' && now.state.status !== 'pending';
    const drafts = ended ? [settledMessage(now, username)] : cardMessages(now, username);
    return formatRef({ kind: 'card', chat, messages: await this.#messenger.sendNow(chat, drafts, turn) });
  }

  async #showList(chat: string): Promise<string> {
    const list = this.#lists.get(chat);
    const draft = pendingList(this.pending(), list?.page ?? 0, this.#now());
    if (list && this.#now() - list.floodAt < LIST_JOIN_MS) {
      const result = await this.#messenger.editNow(chat, list.messageId, draft);
      if (result === 'changed') return formatRef({ kind: 'list', chat, messages: [list.messageId] });
    }
    const [messageId] = await this.#messenger.sendNow(chat, [draft], () => Promise.resolve());
    this.#remember(chat, messageId, this.#now());
    return formatRef({ kind: 'list', chat, messages: [messageId ?? 0] });
  }

  #remember(chat: string, messageId: number | undefined, floodAt: number): void {
    if (messageId !== undefined) this.#lists.set(chat, { messageId, floodAt, page: 0 });
  }

  /** Brings a list up to date; many changes at once are one edit. A list that has come to its end is forgotten. */
  async #refresh(chat: string, messageId: number): Promise<void> {
    const result = await this.#messenger.inLine(chat, `edit:${messageId}`, URGENCY.list, () => {
      const list = this.#lists.get(chat);
      const page = list?.messageId === messageId ? list.page : 0;
      return this.#messenger.editNow(chat, messageId, pendingList(this.pending(), page, this.#now()));
    });
    const ended = result === 'gone' || this.pending().length === 0;
    if (ended && this.#lists.get(chat)?.messageId === messageId) this.#lists.delete(chat);
  }

  #copiesOf(question: QuestionId, chat: string): readonly number[] {
    return this.#copies.get(copyKey(question, chat)) ?? [];
  }
}

function copyKey(question: QuestionId, chat: string): string {
  return `${question}:${chat}`;
}
