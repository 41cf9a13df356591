import { beforeEach, describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { ann, api, desk, line, lineForEachTest } from '../support/telegram-line.ts';

lineForEachTest();
beforeEach(() => {
  line.start();
});

const labels = (...all: string[]) => all.map((label) => ({ label }));
/** Options whose buttons need a row each. */
const twelve = Array.from({ length: 12 }, (_, n) => ({ label: `Option number ${n + 1} of them` }));
const withButton = (text: string) => api.waitFor(() => buttonTexts(line.last()).includes(text) && line.last());

describe('a choice', () => {
  it('of one option is answered by one press', async () => {
    await desk.ask('Deploy?', { options: labels('Yes', 'No') });
    ann.presses(line.last(), 'No');
    await line.settled('Answer: No');
    expect(desk.answers[0]?.given).toEqual({ options: [1] });
  });

  it('of several options marks them in the message itself, so a new hub knows them, and Done says how many', async () => {
    await desk.ask('Which?', { options: labels('A', 'B', 'C'), multi_select: true });
    expect(buttonTexts(line.last())).toEqual(['⬜ A', '⬜ B', '⬜ C', '✔️ Done', '✍️ Write an answer']);
    ann.presses(line.last(), '⬜ A');
    await withButton('☑️ A');
    await line.restart();
    ann.presses(line.last(), '⬜ C');
    await withButton('✔️ Done (2)');
    ann.presses(line.last(), '✔️ Done (2)');
    await line.settled('Answer: A, C');
  });

  it('of several options takes each press for what it says: twice the same changes nothing', async () => {
    await desk.ask('Which?', { options: labels('A', 'B'), multi_select: true });
    const before = line.last();
    ann.presses(before, '⬜ A');
    ann.presses(before, '⬜ A');
    ann.presses(before, '⬜ B');
    await withButton('✔️ Done (2)');
    ann.presses(line.last(), 'Done');
    await line.settled('Answer: A, B');
  });

  it('whose options have descriptions has them numbered in the text, and the numbers on the buttons', async () => {
    const options = [
      { label: 'Redis', description: 'fast, but *one more thing* to run' },
      { label: 'None', description: 'slow_but_simple' },
    ];
    await desk.ask('Which cache?', { options });
    expect(line.last().text).toContain('1. Redis: fast, but *one more thing* to run\n2. None: slow_but_simple');
    expect(buttonTexts(line.last())).toEqual(['1. Redis', '2. None', '✍️ Write an answer']);
  });

  it('whose labels are long has them cut on the buttons and whole in the text, nothing in them taken for markup', async () => {
    const long = `use **the** database that we have used for ${'very '.repeat(20)}long`;
    await desk.ask('Which?', { options: labels(long, 'New') });
    expect(line.last().text).toContain(`1. ${long}\n2. New`);
    const [button] = buttonTexts(line.last());
    expect(button).toMatch(/^1\. use \*\*the\*\* .*…$/);
    expect([...(button ?? '')].length).toBeLessThanOrEqual(40);
    ann.presses(line.last(), button ?? '');
    await line.settled(`Answer: ${long}`);
  });

  it('takes free text beside its options, and none where text is not allowed', async () => {
    await desk.ask('Deploy?', { options: labels('Yes', 'No') });
    ann.says('on Monday', { replyTo: line.last() });
    await line.settled('Answer: on Monday');
    await desk.ask('Sure?', { options: labels('Yes', 'No'), allow_text: false });
    expect(buttonTexts(line.last())).toEqual(['Yes', 'No']);
    ann.says('perhaps', { replyTo: line.last() });
    await line.seen('takes one of its options');
    expect(desk.answers).toHaveLength(1);
  });

  it('asks for a text with a forced reply, which is the answer wherever it is written', async () => {
    await desk.ask('Deploy **now**?', { options: labels('Yes', 'No') });
    ann.presses(line.last(), 'Write an answer');
    const prompt = await line.seen('Write your answer');
    expect(prompt.forceReply).toBe(true);
    expect(prompt.text).toContain('Deploy now?');
    ann.says('at night', { replyTo: prompt });
    await line.settled('Answer: at night');
  });
});

describe('more options than fit on one screen', () => {
  it('go in pages, and all stand in the text', async () => {
    await desk.ask('Which?', { options: twelve });
    const card = line.last();
    expect(card.text).toContain('12. Option number 12 of them');
    expect(buttonTexts(card)).toHaveLength(8);
    expect(buttonTexts(card).at(-2)).toBe('7–12 ▶️');
    ann.presses(card, '7–12 ▶️');
    const second = await withButton('◀️ 1–6');
    expect(buttonTexts(second)[0]).toBe('7. Option number 7 of them');
    ann.presses(second, '12. Option');
    await line.settled('Answer: Option number 12 of them');
  });

  it('keep their marks over all pages, though the hub restarts on the way', async () => {
    await desk.ask('Which?', { options: twelve, multi_select: true });
    ann.presses(line.last(), '2. Option');
    await withButton('✔️ Done (1)');
    ann.presses(line.last(), '7–12 ▶️');
    await withButton('◀️ 1–6');
    await line.restart();
    ann.presses(line.last(), '12. Option');
    await withButton('✔️ Done (2)');
    ann.presses(line.last(), '◀️ 1–6');
    const first = await withButton('☑️ 2. Option number 2 of them');
    await line.restart();
    ann.presses(first, '☑️ 2. Option');
    await withButton('✔️ Done (1)');
    ann.presses(line.last(), '⬜ 5. Option');
    await withButton('✔️ Done (2)');
    await line.restart();
    ann.presses(line.last(), 'Done');
    await line.settled('Answer: Option number 5 of them, Option number 12 of them');
  });

  it('stay on one page when they are so short that two share a row', async () => {
    await desk.ask('Which?', { options: labels(...'ABCDEFGHIJKL') });
    expect(buttonTexts(line.last())).toHaveLength(13);
    expect(line.last().text).not.toContain('1. A');
  });

  it('turned when the question has ended say how it ended', async () => {
    const { question_id } = await desk.ask('Which?', { options: twelve });
    const card = line.last();
    await desk.end(question_id, { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() });
    const press = ann.presses(card, '7–12 ▶️');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toContain('Withdrawn');
    expect(desk.answers).toHaveLength(0);
  });
});
