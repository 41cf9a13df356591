import type { Timings } from '../../runtime/timings.ts';

// A kept connection that died unnoticed is the likeliest first failure: a new one is tried almost at once.
const FIRST_WAIT_MS_MAX = 50;

/**
 * Milliseconds to wait after the nth failure in a row, from 1: soon after the first, then doubling from `retryMin` up
 * to `retryMax`. Half of each wait is chance, so that several who failed together do not come again together.
 */
export function backoffMs(failures: number, { retryMin, retryMax }: Pick<Timings, 'retryMin' | 'retryMax'>): number {
  const wait =
    failures <= 1 ? Math.min(FIRST_WAIT_MS_MAX, retryMin) : Math.min(retryMax, retryMin * 2 ** (failures - 2));
  return wait * (0.5 + Math.random() / 2);
}
