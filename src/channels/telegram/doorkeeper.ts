import type { RelayDesk } from '../../relay/channel.ts';
import type { Incoming } from './incoming.ts';
import { RecentMap } from './recent-map.ts';
import { WORDS } from './words.ts';

/** Who was refused is told again only after this long, so that nobody can make the bot write. */
const REFUSAL_MS = 10 * 60_000;
const REFUSED_MAX = 500;
/** Refusals to anybody within that time. */
const REFUSALS_MAX = 20;

/** Decides who is heard: owners, in their own chat with the bot or in the chat that is configured. */
export class Doorkeeper {
  readonly #homeChat: string | undefined;
  readonly #refused = new RecentMap<string, number>(REFUSED_MAX);
  #recent: number[] = [];

  constructor(homeChat: string | undefined) {
    this.#homeChat = homeChat;
  }

  /** Null: heard. Else what to tell them. */
  refusal(incoming: Incoming, desk: Pick<RelayDesk, 'isOwner'>): string | null {
    if (incoming.faceless || !desk.isOwner(incoming.person)) return WORDS.stranger;
    // An owner's list in some other group would show the questions to strangers.
    if (!incoming.private && incoming.chat !== this.#homeChat) return WORDS.wrongChat;
    return null;
  }

  /** May this refusal be sent as a message? Counts it as sent. */
  maySay(incoming: Incoming): boolean {
    const now = performance.now();
    const key = `${incoming.chat}:${incoming.person.id}`;
    const before = this.#refused.get(key);
    if (before !== undefined && now - before < REFUSAL_MS) return false;
    this.#recent = this.#recent.filter((at) => now - at < REFUSAL_MS);
    if (this.#recent.length >= REFUSALS_MAX) return false;
    this.#recent.push(now);
    this.#refused.set(key, now);
    return true;
  }
}
