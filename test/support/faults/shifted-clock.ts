const RealDate = Date;
let shiftMs = 0;

/** The wall clock as it is, whatever the tests have made of it. */
export const realNow = (): number => RealDate.now();

/** Sets the wall clock of this process off by so many milliseconds; the monotonic clock stays. */
export function shiftClock(ms: number): void {
  shiftMs = ms;
  globalThis.Date = ms === 0 ? RealDate : (ShiftedDate as DateConstructor);
}

class ShiftedDate extends RealDate {
  constructor(...given: []) {
    if (given.length === 0) super(ShiftedDate.now());
    else super(...given);
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}
