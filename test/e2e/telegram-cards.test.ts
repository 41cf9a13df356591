import { describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { ann, api, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';

lineForEachTest();

describe('a card', () => {
  it('shows label, question, context, options and how to write an answer', async () => {
    line.start();
    await desk.ask('Which database?', { context: 'We have both.', ...yesNo, session: { ...session('checkout') } });
    const card = line.last();
    expect(card.text).toContain('checkout');
    expect(card.text).toContain('Which database?');
    expect(card.text).toContain('We have both.');
    expect(buttonTexts(card)).toEqual(['Yes', 'No', '✍️ Write an answer']);
  });

  it('takes a press as the answer, and says answer, who and when, then that it is delivered', async () => {
    line.start();
    const { question_id } = await desk.ask('Deploy?', yesNo);
    const press = ann.presses(line.last(), 'Yes');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toBe('Recorded for shop · main.');
    const card = await line.settled('Answer: Yes');
    expect(card.text).toMatch(/Ann · \d+ \w+, \d\d:\d\d/);
    await desk.deliver(question_id);
    expect(line.last().text).toContain('· delivered');
    expect(desk.answers).toHaveLength(1);
  });

  it('takes any character of a question as it is', async () => {
    line.start();
    for (const text of [
      'my_var',
      'arr[0 or *ptr',
      '<b>&amp;</i>',
      '`',
      '😀'.repeat(20),
      '> x\n# y',
      '\u202eabc\u0007',
    ]) {
      await desk.ask(text, { context: text, options: [{ label: text }, { label: 'No', description: text }] });
      expect(line.last().text).toContain(text.trim());
    }
  });

  it('is split over several messages when it is long, the options under the last', async () => {
    line.start();
    const question = 'word '.repeat(1600).trim();
    await desk.ask(question, { ...yesNo, context: 'c'.repeat(4_000) });
    const parts = ann.messages();
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map((part) => buttonTexts(part).length)).toEqual([...parts.slice(1).map(() => 0), 3]);
    expect(parts.every(({ text }) => text!.length <= 4096)).toBe(true);
    expect(
      parts
        .map(({ text }) => text)
        .join('')
        .match(/word/g),
    ).toHaveLength(1600);
  });

  it('numbers options in the text when a button cannot say all of them', async () => {
    line.start();
    const long = 'use the database that we have used for the last ten years';
    await desk.ask('Which?', { options: [{ label: long }, { label: 'New', description: 'a fresh one' }] });
    expect(line.last().text).toContain(`1. ${long}\n2. New: a fresh one`);
    ann.presses(line.last(), '1. use');
    await line.settled(`Answer: ${long}`);
  });

  it('offers no text where none is taken, and no buttons under a notice', async () => {
    line.start();
    await desk.ask('Deploy?', { ...yesNo, allow_text: false });
    expect(buttonTexts(line.last())).toEqual(['Yes', 'No']);
    await desk.ask('Done.', { kind: 'notice', level: 'warning' });
    expect(line.last().reply_markup).toBeUndefined();
  });

  it('marks several options and takes them with Done, though the hub restarts in between', async () => {
    line.start();
    await desk.ask('Which?', { options: ['A', 'B', 'C'].map((label) => ({ label })), multi_select: true });
    const before = ann.presses(line.last(), 'Done');
    await api.waitFor(() => before.answer);
    expect(before.answer?.text).toContain('Nothing is marked');
    ann.presses(line.last(), 'A');
    ann.presses(line.last(), 'B');
    await api.waitFor(() => buttonTexts(line.last()).filter((text) => text.startsWith('☑️')).length === 2);
    await line.restart();
    ann.presses(line.last(), 'C');
    await api.waitFor(() => buttonTexts(line.last()).includes('☑️ C'));
    ann.presses(line.last(), '☑️ A');
    await api.waitFor(() => buttonTexts(line.last()).includes('⬜ A'));
    ann.presses(line.last(), 'Done');
    await line.settled('Answer: B, C');
  });

  it.each([
    ['withdrawn', 'no longer needs'],
    ['expired', 'nobody answered in time'],
    ['answered_elsewhere', 'Answered elsewhere'],
    ['session_ended', 'session has ended'],
  ] as const)('says why it closed: %s', async (reason, words) => {
    line.start();
    const { question_id } = await desk.ask('Deploy?', yesNo);
    await desk.end(question_id, { status: 'closed', reason, at: new Date().toISOString() });
    expect((await line.settled(words)).text).toContain('Deploy?');
  });

  it('says what is taken without an answer, and until when', async () => {
    line.start();
    await desk.ask('Deploy?', { ...yesNo, default_answer: 'No', expires_at: '2030-01-01T12:00:00.000Z' });
    expect(line.last().text).toMatch(/If nobody answers by .+, “No” is taken\./);
  });

  it('counts as settled when it was deleted or the person blocked the bot', async () => {
    line.start();
    const closed = { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() } as const;
    const first = await desk.ask('One?');
    ann.deletes(line.last());
    await desk.end(first.question_id, closed);
    const second = await desk.ask('Two?');
    ann.blocks();
    await desk.end(second.question_id, closed);
    await expect(desk.ask('Three?')).rejects.toMatchObject({ code: 'CHANNEL', permanent: true });
  });

  it('that has ended before its turn came is shown as it ended, without buttons', async () => {
    line.start({ timings: { telegramChat: 300 } });
    await desk.ask('First?');
    const second = desk.add('Second?', yesNo);
    const shown = desk.show(second);
    await desk.end(second.question_id, { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() });
    await shown;
    expect(line.last().text).toContain('Withdrawn');
    expect(line.last().reply_markup).toBeUndefined();
  });
});
