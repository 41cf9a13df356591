import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty directory that goes when the running test has finished. Short, since socket paths end at 104 bytes. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'swb-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}
