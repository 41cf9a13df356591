import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type SessionId, UUID } from '../../domain/ids.ts';
import { archiveDays, entriesIn, sessionOfArchivedName } from './archived-sessions.ts';
import { numberedName, SessionFiles, sessionOfFileName } from './session-files.ts';

/** A log of a session, live or archived. */
export interface FoundLog {
  readonly session: SessionId;
  readonly path: string;
  /** The day it was archived, YYYY-MM-DD; null: it is live. */
  readonly day: string | null;
}

/**
 * The logs of the sessions whose ids begin with `prefix`: archived ones oldest first (a session that was damaged has
 * several), then live ones. No link is followed.
 */
export async function findLogs(directories: readonly string[], prefix: string): Promise<FoundLog[]> {
  const found = await Promise.all(directories.map((directory) => findIn(directory, prefix)));
  return found.flat().sort((a, b) => compare(a.day ?? 'live', b.day ?? 'live') || compare(a.path, b.path));
}

async function findIn(directory: string, prefix: string): Promise<FoundLog[]> {
  const { archive } = new SessionFiles(directory);
  const found = await logsIn(directory, prefix, null);
  for (const day of await archiveDays(directory)) found.push(...(await logsIn(join(archive, day), prefix, day)));
  return found;
}

async function logsIn(folder: string, prefix: string, day: string | null): Promise<FoundLog[]> {
  const sessionOf = day === null ? sessionOfFileName : sessionOfArchivedName;
  // With a whole id there is no need to look at ten thousand others.
  const names = UUID.test(prefix) ? [...namesOf(folder, prefix)] : await filesIn(folder, prefix);
  return names.flatMap((name) => {
    const session = sessionOf(name);
    return session ? [{ session, path: join(folder, name), day }] : [];
  });
}

async function filesIn(folder: string, prefix: string): Promise<string[]> {
  const entries = await entriesIn(folder);
  return entries.filter((entry) => entry.name.startsWith(prefix) && entry.isFile()).map(({ name }) => name);
}

/** The names under which logs of a session lie in a folder. */
function* namesOf(folder: string, session: string): Generator<string> {
  for (const stem of [`${session}.corrupt`, session]) {
    for (let number = 1; ; number += 1) {
      const name = numberedName(stem, number);
      if (!lstatSync(join(folder, name), { throwIfNoEntry: false })?.isFile()) break;
      yield name;
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
