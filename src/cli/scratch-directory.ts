import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalPath, DirectoryError } from '../runtime/home.ts';

/**
 * A new directory of this person's own, for what a command needs only while it runs.
 *
 * @throws DirectoryError when none can be made.
 */
export function makeScratchDirectory(purpose: string): string {
  try {
    return canonicalPath(mkdtempSync(join(tmpdir(), `switchboard-${purpose}-`)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DirectoryError(`Nothing can be put into ${tmpdir()} (${code}): set TMPDIR to a directory of yours.`, {
      cause: error,
    });
  }
}

/** Removes it with all that is in it, also what a process that has just ended wrote last. */
export function removeScratchDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
