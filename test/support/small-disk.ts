import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/** A file system of a test's own. */
export interface SmallDisk {
  /** Mounts it anew with other options, e.g. `ro` or `size=1m`. */
  change(options: string): void;
}

/** Mounts a small file system that goes with the test, or returns null where this user may not mount one. */
export function mountSmallDisk(directory: string, options: string): SmallDisk | null {
  try {
    mkdirSync(directory, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: 'pipe' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', directory]));
  return { change: (more) => remount(directory, more) };
}

const BUSY_MS_MAX = 10_000;

/** A file that a process has just now open for writing makes `ro` fail: it is tried again until that moment is over. */
function remount(directory: string, options: string): void {
  const deadline = performance.now() + BUSY_MS_MAX;
  for (;;) {
    try {
      execFileSync('mount', ['-o', `remount,${options}`, directory], { stdio: 'pipe' });
      return;
    } catch (error) {
      if (!String(error).includes('busy') || performance.now() > deadline) throw error;
    }
  }
}
