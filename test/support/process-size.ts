import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds at one moment. */
export interface ProcessSize {
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  /** Resident memory in kB. */
  readonly rss: number;
  readonly handles: number;
  /** Files and directories watched with inotify. */
  readonly watches: number;
}

/** What the process holds now; null when it is gone. */
export function processSize(pid: number): ProcessSize | null {
  try {
    const rss = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    const handles = readdirSync(`/proc/${pid}/fd`);
    const watches = handles.reduce((sum, fd) => sum + watchesOf(pid, fd), 0);
    return { at: performance.now(), rss, handles: handles.length, watches };
  } catch {
    return null;
  }
}

function watchesOf(pid: number, fd: string): number {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('inotify wd:')).length;
  } catch {
    return 0; // Closed meanwhile.
  }
}
