import { AsyncLocalStorage } from 'node:async_hooks';

const RealDate = Date;
/** What lives side by side in this process has each a wall clock of its own. */
const clocks = new AsyncLocalStorage<{ shiftMs: number }>();

/** The wall clock as it is, whatever the tests have made of it. */
export const realNow = (): number => RealDate.now();

/** Runs a job, and everything that comes of it, on a wall clock of its own. */
export function withOwnClock<T>(job: () => Promise<T>): Promise<T> {
  return clocks.run({ shiftMs: 0 }, job);
}

/** Sets the wall clock of whoever calls off by so many milliseconds; the monotonic clock stays. */
export function shiftClock(ms: number): void {
  const clock = clocks.getStore();
  if (!clock) throw new Error('Only what runs on a clock of its own can set it.');
  clock.shiftMs = ms;
}

class ShiftedDate extends RealDate {
  constructor(...given: []) {
    if (given.length === 0) super(ShiftedDate.now());
    else super(...given);
  }

  static override now(): number {
    return RealDate.now() + (clocks.getStore()?.shiftMs ?? 0);
  }
}

// Once and for all: whoever has kept `Date.now` is on the shifted clock, too.
globalThis.Date = ShiftedDate as DateConstructor;
