import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Card } from '../../src/relay/channel.ts';
import { StateFile } from '../../src/runtime/state-file.ts';
import type { SeenMessage } from '../support/bot-api/chats.ts';
import type { Topic } from '../support/bot-api/forum.ts';
import { buttonTexts } from '../support/bot-api/person.ts';
import { TOPIC_ICONS } from '../support/bot-api/topic-methods.ts';
import { session } from '../support/memory-desk.ts';
import { silentLog } from '../support/silent-log.ts';
import { ann, api, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const FORUM = -1001;
const forum = { chatId: String(FORUM) };
const [one, two] = [session('one', 1), session('two', 2)];

lineForEachTest();

const topics = (chat = FORUM): Topic[] => [...api.topics(chat).values()];
const topicOf = (name: string): Topic => {
  const found = topics().find((topic) => topic.name === name);
  if (!found) throw new Error(`There is no topic ${name}; there are ${topics().map((topic) => topic.name)}.`);
  return found;
};
const iconOf = (emoji: string): string => TOPIC_ICONS.find((icon) => icon.emoji === emoji)?.custom_emoji_id ?? '';
const messagesIn = (thread: number | undefined): SeenMessage[] =>
  ann.messages(FORUM).filter(({ message_thread_id }) => message_thread_id === thread);
const seen = (text: string): Promise<SeenMessage> => line.seen(text, ann, FORUM);
const closed = (reason: 'withdrawn', ms = 0): Card['state'] => ({
  status: 'closed',
  reason,
  at: new Date(Date.now() + ms).toISOString(),
});

/** The file of a hub's home that remembers topics; each call is what another hub would read. */
function stateFile(): { path: string; read: () => StateFile } {
  const path = join(temporaryDirectory(), 'telegram.json');
  return { path, read: () => new StateFile(path, silentLog) };
}

describe('in a forum each session', () => {
  beforeEach(() => api.forum(FORUM, 'Team'));

  it('gets a topic of its own, called by its label, with its cards in it', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    await desk.ask('Second?', { session: two });
    await desk.ask('Third?', { session: one });
    expect(topics().map(({ name }) => name)).toEqual(['one', 'two']);
    expect(messagesIn(topicOf('one').id).map(({ text }) => text)).toEqual([
      expect.stringContaining('First?'),
      expect.stringContaining('Third?'),
    ]);
    expect(messagesIn(topicOf('two').id)).toHaveLength(1);
    expect(messagesIn(undefined)).toEqual([]);
  });

  it('answers from its topic by a press, and the card there is settled', async () => {
    line.start(forum);
    await desk.ask('Deploy?', { session: one, ...yesNo });
    ann.presses(await seen('Deploy?'), 'Yes');
    await api.waitFor(() => messagesIn(topicOf('one').id).find(({ text }) => text?.includes('Answer: Yes')));
  });

  it('has a topic whose name fits, however long the label is', async () => {
    line.start(forum);
    await desk.ask('First?', { session: session('label '.repeat(60)) });
    expect(topics()[0]?.name.length).toBeLessThanOrEqual(128);
  });

  it('has its topic renamed when its label changes', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    desk.rename(one, 'checkout');
    await api.waitFor(() => topics()[0]?.name === 'checkout');
    expect(topics()).toHaveLength(1);
  });

  it('shows by the icon of its topic whether a question waits', async () => {
    line.start(forum);
    const { question_id } = await desk.ask('First?', { session: one });
    expect(topicOf('one').icon).toBe(iconOf('❓'));
    await desk.end(question_id, closed('withdrawn'));
    await api.waitFor(() => topicOf('one').icon === iconOf('🤖'));
    await desk.ask('Second?', { session: one });
    await api.waitFor(() => topicOf('one').icon === iconOf('❓'));
  });

  it('has its topic closed, with another icon, when it ends', async () => {
    line.start(forum);
    const { question_id } = await desk.ask('First?', { session: one });
    await api.waitFor(() => api.calls('getForumTopicIconStickers').length > 0);
    // The keeper has seen it live at least once before it ends.
    desk.rename(one, 'one more');
    await api.waitFor(() => topics()[0]?.name === 'one more');
    desk.forget(question_id);
    await api.waitFor(() => topics()[0]?.closed);
    expect(topics()[0]?.icon).toBe(iconOf('🏁'));
  });

  it('that ended while no hub ran has its topic closed by the next one', async () => {
    const state = stateFile();
    line.start({ ...forum, state: state.read() });
    const { question_id } = await desk.ask('First?', { session: one });
    await line.stop();
    desk.forget(question_id);
    line.start({ ...forum, state: state.read() });
    await api.waitFor(() => topicOf('one').closed);
    await api.waitFor(() => !readFileSync(state.path, 'utf8').includes(one.id));
  });

  it('keeps its topic when the hub restarts', async () => {
    const state = stateFile();
    line.start({ ...forum, state: state.read() });
    await desk.ask('First?', { session: one });
    await line.restart({ ...forum, state: state.read() });
    await desk.ask('Second?', { session: one });
    expect(topics()).toHaveLength(1);
    expect(messagesIn(topicOf('one').id)).toHaveLength(2);
  });

  it.each([['lost'], ['damaged']])('gets a new topic when what was remembered is %s', async (how) => {
    const state = stateFile();
    line.start({ ...forum, state: state.read() });
    await desk.ask('First?', { session: one });
    await line.stop();
    if (how === 'lost') rmSync(state.path);
    else writeFileSync(state.path, '{"topics": {"-1001": {"x": 7}, "y": []}}');
    line.start({ ...forum, state: state.read() });
    await desk.ask('Second?', { session: one });
    expect(topics()).toHaveLength(2);
  });

  it('gets no second topic when the answer to the first attempt was lost', async () => {
    line.start(forum);
    api.fail('createForumTopic', { kind: 'lost answer' });
    await desk.ask('First?', { session: one });
    expect(topics()).toHaveLength(1);
    expect(messagesIn(topicOf('one').id)).toHaveLength(1);
  });

  it('gets no second topic when the hub was killed between making it and writing it down', async () => {
    const state = stateFile();
    // What a killed hub leaves behind: its intention in the file, the topic, and Telegram's word of it.
    const begun = { thread: null, name: 'one', mood: 'open' };
    writeFileSync(state.path, JSON.stringify({ topics: { [FORUM]: { [one.id]: begun } } }));
    const body = JSON.stringify({ chat_id: FORUM, name: 'one' });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${api.root}/bot${api.token}/createForumTopic`, { method: 'POST', body, headers });
    line.start({ ...forum, state: state.read() });
    await desk.ask('First?', { session: one });
    expect(topics()).toHaveLength(1);
    expect(messagesIn(topicOf('one').id)).toHaveLength(1);
  });

  it('gets a colour for an icon when Telegram offers none', async () => {
    line.start(forum);
    api.fail('getForumTopicIconStickers', { kind: 'status', code: 400, description: 'Bad Request: no' });
    await desk.ask('First?', { session: one });
    expect(api.calls('createForumTopic')[0]?.payload).toMatchObject({ icon_color: 0x6fb9f0 });
  });
});

describe('a text in the topic of a session', () => {
  beforeEach(() => api.forum(FORUM, 'Team'));

  it('needs no reply when one question is open there, though others are open elsewhere', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    const second = await desk.ask('Second?', { session: two });
    ann.says('for two', { chat: FORUM, thread: topicOf('two').id });
    const said = await seen('Recorded for two.');
    expect(said.message_thread_id).toBe(topicOf('two').id);
    expect(desk.answers).toMatchObject([{ question_id: second.question_id, given: { text: 'for two' } }]);
  });

  it('may be a photo or any other file', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    await desk.ask('Second?', { session: two });
    const content = { photo: [{ ...api.file('drawn'), width: 9, height: 9 }] };
    ann.sends(content, { chat: FORUM, thread: topicOf('two').id });
    await seen('Recorded for two.');
    expect(desk.received).toEqual([{ name: 'photo.jpg', content: 'drawn' }]);
  });

  it('is held when several are open there, and only these are offered', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    await desk.ask('Second?', { session: two });
    const third = await desk.ask('Third?', { session: two });
    ann.says('hello', { chat: FORUM, thread: topicOf('two').id });
    const asking = await seen('Which question is this for?');
    expect(asking.message_thread_id).toBe(topicOf('two').id);
    expect(buttonTexts(asking)).toEqual([
      expect.stringContaining('Second?'),
      expect.stringContaining('Third?'),
      '🗑 Drop it',
    ]);
    ann.presses(asking, 'Third?');
    await seen('Recorded for two.');
    expect(desk.answers).toMatchObject([{ question_id: third.question_id }]);
  });

  it('is for that session whatever was chosen elsewhere', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    const second = await desk.ask('Second?', { session: two });
    ann.says('/pending', { chat: FORUM });
    const press = ann.presses(await seen('Pending questions (2)'), 'one');
    await api.waitFor(() => press.answer);
    ann.says('for two', { chat: FORUM, thread: topicOf('two').id });
    await seen('Recorded for two.');
    expect(desk.answers).toMatchObject([{ question_id: second.question_id }]);
  });

  it('is for the question of another session that was chosen in this very topic', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    const second = await desk.ask('Second?', { session: two });
    const { id } = topicOf('one');
    ann.says('/pending', { chat: FORUM, thread: id });
    const press = ann.presses(await seen('Pending questions (2)'), 'two');
    await api.waitFor(() => press.answer && messagesIn(id).some(({ text }) => text?.includes('Second?')));
    ann.says('for the second', { chat: FORUM, thread: id });
    await seen('Recorded for two.');
    expect(desk.answers).toMatchObject([{ question_id: second.question_id }]);
  });

  it('with no question open there is a word to that session', async () => {
    line.start(forum);
    const first = await desk.ask('First?', { session: one });
    await desk.ask('Second?', { session: two });
    await desk.end(first.question_id, closed('withdrawn', -60_000));
    ann.says('use the cache', { chat: FORUM, thread: topicOf('one').id });
    await seen('For one: Claude has it.');
    expect(desk.words).toMatchObject([{ session: one.id, text: 'use the cache', person: { id: '7' } }]);
    expect(desk.answers).toEqual([]);
  });

  it('right after its question has ended is not taken for a word: it may have been meant as the answer', async () => {
    line.start(forum);
    const first = await desk.ask('First?', { session: one });
    await desk.end(first.question_id, closed('withdrawn'));
    ann.says('yes', { chat: FORUM, thread: topicOf('one').id });
    await seen('To say it to the session all the same, send it again.');
    expect(desk.words).toEqual([]);
  });

  it('of a session that has ended is said to be sent nowhere', async () => {
    line.start(forum);
    const first = await desk.ask('First?', { session: one });
    const { id } = topicOf('one');
    desk.forget(first.question_id);
    ann.says('hello?', { chat: FORUM, thread: id });
    await seen('That session has ended; nothing was sent.');
    expect(desk.words).toEqual([]);
  });

  it('whose record is lost is said to be recorded nowhere, though a question is open', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    const { id } = topicOf('one');
    await line.restart(forum);
    ann.says('for the first', { chat: FORUM, thread: id });
    await seen('This topic belongs to no session any more, so nothing was recorded.');
    expect(desk.answers).toEqual([]);
  });

  it('as a reply answers the card it replies to', async () => {
    line.start(forum);
    const first = await desk.ask('First?', { session: one });
    await desk.ask('Second?', { session: one });
    const [card] = messagesIn(topicOf('one').id);
    ann.says('to the first', { chat: FORUM, replyTo: card! });
    await seen('Recorded for one.');
    expect(desk.answers).toMatchObject([{ question_id: first.question_id }]);
  });

  it('of somebody who is no owner is not heard', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    line.bob.says('Yes', { chat: FORUM, thread: topicOf('one').id });
    ann.says('mine', { chat: FORUM, thread: topicOf('one').id });
    await seen('Recorded for one.');
    expect(desk.answers).toMatchObject([{ person: { name: 'Ann' } }]);
  });

  it('under the same number in another group is not accepted, reply or not', async () => {
    const OTHER = -1002;
    api.forum(OTHER, 'Elsewhere', { privacy: false });
    line.start(forum);
    const card = await desk.ask('First?', { session: one, ...yesNo });
    const { id: thread } = topicOf('one');
    ann.says('intruding', { chat: OTHER, thread });
    ann.says('intruding too', { chat: OTHER, thread, replyTo: { message_id: thread } });
    const forged = ann.presses({ ...(await seen('First?')), chat: { id: OTHER, type: 'supergroup' } }, 'Yes');
    await api.waitFor(() => forged.answer);
    expect(forged.answer?.text).toContain('only in my own chats');
    expect(desk.card(card.question_id)?.state.status).toBe('pending');
    ann.says('the answer', { chat: FORUM, thread });
    await seen('Recorded for one.');
    expect(desk.answers).toMatchObject([{ given: { text: 'the answer' } }]);
  });
});

describe('what is said elsewhere in a forum', () => {
  beforeEach(() => api.forum(FORUM, 'Team'));

  it('is left alone: in General and in the topics of people only replies and commands are meant for the bot', async () => {
    line.start(forum);
    const { question_id } = await desk.ask('First?', { session: one });
    ann.says('good morning', { chat: FORUM });
    const theirs = ann.sends({ forum_topic_created: { name: 'Lunch' } }, { chat: FORUM });
    ann.says('pizza?', { chat: FORUM, thread: theirs.message_id });
    ann.says('/pending', { chat: FORUM });
    const list = await seen('Pending questions (1)');
    expect(list.message_thread_id).toBeUndefined();
    expect(desk.card(question_id)?.state.status).toBe('pending');
    expect(ann.messages(FORUM)).toHaveLength(2);
  });

  it('that is a command in a topic is answered there', async () => {
    line.start(forum);
    await desk.ask('First?', { session: one });
    const { id: thread } = topicOf('one');
    for (const command of ['/pending', '/sessions', '/help']) ann.says(command, { chat: FORUM, thread });
    await api.waitFor(() => messagesIn(thread).length === 4);
    expect(messagesIn(undefined)).toEqual([]);
  });

  it('becomes one list in General when many questions wait; one that is opened is shown where it was asked for', async () => {
    line.start({ ...forum, timings: { telegramGroup: 40 } });
    const cards = Array.from({ length: 7 }, (_, n) => desk.add(`Question ${n}?`, { session: session(`s${n}`, n) }));
    await Promise.all(cards.map((card) => desk.show(card)));
    const list = await seen('Pending questions (7)');
    expect(list.message_thread_id).toBeUndefined();
    ann.presses(list, 'Question 5?');
    await api.waitFor(() => messagesIn(undefined).find(({ text }) => text?.includes('Question 5?')));
  });
});

describe('with privacy mode', () => {
  it('and no rights a plain text does not reach the bot; replies, commands and buttons do', async () => {
    api.forum(FORUM, 'Team', { rights: false });
    line.start(forum);
    await desk.ask('First?', { session: one, ...yesNo });
    const card = await seen('First?');
    ann.says('plain', { chat: FORUM });
    expect(api.unconfirmed).toBe(0);
    ann.says('/pending', { chat: FORUM });
    await seen('Pending questions (1)');
    ann.says('a reply', { chat: FORUM, replyTo: card });
    await seen('Recorded for one.');
    await desk.ask('Second?', { session: one, ...yesNo });
    ann.presses(await seen('Second?'), 'Yes');
    await api.waitFor(() => desk.answers.length === 2);
  });

  it('and the bot an administrator, or without privacy mode, a plain text in a group without topics is still left alone', async () => {
    api.group(-1003, 'No topics', { privacy: false });
    line.start({ chatId: '-1003' });
    const { question_id } = await desk.ask('First?', { session: one });
    const card = await line.seen('First?', ann, -1003);
    ann.says('good morning', { chat: -1003 });
    ann.says('an answer', { chat: -1003, replyTo: card });
    await line.seen('Recorded for one.', ann, -1003);
    expect(desk.answers).toMatchObject([{ question_id, given: { text: 'an answer' } }]);
  });
});

describe('where topics cannot be had', () => {
  it('without the right to manage them, questions come to General, and it is said once', async () => {
    const state = stateFile();
    api.forum(FORUM, 'Team', { rights: false });
    line.start({ ...forum, state: state.read() });
    await desk.ask('First?', { session: one });
    await desk.ask('Second?', { session: two });
    await seen('I may not manage topics here');
    await line.restart({ ...forum, state: state.read() });
    await desk.ask('Third?', { session: two });
    expect(messagesIn(undefined).filter(({ text }) => text?.includes('I may not manage topics'))).toHaveLength(1);
    expect(messagesIn(undefined)).toHaveLength(4);
  });

  it('with the right given later, the next hub makes them', async () => {
    const state = stateFile();
    api.forum(FORUM, 'Team', { rights: false });
    line.start({ ...forum, state: state.read() });
    await desk.ask('First?', { session: one });
    api.setTopicRights(FORUM, true);
    await line.restart({ ...forum, state: state.read() });
    await desk.ask('Second?', { session: one });
    expect(messagesIn(topicOf('one').id)).toHaveLength(1);
  });

  it('because people deleted one, it is made again once and said so; deleted again, its questions come to General', async () => {
    api.forum(FORUM, 'Team');
    line.start(forum);
    await desk.ask('First?', { session: one });
    api.deleteTopic(FORUM, topicOf('one').id);
    await desk.ask('Second?', { session: one });
    const { id } = topicOf('one');
    await api.waitFor(() => messagesIn(id).find(({ text }) => text?.includes('was deleted, so this is a new one')));
    api.deleteTopic(FORUM, id);
    await desk.ask('Third?', { session: one });
    await seen('does not take my messages');
    await desk.ask('Fourth?', { session: one });
    const general = messagesIn(undefined).map(({ text }) => text ?? '');
    expect(general.filter((text) => text.includes('does not take my messages'))).toHaveLength(1);
    expect(general.filter((text) => /Third|Fourth/.test(text))).toHaveLength(2);
    expect(topics()).toEqual([]);
  });

  it('because somebody closed one, it is opened again', async () => {
    api.forum(FORUM, 'Team');
    line.start(forum);
    await desk.ask('First?', { session: one });
    api.setTopicRights(FORUM, false);
    topicOf('one').closed = true;
    await desk.ask('Second?', { session: one });
    expect(topicOf('one').closed).toBe(false);
    expect(messagesIn(topicOf('one').id)).toHaveLength(2);
  });

  it('because one is closed and may not be opened, its questions come to General, and it is said once', async () => {
    api.forum(FORUM, 'Team');
    line.start(forum);
    await desk.ask('First?', { session: one });
    api.setTopicRights(FORUM, false);
    topicOf('one').closed = true;
    api.fail('reopenForumTopic', { kind: 'status', code: 400, description: 'Bad Request: not enough rights' });
    await desk.ask('Second?', { session: one });
    await seen('does not take my messages');
    await desk.ask('Third?', { session: one });
    expect(messagesIn(undefined).map(({ text }) => text)).toHaveLength(3);
  });

  it('in a group that has become a supergroup, the new id is said in a clear sentence', async () => {
    api.group(-5, 'Old');
    line.start({ chatId: '-5' });
    api.migrate(-5, -1005);
    await expect(desk.ask('First?', { session: one })).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining('set TELEGRAM_CHAT_ID to -1005'),
    });
  });
});
