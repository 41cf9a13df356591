import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { kill, until } from '../switchboard.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** A disk whose power can be cut. */
export interface MortalDisk {
  /** What the disk held when the power went: a directory that looks as after the next start of the machine. */
  cut(): Promise<string>;
}

// The file system writes nothing by itself for as long as a test takes: only what a program has synced outlasts a cut.
const OPTIONS = 'loop,commit=300';
const BYTES = 64 * 1024 * 1024;

/**
 * Mounts an ext4 of the test's own at `directory`. Its blocks lie in a file that
 * gets only what the file system has sent to its disk: a copy of it is what a power cut leaves behind. While it is copied,
 * the `processes` that write there stand still, since half of a change is no state that a disk was ever in.
 */
export function mountMortalDisk(directory: string, processes: () => number[]): MortalDisk {
  const aside = temporaryDirectory();
  const disk = join(aside, 'disk');
  writeFileSync(disk, '');
  truncateSync(disk, BYTES);
  execFileSync('mkfs.ext4', ['-q', '-F', '-J', 'size=16', disk], { stdio: 'pipe' });
  mount(disk, directory);
  let cuts = 0;
  return {
    cut: async () => {
      cuts += 1;
      const left = join(aside, `left-${cuts}`);
      await standStill(processes);
      // Sparse: most of it was never written.
      execFileSync('cp', ['--sparse=always', disk, `${left}.disk`]);
      for (const pid of processes()) kill(pid, 'SIGCONT');
      mount(`${left}.disk`, left);
      return left;
    },
  };
}

/** A stopped process ends the call to the system that it is in; only then it stands still, each of its threads. */
export async function standStill(processes: () => number[]): Promise<void> {
  await until(
    () => {
      const running = processes().filter((pid) => !isStopped(pid));
      for (const pid of running) kill(pid, 'SIGSTOP');
      return running.length === 0;
    },
    () => `processes ${processes().join()} to stand still`,
  );
}

/** Does every thread of a process stand still? One that has ended does. */
export function isStopped(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((thread) => /\) [TZX] /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')));
  } catch {
    return true; // It has ended.
  }
}

function mount(disk: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  execFileSync('mount', ['-o', OPTIONS, disk, directory], { stdio: 'pipe' });
  onTestFinished(() => void execFileSync('umount', ['-l', directory]));
}
