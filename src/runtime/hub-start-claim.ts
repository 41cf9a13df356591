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
  const claimedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (claimedAt === undefined) return false; // Released this moment: the hub is there.
  // A claim from the future is as old as one from the past: the clock was set back.
  if (Math.abs(Date.now() - claimedAt) < HUB_START_MS_MAX) return false;
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
  const claimedAt = statSync(claimFile(home), { throwIfNoEntry: false })?.mtimeMs;
  return claimedAt !== undefined && Math.abs(Date.now() - claimedAt) < msMax;
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
