import { describe, expect, it } from 'vitest';
import { api, line, lineForEachTest } from '../support/telegram-line.ts';

lineForEachTest();

// As in life, where a minute may lie between two tries of other kinds; what hours do here is done by many failures.
const LONG = { retryMin: 1, retryMax: 3_600_000, telegramOutage: 40 };

describe('a network that is away for hours', () => {
  it('is tried again at the same pace however often it failed, and polling goes on as soon as it is back', async () => {
    const channel = line.start({ timings: LONG });
    await api.waitFor(() => channel.health().ok);
    const { port } = new URL(api.root);
    const { desk, ann } = line;
    await desk.ask('Deploy?', { options: [{ label: 'Yes' }, { label: 'No' }] });
    const card = line.last();
    const downAt = Date.now();
    await api.close();
    await expect.poll(() => channel.health().ok, { interval: 2 }).toBe(false);
    const { since, detail } = channel.health();
    expect(detail).toContain('Telegram unreachable: ECONN');
    // Doubling from 1 ms without a limit would be beyond ten seconds after fourteen failures.
    await expect.poll(() => Date.now() - downAt, { interval: 20 }).toBeGreaterThan(1_200);
    expect(channel.health().since).toBe(since);
    expect(line.logged.filter(({ message }) => message === 'Telegram unreachable')).toHaveLength(1);
    ann.presses(card, 'Yes');
    const upAt = performance.now();
    await api.listen(Number(port));
    await line.settled('Answer: Yes');
    expect(performance.now() - upAt).toBeLessThan(5_000);
    await expect.poll(() => channel.health().ok, { interval: 2 }).toBe(true);
    expect(Date.parse(channel.health().since)).toBeGreaterThan(Date.parse(since));
  });
});
