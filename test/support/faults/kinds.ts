import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../bot-api/faults.ts';
import type { SmallDisk } from '../small-disk.ts';
import { kill } from '../switchboard.ts';
import type { FaultLine } from './fault-line.ts';
import { isStopped } from './power.ts';
import type { Held, Step } from './steps.ts';

/** Something that goes wrong while the line stands still at a step. */
export interface FaultKind {
  readonly name: string;
  /** Does it; what it returns is called once the fault has lasted, and mends what can be mended. */
  inject(line: FaultLine, held: Held): Promise<(() => void) | undefined> | (() => void) | undefined;
  /** At which steps it means something; all unless given. */
  readonly at?: (step: Step) => boolean;
  /** Can it be done now? Always, unless given. */
  readonly possible?: (line: FaultLine) => boolean;
  /** Does it end the asking session? Then its tool never returns. */
  readonly endsAsker?: boolean;
  /** Does it destroy what only the file held? Then an answer may be lost with it, and the question comes back. */
  readonly destroys?: boolean;
  /** Milliseconds that it lasts after the line goes on. */
  readonly lastsMs?: number;
  readonly timings?: Record<string, number>;
}

export const DIRECTORY_READ_ONLY = 'the directory may not be written for a while';
const DISK_FULL = 'the disk is full for a while';
const DISK_READ_ONLY = 'the disk may not be written for a while';
const CHANGES_MAX = 20;
const PAST_STALE_MS = 60_000;
// Past the time in which a hub must answer pings, so that it is replaced while it is stopped.
const QUICK_SILENCE = { hubPing: 200, hubSilence: 800 };
const PAST_SILENCE_MS = 1_500;

const killAll = (pids: readonly number[]): undefined => {
  for (const pid of pids) kill(pid, 'SIGKILL');
};

function ageLock({ lock }: FaultLine): void {
  const old = new Date(Date.now() - PAST_STALE_MS);
  try {
    utimesSync(lock, old, old);
  } catch {
    // Nobody held it at that moment, or whoever still runs has let go of it.
  }
}

/** Stops processes for longer than a lock of theirs lasts: its age is set, since nothing else depends on those ten seconds. */
async function suspend(line: FaultLine, pids: readonly number[], ms: number): Promise<undefined> {
  for (const pid of pids) kill(pid, 'SIGSTOP');
  ageLock(line);
  await sleep(ms);
  for (const pid of pids) kill(pid, 'SIGCONT');
}

export const PROCESS_FAULTS: readonly FaultKind[] = [
  { name: 'the hub is killed', inject: (line) => killAll(line.hubs) },
  { name: 'the asking server is killed', endsAsker: true, inject: (line) => killAll([line.asker.pid]) },
  { name: 'hub and server are killed', endsAsker: true, inject: (line) => killAll([...line.hubs, line.asker.pid]) },
  {
    name: 'the hub is stopped, and replaced before it goes on',
    timings: QUICK_SILENCE,
    inject: (line) => suspend(line, line.hubs, PAST_SILENCE_MS),
  },
  { name: 'the server is stopped past staleness', inject: (line) => suspend(line, [line.asker.pid], 700) },
  {
    name: 'hub and server are stopped past staleness',
    inject: (line) => suspend(line, [...line.hubs, line.asker.pid], 700),
  },
];

function makeLock({ lock }: FaultLine): void {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    mkdirSync(lock);
  } catch {
    // Somebody holds it.
  }
}

function removeLock({ lock }: FaultLine): void {
  try {
    rmdirSync(lock);
  } catch {
    // Nobody holds it.
  }
}

export const LOCK_FAULTS: readonly FaultKind[] = [
  {
    name: 'the lock is stolen from every holder',
    inject: (line) => {
      // Whoever has it loses it within a millisecond to a thief, and the thief to the next one.
      const theft = setInterval(() => {
        removeLock(line);
        makeLock(line);
        removeLock(line);
      }, 1);
      return () => clearInterval(theft);
    },
  },
  {
    name: 'a dead holder has left the lock',
    inject: (line) => {
      makeLock(line);
      return undefined;
    },
  },
  {
    name: 'something else lies in the place of the lock',
    inject: (line) => {
      mkdirSync(dirname(line.lock), { recursive: true });
      removeLock(line);
      if (!existsSync(line.lock)) writeFileSync(line.lock, '');
      return () => rmSync(line.lock, { force: true, recursive: true });
    },
  },
];

/** Puts something into the place of the file while its owner cannot act. */
function inItsPlace(line: FaultLine, put: (path: string) => void): undefined {
  kill(line.asker.pid, 'SIGSTOP');
  rmSync(line.path, { force: true });
  put(line.path);
  kill(line.asker.pid, 'SIGCONT');
}

function replaceBy({ path }: FaultLine, text: string): undefined {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function firstLines(line: FaultLine, count: number): string {
  return line
    .fileText()
    .split('\n')
    .slice(0, count)
    .map((text) => `${text}\n`)
    .join('');
}

// An earlier fault may have put something else into its place; a session that is over may be in the archive.
const hasFile = ({ path }: FaultLine): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;

const HALF_A_RECORD = '{"v":1,"event_id":"half","type":"answ';

const DAMAGES: readonly FaultKind[] = [
  {
    name: 'a torn line stands at the end of the file',
    inject: (line) => {
      appendFileSync(line.path, HALF_A_RECORD);
      return undefined;
    },
  },
  {
    name: 'lines of garbage are written into the file',
    inject: (line) => {
      appendFileSync(line.path, `\n\0\0\n${HALF_A_RECORD}\n[]\n`);
      return undefined;
    },
  },
  {
    name: 'the file is replaced by a copy of itself',
    inject: (line) => replaceBy(line, readFileSync(line.path, 'utf8')),
  },
  {
    name: 'the file is replaced by an older copy',
    destroys: true,
    inject: (line) => replaceBy(line, firstLines(line, 2)),
  },
  {
    name: 'the file is replaced by garbage',
    destroys: true,
    inject: (line) => replaceBy(line, 'garbage\n'.repeat(500)),
  },
  {
    name: 'the file is emptied',
    destroys: true,
    inject: (line) => {
      truncateSync(line.path, 0);
      return undefined;
    },
  },
  {
    name: 'the file is cut off within its last line',
    destroys: true,
    inject: (line) => {
      truncateSync(line.path, readFileSync(line.path).length - 30);
      return undefined;
    },
  },
  {
    name: 'the file is deleted',
    destroys: true,
    inject: (line) => {
      rmSync(line.path);
      return undefined;
    },
  },
  {
    name: 'the file becomes a directory',
    destroys: true,
    inject: (line) => inItsPlace(line, (path) => mkdirSync(path)),
  },
  {
    name: 'the file becomes a symbolic link',
    destroys: true,
    inject: (line) => inItsPlace(line, (path) => symlinkSync('/etc/hostname', path)),
  },
];

/** A writer looks at the end of the file, another one dies within its line, the first one writes. */
const TORN_UNDER_WRITES: FaultKind = {
  name: 'every second write meets a line that another writer has just torn',
  inject: (line) => {
    line.control({ tears: HALF_A_RECORD });
    return undefined;
  },
};

export const FILE_FAULTS: readonly FaultKind[] = [
  ...DAMAGES.map((kind) => ({ ...kind, possible: hasFile })),
  TORN_UNDER_WRITES,
];

/** The held call meets it, or, where none is held, the next three calls of any method do. */
function network(name: string, fault: Fault, more: Partial<FaultKind> = {}): FaultKind {
  return {
    name,
    inject: (line, held) => {
      held.instead = fault;
      line.api.fail('*', fault, 3);
      return () => {
        line.api.heal();
        if (fault.kind === 'black hole') line.api.cut();
      };
    },
    lastsMs: 400,
    ...more,
  };
}

export const NETWORK_FAULTS: readonly FaultKind[] = [
  network('Telegram answers 502', { kind: 'status', code: 502 }),
  network('connections are reset', { kind: 'reset' }),
  network('answers of calls that went well are lost', { kind: 'lost answer' }),
  network('calls fall into a black hole', { kind: 'black hole' }),
  network('Telegram answers slowly', { kind: 'delay', ms: 300 }),
  network('Telegram answers 429', { kind: 'flood', retryAfter: 1 }),
  {
    name: 'another program polls: 409',
    lastsMs: 400,
    inject: (line) => {
      line.api.fail(
        'getUpdates',
        { kind: 'status', code: 409, description: 'Conflict: terminated by other getUpdates request' },
        2,
      );
      line.api.cut();
      return () => line.api.heal();
    },
  },
];

// Only what has been pressed can come again, late or never.
const afterPress = ({ name }: Step): boolean => !/^(asked|being shown|shown|waiting)/.test(name);

export const UPDATE_FAULTS: readonly FaultKind[] = [
  {
    name: 'Telegram brings the updates again',
    at: afterPress,
    inject: (line) => {
      line.api.repeat(5);
      return undefined;
    },
  },
  {
    name: 'updates come in another order',
    at: ({ name }) => name.startsWith('answered'),
    inject: (line) => {
      // Two presses on one card that the hub has not fetched: the later one comes first.
      line.press('No');
      line.api.reverse();
      return undefined;
    },
  },
  {
    name: 'the updates are lost',
    at: ({ name }) => name.startsWith('answered'),
    inject: (line) => {
      line.api.cut();
      line.api.forget();
      return undefined;
    },
  },
];

const HOUR_MS = 3_600_000;

/** The wall clock of this machine jumps while its processes run. */
const clock = (name: string, ms: number): FaultKind => ({
  name,
  lastsMs: 1_200, // At least one heartbeat, and some judgements.
  inject: (line) => {
    line.control({ clock: ms });
    return undefined;
  },
});

export const CLOCK_FAULTS: readonly FaultKind[] = [
  clock('the clock jumps ahead by 12 seconds', 12_000),
  clock('the clock jumps ahead by 25 hours', 25 * HOUR_MS),
  clock('the clock jumps back by an hour', -HOUR_MS),
  clock('the clock jumps back by 25 hours', -25 * HOUR_MS),
];

export const WATCH_FAULTS: readonly FaultKind[] = [
  {
    name: 'change events are dropped from now on',
    inject: (line) => {
      line.control({ watches: 'lying' });
      return undefined;
    },
  },
  {
    name: 'no more watches can be had, and the files are replaced',
    possible: hasFile,
    inject: (line) => {
      line.control({ watches: 'used up' });
      return replaceBy(line, readFileSync(line.path, 'utf8'));
    },
  },
];

/** What the directory of the sessions lies on is full, or may not be written; the disk is given by the test. */
export const diskFaults = (disk: () => SmallDisk, ballast: () => string): readonly FaultKind[] => [
  {
    name: DISK_FULL,
    lastsMs: 300,
    inject: () => {
      fill(ballast());
      return () => rmSync(ballast());
    },
  },
  {
    name: DISK_READ_ONLY,
    lastsMs: 300,
    inject: async (line) => {
      await endAppends(line);
      await untilChanged(disk(), 'ro');
      return () => disk().change('rw');
    },
  },
];

/** Who was stopped within an append, to whatever file, has that open, and the system would refuse for as long: it may end. */
async function endAppends({ asker, hubs, place }: FaultLine): Promise<void> {
  for (const pid of [asker.pid, ...hubs]) {
    while (isStopped(pid) && hasOpenIn(pid, place.project)) {
      kill(pid, 'SIGCONT');
      await sleep(1);
      kill(pid, 'SIGSTOP');
    }
  }
}

function hasOpenIn(pid: number, directory: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) =>
      readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(`${directory}/`),
    );
  } catch {
    return false; // It has ended.
  }
}

/** The system refuses as long as somebody has a file open for writing, which is a millisecond. */
async function untilChanged(disk: SmallDisk, options: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return disk.change(options);
    } catch (error) {
      if (attempt === CHANGES_MAX) throw error;
      await sleep(2 * attempt);
    }
  }
}

/** Writes until nothing more fits, down to the last byte. */
function fill(path: string): void {
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

/** The names of the faults that the tests inject one by one; every one of them leads to tests of its own. */
export const SINGLE_FAULTS = {
  pidReused: 'the pid of a killed server is taken by another process',
  pidNamespace: 'a session runs in another pid namespace',
  watchesExhausted: 'the inotify instances of the user are used up',
  watchesLyingAlways: 'change events never come',
  watchesOverflow: 'the queue of change events overflows',
  logFails: 'the log of the hub cannot be written',
  stoppedHolder: 'a holder of the lock is stopped until the lock is stale',
} as const;

/** Every kind that a whole run must have injected. */
export const FAULT_NAMES: readonly string[] = [
  ...[
    ...PROCESS_FAULTS,
    ...LOCK_FAULTS,
    ...FILE_FAULTS,
    ...NETWORK_FAULTS,
    ...UPDATE_FAULTS,
    ...CLOCK_FAULTS,
    ...WATCH_FAULTS,
  ].map(({ name }) => name),
  DISK_FULL,
  DISK_READ_ONLY,
  DIRECTORY_READ_ONLY,
  ...Object.values(SINGLE_FAULTS),
];
