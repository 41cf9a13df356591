import { readdirSync, readFileSync } from 'node:fs';
import { now, sleep } from './clock.ts';

/** Whether this system tells what a process uses. */
export const TELLS_USAGE = process.platform === 'linux';

/** Resident memory in MB: as a whole, and counted in shares of those who share it. */
export function memoryOf(pid: number): { readonly rss: number; readonly pss: number } {
  const kilobytes = (file: string, field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1]);
  return { rss: kilobytes('status', 'VmRSS') / 1024, pss: kilobytes('smaps_rollup', 'Pss') / 1024 };
}

/** Milliseconds of processor time that all threads have used, and how often the main one has gone to sleep. */
export function usageOf(pid: number): { readonly cpu: number; readonly sleeps: number } {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    // utime and stime of /proc/<pid>/stat count hundredths of a second, too coarse for some seconds of rest.
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { cpu: nanoseconds / 1e6, sleeps: Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]) };
}

/** A process that nobody asks anything: percent of a core over some seconds, and resident memory in MB after them. */
export interface Rest {
  readonly percent: number;
  readonly rss: number;
}

/** Watches a process at rest for so many seconds. */
export async function restOf(pid: number, seconds: number): Promise<Rest> {
  const began = now();
  const before = usageOf(pid).cpu;
  await sleep(seconds * 1000);
  return { percent: ((usageOf(pid).cpu - before) / (now() - began)) * 100, rss: memoryOf(pid).rss };
}
