import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Health } from './health.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-01T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const later = () => vi.setSystemTime(Date.now() + 60_000);

describe('health', () => {
  it('says since when it is as it is, though the reason may change', () => {
    const health = new Health();
    expect(health.current).toEqual({ ok: false, detail: 'Connecting to Telegram', since: '2026-01-01T12:00:00.000Z' });
    later();
    expect(health.unreachable('ECONNREFUSED')).toBe(true);
    later();
    expect(health.unreachable('ETIMEDOUT')).toBe(false);
    expect(health.current).toMatchObject({
      detail: 'Telegram unreachable: ETIMEDOUT',
      since: '2026-01-01T12:01:00.000Z',
    });
    expect(health.receiving(() => 'Connected as @bot')).toBe(true);
    expect(health.current).toEqual({ ok: true, detail: 'Connected as @bot', since: '2026-01-01T12:02:00.000Z' });
  });

  it('is mended by any answer when Telegram was out of reach, but not when somebody else polls', () => {
    const health = new Health();
    health.receiving(() => 'Connected as @bot');
    health.unreachable('ECONNRESET');
    health.reached();
    expect(health.current).toMatchObject({ ok: true, detail: 'Connected as @bot' });
    health.conflict();
    health.reached();
    health.unreachable('ECONNRESET');
    expect(health.current).toMatchObject({ ok: false, detail: expect.stringContaining('Another program') });
  });
});
