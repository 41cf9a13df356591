import { type Dirent, lstatSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type SessionId, UUID } from '../../domain/ids.ts';
import { SessionFiles } from './session-files.ts';

// Files looked at in one go: well under a millisecond.
const LOOKS_PER_TURN = 100;
const UUID_CHARS = 36;
// As the archive numbers them when a name is taken.
const ARCHIVED_ENDING = /^(\.corrupt)?(\.\d+)?\.jsonl$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A session in the archive of one day. */
export interface ArchivedSession {
  readonly session: SessionId;
  /** YYYY-MM-DD (UTC). */
  readonly day: string;
  /** Absolute paths, oldest first: one that was damaged has several. */
  readonly logs: readonly string[];
  /** Of all its logs together. */
  readonly bytes: number;
  /** When a log was written last, in milliseconds since the epoch. */
  readonly writtenAt: number;
}

/** The days of which a sessions directory has an archive, newest first. Links are not followed. */
export async function archiveDays(directory: string): Promise<string[]> {
  const { archive } = new SessionFiles(directory);
  const days = (await entriesIn(archive)).filter((entry) => entry.isDirectory() && DAY.test(entry.name));
  return days.map(({ name }) => name).sort((a, b) => (a < b ? 1 : -1));
}

/** The sessions that were archived on a day, the one written last first. Reads no log. */
export async function archivedOn(directory: string, day: string): Promise<ArchivedSession[]> {
  const folder = join(new SessionFiles(directory).archive, day);
  const found = new Map<SessionId, ArchivedSession>();
  const names = (await entriesIn(folder)).filter((entry) => entry.isFile()).map(({ name }) => name);
  for (const [index, name] of names.sort().entries()) {
    if (index % LOOKS_PER_TURN === LOOKS_PER_TURN - 1) await nextTurn();
    const session = sessionOfArchivedName(name);
    const path = join(folder, name);
    const facts = session && lstatSync(path, { throwIfNoEntry: false });
    if (!session || !facts) continue;
    const before = found.get(session);
    found.set(session, {
      session,
      day,
      logs: [...(before?.logs ?? []), path],
      bytes: (before?.bytes ?? 0) + facts.size,
      writtenAt: Math.max(before?.writtenAt ?? 0, facts.mtimeMs),
    });
  }
  return [...found.values()].sort((a, b) => b.writtenAt - a.writtenAt || (a.session < b.session ? -1 : 1));
}

/** The session that a log in the archive is of: `<id>.jsonl`, `<id>.2.jsonl`, `<id>.corrupt.jsonl`, `<id>.corrupt.2.jsonl`; null for all else. */
export function sessionOfArchivedName(name: string): SessionId | null {
  const id = name.slice(0, UUID_CHARS);
  return UUID.test(id) && ARCHIVED_ENDING.test(name.slice(UUID_CHARS)) ? (id as SessionId) : null;
}

/** What lies in a folder; nothing when it is missing, or a link to another one. */
export async function entriesIn(folder: string): Promise<Dirent[]> {
  try {
    return (await lstat(folder)).isDirectory() ? await readdir(folder, { withFileTypes: true }) : [];
  } catch {
    return []; // Not made yet, moved away this moment, or not ours to read: for a reader all the same.
  }
}
