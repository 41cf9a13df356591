import { describe, expect, it } from 'vitest';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { buttonTexts } from '../support/bot-api/person.ts';
import { ann, api, bob, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';

lineForEachTest();

const withdrawn = { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() } as const;
const askMany = (count: number, from = 1) =>
  Promise.all(Array.from({ length: count }, (_, n) => desk.ask(`Question ${from + n} of many?`, yesNo)));
const messages = () => api.calls('sendMessage');

/**
 * Asks, and returns the milliseconds until the last message arrived at Telegram. Not from when the first one did, which
 * may be late; to the millisecond the pauses are checked by a clock of its own in outbox.test.ts.
 */
async function spanMs(ask: () => Promise<unknown>): Promise<number> {
  await api.waitFor(() => api.polled);
  const since = process.hrtime.bigint();
  await ask();
  return Number((messages().at(-1)?.arrivedAt ?? since) - since) / 1e6;
}

describe('a flood of questions', () => {
  it('meets the limits that Telegram documents: one a second into a chat, 20 a minute into a group, 30 a second', () => {
    expect(TIMINGS.telegramChat).toBeGreaterThanOrEqual(1_000);
    expect(TIMINGS.telegramGroup).toBeGreaterThanOrEqual(60_000 / 20);
    expect(TIMINGS.telegramOverall).toBeGreaterThanOrEqual(1_000 / 30);
  });

  it('becomes one list card beyond five that wait; every question can be answered from it', async () => {
    line.start({ timings: { telegramChat: 50 } });
    await askMany(13);
    expect(ann.messages()).toHaveLength(1);
    const list = await line.seen('Pending questions (13)');
    ann.presses(list, '▶️');
    const press = ann.presses(await line.seen('Page 2 of 2'), 'Question 12 of');
    await api.waitFor(() => press.answer);
    ann.presses(await line.seen('Question 12 of'), 'Yes');
    await line.settled('Answer: Yes');
    await line.seen('Pending questions (12)');
    expect(desk.answers).toHaveLength(1);
  });

  it('leaves no list of what is open with somebody who is no owner any more', async () => {
    line.start({ timings: { telegramChat: 20 } });
    desk.owners.add('8');
    const [first] = await askMany(7);
    await line.seen('Pending questions (7)', bob);
    desk.owners.delete('8');
    await desk.ask('A secret of later?', yesNo);
    await desk.end(first!.question_id, withdrawn);
    await line.seen('This has ended, and nothing more is shown here.', bob);
    expect(JSON.stringify(bob.messages())).not.toMatch(/secret|many\?/);
  });

  it('of up to five waiting cards stays cards, in their order', async () => {
    line.start({ timings: { telegramChat: 20 } });
    await askMany(5);
    expect(ann.messages().map(({ text }) => /Question (\d)/.exec(text ?? '')?.[1])).toEqual(['1', '2', '3', '4', '5']);
  });

  it('that goes on is taken up by the same list', async () => {
    line.start({ timings: { telegramChat: 30 } });
    await askMany(10);
    await askMany(10, 11);
    expect(ann.messages().filter(({ text }) => text?.startsWith('Pending questions'))).toHaveLength(1);
    await line.seen('Pending questions (20)');
  });

  it('has in its list what comes later by a card of its own, too', async () => {
    line.start({ timings: { telegramChat: 20 } });
    await askMany(8);
    await line.seen('Pending questions (8)');
    await desk.ask('One more?', yesNo);
    const list = await line.seen('Pending questions (9)');
    expect(ann.messages().filter(({ text }) => text?.includes('One more?'))).toHaveLength(1);
    ann.presses(list, '▶️');
    ann.presses(await line.seen('Page 2 of 2'), 'One more?');
    await api.waitFor(() => ann.messages().filter(({ text }) => text?.includes('One more?')).length === 2);
  });

  it('keeps the file of a context with its card', async () => {
    line.start({ timings: { telegramChat: 20 } });
    const context = 'word '.repeat(1_000);
    const span = await spanMs(() => Promise.all(['One?', 'Two?', 'Three?'].map((each) => desk.ask(each, { context }))));
    const names = ann.messages().map(({ text, caption }) => /(One|Two|Three)\?/.exec(text ?? caption ?? '')?.[1]);
    expect(names).toEqual(['One', 'One', 'Two', 'Two', 'Three', 'Three']);
    expect(span).toBeGreaterThan(60);
  });

  it('leaves the list as questions end, also after a restart, until none is left', async () => {
    line.start({ timings: { telegramChat: 20 } });
    const cards = await askMany(9);
    await line.restart({ timings: { telegramChat: 0 } });
    for (const { question_id } of cards.slice(0, 8)) await desk.end(question_id, withdrawn);
    await line.seen('Pending questions (1)');
    await desk.end(cards[8]!.question_id, withdrawn);
    expect(buttonTexts(await line.seen('No question is waiting'))).toEqual([]);
  });

  it('pressed on an entry that has ended meanwhile says how, and the list is brought up to date', async () => {
    line.start({ timings: { telegramChat: 20 } });
    const cards = await askMany(9);
    const list = await line.seen('Pending questions (9)');
    await line.restart();
    await desk.end(cards[0]!.question_id, withdrawn);
    const press = ann.presses(list, 'Question 1 of');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toContain('Withdrawn');
    await line.seen('Pending questions (8)');
  });

  it('keeps its pace: no two messages into a chat closer than the limit', async () => {
    line.start({ timings: { telegramChat: 300 } });
    expect(await spanMs(() => askMany(4))).toBeGreaterThan(600);
    expect(messages()).toHaveLength(4);
  });

  it('is slower in a group', async () => {
    api.group(-100, 'Team');
    line.start({ chatId: '-100', timings: { telegramChat: 0, telegramGroup: 300 } });
    expect(await spanMs(() => askMany(3))).toBeGreaterThan(360);
  });

  it('is as slow as it must be overall, however many chats there are', async () => {
    desk.owners.add('8');
    line.start({ timings: { telegramChat: 0, telegramOverall: 300 } });
    expect(await spanMs(() => askMany(2))).toBeGreaterThan(600);
    expect(messages()).toHaveLength(4);
  });

  it('does not hold up what a person waits for, nor the answer to a press', async () => {
    // So slow that what is urgent is through long before the rest is, also on a machine that does much else.
    line.start({ timings: { telegramChat: 1_000 } });
    await desk.ask('First?', yesNo);
    const first = line.last();
    askMany(4).catch(() => undefined);
    ann.says('/help');
    const press = ann.presses(first, 'Yes');
    await api.waitFor(() => press.answer);
    await line.seen('just write');
    expect(ann.messages().length).toBeLessThanOrEqual(3);
  });

  it('of changes to one card is one edit: the last', async () => {
    line.start({ timings: { telegramChat: 100 } });
    const { question_id } = await desk.ask('Deploy?', yesNo);
    ann.presses(line.last(), 'Yes');
    await api.waitFor(() => desk.answers.length === 1);
    await desk.deliver(question_id);
    await line.settled('· delivered');
    expect(api.calls('editMessageText').length).toBeLessThanOrEqual(2);
  });

  it('never meets an idle chat with a pause', async () => {
    line.start({ timings: { telegramChat: 10_000 } });
    await api.waitFor(() => api.polled);
    const before = performance.now();
    await desk.ask('Deploy?', yesNo);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
