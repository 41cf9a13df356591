import { mkdirSync, realpathSync, rmdirSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lockSync } from 'proper-lockfile';
import { isLink } from './durable-files.ts';
import { systemCode } from './fs-errors.ts';

/** Where a lock lies, and its spans of time in milliseconds. */
export interface LockPlace {
  readonly log: string;
  readonly lock: string;
  /** Untouched for so long, its holder counts as dead. proper-lockfile takes no less than 2,000. */
  readonly stale: number;
  /** How long to wait for it in all. Above `stale`, since a holder that was killed blocks for that long. */
  readonly deadline: number;
}

/**
 * A lock that is held, or why it is not: one holder kept it far too long (it was killed or suspended), nobody could have
 * it in time, its place is damaged, there was no time left.
 */
export interface SessionLock {
  readonly without: null | { readonly reason: 'stuck' | 'timeout' | 'damaged' | 'hurried'; readonly detail: string };
  release(): void;
}

// An append holds the lock for a millisecond. Who holds one for so long was killed or suspended, and a person who has
// just answered is not made to wait until the lock is stale for that.
const HOLDER_MS_MAX = 500;
const QUICK_ATTEMPTS = 7;
const SLOW_PAUSES_MS = [100, 200, 400] as const;
// All that the library calls. It copies what it is given for every lock, and the whole of `fs` takes longer than the rest.
const FILE_SYSTEM = { mkdirSync, realpathSync, rmdirSync, statSync, utimesSync };
// The library dates a lock up to a second ahead, so that its own rule for dead holders always comes first.
const AHEAD_MS = 1_500;

/**
 * Takes the lock of a session, or says why it cannot be had. It is a courtesy among writers: it spares useless second
 * claims and gives archiving a quiet moment. No promise of the store rests on it, because this lock lets two holders
 * in after a suspend, a clock jump or a race for a stale one. `hurry` ends the waiting. Never throws.
 */
export async function lockSession(place: LockPlace, hurry: AbortSignal): Promise<SessionLock> {
  const began = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    const outcome = tryLock(place);
    if (outcome.status === 'held') {
      holders.delete(place.lock);
      return { without: null, release: outcome.release };
    }
    if (outcome.status === 'damaged') return unlocked('damaged', outcome.detail);
    if (hurry.aborted) return unlocked('hurried', 'the store is closing');
    const waited = performance.now() - began;
    if (waited > place.deadline) return unlocked('timeout', `taken for ${Math.round(waited)} ms`);
    const held = heldForMs(place.lock);
    // After the wall clock was set back, a dead holder's lock looks fresh for as long as the jump was wide.
    if (held > place.stale + AHEAD_MS) removeDeadLock(place.lock);
    else if (held > HOLDER_MS_MAX) return unlocked('stuck', 'its holder was killed or is suspended');
    await pause(pauseMs(attempt), undefined, { signal: hurry }).catch(() => undefined);
  }
}

function unlocked(reason: NonNullable<SessionLock['without']>['reason'], detail: string): SessionLock {
  return { without: { reason, detail }, release: () => undefined };
}

/**
 * A few quick tries for a holder that appends, the first as soon as it may be done, then slower ones for one that archives
 * or has died; all with jitter.
 */
function pauseMs(attempt: number): number {
  if (attempt < QUICK_ATTEMPTS) return 1 + Math.random() * Math.min(28, 2 ** (attempt + 1));
  const slow = SLOW_PAUSES_MS[(attempt - QUICK_ATTEMPTS) % SLOW_PAUSES_MS.length] ?? 100;
  return slow * (0.5 + Math.random());
}

type Outcome =
  | { readonly status: 'held'; readonly release: () => void }
  | { readonly status: 'taken' }
  | { readonly status: 'damaged'; readonly detail: string };

function tryLock(place: LockPlace): Outcome {
  try {
    if (isLink(dirname(place.lock))) return damaged('a link');
    return { status: 'held', release: take(place) };
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ELOCKED') return isPlainFile(place.lock) ? damaged('not a directory') : { status: 'taken' };
    if (code !== 'ENOENT') return damaged(code);
    return makeLocksDirectory(place);
  }
}

const damaged = (detail: string): Outcome => ({ status: 'damaged', detail });

/** The directory of the locks is made by whoever misses it; that of the sessions never is, or archiving would be undone. */
function makeLocksDirectory(place: LockPlace): Outcome {
  try {
    mkdirSync(dirname(place.lock), { mode: 0o700 });
    return { status: 'held', release: take(place) };
  } catch (error) {
    const code = systemCode(error);
    return code === 'EEXIST' || code === 'ELOCKED' ? { status: 'taken' } : damaged(code);
  }
}

function take(place: LockPlace): () => void {
  const release = lockSync(place.log, {
    lockfilePath: place.lock,
    realpath: false,
    fs: FILE_SYSTEM,
    stale: place.stale,
    // The library's own answer is to throw from a timer, which ends the process. A lost lock costs nothing here.
    onCompromised: () => undefined,
  });
  const taken = identityOf(place.lock);
  return () => {
    // Held for longer than `stale` (suspended): it may be another's by now, and must stay.
    if (taken === null || identityOf(place.lock) !== taken) return;
    try {
      release();
    } catch (error) {
      // Compromised, or something lies inside: those who come after find it stale or damaged, and go on without it.
      if (systemCode(error) === '') throw error;
    }
  };
}

/** Of each lock that could not be had: how its holder left it, and since when (by a clock that does not jump). */
const holders = new Map<string, { readonly touch: string; readonly since: number }>();

/** For how many milliseconds this process has seen the same holder have the lock, untouched. */
function heldForMs(lock: string): number {
  const touch = touchOf(lock);
  const known = holders.get(lock);
  if (touch !== null && known?.touch === touch) return performance.now() - known.since;
  if (touch === null) holders.delete(lock);
  else holders.set(lock, { touch, since: performance.now() });
  return 0;
}

/** Removes what a dead holder left; what is not empty, or gone meanwhile, is left as it is. */
export function removeDeadLock(lock: string): void {
  try {
    rmdirSync(lock);
  } catch (error) {
    if (systemCode(error) === '') throw error;
  }
}

function lookAt(path: string): { ino: bigint; birthtimeNs: bigint; mtimeNs: bigint; isDirectory(): boolean } | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return null;
  }
}

function identityOf(path: string): string | null {
  const stats = lookAt(path);
  return stats && `${stats.ino}.${stats.birthtimeNs}`;
}

function touchOf(path: string): string | null {
  const stats = lookAt(path);
  return stats && `${stats.ino}.${stats.birthtimeNs}.${stats.mtimeNs}`;
}

function isPlainFile(path: string): boolean {
  return lookAt(path)?.isDirectory() === false;
}
