import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from './history.ts';
import { type Action, history } from './history-actions.ts';
import { checkHistory } from './history-promises.ts';
import { count } from './injected.ts';
import { PROMISES } from './promises.ts';

// A part with the same seed each time, a part with a new one. `SEED` gives the second, `HISTORIES` how many in all.
const FIXED_SEED = 20261120;
const FIXED_SHARE = 0.7;
const RUNS = Number(process.env.HISTORIES ?? 1_200);
const FILES = 4;
/** On a machine that is too busy for all of them. */
const MS_MAX = 150_000;
const LEAST_RUNS = 50;
const STUCK_MS = 30_000;

/** Makes the tests of one of the files that share the histories; they run side by side. */
export function liveHistories(file: number): void {
  describe('a random history of asking, answering and faults', () => {
    const given = process.env.SEED === undefined ? undefined : Number(process.env.SEED);
    const all = RUNS / FILES;
    const parts = [
      { seed: FIXED_SEED + file, runs: Math.round(all * FIXED_SHARE) },
      // The seed of a failure is that of one file: the same in all of them when it is given.
      { seed: given ?? randomInt(2 ** 31), runs: Math.round(all * (1 - FIXED_SHARE)) },
    ];
    for (const { seed, runs } of parts) {
      it(`keeps every promise, ${runs} times, SEED=${seed}`, { timeout: 2 * MS_MAX }, () => liveMany(seed, runs));
    }
  });
}

/** A failure says its seed and its shortest history; `SEED=… SEED_PATH=…` runs that one again. */
async function liveMany(seed: number, runs: number): Promise<void> {
  let lived = 0;
  const property = fc.asyncProperty(history, async (actions) => {
    await live(actions);
    lived += 1;
  });
  const path = process.env.SEED_PATH;
  await fc.assert(property, {
    seed,
    numRuns: runs,
    ...(path === undefined ? {} : { path }),
    interruptAfterTimeLimit: MS_MAX,
    markInterruptAsFailure: false,
  });
  expect(lived).toBeGreaterThanOrEqual(path === undefined ? Math.min(runs, LEAST_RUNS) : 1);
}

async function live(actions: readonly Action[]): Promise<void> {
  const line = await History.start();
  let at = 'the start';
  const lived = async (): Promise<void> => {
    for (const action of actions) {
      at = JSON.stringify(action);
      await line.do(action);
    }
    at = 'the end';
    await line.finish();
    checkHistory(line);
  };
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Stuck at ${at}\n${line.describe()}`)), STUCK_MS);
  });
  try {
    await Promise.race([lived(), stuck]);
    count('checked', PROMISES.history);
  } finally {
    clearTimeout(timer);
    await line.close();
  }
}
