import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import { runningIn, until } from './switchboard.ts';

// Long against what a hub takes on a busy machine. One that ends meanwhile ends the probe, too.
const PROBE_MS_MAX = 10_000;

/** The process that answers as the hub of a home; null where none does. */
export async function hubPid(home: string): Promise<number | null> {
  const probe = await probeHub(hubAddress(home), PROBE_MS_MAX);
  return probe.found === 'hub' ? probe.hub.pid : null;
}

/** Waits until the hub of a home is another process than `before`, and returns it. */
export async function newHub(home: string, before: number | null): Promise<number> {
  let pid: number | null = null;
  await until(
    async () => {
      pid = await hubPid(home);
      return pid !== null && pid !== before;
    },
    () => `a hub other than ${before}`,
  );
  return pid ?? 0;
}

/** The processes of hubs that run for a home, serving or not. */
export function hubsIn(home: string): number[] {
  return runningIn(home, / hub( |$)/);
}

/** Waits until one hub runs for a home: one that was not needed may take a moment to be gone. */
export function untilOneHub(home: string): Promise<void> {
  return until(
    () => hubsIn(home).length === 1,
    () => `one hub, not ${hubsIn(home)}`,
  );
}
