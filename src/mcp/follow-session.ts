import type { SessionId } from '../domain/ids.ts';
import { pause } from '../runtime/waiting.ts';
import type { SessionStore } from '../store/contract.ts';

/** What a follower calls, and how often it looks when hints fail altogether. */
export interface Follower {
  /** Looks at the log. One that rejects is tried again after `againMs`, since what is in its way changes no log. */
  readonly look: () => Promise<void>;
  /** Does somebody wait for news? Then the store looks more often. */
  readonly urgent: () => boolean;
  readonly onTrouble: (error: unknown) => void;
  /** Milliseconds before hints that ended, or a look that failed, are tried again. */
  readonly againMs: number;
}

/** Looks at a session's log whenever it may have news, until the signal aborts. Never rejects. */
export async function followSession(
  store: SessionStore,
  session: SessionId,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _hint of store.hints(session, signal, follower.urgent)) await follower.look();
    } catch (error) {
      follower.onTrouble(error);
    }
    await pause(follower.againMs, signal).catch(() => undefined); // Aborted: so is this.
  }
}
