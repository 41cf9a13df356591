import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const EVENT = 'raw_syscalls:sys_enter';
// Perf says that it counts by its first interim count.
const INTERIM_MS = '50';

// The kernel counts, so that what is counted runs no slower; strace stops it twice at every call.
const HAS_PERF = spawnSync('perf', ['stat', '-e', EVENT, 'true']).status === 0;

/** What is counted here: all calls where perf may, else only those that `/proc` counts. */
export const CALLS_COUNTED = HAS_PERF ? 'all, by perf' : 'reads and writes, by /proc/<pid>/io';

/** Counts the system calls of a process from now on; what it returns ends that and gives their number. */
export async function countCalls(pid: number): Promise<() => Promise<number>> {
  if (!HAS_PERF) {
    const before = readsAndWrites(pid);
    return async () => readsAndWrites(pid) - before;
  }
  const args = ['stat', '-x', ',', '-I', INTERIM_MS, '-e', EVENT, '-p', String(pid)];
  const perf = spawn('perf', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  perf.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(perf.stderr, 'data');
  const already = sumOf(said);
  return async () => {
    const ended = once(perf, 'close');
    perf.kill('SIGINT');
    await ended;
    return sumOf(said) - already;
  };
}

/** `<seconds>,<count>,,<event>,...`, where "<not counted>" is none. */
function sumOf(said: string): number {
  const counts = said.split('\n').map((line) => Number(line.split(',')[1]));
  return counts.reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
}

function readsAndWrites(pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return [...io.matchAll(/^sysc[rw]: (\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
