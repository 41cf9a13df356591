import type { QuestionId } from '../../domain/ids.ts';
import type { Card } from '../../relay/channel.ts';
import { pinMessage, promptMessage } from './card-message.ts';
import type { IncomingPress } from './incoming.ts';
import type { Messenger } from './messenger.ts';
import { inThread, type Place } from './place.ts';
import { RecentMap } from './recent-map.ts';

const REMEMBERED_MAX = 1_000;

/** The messages that ask for a text and open the keyboard for it. Each carries its question, so none must be remembered. */
export class Prompts {
  readonly #messenger: Messenger;
  /** The last prompt of each person in each chat, only so that it can be withdrawn. */
  readonly #last = new RecentMap<string, { readonly id: number; readonly pinFor?: QuestionId }>(REMEMBERED_MAX);

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  /** Asks for a text, as a reply to the message whose button was pressed. */
  async send(card: Card, press: IncomingPress): Promise<void> {
    const { username } = await this.#messenger.me();
    const [id] = await this.#messenger.reply(press, [promptMessage(card, username)]);
    if (id !== undefined) this.#last.set(`${press.chat}:${press.person.id}`, { id });
  }

  /** Asks for the PIN of a dangerous permission. */
  async sendPin(card: Card, option: number, to: Place & { readonly person: { readonly id: string } }): Promise<void> {
    const { username } = await this.#messenger.me();
    const [id] = await this.#messenger.send(to.chat, inThread([pinMessage(card, option, username)], to.thread));
    if (id !== undefined) this.#last.set(`${to.chat}:${to.person.id}`, { id, pinFor: card.question_id });
  }

  /** Takes the last prompt of a person away, which closes the keyboard that it opened; null when there is none. */
  withdraw(chat: string, person: string): Promise<void> | null {
    const key = `${chat}:${person}`;
    const last = this.#last.get(key);
    if (!last) return null;
    this.#last.delete(key);
    return this.#messenger.remove(chat, last.id);
  }

  /** The same of a prompt for the PIN of this question; any other one stays. */
  withdrawPin(chat: string, person: string, question: QuestionId): Promise<void> | null {
    return this.#last.get(`${chat}:${person}`)?.pinFor === question ? this.withdraw(chat, person) : null;
  }

  /** The prompt has its answer, or nobody needs one any more. */
  forget(chat: string, person: string): void {
    this.#last.delete(`${chat}:${person}`);
  }
}
