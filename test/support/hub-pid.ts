import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import { until } from './switchboard.ts';

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
