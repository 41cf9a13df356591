import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Outbox, URGENCY, type Urgency } from './outbox.ts';

let done: string[];
let end: AbortController;
let outbox: Outbox;

beforeEach(() => {
  vi.useFakeTimers();
  done = [];
  end = new AbortController();
  outbox = new Outbox({
    timings: { telegramChat: 1_000, telegramGroup: 3_000, telegramOverall: 34 },
    chats: () => ['1', '2', '3', '7', '8', '-7'],
    signal: end.signal,
  });
});
afterEach(() => vi.useRealTimers());

const put = (chat: string, name: string, urgency = URGENCY.card as Urgency, key = name) =>
  outbox.put(chat, key, urgency, async () => {
    done.push(name);
    return name;
  });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the outbox', () => {
  it('serves an idle chat at once, then one message a second, in order', async () => {
    for (const name of ['a', 'b', 'c']) void put('7', name);
    await pass(0);
    expect(done).toEqual(['a']);
    await pass(999);
    expect(done).toEqual(['a']);
    await pass(1);
    expect(done).toEqual(['a', 'b']);
    await pass(1_000);
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('gives groups their own limit, and chats no share in the pauses of others', async () => {
    for (const name of ['a', 'b']) void put('-7', name);
    await pass(0);
    void put('8', 'other');
    await pass(34);
    expect(done).toEqual(['a', 'other']);
    await pass(2_965);
    expect(done).toEqual(['a', 'other']);
    await pass(10);
    expect(done).toEqual(['a', 'other', 'b']);
  });

  it('keeps a distance between any two messages', async () => {
    for (const chat of ['1', '2', '3']) void put(chat, chat);
    await pass(0);
    expect(done).toEqual(['1']);
    await pass(33);
    expect(done).toEqual(['1']);
    await pass(1);
    expect(done).toEqual(['1', '2']);
    await pass(34);
    expect(done).toEqual(['1', '2', '3']);
  });

  it('replaces what waits by what is put under the same key, and both resolve with the later', async () => {
    void put('7', 'first');
    const results = Promise.all([put('7', 'old', URGENCY.change, 'k'), put('7', 'new', URGENCY.change, 'k')]);
    await pass(2_000);
    expect(done).toEqual(['first', 'new']);
    expect(await results).toEqual(['new', 'new']);
  });

  it('lets what a person waits for go first', async () => {
    void put('7', 'first');
    void put('7', 'next');
    void put('7', 'change', URGENCY.change);
    void put('7', 'card');
    void put('7', 'reply', URGENCY.reply);
    await pass(5_000);
    expect(done).toEqual(['first', 'reply', 'next', 'card', 'change']);
  });

  it('lets what a person waits for go first of all chats, too', async () => {
    for (const chat of ['1', '2', '3']) void put(chat, `change ${chat}`, URGENCY.change);
    await pass(0);
    void put('8', 'card');
    void put('7', 'reply', URGENCY.reply);
    await pass(4 * 34);
    expect(done).toEqual(['change 1', 'reply', 'card', 'change 2', 'change 3']);
  });

  it('keeps nobody waiting for what is told in chats where no cards are shown, however many there are', async () => {
    for (let chat = 1_000; chat < 2_500; chat += 1) void put(String(chat), 'elsewhere', URGENCY.change);
    await pass(0);
    void put('7', 'card');
    void put('8', 'change', URGENCY.change);
    void put('-7', 'list', URGENCY.list);
    await pass(3 * 34);
    expect(done).toEqual(['elsewhere', 'card', 'change', 'list']);
    await pass(1_500 * 34);
    expect(done.filter((name) => name === 'elsewhere')).toHaveLength(1_500);
  });

  it('spends no turn on what has nothing to send any more', async () => {
    void put('7', 'first');
    void outbox.put(
      '7',
      'k',
      URGENCY.card,
      async () => void done.push('skipped'),
      () => true,
    );
    void put('7', 'second');
    await pass(1_000);
    expect(done).toEqual(['first', 'skipped', 'second']);
  });

  it('goes on after a failure', async () => {
    const failed = outbox.put('7', 'k', URGENCY.card, () => Promise.reject(new Error('no')));
    const caught = expect(failed).rejects.toThrow('no');
    void put('7', 'next');
    await pass(1_000);
    await caught;
    expect(done).toEqual(['next']);
  });

  it('is not held up by a wall clock that is set back by an hour', async () => {
    void put('7', 'first');
    void put('7', 'second');
    await pass(0);
    vi.setSystemTime(Date.now() - 3_600_000);
    await pass(1_000);
    expect(done).toEqual(['first', 'second']);
  });

  it('rejects all that waits when it ends', async () => {
    const all = ['a', 'b', 'c'].map((name) => put('7', name));
    const settled = Promise.allSettled(all);
    await pass(0);
    end.abort();
    await pass(0);
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});
