import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../runtime/home.ts';
import { StoreError } from '../errors.ts';
import { systemCode } from './fs-errors.ts';

/**
 * Makes a directory that only its owner may enter, unless there is one of that name.
 *
 * @throws StoreError when something else is there, a link included: a project may come with one, and what is written
 * would land elsewhere.
 */
export function makeDirectory(path: string): void {
  try {
    // Not `recursive`: on a disk that may not be written that says ENOENT instead of why.
    mkdirSync(path, { mode: 0o700 });
    syncDirectory(dirname(path));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    if (isLink(path)) {
      throw new StoreError('NO_DIRECTORY', `${path} is a link, so nothing was written there. Remove the link.`);
    }
    if (!isDirectory(path)) throw inTheWay(path);
  }
}

/** What has the name of a directory that is needed, and is none. */
export function inTheWay(path: string): StoreError {
  return new StoreError(
    'NO_DIRECTORY',
    `${path} is no directory, so nothing was written. Move it elsewhere, ` +
      'or choose another directory with SWITCHBOARD_SESSIONS_DIR.',
  );
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Is there a link, wherever it leads? */
export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Writes a file beside its place and syncs it, so that nobody ever sees a part of it. Returns where it lies. */
export function writeAside(asideDirectory: string, pieces: Iterable<string | Uint8Array>): string {
  // Nobody keeps anything here: what else a project brings in this place is put away, of a link not what it leads to.
  if (!isDirectory(asideDirectory)) rmSync(asideDirectory, { force: true });
  makeDirectory(asideDirectory);
  const path = join(asideDirectory, randomUUID());
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (const piece of pieces) writeAll(fd, typeof piece === 'string' ? Buffer.from(piece) : piece);
    fdatasyncSync(fd);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return path;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}

// File systems without hard links say one of these: exFAT, some network and container mounts.
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Puts an aside file into its place unless something is there already; returns whether it did. The aside file is gone. */
export function placeIfFree(aside: string, path: string): boolean {
  try {
    if (!linkInto(aside, path)) return false;
    syncDirectory(dirname(path));
    return true;
  } finally {
    rmSync(aside, { force: true });
  }
}

function linkInto(aside: string, path: string): boolean {
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.has(code)) throw error;
    if (lstatSync(path, { throwIfNoEntry: false })) return false;
    renameSync(aside, path);
    return true;
  }
}

/** Puts an aside file into its place, over whatever file is there. */
export function placeOver(aside: string, path: string): void {
  try {
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}
