import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import { processIdentity } from '../../src/runtime/processes.ts';
import { registerProject } from '../../src/runtime/projects.ts';
import { newSession } from './records.ts';
import type { WaitingLine } from './waiting-line.ts';
import { metadataLine } from './written-log.ts';

// Session files that somebody else has put where a hub finds them.

/** A project of somebody else whose sessions directory the hub follows, as one that was cloned and opened once. */
export function neighbour({ place }: WaitingLine): string {
  // Within the line's own place, which goes only once its hub has ended: that may have much to write here until then.
  const directory = join(mkdtempSync(join(place.project, 'neighbour-')), '.planning/telegram-sessions');
  mkdirSync(directory, { recursive: true });
  registerProject(place.home, directory);
  return directory;
}

/** Puts a file into a sessions directory, whole at once. */
export function plant(directory: string, content: string | Uint8Array, id: string = newSession()): string {
  const path = join(directory, `${id}.jsonl`);
  writeFileSync(`${path}.planted`, content);
  renameSync(`${path}.planted`, path);
  return path;
}

/** The lines of a session that seems to live for ever. */
export const living = (id: string): string => metadataLine(id as never, processIdentity());

/** Milliseconds of processor time that a process has used. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return ((user ?? 0) + (system ?? 0)) * 10;
}

/** Waits until a process rests: half a second in which it used a tenth of a core at most. */
export async function resting(pid: number): Promise<void> {
  for (let looks = 0; looks < 40; looks += 1) {
    const before = cpuMs(pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (cpuMs(pid) - before <= 50) return;
  }
  throw new Error('The hub never rests.');
}

/** Asks the hub to look at a file that is gone, and waits until it has. */
export async function hubSees(home: string, gone: string): Promise<void> {
  const session = basename(gone, '.jsonl') as never;
  await probeHub(hubAddress(home), 5_000, { type: 'look', session, sessions_directory: dirname(gone) });
  await probeHub(hubAddress(home), 5_000);
}
