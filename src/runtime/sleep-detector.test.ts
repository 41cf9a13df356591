import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { detectSleep } from './sleep-detector.ts';

const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

it('trusts silence only two heartbeats after the start, a sleep or a jump of the clock', () => {
  const sleep = detectSleep({ heartbeat: 60_000 });
  expect(sleep.silenceUnreliable).toBe(true);
  vi.advanceTimersByTime(2 * 60_000 + 1);
  expect(sleep.silenceUnreliable).toBe(false);
  vi.setSystemTime(Date.now() + 8 * HOUR);
  expect(sleep.silenceUnreliable).toBe(true);
  vi.advanceTimersByTime(2 * 60_000 + 1);
  expect(sleep.silenceUnreliable).toBe(false);
  vi.setSystemTime(Date.now() - 8 * HOUR);
  vi.advanceTimersByTime(10_000);
  expect(sleep.silenceUnreliable).toBe(false);
  sleep.close();
});
