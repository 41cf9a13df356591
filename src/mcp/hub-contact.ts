import type { HubLink } from '../runtime/hub-link.ts';
import type { ChannelReport } from '../runtime/hub-wire.ts';

// A session's first question may come before the hub that it has just started.
const HUB_START_MS_MAX = 3_000;

/** Does this channel work, and has anybody a card of a new question there right now? */
export function bringsCards({ ok, chats }: ChannelReport): boolean {
  return ok && chats !== 0;
}

/** What a session knows of the hub, from before there is a link to long after. */
export class HubContact {
  private readonly since = performance.now();
  private link: HubLink | null = null;

  /** Uses this link from now on. */
  connect(link: HubLink): void {
    this.link = link;
  }

  /** Is a hub at the other end right now? */
  get connected(): boolean {
    return this.link?.connected ?? false;
  }

  /** Is it too early to miss the hub? */
  get starting(): boolean {
    return !this.connected && performance.now() - this.since < HUB_START_MS_MAX;
  }

  /** Does any channel bring new cards to somebody right now? */
  get reachesSomebody(): boolean {
    return this.connected && (this.channels?.some(bringsCards) ?? false);
  }

  /** Is it too early to say whom it reaches: no hub yet, or one whose channels have only just begun? */
  get settling(): boolean {
    return !this.connected || (this.channels?.some(({ connecting }) => connecting === true) ?? true);
  }

  /** The hub's channels as it last told them; null without a hub, or while that loads them. */
  get channels(): HubLink['channels'] {
    return this.link?.channels ?? null;
  }

  /** Tells the hub that the session's file has news for it. Without a hub the next one finds them in the file. */
  look(): void {
    this.link?.look();
  }

  /** Tells the hub that the session goes on under another id. */
  announce(session: Parameters<HubLink['announce']>[0]): void {
    this.link?.announce(session);
  }

  close(): void {
    this.link?.close();
    this.link = null;
  }
}
