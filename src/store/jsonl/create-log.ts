import { closeSync, existsSync, lstatSync, mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SessionId, UUID } from '../../domain/ids.ts';
import { StoreError } from '../errors.ts';
import type { RecordLine } from '../record-line.ts';
import { inTheWay, isLink, makeDirectory, placeIfFree, writeAside } from './durable-files.ts';
import { systemCode } from './fs-errors.ts';
import { linesFrom, recordIn } from './lines.ts';
import { identityAt, openLog } from './open-log.ts';
import { GITIGNORE, numberedName, type SessionFiles, sessionOfLockName } from './session-files.ts';
import { removeDeadLock } from './session-lock.ts';

// An aside file lives for milliseconds. One that is so old was left by a process that died over it.
const LEFT_ASIDE_MS = 60 * 60_000;
// Above the time after which the holder of a lock counts as dead.
const LEFT_LOCK_MS = 60_000;

/**
 * Starts a session's log with its first line and what can be salvaged of a corrupt one: written aside, synced and
 * linked into place, so that no reader ever meets a log without metadata. Returns false when something is there already.
 */
export function createLog(files: SessionFiles, session: SessionId, first: RecordLine): boolean {
  prepareDirectory(files);
  return placeIfFree(writeAside(files.aside, linesOf(files, session, first)), files.log(session));
}

function* linesOf(files: SessionFiles, session: SessionId, first: RecordLine): Generator<string> {
  yield first.text;
  const corrupt = newestCorrupt(files, session);
  if (corrupt) yield* salvage(corrupt);
}

/** Every line of a corrupt log that still is a record, as it was written, so that ids and slots keep their meaning. */
function* salvage(path: string): Generator<string> {
  const log = openLog(path, 'read');
  if (!log) return;
  try {
    for (const line of linesFrom(log, 0)) {
      if (line.text !== null && typeof recordIn(line) === 'object') yield `${line.text}\n`;
    }
  } finally {
    closeSync(log.fd);
  }
}

/** Whether a whole log of the session lies in the archive: sessions are never resumed. */
export function isArchived(files: SessionFiles, session: SessionId): boolean {
  return namesIn(files.archive).some((day) => isThere(join(files.archive, day, numberedName(session, 1))));
}

/** The last corrupt log of the session that went to the archive, or null. */
function newestCorrupt(files: SessionFiles, session: SessionId): string | null {
  for (const day of namesIn(files.archive).sort().reverse()) {
    let newest: string | null = null;
    for (let number = 1; ; number += 1) {
      const path = join(files.archive, day, numberedName(`${session}.corrupt`, number));
      if (!isThere(path)) break;
      newest = path;
    }
    if (newest) return newest;
  }
  return null;
}

function isThere(path: string): boolean {
  return identityAt(path) !== null;
}

/** Makes the sessions directory and what belongs into it. What the user has there already keeps its modes. */
export function prepareDirectory(files: SessionFiles): void {
  // The project's directories on the way are nobody's secret: only the last one is closed to others.
  const parent = dirname(files.directory);
  // A project that was removed while its session runs is not brought back as an empty tree.
  if (!existsSync(dirname(parent))) {
    throw new StoreError(
      'NO_DIRECTORY',
      `${dirname(parent)} is not there (any more); nothing was written. Make it, or start Claude Code elsewhere.`,
    );
  }
  // Nobody else may put another directory into its place, whatever the umask allows.
  try {
    mkdirSync(parent, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw systemCode(error) === 'EEXIST' ? inTheWay(parent) : error;
  }
  makeDirectory(files.directory);
  writeIfMissing(files.gitignore, GITIGNORE);
  for (const name of ownNamesIn(files.aside)) {
    const path = join(files.aside, name);
    if (UUID.test(name) && isOlderThan(path, LEFT_ASIDE_MS)) removeLeft(path);
  }
  // Of a session that is over nobody comes to take the lock again, and so to clear away what a killed holder left.
  for (const name of ownNamesIn(files.locks)) {
    const session = sessionOfLockName(name);
    const lock = join(files.locks, name);
    if (session && !isThere(files.log(session)) && isOlderThan(lock, LEFT_LOCK_MS)) removeDeadLock(lock);
  }
}

/** The names in a directory of ours. A project may come with a link in its place: what lies there is not ours to remove. */
function ownNamesIn(directory: string): string[] {
  return isLink(directory) ? [] : namesIn(directory);
}

/** What cannot be removed, a directory or another user's, must not keep a session from its log. */
function removeLeft(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}

function isOlderThan(path: string, ms: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > ms;
}

function writeIfMissing(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
