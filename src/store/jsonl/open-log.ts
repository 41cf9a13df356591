import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from './fs-errors.ts';

/** An open log. `identity` tells it from any file that takes its place later, `size` is as of the last look. */
export interface OpenLog {
  readonly fd: number;
  readonly identity: string;
  readonly size: number;
}

// Never follow a link out of the directory, never wait for the other end of a pipe. Windows knows neither flag.
const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FLAGS = { read: constants.O_RDONLY, append: constants.O_RDWR | constants.O_APPEND } as const;

// Nothing there, a directory on the way that is none, a link, a directory, a socket or a pipe: no log.
const NO_LOG: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK', 'EISDIR', 'ENXIO']);

/** Opens the log at `path`, without ever creating it; null when there is no regular file. */
export function openLog(path: string, use: keyof typeof FLAGS): OpenLog | null {
  let fd: number;
  try {
    fd = openSync(path, FLAGS[use] | CAREFULLY);
  } catch (error) {
    if (NO_LOG.has(systemCode(error))) return null;
    throw error;
  }
  try {
    const log = look(fd);
    if (!log) closeSync(fd);
    return log;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Looks again how large an open log is. */
export function lookAgain(log: OpenLog): OpenLog {
  return look(log.fd) ?? log;
}

/** Whether `path` still names the open log: it does not once the log is archived or replaced. */
export function stillNamed(path: string, log: OpenLog): boolean {
  return identityAt(path)?.identity === log.identity;
}

/** Which regular file lies at `path` and how large it is, or null. */
export function identityAt(path: string): { identity: string; size: number } | null {
  try {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats?.isFile() ? { identity: identityOf(stats), size: Number(stats.size) } : null;
  } catch (error) {
    if (NO_LOG.has(systemCode(error))) return null;
    throw error;
  }
}

/** Whether a line begins at `offset`: if not, this is not the log that the offset came from. */
export function isLineStart(log: OpenLog, offset: number): boolean {
  if (offset === 0) return true;
  if (offset > log.size) return false;
  const before = Buffer.alloc(1);
  readSync(log.fd, before, 0, 1, offset - 1);
  return before[0] === 0x0a;
}

function look(fd: number): OpenLog | null {
  const stats = fstatSync(fd, { bigint: true });
  return stats.isFile() ? { fd, identity: identityOf(stats), size: Number(stats.size) } : null;
}

// An inode number alone is given to the next file as soon as its file is gone.
function identityOf(stats: { ino: bigint; birthtimeNs: bigint }): string {
  return `${stats.ino}.${stats.birthtimeNs}`;
}
