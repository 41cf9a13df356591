import type { ChannelHealth } from '../../relay/channel.ts';
import { WORDS } from './words.ts';

type State = 'connecting' | 'connected' | 'unreachable' | 'undelivered' | 'conflict' | 'token';

/** How the channel is, and since when. */
export class Health {
  #state: State = 'connecting';
  #since = new Date().toISOString();
  #detail: () => string = () => WORDS.connecting;
  #connectedDetail: () => string = () => WORDS.connected;

  get current(): ChannelHealth {
    return { ok: this.#state === 'connected', detail: this.#detail(), since: this.#since };
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

  /** The token is refused; nothing will ever work. */
  tokenRefused(): void {
    this.#tell('token', () => WORDS.tokenRefused);
  }

  #tell(state: State, detail: () => string): boolean {
    const news = state !== this.#state;
    if (news) this.#since = new Date().toISOString();
    this.#state = state;
    this.#detail = detail;
    return news;
  }
}
