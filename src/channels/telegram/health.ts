import type { ChannelHealth } from '../../relay/channel.ts';
import { WORDS } from './words.ts';

type State = 'connecting' | 'connected' | 'unreachable' | 'undelivered' | 'conflict' | 'token';

// Within it a first call may fail and the next one go well: a network that has only just come up, the last poll of the hub before.
const CONNECTING_MS_MAX = 10_000;

/** How the channel is, and since when. */
export class Health {
  #state: State = 'connecting';
  #wasConnected = false;
  readonly #startedAt = performance.now();
  #since = new Date().toISOString();
  #detail: () => string = () => WORDS.connecting;
  #connectedDetail: () => string = () => WORDS.connected;
  /** Chats that take no messages, since when. */
  readonly #closedChats = new Map<string, string>();
  readonly #chats: () => readonly string[];
  readonly #hasOwners: () => boolean;

  /** `chats`: those that get every card. No other one says how the channel is. */
  constructor(chats: () => readonly string[], hasOwners: () => boolean) {
    this.#chats = chats;
    this.#hasOwners = hasOwners;
  }

  get current(): ChannelHealth {
    const all = this.#chats();
    const closed = all.filter((chat) => this.#closedChats.has(chat));
    const chats = all.length - closed.length;
    const connected = this.#state === 'connected';
    const detail = connected && closed.length > 0 ? WORDS.chatsClosed(this.#detail(), closed) : this.#detail();
    // Connected is not enough: somebody must be there to see the questions. One who is, is enough.
    const nobody = connected && closed.length > 0 && chats === 0;
    const since = nobody ? this.#lastClosedAt(closed) : this.#since;
    const health = { ok: connected && !nobody && this.#hasOwners(), detail, since, chats };
    return this.#isConnecting ? { ...health, connecting: true } : health;
  }

  /** A chat takes no messages: blocked, never opened, or another id than meant. */
  chatClosed(chat: string): void {
    if (this.#chats().includes(chat) && !this.#closedChats.has(chat))
      this.#closedChats.set(chat, new Date().toISOString());
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

  get #isConnecting(): boolean {
    if (this.#state === 'unreachable' || this.#state === 'conflict')
      return !this.#wasConnected && performance.now() - this.#startedAt < CONNECTING_MS_MAX;
    return this.#state === 'connecting';
  }

  #lastClosedAt(chats: readonly string[]): string {
    return chats.map((chat) => this.#closedChats.get(chat) ?? '').reduce((a, b) => (a > b ? a : b));
  }

  #tell(state: State, detail: () => string): boolean {
    const news = state !== this.#state;
    if (news) this.#since = new Date().toISOString();
    this.#state = state;
    this.#wasConnected ||= state === 'connected';
    this.#detail = detail;
    return news;
  }
}
