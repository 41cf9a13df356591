import type { Timings } from './timings.ts';

// A tick may be late on a busy machine; a laptop's lid is shut for longer.
const LATE_MS_MAX = 30_000;
const TICK_MS = 10_000;

/** Tells whether silence proves anything just now. */
export interface SleepDetector {
  /** True within two heartbeats after this process started, this machine slept, or its clock jumped ahead. */
  readonly silenceUnreliable: boolean;
  close(): void;
}

/**
 * Notices that this machine slept: a session that has had no chance to write must not be judged by its silence.
 * Sleep, a stopped process and a clock set ahead look alike: more wall-clock time has passed since the last tick
 * than a tick takes. (The monotonic clock is no help: on Linux it stands still in sleep, on macOS it does not.)
 */
export function detectSleep(timings: Pick<Timings, 'heartbeat'>, now: () => number = Date.now): SleepDetector {
  const unreliableMs = 2 * timings.heartbeat;
  let unreliableUntil = performance.now() + unreliableMs;
  let tickedAt = now();
  const look = (): void => {
    const at = now();
    if (at - tickedAt > TICK_MS + LATE_MS_MAX) unreliableUntil = performance.now() + unreliableMs;
    tickedAt = at;
  };
  const timer = setInterval(look, TICK_MS);
  timer.unref();
  return {
    get silenceUnreliable() {
      look(); // After waking, a judgement may come before the tick.
      return performance.now() < unreliableUntil;
    },
    close: () => clearInterval(timer),
  };
}
