import { join } from 'node:path';
import { type SessionId, UUID } from '../../domain/ids.ts';

const LOG_ENDING = '.jsonl';
const LOCK_ENDING = '.lock';

/** What the `.gitignore` of a sessions directory says: git takes nothing of it. */
export const GITIGNORE = '*\n';

/** Where everything of a sessions directory lies. */
export class SessionFiles {
  readonly directory: string;
  /** Locks lie apart from the logs: beside them they would triple the events that watchers see. */
  readonly locks: string;
  /** Files that are still being written, before they are linked or renamed into place. */
  readonly aside: string;
  readonly archive: string;
  readonly gitignore: string;

  constructor(directory: string) {
    this.directory = directory;
    this.locks = join(directory, '.locks');
    this.aside = join(directory, '.aside');
    this.archive = join(directory, 'archive');
    this.gitignore = join(directory, '.gitignore');
  }

  /** The live log of a session. */
  log(session: SessionId): string {
    return join(this.directory, logFileName(session));
  }

  lock(session: SessionId): string {
    return join(this.locks, `${session}${LOCK_ENDING}`);
  }

  /** The directory of what is attached to a session. */
  attachments(session: SessionId): string {
    return join(this.directory, session);
  }

  /** The archive directory of the day (UTC) of `now`, in milliseconds since the epoch. */
  archiveDay(now: number): string {
    return join(this.archive, new Date(now).toISOString().slice(0, 'YYYY-MM-DD'.length));
  }
}

/** The name of a session's live log. */
export function logFileName(session: SessionId): string {
  return `${session}${LOG_ENDING}`;
}

/** The session whose live log a file name stands for, or null. */
export function sessionOfFileName(name: string): SessionId | null {
  return sessionBefore(LOG_ENDING, name);
}

/** The session whose lock a name stands for, or null. */
export function sessionOfLockName(name: string): SessionId | null {
  return sessionBefore(LOCK_ENDING, name);
}

function sessionBefore(ending: string, name: string): SessionId | null {
  if (!name.endsWith(ending)) return null;
  const id = name.slice(0, -ending.length);
  return UUID.test(id) ? (id as SessionId) : null;
}

/** The name of a file that gives way to one of the same name: `x.jsonl`, `x.2.jsonl`, `x.3.jsonl`… */
export function numberedName(stem: string, number: number): string {
  return number === 1 ? `${stem}${LOG_ENDING}` : `${stem}.${number}${LOG_ENDING}`;
}
