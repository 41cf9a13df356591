import { closeSync, lstatSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SessionId } from '../../domain/ids.ts';
import { syncDirectory } from '../../runtime/home.ts';
import type { ArchiveResult } from '../contract.ts';
import { makeDirectory } from './durable-files.ts';
import { systemCode } from './fs-errors.ts';
import { linesFrom, recordIn } from './lines.ts';
import { identityAt, openLog } from './open-log.ts';
import { numberedName, type SessionFiles } from './session-files.ts';

/** Moves a session's log to the archive of today, with all that is attached to it. `now` in ms since the epoch. */
export function moveToArchive(files: SessionFiles, session: SessionId, now: number): ArchiveResult {
  const log = files.log(session);
  if (!identityAt(log)) return 'gone';
  const day = makeDay(files, now);
  // Attachments first: cut off in between, the log is still live and the next archiving finishes the work.
  move(files.attachments(session), day);
  return moveAs(log, day, session);
}

/** Moves a log without readable metadata to the archive, and leaves what is attached to its session. */
export function moveCorruptToArchive(files: SessionFiles, session: SessionId, now: number): ArchiveResult {
  const log = files.log(session);
  const metadata = hasMetadata(log);
  if (metadata === null) return 'gone';
  if (metadata) return 'kept';
  return moveAs(log, makeDay(files, now), `${session}.corrupt`);
}

/** Whether any line of the log is readable metadata; null without a log. */
function hasMetadata(path: string): boolean | null {
  const log = openLog(path, 'read');
  if (!log) return null;
  try {
    for (const line of linesFrom(log, 0)) {
      const record = recordIn(line);
      if (typeof record === 'object' && record.type === 'session_metadata') return true;
    }
    return false;
  } finally {
    closeSync(log.fd);
  }
}

function makeDay(files: SessionFiles, now: number): string {
  const day = files.archiveDay(now);
  makeDirectory(files.archive);
  makeDirectory(day);
  return day;
}

/** Moves a log under the first free name: a rename would silently replace what is in the archive. */
function moveAs(log: string, day: string, stem: string): ArchiveResult {
  let number = 1;
  while (lstatSync(join(day, numberedName(stem, number)), { throwIfNoEntry: false })) number += 1;
  try {
    renameSync(log, join(day, numberedName(stem, number)));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'gone';
    throw error;
  }
  syncDirectory(day);
  syncDirectory(dirname(log));
  return 'archived';
}

function move(directory: string, day: string): void {
  try {
    renameSync(directory, join(day, basename(directory)));
  } catch (error) {
    // Most sessions have nothing attached; what is in the archive under the same name stays as it is.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error))) throw error;
  }
}
