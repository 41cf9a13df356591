import { lstatSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ArchivedSession, archiveDays, archivedOn, entriesIn } from './archived-sessions.ts';
import { storeError, systemCode } from './fs-errors.ts';
import { SessionFiles } from './session-files.ts';

const DAY_MS = 24 * 60 * 60_000;

/** All that the archive of a day has of one session. */
export interface KeptSession extends Pick<ArchivedSession, 'session' | 'day' | 'logs'> {
  /** The directory of what is attached to it, if anything is. Absolute. */
  readonly attachments: string | null;
  /** Of its logs and all that is attached. */
  readonly bytes: number;
}

/** What the archive of a sessions directory holds, oldest day first. Follows no link, and passes over foreign files. */
export async function keptSessions(directory: string): Promise<KeptSession[]> {
  const days = (await archiveDays(directory)).filter(isInCalendar).reverse();
  const kept: KeptSession[] = [];
  for (const day of days) {
    for (const { session, logs, bytes } of await archivedOn(directory, day)) {
      // Without a log, what is attached belongs to a session that is still being archived.
      const path = join(dirname(logs[0] ?? ''), session);
      const attached = isDirectory(path) ? await bytesIn(path) : null;
      kept.push({ session, day, logs, attachments: attached === null ? null : path, bytes: bytes + (attached ?? 0) });
    }
  }
  return kept;
}

/**
 * Those that are wholly older than `ageDays`: the day on which they were archived had ended by then. `now` in
 * milliseconds since the epoch. One that lives again under its id, after damage, is not among them.
 */
export async function prunableSessions(directory: string, ageDays: number, now: number): Promise<KeptSession[]> {
  const files = new SessionFiles(directory);
  const endedBy = now - ageDays * DAY_MS;
  return (await keptSessions(directory))
    .filter(({ day }) => Date.parse(day) + DAY_MS <= endedBy)
    .filter(({ session }) => !isThere(files.log(session)) && !isThere(files.attachments(session)));
}

/**
 * Deletes one archived session, and its day's directory when nothing else is in it. The logs go last: cut off in
 * between, the session is still listed and can be pruned again.
 *
 * @throws StoreError when the disk refuses.
 */
export function pruneSession({ logs, attachments }: KeptSession): void {
  const [log = ''] = logs;
  const day = dirname(log);
  // A person may have taken their time since it was listed: what a link leads to meanwhile is not ours to delete.
  if (![day, dirname(day)].every(isDirectory)) return;
  for (const path of [...(attachments ? [attachments] : []), ...logs]) {
    try {
      if (isDirectory(path)) rmSync(path, { recursive: true });
      else unlinkSync(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw storeError(error, path); // Else somebody was faster.
    }
  }
  removeIfEmpty(day);
}

function removeIfEmpty(day: string): void {
  try {
    rmdirSync(day);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error))) throw storeError(error, day);
  }
}

/** `2026-02-31` has the shape of a day and is none: somebody else has made it. */
function isInCalendar(day: string): boolean {
  return new Date(day).toJSON()?.startsWith(day) ?? false;
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await entriesIn(folder)) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await bytesIn(path) : (await lstat(path)).size;
  }
  return bytes;
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
