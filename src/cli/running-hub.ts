import { setTimeout as sleep } from 'node:timers/promises';
import { hubAddress } from '../runtime/hub-address.ts';
import { type Probe, probeHub } from '../runtime/hub-probe.ts';
import type { ChannelReport, HubInfo } from '../runtime/hub-wire.ts';
import { isSameLivingProcess } from '../runtime/processes.ts';
import { readWebPlace, type WebPlace } from '../runtime/web-place.ts';

const ANSWER_MS_MAX = 2_000;
const END_MS_MAX = 6_000;
const LOOK_MS = 50;

/**
 * Who listens at the address of this home's hub.
 *
 * @throws Error of the system when the address cannot be reached for other reasons than that nobody listens.
 */
export function findHub(home: string): Promise<Probe> {
  return probeHub(hubAddress(home), ANSWER_MS_MAX);
}

/** The hub of a home that runs now and answers. */
export async function runningHub(home: string): Promise<HubInfo | null> {
  const probe = await findHub(home);
  return probe.found === 'hub' && isSameLivingProcess(probe.hub, true) ? probe.hub : null;
}

/**
 * Asks the hub of a home to end, if one runs, and waits for some seconds until it has. `pid`: that one or none. False: it
 * runs still.
 */
export async function endHub(home: string, pid?: number): Promise<boolean> {
  const hub = await runningHub(home);
  if (!hub || (pid !== undefined && hub.pid !== pid)) return true;
  process.kill(hub.pid, 'SIGTERM');
  const deadline = performance.now() + END_MS_MAX;
  while (isSameLivingProcess(hub, true)) {
    if (performance.now() > deadline) return false;
    await sleep(LOOK_MS);
  }
  return true;
}

/** Where a hub with these channels serves the web inbox of its home; null when it does not (yet). */
export function servedInbox(channels: readonly ChannelReport[], home: string): WebPlace | null {
  return channels.some(({ name, ok }) => name === 'web' && ok) ? readWebPlace(home) : null;
}
