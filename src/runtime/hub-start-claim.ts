import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long a newly started hub may need until it answers. */
export const HUB_START_MS_MAX = 1_500;

/**
 * Claims to be the one session that starts a hub: true for one of many who ask at the same moment. A courtesy that
 * saves twenty sessions from starting twenty hubs, of which nineteen would go again; never a reason not to have one.
 */
export function claimHubStart(home: string): boolean {
  const path = claimFile(home);
  if (createClaim(path)) return true;
  const age = ageMs(path);
  if (age === null) return false; // Released this moment: the hub is there.
  if (age < HUB_START_MS_MAX) return false;
  releaseHubStart(home);
  return createClaim(path);
}

function createClaim(path: string): boolean {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST'; // A full disk is no reason not to start.
  }
}

/** Has somebody begun to start a hub, less than `msMax` milliseconds ago, that is not there yet? */
export function isHubStartClaimed(home: string, msMax: number): boolean {
  const age = ageMs(claimFile(home));
  return age !== null && age < msMax;
}

/** A claim from the future is as old as one from the past: the clock was set back. Null: there is none. */
function ageMs(claim: string): number | null {
  const claimedAt = statSync(claim, { throwIfNoEntry: false })?.mtimeMs;
  return claimedAt === undefined ? null : Math.abs(Date.now() - claimedAt);
}

/** Ends a claim: the hub is there. */
export function releaseHubStart(home: string): void {
  try {
    rmSync(claimFile(home), { force: true });
  } catch {
    // A claim that cannot be removed delays the next start by its age limit, no more.
  }
}

function claimFile(home: string): string {
  return join(home, 'hub.starting');
}
