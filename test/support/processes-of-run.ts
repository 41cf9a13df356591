import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The processes, except this one, whose environment carries the mark of a test run and, if given, other text too. */
export function processesOfRun(run: string, alsoWith = ''): { pid: number; command: string }[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && isOfRun(pid, run, alsoWith))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ') }));
}

function isOfRun(pid: number, run: string, alsoWith: string): boolean {
  const environment = read(pid, 'environ');
  if (!environment.includes(`SWITCHBOARD_TEST_RUN=${run}`) || !environment.includes(alsoWith)) return false;
  // Vitest's own workers carry the mark too and end by themselves.
  return !read(pid, 'cmdline').includes('/vitest/');
}

function read(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // Ended meanwhile, or not ours to look into.
  }
}

/** Sends a signal to a process that may have ended meanwhile. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  // 0 and below are whole groups of processes, this one among them.
  if (!(pid > 1)) throw new Error(`No process of a test has the pid ${pid}.`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
