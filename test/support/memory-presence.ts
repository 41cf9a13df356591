import type { SessionId } from '../../src/domain/ids.ts';
import type { Presence } from '../../src/domain/presence.ts';

/** Where it stands whether the person is away, without a file; at the desk at first. */
export function memoryPresence() {
  let presence: Presence = { away: false, sessions: {} };
  return {
    read: (): Presence => presence,
    set: (away: boolean, session?: SessionId): Presence => {
      presence =
        session === undefined
          ? { away, sessions: {} }
          : { ...presence, sessions: { ...presence.sessions, [session]: away } };
      return presence;
    },
  };
}
