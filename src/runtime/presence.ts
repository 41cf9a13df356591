import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionId } from '../domain/ids.ts';
import type { Presence } from '../domain/presence.ts';
import { replaceFile } from './home.ts';

const AT_THE_DESK: Presence = { away: false, sessions: {} };

/** What the person said last. A file that is missing or damaged says that nobody is away. */
export function readPresence(home: string): Presence {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(pathIn(home), 'utf8'));
  } catch {
    return AT_THE_DESK;
  }
  const { away, sessions } = (content ?? {}) as { away?: unknown; sessions?: unknown };
  const named = typeof sessions === 'object' && sessions !== null ? Object.entries(sessions) : [];
  return {
    away: away === true,
    sessions: Object.fromEntries(named.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean')),
  };
}

/**
 * Writes down that the person is away or back: for one session, or for all, which forgets what was said of single ones.
 * Written by the hub, and by `switchboard away`, which then tells the hub. Throws when the file cannot be written; then nothing has changed.
 */
export function setPresence(home: string, away: boolean, session?: SessionId): Presence {
  const before = readPresence(home);
  const presence =
    session === undefined
      ? { away, sessions: {} }
      : { away: before.away, sessions: { ...before.sessions, [session]: away } };
  replaceFile(pathIn(home), `${JSON.stringify({ v: 1, ...presence })}\n`);
  return presence;
}

function pathIn(home: string): string {
  return join(home, 'presence.json');
}
