import type { ChannelHealth } from '../../relay/channel.ts';
import { WORDS } from './words.ts';

type State = 'connecting' | 'connected' | 'unreachable' | 'undelivered' | 'conflict' | 'token';

/** How the channel is, and since when. */
export class Health {
  #state: State = 'connecting';
  #since = new Date().toISOString();
  #detail: () => string = () => WORDS.connecting;
  #connectedDetail: () => string = () => WORDS.connected;
  /** Chats that take no messages, since when. */
  readonly #closedChats = new Map<string, string>();
  readonly #hasOwners: () => boolean;

  constructor(hasOwners: () => boolean = () => true) {
    this.#hasOwners = hasOwners;
  }

  get current(): ChannelHealth {
    const [closed] = this.#closedChats;
    // Connected is not enough: somebody must be there to see the questions.
    if (this.#state === 'connected' && closed) {
      return { ok: false, detail: WORDS.chatClosed(closed[0]), since: closed[1] };
    }
    const ok = this.#state === 'connected' && this.#hasOwners();
    return { ok, detail: this.#detail(), since: this.#since };
  }

  /** A chat takes no messages: blocked, never opened, or another id than meant. */
  chatClosed(chat: string): void {
    if (!this.#closedChats.has(chat)) this.#closedChats.set(chat, new Date().toISOString());
  }

  /** A message has reached a chat. */
  chatReached(chat: string): void {
    this.#closedChats.delete(chat);
  }

  /** Updates come, as far as can be told. Returns whether they did not before. */
  receiving(detail: () => string): boolean {
    this.#connectedDetail = detail;
    return this.#tell('connected', detail);
  }

  /** Any call was answered: Telegram can be reached, whatever else may be wrong. */
  reached(): void {
    if (this.#state === 'unreachable') this.#tell('connected', this.#connectedDetail);
  }

  /** A call was not answered, or by somebody else. Returns whether that is news. */
  unreachable(why: string): boolean {
    return this.#state === 'conflict' || this.#state === 'token'
      ? false
      : this.#tell('unreachable', () => WORDS.unreachable(why));
  }

  /** Telegram can be reached, but cannot bring updates. Returns whether that is news. */
  undelivered(detail: string): boolean {
    return this.#tell('undelivered', () => detail);
  }

  /** Somebody else polls with this token. Returns whether that is news. */
  conflict(): boolean {
    return this.#tell('conflict', () => WORDS.conflict);
  }

  /** The token is refused. Returns whether that is news. */
  tokenRefused(): boolean {
    return this.#tell('token', () => WORDS.tokenRefused);
  }

  #tell(state: State, detail: () => string): boolean {
    const news = state !== this.#state;
    if (news) this.#since = new Date().toISOString();
    this.#state = state;
    this.#detail = detail;
    return news;
  }
}
