import type { Update } from 'telegraf/types';
import { describe, expect, it } from 'vitest';
import { eventIdFrom, parseQuestionId } from '../../domain/ids.ts';
import { readUpdate } from './incoming.ts';
import { iconOf, startedQuestion } from './question-link.ts';

const bot = { id: 4242, username: 'a_bot' };
const from = { id: 7, is_bot: false, first_name: 'Ann', last_name: 'Lee' };
const chat = { id: 7, type: 'private', first_name: 'Ann' };
const question = parseQuestionId('0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11');
const message = (content: object) =>
  readUpdate({ update_id: 1, message: { message_id: 3, date: 100, chat, from, ...content } } as Update, bot);

describe('an update', () => {
  it('that is a text names person, chat, cause and time', () => {
    expect(message({ text: 'hello' })).toMatchObject({
      kind: 'text',
      person: { channel: 'telegram', id: '7', name: 'Ann Lee' },
      chat: '7',
      cause: eventIdFrom('telegram', 4242, 'message', 7, 3),
      text: 'hello',
      date: 100,
      question: null,
      pin: null,
    });
  });

  it('that is a press names the cause by the press, not by the message', () => {
    const update = {
      update_id: 1,
      callback_query: { id: '99', from, chat_instance: '1', data: 'x', message: { message_id: 3, date: 0, chat } },
    };
    expect(readUpdate(update as Update, bot)).toMatchObject({
      kind: 'press',
      cause: eventIdFrom('telegram', 4242, 'callback', '99'),
      buttons: null,
      repliedTo: null,
    });
  });

  it('that is the next step of a place shared as it moves concerns nobody', () => {
    const edited_message = {
      message_id: 3,
      date: 100,
      edit_date: 130,
      chat,
      from,
      location: { latitude: 1, longitude: 2 },
    };
    expect(readUpdate({ update_id: 1, edited_message } as Update, bot)).toBeNull();
  });

  it('that is a command is read with or without the bot, and ignored when it is for another bot', () => {
    expect(message({ text: '/Pending@A_bot  now' })).toMatchObject({
      kind: 'command',
      command: 'pending',
      argument: 'now',
    });
    expect(message({ text: '/start q_x' })).toMatchObject({ kind: 'command', command: 'start', argument: 'q_x' });
    expect(message({ text: '/pending@other_bot' })).toBeNull();
    expect(message({ text: '/usr/bin/node' })).toMatchObject({ kind: 'text' });
  });

  it('that replies to a message of the bot brings the question of that message, and only of the bot', () => {
    const { text, entities } = iconOf('❓', question, 'a_bot');
    const replied = { message_id: 2, date: 1, chat, text: `${text} title`, entities };
    const author = { id: 4242, is_bot: true, first_name: 'B' };
    expect(message({ text: 'yes', reply_to_message: { ...replied, from: author } })).toMatchObject({
      repliesToBot: true,
      question,
    });
    expect(message({ text: 'yes', reply_to_message: { ...replied, from } })).toMatchObject({
      repliesToBot: false,
      question: null,
    });
  });

  it('in a topic is no reply because of the message that the topic began with', () => {
    const topic = { message_thread_id: 2, is_topic_message: true };
    const begun = { message_id: 2, date: 1, chat, from: bot, ...topic };
    const plain = { text: 'x', ...topic, reply_to_message: { ...begun, forum_topic_created: { name: 'one' } } };
    expect(message(plain)).toMatchObject({ thread: 2, repliesToBot: false, question: null });
    expect(message({ ...plain, reply_to_message: begun })).toMatchObject({ repliesToBot: false });
    expect(message({ ...plain, reply_to_message: { ...begun, message_id: 5 } })).toMatchObject({ repliesToBot: true });
  });

  it('in General, or in a thread of replies, is in no topic', () => {
    expect(message({ text: 'x', message_thread_id: 1, is_topic_message: true })).toMatchObject({ thread: null });
    expect(message({ text: 'x', message_thread_id: 77 })).toMatchObject({ thread: null });
  });

  it('with a file names it by what it is, a photo by its largest size', () => {
    const photo = [
      { file_id: 'small', width: 90, height: 60 },
      { file_id: 'large', width: 900, height: 600, file_size: 7 },
    ];
    expect(message({ photo, caption: 'so', media_group_id: '3' })).toMatchObject({
      kind: 'file',
      text: 'so',
      album: '3',
      file: { fileId: 'large', name: 'photo.jpg', bytes: 7, spoken: false },
    });
    expect(message({ voice: { file_id: 'v' } })).toMatchObject({ file: { name: 'voice.oga', spoken: true } });
    expect(message({ photo: [] })).toMatchObject({ kind: 'other', file: null });
    expect(message({ venue: {}, location: {} })).toMatchObject({ kind: 'other', content: 'venue' });
  });

  it('in the name of a channel or a group, or by a bot, has no face', () => {
    expect(message({ text: 'x' })).toMatchObject({ faceless: false });
    expect(message({ text: 'x', sender_chat: { id: -1 } })).toMatchObject({ faceless: true });
    expect(message({ text: 'x', from: { ...from, is_bot: true } })).toMatchObject({ faceless: true });
  });

  it('of the service, of the bot itself, or of an unknown kind concerns nobody', () => {
    expect(message({ pinned_message: {} })).toBeNull();
    expect(message({ text: 'x', from: { ...from, id: 4242 } })).toBeNull();
    expect(readUpdate({ update_id: 1, poll: {} } as never, bot)).toBeNull();
    expect(message({ sticker: {} })).toMatchObject({ kind: 'other' });
  });
});

describe('the link on an icon', () => {
  it('starts the bot with the question', () => {
    const [entity] = iconOf('❓', question, 'a_bot').entities ?? [];
    expect(entity).toMatchObject({ url: 'https://t.me/a_bot?start=q_C28_bjpVTDmdXC9NPxp8EQ', offset: 0, length: 1 });
    expect(startedQuestion('q_C28_bjpVTDmdXC9NPxp8EQ')).toBe(question);
    expect(startedQuestion('')).toBeNull();
    expect(startedQuestion('q_short')).toBeNull();
  });
});
