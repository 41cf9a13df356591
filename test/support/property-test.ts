import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';

/** The seed of the part that is the same each time. */
export const FIXED_SEED = 20261120;
const FIXED_SHARE = 0.7;
/** On a machine that is too busy for all of them. */
const MS_MAX = 30_000;
/** So many must have been tried by then. */
const LEAST_RUNS = 5;

/** What the cases of one part are checked with; `after`: what is to hold once they are over. */
interface Checked<T> {
  readonly check: (one: T) => Promise<void> | void;
  readonly after?: () => Promise<void>;
}

interface Extent {
  /** Cases in all, over both parts. */
  readonly runs: number;
  /** False where each case takes so long that a smaller one is not worth the wait. */
  readonly shrink?: boolean;
}

/**
 * Tests a property by random cases: a part with the same seed each time, a part with a new one. A failure says its seed
 * and its smallest case; `SEED=… SEED_PATH=…` runs that one again. `arrange` makes what the cases are checked with, once
 * a part.
 */
export function propertyTest<T>(
  promise: string,
  cases: fc.Arbitrary<T>,
  arrange: () => Checked<T> | Promise<Checked<T>>,
  { runs, shrink = true }: Extent,
): void {
  for (const { seed, numRuns } of partsOf(runs)) {
    it(`${promise}, ${numRuns} times, SEED=${seed}`, { timeout: 4 * MS_MAX }, async () => {
      const { check, after } = await arrange();
      let held = 0;
      const property = fc.asyncProperty(cases, async (one) => {
        await check(one);
        held += 1;
      });
      const path = process.env.SEED_PATH;
      await fc.assert(property, {
        seed,
        numRuns,
        endOnFailure: !shrink,
        ...(path === undefined ? {} : { path }),
        interruptAfterTimeLimit: MS_MAX,
        markInterruptAsFailure: false,
      });
      expect(held).toBeGreaterThanOrEqual(path === undefined ? Math.min(numRuns, LEAST_RUNS) : 1);
      await after?.();
    });
  }
}

function partsOf(runs: number): { readonly seed: number; readonly numRuns: number }[] {
  const { SEED } = process.env;
  const fixed = { seed: FIXED_SEED, numRuns: Math.round(runs * FIXED_SHARE) };
  const fresh = { seed: SEED === undefined ? randomInt(2 ** 31) : Number(SEED), numRuns: runs - fixed.numRuns };
  return SEED === undefined ? [fixed, fresh] : [fresh];
}
