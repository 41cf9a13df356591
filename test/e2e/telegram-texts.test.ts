import { describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { ann, api, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';

lineForEachTest();

describe('a text', () => {
  it('is the answer when one question is open', async () => {
    line.start();
    await desk.ask('Which name?');
    ann.says('Switchboard');
    await line.settled('Answer: Switchboard');
    await line.seen('Recorded for shop');
  });

  it('is held when several are open, and routed by a button, though the hub restarts in between', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    ann.says('for the second');
    const asking = await line.seen('Which question is this for?');
    expect(buttonTexts(asking)).toEqual([expect.stringContaining('one'), expect.stringContaining('two'), '🗑 Drop it']);
    expect(desk.answers).toEqual([]);
    await line.restart();
    ann.presses(asking, 'two');
    await line.seen('Recorded for two.');
    expect(desk.answers).toMatchObject([{ question_id: second.question_id, given: { text: 'for the second' } }]);
    expect(buttonTexts(line.now(asking))).toEqual([]);
  });

  it('that was routed cannot be routed again, and can be dropped instead', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.says('hello');
    const asking = await line.seen('Which question is this for?');
    ann.presses(asking, 'one');
    const again = ann.presses(asking, 'two');
    await api.waitFor(() => again.answer);
    expect(again.answer?.text).toContain('used already');
    await desk.ask('Third?', { session: session('three') });
    ann.says('never mind');
    ann.presses(await line.seen('Which question is this for?'), 'Drop it');
    await line.seen('Dropped; nothing was recorded.');
    expect(desk.answers).toHaveLength(1);
  });

  it('that Telegram brings again while it is held is routed once, though it is asked for twice', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.says('hello');
    const asking = await line.seen('Which question is this for?');
    await api.waitFor(() => api.unconfirmed === 0);
    await line.stop();
    api.repeat();
    line.start();
    const askings = () => ann.messages().filter(({ text }) => text?.includes('Which question'));
    const again = (await api.waitFor(() => (askings().length === 2 ? askings() : undefined))).at(-1);
    ann.presses(asking, 'one');
    await line.seen('Recorded for one.');
    const press = ann.presses(again!, 'two');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toContain('used already');
    expect(desk.answers).toHaveLength(1);
  });

  it('that is held but was deleted since cannot be routed, and the person is told', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    const hers = ann.says('gone soon');
    const asking = await line.seen('Which question is this for?');
    ann.deletes(hers);
    const press = ann.presses(asking, 'one');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toContain('The text this was about is gone');
    expect(desk.answers).toEqual([]);
  });

  it('of one owner is not routed by another', async () => {
    desk.owners.add('8');
    api.group(-100, 'Team');
    line.start({ chatId: '-100' });
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    ann.says('/help', { chat: -100 });
    ann.says('for two', { chat: -100, replyTo: await line.seen('just write', ann, -100) });
    const asking = await line.seen('Which question is this for?', ann, -100);
    const bobs = line.bob.presses(asking, 'one');
    await api.waitFor(() => bobs.answer);
    expect(bobs.answer?.text).toContain('Only who wrote the text');
    ann.presses(asking, 'two');
    await line.seen('Recorded for two.', ann, -100);
    expect(desk.answers).toMatchObject([{ question_id: second.question_id, person: { name: 'Ann' } }]);
  });

  it('answers the question whose card it replies to, any part of it, also after a restart', async () => {
    line.start();
    const long = await desk.ask('word '.repeat(1500), { session: session('long') });
    await desk.ask('Other?');
    const [firstPart] = ann.messages();
    await line.restart();
    ann.says('to the long one', { replyTo: firstPart! });
    await line.seen('Recorded for long.');
    expect(desk.answers).toMatchObject([{ question_id: long.question_id, given: { text: 'to the long one' } }]);
  });

  it('answers the question whose "Write an answer" was pressed, also after a restart', async () => {
    line.start();
    const first = await desk.ask('First?', yesNo);
    const card = line.last();
    await desk.ask('Second?');
    ann.presses(card, 'Write an answer');
    const prompt = await api.waitFor(() => ann.messages().find((message) => message.forceReply));
    expect(prompt.reply_to_message?.message_id).toBe(card.message_id);
    await line.restart();
    ann.says('neither', { replyTo: prompt });
    await line.settled('Answer: neither');
    expect(desk.answers).toMatchObject([{ question_id: first.question_id, given: { text: 'neither' } }]);
  });

  it('answers the question that was chosen in the list', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    ann.says('/pending');
    const list = await line.seen('Pending questions (2)');
    const press = ann.presses(list, 'two');
    await api.waitFor(() => press.answer && ann.messages().length === 4);
    ann.says('just so');
    await line.seen('Recorded for two.');
    expect(desk.answers).toMatchObject([{ question_id: second.question_id, given: { text: 'just so' } }]);
  });

  it('is not taken for what is left when the chosen question has ended meanwhile', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    ann.says('/pending');
    const press = ann.presses(await line.seen('Pending questions (2)'), 'two');
    await api.waitFor(() => press.answer);
    await desk.end(second.question_id, { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() });
    ann.says('for the second');
    await line.seen('Which question is this for?');
    expect(desk.answers).toEqual([]);
  });

  it('that is older than the only open question is not taken for its answer', async () => {
    line.start();
    await desk.ask('Asked just after?', { asked_at: new Date(Date.now() + 60_000).toISOString() });
    ann.says('an answer to something before');
    await line.seen('Which question is this for?');
    expect(desk.answers).toEqual([]);
  });

  it('that replies to what was said of another answer is not taken for the only open question', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    const [firstCard] = ann.messages();
    const hers = ann.says('Postgres', { replyTo: firstCard! });
    const recorded = await line.seen('Recorded for one.');
    ann.says('no, SQLite', { replyTo: recorded });
    ann.presses(await line.seen('Which question is this for?'), 'Drop it');
    await line.seen('Dropped');
    ann.says('SQLite, I mean', { replyTo: hers });
    await line.seen('Which question is this for?');
    expect(desk.answers).toHaveLength(1);
    ann.presses(line.last(), 'two');
    await line.seen('Recorded for two.');
    expect(desk.answers).toMatchObject([{}, { question_id: second.question_id }]);
  });

  it('that was written while another question was open, which has ended since, is not taken for what is left', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    await desk.end(second.question_id, { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() });
    ann.says('for the second');
    await line.seen('Which question is this for?');
    expect(desk.answers).toEqual([]);
  });

  it('that goes on after an answer is not taken for a question that has come in between', async () => {
    line.start();
    await desk.ask('Which store?', { session: session('one') });
    ann.says('Postgres');
    await line.settled('Answer: Postgres');
    await desk.ask('Delete the old one?', { session: session('one'), asked_at: new Date().toISOString() });
    ann.says('yes, but keep Redis');
    await line.seen('Which question is this for?');
    expect(desk.answers).toHaveLength(1);
  });

  it('that Telegram brings again after a crash is the answer that it was, and offered to no other question', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    ann.says('blue');
    await line.settled('Answer: blue');
    await api.waitFor(() => api.unconfirmed === 0);
    await desk.ask('Second?', { session: session('two') });
    await desk.ask('Third?', { session: session('three') });
    await line.stop();
    api.repeat();
    line.start();
    await api.waitFor(() => ann.messages().filter(({ text }) => text === 'Recorded for one.').length === 2);
    expect(ann.messages().some(({ text }) => text?.includes('Which question'))).toBe(false);
    expect(desk.answers).toHaveLength(1);
  });

  it('with no question open is said to be recorded nowhere', async () => {
    line.start();
    ann.says('hello?');
    await line.seen('nothing was recorded');
  });

  it('that could not be recorded is not passed over: the person is told', async () => {
    line.start();
    await desk.ask('Which name?');
    desk.mishaps.push({ verdict: 'failed', message: 'the disk is full' });
    ann.says('lost?');
    await line.seen('Could not be recorded, please answer again: the disk is full');
    ann.says('again');
    await line.settled('Answer: again');
  });

  it('that the question does not take is said so', async () => {
    line.start();
    await desk.ask('Deploy?', { ...yesNo, allow_text: false });
    ann.says('maybe');
    await line.seen('takes one of its options, not text');
    ann.says('yes');
    await line.settled('Answer: Yes');
  });

  it('to an expired question is kept, and said so', async () => {
    line.start();
    const { question_id } = await desk.ask('Deploy?', yesNo);
    const card = line.last();
    await desk.end(question_id, { status: 'closed', reason: 'expired', at: new Date().toISOString() });
    ann.says('late', { replyTo: card });
    await line.seen('Your answer is kept');
    await line.settled('answered later by Ann: “late”');
  });

  it('that looks like a command answers the question it replies to', async () => {
    line.start();
    await desk.ask('Which command?');
    ann.says('/compact', { replyTo: line.last() });
    await line.settled('Answer: /compact');
  });

  it('that is edited afterwards changes nothing, and the person is told', async () => {
    line.start();
    await desk.ask('Which name?');
    const hers = ann.says('first');
    await line.settled('Answer: first');
    ann.edits(hers, 'second');
    await line.seen('An edited message changes nothing');
    expect(desk.answers).toHaveLength(1);
  });
});
