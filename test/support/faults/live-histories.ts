import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from './history.ts';
import { type Action, history } from './history-actions.ts';
import { checkHistory } from './history-promises.ts';
import { count } from './injected.ts';
import { PROMISES } from './promises.ts';
import { withOwnClock } from './shifted-clock.ts';

/** How many in all, over all files and lanes. */
const RUNS = Number(process.env.HISTORIES ?? 4_800);
const FILES = 4;
// A history mostly waits: so many live side by side in one process, each on a clock of its own.
const LANES = 4;
// So many lanes of each file have the same seeds each time, the others new ones.
const FIXED_LANES = 3;
const FIXED_SEED = 20261120;
/** On a machine that is too busy for all of them. */
const MS_MAX = 420_000;
/** Of the histories that a lane was given, this share must have lived by then, or it fails. */
const LEAST_SHARE = 0.25;
const STUCK_MS = 90_000;

/** Makes the tests of one of the files that share the histories; they run side by side. */
export function liveHistories(file: number): void {
  const given = process.env.SEED === undefined ? undefined : Number(process.env.SEED);
  const fixed = Array.from({ length: FIXED_LANES }, (_, lane) => FIXED_SEED + file * LANES + lane);
  const fresh = Array.from({ length: LANES - FIXED_LANES }, () => randomInt(2 ** 31));
  const seeds = given === undefined ? [...fixed, ...fresh] : [given];
  const runs = Math.ceil(RUNS / FILES / LANES);
  describe('a random history of asking, answering and faults', () => {
    for (const seed of seeds) {
      it.concurrent(`keeps every promise, ${runs} times, SEED=${seed}`, { timeout: 2 * MS_MAX }, () =>
        liveMany(seed, runs),
      );
    }
  });
}

/** A failure says its seed and its shortest history; `SEED=… SEED_PATH=…` runs that one again. */
async function liveMany(seed: number, runs: number): Promise<void> {
  const began = performance.now();
  let lived = 0;
  const property = fc.asyncProperty(history, async (actions) => {
    await withOwnClock(() => live(actions));
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
  if (path !== undefined) return expect(lived).toBeGreaterThanOrEqual(1);
  if (lived < runs) {
    const seconds = Math.round((performance.now() - began) / 1_000);
    process.stdout.write(`CUT SHORT: ${lived} of ${runs} histories of SEED=${seed} lived within ${seconds} s.\n`);
  }
  expect(lived, `histories that lived within ${MS_MAX} ms`).toBeGreaterThanOrEqual(Math.ceil(runs * LEAST_SHARE));
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
