import { lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../bot-api/faults.ts';
import { kill, until } from '../switchboard.ts';
import type { FaultLine } from './fault-line.ts';
import { DIRECTORY_READ_ONLY, DISK_FULL, DISK_READ_ONLY, FILE_FAULTS, hasFile, replaceBy } from './file-kinds.ts';
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

const PAST_STALE_MS = 60_000;
// Past the time in which a hub must answer pings, so that it is replaced while it is stopped.
const QUICK_SILENCE = { hubPing: 200, hubSilence: 800 };
const SUSPENDED_MS = 700;

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
async function suspend(
  line: FaultLine,
  pids: readonly number[],
  over: (pids: readonly number[]) => Promise<void>,
): Promise<undefined> {
  for (const pid of pids) kill(pid, 'SIGSTOP');
  ageLock(line);
  await over(pids);
  for (const pid of pids) kill(pid, 'SIGCONT');
}

const aWhile = (): Promise<void> => sleep(SUSPENDED_MS);

/** Another hub runs than those before. */
function untilReplaced(line: FaultLine, before: readonly number[]): Promise<void> {
  return until(
    () => line.hubs.some((pid) => !before.includes(pid)),
    () => `another hub than ${before.join()}`,
  );
}

export const PROCESS_FAULTS: readonly FaultKind[] = [
  { name: 'the hub is killed', inject: (line) => killAll(line.hubs) },
  { name: 'the asking server is killed', endsAsker: true, inject: (line) => killAll([line.asker.pid]) },
  { name: 'hub and server are killed', endsAsker: true, inject: (line) => killAll([...line.hubs, line.asker.pid]) },
  {
    name: 'the hub is stopped, and replaced before it goes on',
    timings: QUICK_SILENCE,
    inject: (line) => suspend(line, line.hubs, (before) => untilReplaced(line, before)),
  },
  { name: 'the server is stopped past staleness', inject: (line) => suspend(line, [line.asker.pid], aWhile) },
  {
    name: 'hub and server are stopped past staleness',
    inject: (line) => suspend(line, [...line.hubs, line.asker.pid], aWhile),
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

const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;

function putFile(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx' });
  } catch {
    // Something lies there already.
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
      // Until it does: whoever works there at this moment may be faster.
      while (!isFile(line.lock)) {
        removeLock(line);
        putFile(line.lock);
      }
      return () => rmSync(line.lock, { force: true, recursive: true });
    },
  },
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
      // Two presses on one card that the hub has not fetched, nor what answers its open poll: the later one comes first.
      line.api.cut();
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

/** The names of the faults that the tests inject one by one; every one of them leads to tests of its own. */
export const SINGLE_FAULTS = {
  pidReused: 'the pid of a killed server is taken by another process',
  pidNamespace: 'a session runs in another pid namespace',
  hostRenamed: 'the host is renamed while a session runs',
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
