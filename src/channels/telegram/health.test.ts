import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Health } from './health.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-01-01T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const later = () => vi.setSystemTime(Date.now() + 60_000);

describe('health', () => {
  it('says since when it is as it is, though the reason may change', () => {
    const health = new Health(
      () => ['7'],
      () => true,
    );
    expect(health.current).toEqual({
      ok: false,
      detail: 'Connecting to Telegram',
      since: '2026-01-01T12:00:00.000Z',
      chats: 1,
      connecting: true,
    });
    later();
    expect(health.unreachable('ECONNREFUSED')).toBe(true);
    later();
    expect(health.unreachable('ETIMEDOUT')).toBe(false);
    expect(health.current).toMatchObject({
      detail: 'Telegram unreachable: ETIMEDOUT',
      since: '2026-01-01T12:01:00.000Z',
    });
    expect(health.receiving(() => 'Connected as @bot')).toBe(true);
    expect(health.current).toEqual({
      ok: true,
      detail: 'Connected as @bot',
      since: '2026-01-01T12:02:00.000Z',
      chats: 1,
    });
  });

  it('is still connecting when its first calls fail, for some seconds, and not once it was connected', () => {
    const health = new Health(
      () => ['7'],
      () => true,
    );
    health.unreachable('ECONNREFUSED');
    expect(health.current.connecting).toBe(true);
    health.conflict();
    expect(health.current.connecting).toBe(true);
    vi.advanceTimersByTime(11_000);
    expect(health.current).not.toHaveProperty('connecting');
    const other = new Health(
      () => ['7'],
      () => true,
    );
    other.receiving(() => 'Connected as @bot');
    other.unreachable('ECONNREFUSED');
    expect(other.current).not.toHaveProperty('connecting');
    const refused = new Health(
      () => ['7'],
      () => true,
    );
    refused.tokenRefused();
    expect(refused.current).not.toHaveProperty('connecting');
  });

  it('is mended by any answer when Telegram was out of reach, but not when somebody else polls', () => {
    const health = new Health(
      () => ['7'],
      () => true,
    );
    health.receiving(() => 'Connected as @bot');
    health.unreachable('ECONNRESET');
    health.reached();
    expect(health.current).toMatchObject({ ok: true, detail: 'Connected as @bot' });
    health.conflict();
    health.reached();
    health.unreachable('ECONNRESET');
    expect(health.current).toMatchObject({ ok: false, detail: expect.stringContaining('Another program') });
  });

  it('is well as long as one chat takes messages, and names those that do not', () => {
    const health = new Health(
      () => ['7', '8'],
      () => true,
    );
    health.receiving(() => 'Connected as @bot');
    health.chatClosed('8');
    const since = '2026-01-01T12:00:00.000Z';
    const named = expect.stringMatching(/^Connected as @bot, but no message reaches 8: /);
    expect(health.current).toEqual({ ok: true, detail: named, since, chats: 1 });
    later();
    health.chatClosed('7');
    const both = expect.stringMatching(/^Connected as @bot, but no message reaches 7, 8: /);
    expect(health.current).toEqual({ ok: false, detail: both, since: '2026-01-01T12:01:00.000Z', chats: 0 });
    health.chatReached('8');
    expect(health.current).toMatchObject({ ok: true, chats: 1 });
    health.chatReached('7');
    expect(health.current).toEqual({ ok: true, detail: 'Connected as @bot', since, chats: 2 });
  });

  it('does not go by chats that get no cards: of a stranger, or of somebody who is no owner any more', () => {
    let chats = ['7', '8'];
    const health = new Health(
      () => chats,
      () => true,
    );
    health.receiving(() => 'Connected as @bot');
    health.chatClosed('666');
    health.chatClosed('8');
    chats = ['7'];
    expect(health.current).toMatchObject({ ok: true, detail: 'Connected as @bot', chats: 1 });
    chats = ['7', '666'];
    expect(health.current).toMatchObject({ ok: true, detail: 'Connected as @bot', chats: 2 });
  });
});
