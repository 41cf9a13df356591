import { describe, expect, it } from 'vitest';
import { isDue } from './reminders.ts';

const MINUTE = 60_000;
const asked = Date.parse('2026-11-20T10:00:00Z');

/** The minutes, counted from the question, in which a hub that looks every minute reminds. */
function remindedAt({ first = 15, hours = 5, from = 0 } = {}): number[] {
  const minutes = Array.from({ length: hours * 60 - from }, (_, n) => from + n + 1);
  return minutes.filter((minute) =>
    isDue(asked, {
      from: asked + (minute - 1) * MINUTE,
      until: asked + minute * MINUTE,
      firstMs: first * MINUTE,
    }),
  );
}

describe('reminders', () => {
  it('are due after 15 minutes, then each time the age has doubled', () => {
    expect(remindedAt()).toEqual([15, 30, 60, 120, 240]);
  });

  it('follow the time that is set', () => {
    expect(remindedAt({ first: 1, hours: 1 })).toEqual([1, 2, 4, 8, 16, 32]);
  });

  it('that fell due while no hub ran are left out', () => {
    expect(remindedAt({ from: 45 })).toEqual([60, 120, 240]);
  });

  it('that fell due while the machine slept are one', () => {
    const night = { from: asked + 10 * MINUTE, until: asked + 500 * MINUTE, firstMs: 15 * MINUTE };
    expect(isDue(asked, night)).toBe(true);
    expect(isDue(asked, { ...night, from: night.until, until: night.until + MINUTE })).toBe(false);
  });

  it('are not due for a question from the future, of a clock that was set back', () => {
    expect(isDue(asked, { from: asked - 60 * MINUTE, until: asked - 30 * MINUTE, firstMs: MINUTE })).toBe(false);
  });
});
