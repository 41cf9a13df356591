import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '../support/memory-desk.ts';
import { ann, api, bob, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';

lineForEachTest();
beforeEach(() => {
  desk.owners.add('8');
});

describe('of two answers the first wins', () => {
  it('when two owners press at the same moment: one is recorded, the other is told who and what', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    const cards = [line.last(), line.last(bob)] as const;
    const presses = [ann.presses(cards[0], 'Yes'), bob.presses(cards[1], 'No')];
    await api.waitFor(() => presses.every(({ answer }) => answer));
    expect(desk.answers).toHaveLength(1);
    const [winner] = desk.answers;
    const loser = presses.find(({ answer }) => answer?.alert);
    const word = winner?.person.name === 'Ann' ? 'Yes' : 'No';
    expect(loser?.answer?.text).toBe(`Answered already by ${winner?.person.name}: “${word}”.`);
    for (const person of [ann, bob]) {
      await api.waitFor(() => person.messages().some(({ text }) => text?.includes(`Answer: ${word}`)));
    }
  });

  it('when one owner answers on two devices: the second device is told what the first has answered', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    const card = line.last();
    const [phone, tablet] = [ann.presses(card, 'Yes'), ann.presses(card, 'No')];
    await api.waitFor(() => phone.answer && tablet.answer);
    expect(tablet.answer).toEqual({ text: 'Answered already by Ann: “Yes”.', alert: true });
    expect(desk.answers).toMatchObject([{ given: { options: [0] } }]);
  });

  it('when a text comes after a press: the writer is told by a message', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    const bobs = line.last(bob);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    bob.says('rather not', { replyTo: bobs });
    await line.seen('Answered already by Ann: “Yes”.', bob);
    expect(desk.answers).toHaveLength(1);
  });
});

describe('an edited message', () => {
  it('changes nothing and says so, also when its text is still held', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    const hers = ann.says('use Postgres');
    const asking = await line.seen('Which question is this for?');
    ann.edits(hers, 'use MySQL');
    await line.seen('An edited message changes nothing');
    const press = ann.presses(asking, 'one');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toContain('was edited after it was sent');
    expect(desk.answers).toEqual([]);
  });

  it('is no command and no answer, whatever it says now', async () => {
    line.start();
    await desk.ask('Which name?', yesNo);
    const hers = ann.says('/help');
    await line.seen('just write');
    ann.edits(hers, 'Yes');
    await line.seen('An edited message changes nothing');
    ann.edits(hers, '/mute 30');
    await api.waitFor(() => ann.messages().filter(({ text }) => text?.startsWith('An edited message')).length === 2);
    expect(desk.answers).toEqual([]);
  });
});
