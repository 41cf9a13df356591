import { describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { ann, api, bob, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';

lineForEachTest();

describe('a press', () => {
  it('can only answer the question it sits on', async () => {
    line.start();
    const first = await desk.ask('First?', yesNo);
    const card = line.last();
    await desk.ask('Second?', yesNo);
    ann.presses(card, 'No');
    await line.settled('Answer: No');
    expect(desk.answers).toMatchObject([{ question_id: first.question_id, given: { options: [1] } }]);
  });

  it('on a settled card is told who was first and what, and changes nothing', async () => {
    desk.owners.add('8');
    line.start();
    await desk.ask('Deploy?', yesNo);
    const bobs = line.last(bob);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    const late = bob.presses(bobs, 'No');
    await api.waitFor(() => late.answer);
    expect(late.answer).toEqual({ text: 'Answered already by Ann: “Yes”.', alert: true });
    expect(desk.answers).toHaveLength(1);
  });

  it('of an unknown button, an unknown question, an option that is not there: each is told so', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    const card = line.last();
    const say = async (data: string) => {
      const press = ann.presses(card, { data });
      await api.waitFor(() => press.answer);
      return press.answer?.text;
    };
    const [yes] = card.reply_markup!.inline_keyboard[0]!;
    expect(await say('garbage')).toContain('means nothing');
    expect(await say(`${yes!.callback_data!.slice(0, -1)}9`)).toContain('no such option');
    expect(await say('a.AAAAAAAAQACAAAAAAAAAAA.0')).toContain('No running session asks this');
  });

  it('on a card that nobody here knows says so and leaves it: another hub on this token may', async () => {
    line.start();
    const { question_id } = await desk.ask('Deploy?', yesNo);
    desk.forget(question_id);
    const press = ann.presses(line.last(), 'Yes');
    expect((await api.waitFor(() => press.answer)).text).toMatch(/nothing was recorded/);
    // What comes next in this chat comes after any change to that card.
    ann.says('/help');
    await line.seen('Press a button');
    expect(ann.messages().find(({ text }) => text?.includes('Deploy?'))?.reply_markup).toBeDefined();
  });

  it('of Start tries again what could not be shown before', async () => {
    line.start();
    ann.says('/start');
    await line.seen('No question is waiting');
    expect(desk.retries).toBe(1);
  });

  it('on a message that was deleted still counts', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    const card = line.last();
    ann.deletes(card);
    const press = ann.presses(card, 'Yes');
    await api.waitFor(() => press.answer);
    expect(desk.answers).toHaveLength(1);
  });

  it('whose query expired counts all the same, and polling goes on', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    api.fail('answerCallbackQuery', { kind: 'status', code: 400, description: 'Bad Request: query is too old' });
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    await desk.ask('Again?', yesNo);
    ann.presses(line.last(), 'No');
    await line.settled('Answer: No');
  });

  it('on an old copy of a card, after a restart, gets its sentence, and the copy is settled', async () => {
    line.start();
    const { question_id } = await desk.ask('Deploy?', yesNo);
    ann.says('/pending');
    ann.presses(await line.seen('Pending questions (1)'), 'Deploy?');
    const copy = await api.waitFor(() => ann.messages().filter((m) => m.text?.includes('Deploy?'))[1]);
    await line.restart();
    await desk.end(question_id, { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() });
    expect(line.now(copy).reply_markup).toBeDefined();
    const press = ann.presses(copy, 'Yes');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toContain('Withdrawn');
    await api.waitFor(() => line.now(copy).text?.includes('Withdrawn'));
  });
});

describe('commands', () => {
  it('/start and /pending list the open questions, oldest first, in pages, and choosing one shows it in full', async () => {
    line.start();
    for (let n = 1; n <= 20; n += 1) desk.add(`Question ${n} of many?`, { context: `Context ${n}`, ...yesNo });
    ann.says('/start');
    const list = await line.seen('Pending questions (20)');
    expect(buttonTexts(list)[0]).toBe('shop · main · 1 min · Question 1 of many?');
    expect(buttonTexts(list)).toHaveLength(9);
    ann.presses(list, '▶️');
    const second = await line.seen('Page 2 of 3');
    expect(buttonTexts(second)[0]).toContain('Question 9 of');
    ann.presses(second, 'Question 10 of');
    const full = await line.seen('Context 10');
    ann.presses(full, 'Yes');
    await line.settled('Answer: Yes');
    ann.says('/pending');
    await line.seen('Pending questions (19)');
  });

  it('a list with 150 open questions can be shown', async () => {
    line.start();
    for (let n = 1; n <= 150; n += 1) desk.add('?'.repeat(4_000));
    ann.says('/pending');
    await line.seen('Pending questions (150)');
  });

  it('/status lists live sessions with label, project, age and open questions, however many', async () => {
    line.start();
    desk.add('First?', { session: session('checkout') });
    ann.says('/status');
    expect((await line.seen('Sessions (1)')).text).toContain('checkout · shop · 1 min · 1 open question');
    for (let n = 0; n < 200; n += 1)
      desk.add('?', { session: session(`a long label of a session, number ${n}`, n + 10) });
    ann.says('/status');
    await line.seen('number 199');
  });

  it('/help helps, and an unknown command is explained', async () => {
    line.start();
    ann.says('/help');
    await line.seen('just write');
    ann.says('/dance');
    await line.seen('I do not know /dance');
    await api.waitFor(() => api.commands.get('7'));
  });
});

describe('strangers', () => {
  it('get one refusal for their texts and one for each press, and change nothing', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    const card = line.last();
    for (const text of ['/start', 'yes', '/status']) bob.says(text);
    const press = bob.presses(card, 'Yes');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toContain('its owner only');
    await line.seen('its owner only', bob);
    ann.presses(card, 'No');
    await line.settled('Answer: No');
    expect(bob.messages()).toHaveLength(1);
    expect(desk.answers).toHaveLength(1);
  });

  it('are also those who speak in the name of a channel or a group', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    ann.says('yes', { as: { id: -5, type: 'supergroup', title: 'Team' } });
    await line.seen('its owner only');
    expect(desk.answers).toEqual([]);
  });

  it('see nothing in a group that is not the configured one', async () => {
    line.start();
    api.group(-100, 'Somewhere');
    await desk.ask('Secret?');
    ann.says('/pending', { chat: -100 });
    await line.seen('only in my own chats', ann, -100);
    expect(ann.messages(-100).some(({ text }) => text?.includes('Secret?'))).toBe(false);
  });

  it('in the configured group are not heard, while the owner is', async () => {
    api.group(-100, 'Team');
    line.start({ chatId: '-100' });
    await desk.ask('Deploy?', yesNo);
    const card = line.last(ann, -100);
    bob.says('yes', { chat: -100, replyTo: card });
    ann.says('no', { chat: -100, replyTo: card });
    await api.waitFor(() => line.last(ann, -100) && desk.answers.length > 0);
    expect(desk.answers).toMatchObject([{ person: { id: '7', name: 'Ann' }, given: { text: 'no' } }]);
  });
});
