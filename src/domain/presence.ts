import type { SessionId } from './ids.ts';

/** Is the person away from the desk: as a rule, and for single sessions. */
export interface Presence {
  readonly away: boolean;
  readonly sessions: Readonly<Record<string, boolean>>;
}

/** Is the person away from the desk of this session? */
export function isAway(presence: Presence, session: SessionId): boolean {
  return presence.sessions[session] ?? presence.away;
}
