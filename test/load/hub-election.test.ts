import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { HUB_START_MS_MAX } from '../../src/runtime/hub-start-claim.ts';
import { openLinks } from '../support/hub-links.ts';
import { hubPid, newHub, untilOneHub } from '../support/hub-pid.ts';
import { kill, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// What a hub takes to start, at most, in starts of a Node that does nothing.
const BARE_STARTS = 10;

/** How many hubs twenty sessions may start: one that is not needed, and one more for each that takes too long. */
function startsMax(sinceMs: number): number {
  return 2 + Math.floor((performance.now() - sinceMs) / HUB_START_MS_MAX);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** How many milliseconds a Node that does nothing takes now. */
async function bareStartMs(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'close');
  return performance.now() - began;
}

describe('the election of the hub among twenty', () => {
  it('lets one of twenty hubs serve that start at once; the others say who it is and exit 0', async () => {
    const home = temporaryDirectory();
    const hubs = Array.from({ length: 20 }, () => startSwitchboard(['hub', '--background'], { home }));
    await until(
      () => hubs.filter(({ child }) => child.exitCode === 0).length === 19,
      () => `19 ends, exit codes are ${hubs.map(({ child }) => child.exitCode)}`,
    );
    const [serving] = hubs.filter(({ child }) => child.exitCode === null);
    expect(await hubPid(home)).toBe(serving?.pid);
    for (const hub of hubs.filter((each) => each !== serving)) {
      await hub.ended(); // By then all that it has printed has been read.
      expect(hub.stdout).toContain(`A hub runs already: pid ${serving?.pid}`);
    }
  });

  it('starts one hub for twenty sessions that find none', async () => {
    const home = temporaryDirectory();
    const began = performance.now();
    const { allConnected, started } = openLinks(20, { home });
    await until(allConnected, () => 'twenty connections');
    expect(started()).toBeLessThanOrEqual(startsMax(began));
    await untilOneHub(home);
  });

  it('has another hub serving twenty sessions within a second when one is killed', async ({ annotate }) => {
    const home = temporaryDirectory();
    const { links, allConnected, started } = openLinks(20, { home });
    await until(allConnected, () => 'twenty connections');
    const took: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const before = await newHub(home, null);
      const startsBefore = started();
      bare.push(await bareStartMs());
      const killedAt = performance.now();
      kill(before, 'SIGKILL');
      await until(
        () => links.every((link) => !link.connected),
        () => 'that the links notice',
      );
      await until(allConnected, () => 'twenty connections to the next hub');
      took.push(performance.now() - killedAt);
      expect(started() - startsBefore).toBeLessThanOrEqual(startsMax(killedAt));
      expect(await hubPid(home)).not.toBe(before);
      await untilOneHub(home);
    }
    await annotate(`take-over with 20 sessions after kill -9: ${took.map((ms) => Math.round(ms)).join(', ')} ms`);
    // On a busy machine every process takes its time.
    expect(median(took)).toBeLessThan(Math.max(1_000, BARE_STARTS * median(bare)));
  });
});
