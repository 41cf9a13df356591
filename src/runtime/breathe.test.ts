import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { breather } from './breathe.ts';

/** Holds up everything else. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

describe('long work', () => {
  it('lets everything else have a turn, as often as it has gone on for long', async () => {
    const breathe = breather();
    let turns = 0;
    const others = setInterval(() => {
      turns += 1;
    }, 0);
    for (let jobs = 0; jobs < 40; jobs += 1) {
      await breathe();
      work(3);
    }
    clearInterval(others);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('waits for nothing when it is short, whenever the last one was', async () => {
    const breathe = breather();
    expect(breathe()).toBeNull();
    work(20);
    await nextTurn();
    await nextTurn();
    expect(breathe()).toBeNull();
  });

  it('ends when nobody wants it any more', async () => {
    const end = new AbortController();
    const breathe = breather(end.signal);
    breathe();
    work(20);
    end.abort();
    await expect(breathe()).rejects.toThrow();
  });
});
