import type { QuestionId, SessionId } from '../../domain/ids.ts';
import type { Card, RelayDesk, Verdict } from '../../relay/channel.ts';
import { ChannelError } from '../../relay/errors.ts';
import {
  cardMessages,
  confirmMessages,
  contextFile,
  endedMessage,
  type Outgoing,
  settledMessage,
} from './card-message.ts';
import type { Later } from './later.ts';
import type { Messenger } from './messenger.ts';
import type { Mutes } from './mutes.ts';
import { URGENCY } from './outbox.ts';
import { inThread, type Place } from './place.ts';
import { pendingList } from './question-list.ts';
import { RecentMap } from './recent-map.ts';
import { formatRef, OpenPlaces, parseRef } from './ref.ts';
import type { Topics } from './topics.ts';

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

type MessagesOf = typeof cardMessages;

/** How a card is sent, if not as usual: other messages of it, in reply to one. */
interface Look {
  readonly messagesOf?: MessagesOf;
  readonly replyTo?: number;
}

/** The last list that was sent into a chat. */
interface List {
  readonly messageId: number;
  /** When it was sent because of a flood; 0 when somebody asked for it. */
  readonly floodAt: number;
  page: number;
}

/** What a board works with. */
interface BoardParts {
  readonly messenger: Messenger;
  /** Null until the channel runs. */
  readonly desk: () => RelayDesk | null;
  readonly mutes: Pick<Mutes, 'isMuted'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly later: Later;
  readonly topics: Topics;
  /** Is this a chat of an owner, or the configured group? What stands in any other one must tell nothing more. */
  readonly isOurs: (chat: string) => boolean;
}

/**
 * What stands in the chats: cards, further copies of cards that people have opened, and lists. All of it can be
 * found again by what the messages themselves carry; what is remembered here only saves people a stale button.
 */
export class Board {
  readonly #parts: BoardParts;
  readonly #openPlaces = new OpenPlaces();
  readonly #newCards = new Map<string, NewCard[]>();
  readonly #copies = new RecentMap<string, number[]>(REMEMBERED_MAX);
  readonly #lists = new RecentMap<string, List>(REMEMBERED_MAX);

  constructor(parts: BoardParts) {
    this.#parts = parts;
  }

  /** Open questions, oldest first; without those that still wait for somebody at the desk. */
  pending(): readonly Card[] {
    return (this.#parts.desk()?.inbox() ?? []).filter(({ held }) => !held);
  }

  /** Those that a text without a reply may be for: in a session's topic its own. */
  pendingAt({ chat, thread }: Place): readonly Card[] {
    const session = this.#parts.topics.sessionAt(chat, thread);
    return session === null ? this.pending() : this.pending().filter((card) => card.session.id === session);
  }

  /** The session that a topic belongs to; null where no session has a topic of its own. */
  sessionAt({ chat, thread }: Place): SessionId | null {
    return this.#parts.topics.sessionAt(chat, thread);
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
    if (this.#openPlaces.isAnothers(place, card.question_id, this.#parts.desk())) return;
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
    const { messenger, isOurs } = this.#parts;
    const { username } = await messenger.me();
    await messenger.edit(chat, messageId, isOurs(chat) ? settledMessage(card, username) : endedMessage());
  }

  /** Shows a question in full to somebody who asked for it. */
  sendCopy(card: Card, place: Place): Promise<void> {
    return this.#sendFurther(card, place, `copy:${card.question_id}`);
  }

  /** Shows all of a dangerous permission once more, in reply to where it was allowed. */
  sendConfirmation(
    { card, option }: Extract<Verdict, { verdict: 'confirm' }>,
    press: Place & { readonly messageId: number },
  ): Promise<void> {
    const messagesOf: MessagesOf = (now, botName, how) => confirmMessages(now, option, botName, how);
    const key = `confirm:${card.question_id}:${option}`;
    return this.#sendFurther(card, press, key, { messagesOf, replyTo: press.messageId });
  }

  async #sendFurther(card: Card, { chat, thread }: Place, key: string, look: Look = {}): Promise<void> {
    // Asked for twice before its turn has come, it is sent once.
    const ids = await this.#parts.messenger.inLine(chat, key, URGENCY.reply, (turn) =>
      this.#sendCard(card, chat, turn, (drafts) => inThread(drafts, thread), look),
    );
    const last = ids.at(-1);
    if (last !== undefined) {
      this.#copies.set(copyKey(card.question_id, chat), [...this.#copiesOf(card.question_id, chat), last]);
    }
    // It may have ended while it was on its way, and nobody else knows of this copy.
    const now = this.#parts.desk()?.card(card.question_id) ?? null;
    if (last !== undefined && now && now.state.status !== 'pending') await this.end(chat, last, now);
  }

  /** Sends the list of pending questions. */
  async sendList({ chat, thread }: Place): Promise<void> {
    const draft = pendingList(this.pending(), 0, this.#parts.now());
    const [messageId] = await this.#parts.messenger.send(chat, inThread([draft], thread));
    this.#remember(chat, messageId, 0);
  }

  /** Turns a list to a page. */
  async turnList(chat: string, messageId: number, page: number): Promise<void> {
    const list = this.#lists.get(chat);
    if (list?.messageId === messageId) list.page = page;
    const draft = pendingList(this.pending(), page, this.#parts.now());
    await this.#parts.messenger.edit(chat, messageId, draft, URGENCY.reply);
  }

  #showNext(chat: string): void {
    if (!this.#newCards.get(chat)?.length) return;
    const work = (turn: () => Promise<void>) => this.#showSome(chat, turn);
    this.#parts.messenger.inLine(chat, 'new-cards', URGENCY.card, work).catch((error: unknown) => {
      for (const { reject } of this.#newCards.get(chat)?.splice(0) ?? []) reject(error);
    });
  }

  /** Shows the first waiting card, or all waiting questions as a list when they are many. */
  async #showSome(chat: string, turn: () => Promise<void>): Promise<void> {
    const waiting = this.#newCards.get(chat) ?? [];
    const questions = waiting.filter(({ card }) => card.kind !== 'notice');
    const asList = questions.length > WAITING_CARDS_MAX && this.#parts.desk() !== null;
    const some = asList ? questions : waiting.slice(0, 1);
    this.#newCards.set(chat, asList ? waiting.filter(({ card }) => card.kind === 'notice') : waiting.slice(1));
    const [first] = some;
    if (!first) return;
    try {
      const ref = some.length === 1 ? await this.#showOne(first.card, chat, turn) : await this.#showList(chat);
      this.#updateListLater(chat);
      for (const { resolve } of some) resolve(ref);
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
    this.#showNext(chat);
  }

  async #showOne(card: Card, chat: string, turn: () => Promise<void>): Promise<string> {
    const { username } = await this.#parts.messenger.me();
    // What has ended while it waited is shown as it is now: buttons that cannot work would only mislead.
    const now = this.#parts.desk()?.card(card.question_id) ?? card;
    const ended = now.kind !== 'notice' && now.state.status !== 'pending';
    const messages = await this.#parts.topics.send(now.session, chat, turn, (thread) => {
      const placed = (drafts: readonly Outgoing[]) => inThread(this.#hushed(chat, drafts), thread);
      if (ended) return this.#parts.messenger.sendNow(chat, placed([settledMessage(now, username)]), turn);
      return this.#sendCard(now, chat, turn, placed);
    });
    return formatRef({ kind: 'card', chat, messages });
  }

  /** Sends a card, after the file of its context where it has one, and returns the ids of all its messages. */
  async #sendCard(
    card: Card,
    chat: string,
    turn: () => Promise<void>,
    placed: (drafts: readonly Outgoing[]) => readonly Outgoing[],
    { messagesOf = cardMessages, replyTo }: Look = {},
  ): Promise<number[]> {
    const { username } = await this.#parts.messenger.me();
    const file = contextFile(card, username);
    const filed = file ? await this.#sendFile(placed([file]), chat, turn) : [];
    if (filed.length > 0) await turn();
    const drafts = messagesOf(card, username, { filed: filed.length > 0 });
    return [...filed, ...(await this.#parts.messenger.sendNow(chat, placed(drafts), turn, replyTo))];
  }

  /** A chat that takes no files gets the card all the same, with as much of the context as fits. */
  async #sendFile(file: readonly Outgoing[], chat: string, turn: () => Promise<void>): Promise<number[]> {
    try {
      return await this.#parts.messenger.sendNow(chat, file, turn);
    } catch (error) {
      if (error instanceof ChannelError && error.permanent) return [];
      throw error;
    }
  }

  async #showList(chat: string): Promise<string> {
    const list = this.#lists.get(chat);
    const draft = pendingList(this.pending(), list?.page ?? 0, this.#parts.now());
    if (list && this.#parts.now() - list.floodAt < LIST_JOIN_MS) {
      const result = await this.#parts.messenger.editNow(chat, list.messageId, draft);
      if (result === 'changed') return formatRef({ kind: 'list', chat, messages: [list.messageId] });
    }
    const [messageId] = await this.#parts.messenger.sendNow(chat, this.#hushed(chat, [draft]), () => Promise.resolve());
    this.#remember(chat, messageId, this.#parts.now());
    return formatRef({ kind: 'list', chat, messages: [messageId ?? 0] });
  }

  #remember(chat: string, messageId: number | undefined, floodAt: number): void {
    if (messageId !== undefined) this.#lists.set(chat, { messageId, floodAt, page: 0 });
  }

  /** A list has everything that waits, what came by a card of its own included; but cards go first. */
  #updateListLater(chat: string): void {
    this.#parts.later.call(chat, () => {
      const list = this.#lists.get(chat);
      if (list) void this.#refresh(chat, list.messageId).catch(() => undefined);
    });
  }

  /** Brings a list up to date; many changes at once are one edit. A list that has come to its end is forgotten. */
  async #refresh(chat: string, messageId: number): Promise<void> {
    const result = await this.#parts.messenger.inLine(chat, `edit:${messageId}`, URGENCY.list, () => {
      const list = this.#lists.get(chat);
      const page = list?.messageId === messageId ? list.page : 0;
      const draft = this.#parts.isOurs(chat) ? pendingList(this.pending(), page, this.#parts.now()) : endedMessage();
      return this.#parts.messenger.editNow(chat, messageId, draft);
    });
    const ended = result === 'gone' || this.pending().length === 0;
    if (ended && this.#lists.get(chat)?.messageId === messageId) this.#lists.delete(chat);
  }

  /** What nobody has asked for makes no sound in a muted chat. */
  #hushed(chat: string, drafts: readonly Outgoing[]): readonly Outgoing[] {
    return this.#parts.mutes.isMuted(chat) ? drafts.map((draft) => ({ ...draft, silent: true })) : drafts;
  }

  #copiesOf(question: QuestionId, chat: string): readonly number[] {
    return this.#copies.get(copyKey(question, chat)) ?? [];
  }
}

function copyKey(question: QuestionId, chat: string): string {
  return `${question}:${chat}`;
}
