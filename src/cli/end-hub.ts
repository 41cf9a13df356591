import { setTimeout as sleep } from 'node:timers/promises';
import { hubAddress } from '../runtime/hub-address.ts';
import { probeHub } from '../runtime/hub-probe.ts';
import type { HubInfo } from '../runtime/hub-wire.ts';
import { isSameLivingProcess } from '../runtime/processes.ts';

const ANSWER_MS_MAX = 2_000;
const END_MS_MAX = 6_000;
const LOOK_MS = 50;

/** The hub of a home that runs now and answers. */
export async function runningHub(home: string): Promise<HubInfo | null> {
  const probe = await probeHub(hubAddress(home), ANSWER_MS_MAX);
  return probe.found === 'hub' && isSameLivingProcess(probe.hub, true) ? probe.hub : null;
}

/** Asks the hub of a home to end, if one runs, and waits for some seconds until it has; returns the one that was there. */
export async function endHub(home: string): Promise<HubInfo | null> {
  const hub = await runningHub(home);
  if (!hub) return null;
  process.kill(hub.pid, 'SIGTERM');
  const deadline = performance.now() + END_MS_MAX;
  while (isSameLivingProcess(hub, true) && performance.now() < deadline) await sleep(LOOK_MS);
  return hub;
}
