import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { type Observer, type ProcessFacts, type ProcessPlace, sharePids } from '../domain/liveness.ts';

/** What tells this process from every other one, also from a later one with the same pid. */
export interface ProcessIdentity extends ProcessPlace {
  readonly pid: number;
  /** Opaque, compared for equality only; null where this system does not say. */
  readonly process_started_at: string | null;
}

/** Which process this is. Reads three small files on Linux; asks `ps` on macOS. */
export function processIdentity(): ProcessIdentity {
  const facts = processFacts(process.pid);
  return {
    pid: process.pid,
    process_started_at: typeof facts === 'object' ? facts.started_at : null,
    ...machine(),
  };
}

/** What this machine says of a pid of its boot and this pid namespace. Never throws. */
export function processFacts(pid: number): ProcessFacts {
  // kill(0) would ask about our own process group, and a negative pid about another one.
  if (!Number.isInteger(pid) || pid <= 0) return 'absent';
  if (process.platform === 'linux') return factsFromProc(pid);
  if (process.platform === 'win32') return factsFromSignal(pid);
  return factsFromPs(pid);
}

/** Who judges sessions from here: this machine at `now` (milliseconds since the epoch). */
export function observer(now: number, silenceUnreliable: boolean): Observer {
  return {
    now,
    ...machine(),
    get booted_at() {
      return bootedAt(now);
    },
    process: processFacts,
    silence_unreliable: silenceUnreliable,
  };
}

function bootedAt(now: number): number | null {
  try {
    return now - uptime() * 1_000;
  } catch {
    return null; // A sandbox that does not tell: then nothing is judged by it.
  }
}

/**
 * True when the identity is that of a process of this machine that lives now, beyond doubt. Where the system tells no
 * start times, only `held` (it holds something open that we hold too) makes sure that the pid is not a later one's.
 */
export function isSameLivingProcess(identity: ProcessIdentity, held: boolean): boolean {
  if (!sharePids(identity, machine())) return false;
  const facts = processFacts(identity.pid);
  if (typeof facts !== 'object' || facts.started_at !== identity.process_started_at) return false;
  return facts.started_at !== null || held;
}

// Neither changes while a process lives; the host's name may.
let constants: Omit<ProcessPlace, 'host'> | null = null;

function machine(): ProcessPlace {
  constants ??= {
    boot_id: valueOrNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pid_namespace: valueOrNull(() => readlinkSync('/proc/self/ns/pid')),
  };
  return { host: hostname(), ...constants };
}

function valueOrNull(read: () => string): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return read();
  } catch {
    return null; // No /proc here: whoever compares sees null on both sides.
  }
}

function factsFromProc(pid: number): ProcessFacts {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return factsFromSignal(pid); // Gone, or hidden by the mount (hidepid), or no /proc at all.
  }
  return parseProcStat(stat);
}

/** Reads the text of `/proc/<pid>/stat`: state is field 3, start time field 22. */
export function parseProcStat(stat: string): ProcessFacts {
  // Field 2 is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X' || state === 'x') return 'zombie';
  return { started_at: fields[22 - 3] ?? null };
}

function factsFromSignal(pid: number): ProcessFacts {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else. A doubt keeps it alive too.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'absent';
  }
  return { started_at: null };
}

function factsFromPs(pid: number): ProcessFacts {
  let line: string;
  try {
    line = execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      // The start time is printed in the reader's language and time zone unless told otherwise.
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    }).trim();
  } catch {
    return factsFromSignal(pid); // ps fails for a pid that is not there.
  }
  return parsePsLine(line);
}

/** Reads a line of `ps -o stat= -o lstart=`, e.g. `Ss   Tue Nov  3 10:00:00 2026`. */
export function parsePsLine(line: string): ProcessFacts {
  const [, state = '', startedAt = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
  if (state.startsWith('Z')) return 'zombie';
  return { started_at: startedAt.replace(/\s+/g, ' ') || null };
}
