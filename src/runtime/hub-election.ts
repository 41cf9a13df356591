import { randomBytes } from 'node:crypto';
import { type BigIntStats, chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { SwitchboardError } from '../domain/errors.ts';
import { killSilentHub, probeHub, readHubFile, writeHubFile } from './hub-probe.ts';
import type { HubInfo } from './hub-wire.ts';
import type { Logger } from './log.ts';
import type { Timings } from './timings.ts';
import { isNewer } from './versions.ts';

// Binding takes some milliseconds. A lock that stays taken was left by a killed process (stale after 10 s) or its
// place is damaged; the checks after binding make going on without it safe, and sessions wait for a hub. Not all
// who wait go on at the same moment.
const LOCK_WAIT_MS_MAX = 400;
const LOCK_WAIT_JITTER_MS = 300;
const LOCK_STALE_MS = 10_000;
// An older hub finishes what it has in hand before it leaves.
const LEAVE_WAIT_MS_MAX = 10_000;

/** A hub listens and does not speak, and its process is not known well enough to be ended from here. */
class HubSilentError extends SwitchboardError {
  override readonly name = 'HubSilentError';
  readonly code = 'HUB_SILENT';
  constructor(address: string) {
    super(`A hub listens at ${address} but does not answer, and it cannot be ended from here. Find it and end it.`);
  }
}

/** The system does not let anybody listen at the hub's address. */
class HubAddressError extends SwitchboardError {
  override readonly name = 'HubAddressError';
  readonly code = 'HUB_ADDRESS';
  constructor(address: string, cause: NodeJS.ErrnoException) {
    super(
      `No hub can listen at ${address} (${cause.code}). Not every file system takes sockets, and a full one takes nothing: ` +
        'choose another SWITCHBOARD_HOME, or make room.',
      { cause },
    );
  }
}

/** What an election needs to know. */
export interface ElectionOptions {
  readonly home: string;
  readonly address: string;
  readonly self: HubInfo;
  /** Gets every connection, from the first moment on. */
  readonly accept: (socket: Socket) => void;
  readonly timings: Pick<Timings, 'hubSilence'>;
  readonly log: Logger;
}

/** The address is ours: a server that listens there, and the way to see that it still is the one that is found there. */
export interface HeldAddress {
  readonly server: Server;
  readonly isStillOurs: () => boolean;
}

/**
 * Takes the hub's address, unless a hub answers there: then returns that one. A hub of an older version is asked to
 * leave first; one that stays silent is ended.
 *
 * @throws HubSilentError, HubAddressError
 */
export async function takeAddress(options: ElectionOptions): Promise<HeldAddress | HubInfo> {
  for (;;) {
    const running = await reachRunningHub(options);
    if (running) return running;
    const unlock = await lockBinding(options);
    if (unlock === 'hub appeared') continue;
    try {
      // Somebody may have been elected between the look and the lock.
      const probe = await probeHub(options.address, options.timings.hubSilence);
      if (probe.found !== 'nobody') continue;
      const held = await bindAddress(options);
      if (!held) continue;
      leaveWord(options);
      return held;
    } finally {
      await unlock();
    }
  }
}

/** The hub that answers and stays; null when nobody is there (any more). */
async function reachRunningHub(options: ElectionOptions): Promise<HubInfo | null> {
  const { address, home, self, timings, log } = options;
  const leaveBy = performance.now() + LEAVE_WAIT_MS_MAX;
  for (let asked = 0; ; await sleep(30)) {
    const probe = await probeHub(address, timings.hubSilence);
    if (probe.found === 'nobody') return null;
    if (probe.found === 'silent') {
      const suspect = readHubFile(home);
      if (!killSilentHub(suspect)) throw new HubSilentError(address);
      log.warn({ hub_pid: suspect?.pid }, 'ended a hub that did not answer');
      continue;
    }
    if (!isNewer(self.version, probe.hub.version) || performance.now() > leaveBy) return probe.hub;
    if (asked === probe.hub.pid) continue;
    asked = probe.hub.pid;
    log.info({ hub_pid: probe.hub.pid, version: probe.hub.version }, 'asking an older hub to leave');
    await probeHub(address, timings.hubSilence, { type: 'leave', version: self.version });
  }
}

/** The lock of the bind step: a courtesy that keeps two newcomers from replacing each other. */
async function lockBinding(options: ElectionOptions): Promise<(() => Promise<void>) | 'hub appeared'> {
  const { home, address, timings, log } = options;
  const deadline = performance.now() + LOCK_WAIT_MS_MAX + Math.random() * LOCK_WAIT_JITTER_MS;
  for (;;) {
    try {
      const unlock = await lock(home, {
        lockfilePath: join(home, 'hub.lock'),
        realpath: false,
        stale: LOCK_STALE_MS,
        onCompromised: (error) => log.warn({ err: error }, 'lost the lock of the election; the check after it decides'),
      });
      return () => unlock().catch((error: unknown) => log.debug({ err: error }, 'the lock was gone already'));
    } catch (error) {
      if (performance.now() > deadline) {
        log.warn({ err: error }, 'electing without the lock');
        return async () => undefined;
      }
    }
    if ((await probeHub(address, timings.hubSilence)).found !== 'nobody') return 'hub appeared';
    await sleep(10 + Math.random() * 20);
  }
}

async function bindAddress(options: ElectionOptions): Promise<HeldAddress | null> {
  try {
    return await bind(options);
  } catch (error) {
    throw new HubAddressError(options.address, error as NodeJS.ErrnoException);
  }
}

/**
 * Listens at the address; null when somebody else is there.
 *
 * A socket is bound and made to listen under a name of its own, then renamed to its address: so the address always
 * leads to somebody who listens, there is no moment at which it looks abandoned, and nothing is ever unlinked that
 * may belong to a neighbour. What an earlier hub left there is replaced by the same step.
 */
async function bind({ address, accept }: ElectionOptions): Promise<HeldAddress | null> {
  if (process.platform === 'win32') {
    // The system lets only one process create a pipe, and removes it with its process.
    const server = await listen(address, accept).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return null;
      throw error;
    });
    return server && { server, isStillOurs: () => true };
  }
  const aside = `${address}.${randomBytes(4).toString('hex')}`;
  const server = await listen(aside, accept);
  try {
    chmodSync(aside, 0o600);
    // The number stays ours while we listen: the kernel keeps the inode of a bound socket.
    const { dev, ino } = statSync(aside, { bigint: true });
    renameSync(aside, address);
    const isOurs = (facts: BigIntStats | undefined): boolean => facts?.dev === dev && facts.ino === ino;
    return { server, isStillOurs: () => isOurs(statOrNothing(address)) };
  } catch (error) {
    server.close();
    rmSync(aside, { force: true });
    throw error;
  }
}

function listen(path: string, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(accept);
    server.once('error', reject);
    // The socket is made within this call, and nobody else may connect in the moment before its mode is set.
    const before = process.umask(0o077);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve(server);
      });
    } finally {
      process.umask(before);
    }
  });
}

function statOrNothing(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // A path that cannot be looked at leads nobody to us.
  }
}

function leaveWord({ home, self, log }: ElectionOptions): void {
  try {
    writeHubFile(home, self);
  } catch (error) {
    log.warn({ err: error }, 'could not write hub.json: if this hub hangs, nobody can tell which process to end');
  }
}
