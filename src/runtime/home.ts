import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { SwitchboardError } from '../domain/errors.ts';

/** A small file of ours, or of the person's, could not be replaced. */
export class FileError extends SwitchboardError {
  override readonly name = 'FileError';
  readonly code = 'FILE';
}

/** A directory that must be ours alone cannot be: nothing was written into it. */
export class DirectoryError extends SwitchboardError {
  override readonly name = 'DirectoryError';
  readonly code = 'DIRECTORY';
}

/**
 * Makes a directory that only its owner can enter (mode 0700). One that is there already stays as it is, as long as
 * nobody else can write into it: it may be somebody's whole home directory.
 *
 * @throws DirectoryError when it belongs to somebody else, others can write into it, or it cannot be made.
 */
export function makePrivateDirectory(path: string): void {
  const { uid, mode } = made(path, statSync);
  if (process.getuid && uid !== process.getuid()) {
    throw new DirectoryError(`${path} belongs to another user; choose a directory of your own.`);
  }
  if (process.getuid && (mode & 0o022) !== 0) {
    throw new DirectoryError(`${path} can be changed by other users; run: chmod 700 ${path}`);
  }
}

/**
 * The same in a place where everybody can put things, such as /tmp: what is there must be a directory, not a link to
 * one, and must let nobody else in.
 */
export function makePrivateDirectoryAmongStrangers(path: string): void {
  const facts = made(path, lstatSync);
  if (facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o077) === 0) return;
  throw new DirectoryError(`${path} is not a directory that only you can enter; remove it, or use a shorter home.`);
}

function made(path: string, look: (path: string) => Stats): Stats {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return look(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DirectoryError(`${path} cannot be used as a directory of Switchboard's own (${code}).`, { cause: error });
  }
}

/**
 * Replaces a small file as a whole: readers see the old text or the new one, never a part, and after a power cut the new
 * one is there. Mode 0600.
 *
 * @throws FileError
 */
export function replaceFile(path: string, text: string): void {
  const aside = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    writeFileSync(aside, text, { mode: 0o600, flush: true });
    renameSync(aside, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(aside, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new FileError(
      `${path} could not be written (${code}). Make room on its disk, or see who may write there, and try again.`,
      { cause: error },
    );
  }
}

// Windows opens no directories, and some file systems sync none.
const NO_DIRECTORY_SYNC: ReadonlySet<string> = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP']);

/** Makes the names in a directory outlast a power cut, where the system can. */
export function syncDirectory(directory: string): void {
  let fd: number | null = null;
  try {
    fd = openSync(directory, 'r');
    fsyncSync(fd);
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** One name for a directory however it was reached: links resolved where it exists. */
export function canonicalPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return resolve(path); // Not there (yet).
  }
}

/** Does a path lie in a directory, or is it that one? Both are canonical; the directory may be the root of a disk. */
export function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** A short name for a path, usable as a file name. */
export function hashedName(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}
