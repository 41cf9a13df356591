import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';

// A part with the same seed each time, a part with a new one; `SEED` gives the second.
const FIXED_SEED = 20261120;
const FIXED_SHARE = 0.7;
/** On a machine that is too busy for all of them. */
const MS_MAX = 30_000;

/**
 * Tests a property, `runs` times; `arrange` makes what its cases are checked with, once a part. A failure says its seed and its shortest case; `SEED=… SEED_PATH=…` runs that one
 * again.
 */
export function itHolds<T>(
  promise: string,
  runs: number,
  cases: fc.Arbitrary<T>,
  arrange: () => Promise<(one: T) => Promise<void>>,
): void {
  const { SEED, SEED_PATH: path } = process.env;
  const parts = [
    { seed: FIXED_SEED, numRuns: Math.round(runs * FIXED_SHARE) },
    { seed: SEED === undefined ? randomInt(2 ** 31) : Number(SEED), numRuns: Math.round(runs * (1 - FIXED_SHARE)) },
  ];
  for (const { seed, numRuns } of parts) {
    it(`${promise}, ${numRuns} times, SEED=${seed}`, { timeout: 4 * MS_MAX }, async () => {
      const check = await arrange();
      let held = 0;
      const property = fc.asyncProperty(cases, async (one) => {
        await check(one);
        held += 1;
      });
      await fc.assert(property, {
        seed,
        numRuns,
        ...(path === undefined ? {} : { path }),
        interruptAfterTimeLimit: MS_MAX,
        markInterruptAsFailure: false,
      });
      expect(held).toBeGreaterThanOrEqual(path === undefined ? Math.min(numRuns, 5) : 1);
    });
  }
}
