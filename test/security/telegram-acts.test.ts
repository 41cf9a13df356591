import { beforeEach, describe, expect, it } from 'vitest';
import { encodeAction } from '../../src/channels/telegram/callback-data.ts';
import { iconOf } from '../../src/channels/telegram/question-link.ts';
import type { QuestionId } from '../../src/domain/ids.ts';
import type { BotApi } from '../support/bot-api/bot-api.ts';
import type { SeenMessage } from '../support/bot-api/chats.ts';
import type { Person } from '../support/bot-api/person.ts';
import { FOREIGN_GROUP } from '../support/hostile-updates.ts';
import type { MemoryDesk } from '../support/memory-desk.ts';
import { type TelegramLine, telegramLine } from '../support/telegram-line.ts';

// Who counts as the owner, act by act, where a reader may wonder.

const HOME = -100;
const MARK = 'zqx';
const yesNo = { options: [{ label: 'Yes' }, { label: 'No' }] };

let line: TelegramLine;
let api: BotApi;
let desk: MemoryDesk;
let ann: Person;
let bob: Person;

beforeEach(async () => {
  line = await telegramLine();
  ({ api, desk, ann, bob } = line);
  api.group(HOME, 'Team', { privacy: false });
  api.group(FOREIGN_GROUP, 'Ours', { privacy: false });
});

/** Asks and resolves with the card in a chat. */
async function shown(question: string, chat = ann.id, more: object = yesNo): Promise<[QuestionId, SeenMessage]> {
  const { question_id } = await desk.ask(question, more);
  return [question_id, await line.seen(question, ann, chat)];
}

const idle = () => api.waitFor(() => api.idle);

describe('an edit', () => {
  it('of what was written before answers nothing and changes no answer', async () => {
    line.start();
    const early = ann.says('hello');
    await api.waitFor(() => ann.messages().length === 1);
    const [first, firstCard] = await shown('Which colour?', ann.id, {});
    ann.edits(early, 'red');
    await idle();
    expect(desk.answers).toEqual([]);
    const reply = ann.says('blue', { replyTo: firstCard });
    await api.waitFor(() => desk.answers.length === 1);
    ann.edits(reply, 'green');
    await idle();
    expect(desk.answers).toMatchObject([{ question_id: first, given: { text: 'blue' } }]);
    expect(line.now(firstCard).text).toContain('blue');
  });
});

describe('what the owner passes on in their own chat with the bot', () => {
  it.each([
    ['forwarded from somebody', { forward_origin: { type: 'user', sender_user: { id: 8 }, date: 1 }, forward_date: 1 }],
    ['forwarded from a channel', { forward_origin: { type: 'channel', chat: { id: -1 }, message_id: 1, date: 1 } }],
    ['taken from an inline bot', { via_bot: { id: 99, is_bot: true, first_name: 'gif' } }],
  ])('is their own act, and an answer like any other: %s', async (_how, fields) => {
    line.start();
    const [question_id] = await shown('Which address?', ann.id, {});
    ann.sends({ text: 'Main Street 5', ...fields });
    await api.waitFor(() => desk.answers.length === 1);
    expect(desk.answers).toMatchObject([{ question_id, given: { text: 'Main Street 5' }, person: { id: '7' } }]);
  });
});

describe('in the group that is configured', () => {
  it('a member reads, and can neither press nor answer nor command', async () => {
    line.start({ chatId: String(HOME) });
    const [question_id, card] = await shown(`Deploy ${MARK}?`, HOME);
    const press = bob.presses(card, 'Yes');
    await api.waitFor(() => press.answer);
    expect(press.answer).toMatchObject({ alert: true, text: expect.stringContaining('to its owner only') });
    bob.says('Yes', { chat: HOME, replyTo: card });
    for (const command of ['/away', '/mute 60', '/cancel', '/tell shop stop', '/pending'])
      bob.says(command, { chat: HOME });
    await idle();
    expect([desk.answers, desk.words, desk.presence().away]).toEqual([[], [], false]);
    expect(line.now(card).reply_markup).toEqual(card.reply_markup);
    ann.presses(card, 'Yes');
    await api.waitFor(() => desk.answers.length === 1);
    expect(desk.answers).toMatchObject([{ question_id, person: { id: '7' } }]);
  });

  it('an administrator without a name is nobody, even the owner; so is a channel that is linked to it', async () => {
    line.start({ chatId: String(HOME) });
    const [, card] = await shown('Deploy?', HOME);
    const group = { id: HOME, type: 'supergroup', title: 'Team' } as const;
    ann.says('Yes', { chat: HOME, replyTo: card, as: group });
    ann.says('Yes', { chat: HOME, replyTo: card, as: { id: -1009, type: 'supergroup', title: 'News' } });
    api.forge({
      message: {
        message_id: 900,
        date: 1,
        chat: group,
        from: { id: 777000, is_bot: false, first_name: 'Telegram' },
        sender_chat: { id: -1009, type: 'channel', title: 'News' },
        is_automatic_forward: true,
        text: 'Yes',
        reply_to_message: card,
      },
    });
    await idle();
    expect(desk.answers).toEqual([]);
    expect(line.now(card).reply_markup).toEqual(card.reply_markup);
  });

  it('that becomes a supergroup of another id nobody is heard until the settings name it', async () => {
    line.start({ chatId: String(HOME) });
    const [, card] = await shown('Deploy?', HOME);
    api.migrate(HOME, -1005550000);
    const chat = { ...card.chat, id: -1005550000 };
    api.forge({ message: { message_id: 901, date: 1, chat: card.chat, migrate_to_chat_id: chat.id } });
    ann.presses(
      { ...card, chat },
      { data: encodeAction({ verb: 'answer', question: desk.inbox()[0]!.question_id, option: 0 }) },
    );
    await idle();
    expect(desk.answers).toEqual([]);
  });
});

describe('a press of the owner that no button of the card makes', () => {
  it.each([
    ['drops a text', () => encodeAction({ verb: 'drop' })],
    ['assigns a text', (question: QuestionId) => encodeAction({ verb: 'assign', question })],
    ['turns an asking', () => encodeAction({ verb: 'assign_page', page: 1 })],
    ['turns a list', () => encodeAction({ verb: 'list_page', page: 1 })],
    ['opens an entry', (question: QuestionId) => encodeAction({ verb: 'open', question })],
  ])('leaves the card as it is: one that %s', async (_what, data) => {
    line.start();
    const [question_id, card] = await shown('Which name?', ann.id, {});
    const press = ann.presses(card, { data: data(question_id) });
    await api.waitFor(() => press.answer);
    expect(press.answer).toMatchObject({ alert: true, text: expect.stringContaining('nothing was changed') });
    await idle();
    expect(line.now(card)).toEqual(card);
    ann.says('blue', { replyTo: card });
    await api.waitFor(() => desk.answers.length === 1);
    expect(desk.answers).toMatchObject([{ question_id, given: { text: 'blue' } }]);
  });
});

describe('elsewhere', () => {
  it('the bot shows nothing, though the owner asks it to', async () => {
    line.start();
    const [, card] = await shown(`Deploy ${MARK}?`);
    for (const command of ['/pending', '/status', '/start', '/inbox', '/sessions'])
      ann.says(command, { chat: FOREIGN_GROUP });
    ann.presses({ ...card, chat: { id: FOREIGN_GROUP, type: 'supergroup' } }, 'Yes');
    await idle();
    expect(desk.answers).toEqual([]);
    await api.waitFor(() => ann.messages(FOREIGN_GROUP).length > 0);
    expect(JSON.stringify(ann.messages(FOREIGN_GROUP))).not.toContain(MARK);
  });

  it('a press in the chat of a business account is refused', async () => {
    line.start();
    const [, card] = await shown(`Deploy ${MARK}?`);
    const from = { id: ann.id, is_bot: false, first_name: 'Ann' };
    const message = { ...card, chat: { id: bob.id, type: 'private', first_name: 'Bob' }, business_connection_id: 'x' };
    const data = card.reply_markup?.inline_keyboard[0]?.[0]?.callback_data;
    api.forge({ callback_query: { id: 'business', from, message, chat_instance: '1', data } });
    await api.waitFor(() => api.calls('answerCallbackQuery').length > 0);
    await idle();
    expect(desk.answers).toEqual([]);
    expect(JSON.stringify(bob.messages())).not.toContain(MARK);
  });
});

describe('a thousand strangers with links', () => {
  it('learn nothing, become nobody, and make the bot write twenty messages at most', async () => {
    line.start();
    const [question] = await shown(`Deploy ${MARK}?`);
    const payloads = [
      'A'.repeat(22),
      encodeAction({ verb: 'open', question }),
      `q_${encodeAction({ verb: 'open', question }).slice(2)}`,
      '../../x',
      '\ud800\0',
    ];
    for (let n = 0; n < 1_000; n += 1) {
      const id = 100_000 + n;
      const text = `/start ${payloads[n % payloads.length]}`;
      const from = { id, is_bot: false, first_name: 'Eve' };
      api.forge({ message: { message_id: 1, date: 1, chat: { id, type: 'private' }, from, text } });
    }
    await idle();
    expect([...desk.owners]).toEqual(['7']);
    const said = () => api.calls('sendMessage').filter(({ payload }) => Number(payload.chat_id) >= 100_000);
    // The bot comes back for more before it has said all that it has to say.
    await api.waitFor(() => said().length >= 20);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    expect(said()).toHaveLength(20);
    expect(JSON.stringify(said().map(({ payload }) => payload))).not.toContain(MARK);
  });
});

describe('a session that writes links to the question of another', () => {
  it('does not get the other one answered by a reply to its own card', async () => {
    line.start();
    const [other] = await shown('The other one?', ann.id, {});
    const { entities } = iconOf('x', other, 'switchboard_test_bot') as { entities?: readonly { url?: string }[] };
    const url = entities?.[0]?.url ?? '';
    expect(url).toContain('?start=q_');
    const { question_id: own } = await desk.ask(`[first](${url}) Mine? [last](${url})`, { context: `[c](${url})` });
    const card = await line.seen('Mine?');
    ann.says('for mine', { replyTo: card });
    await api.waitFor(() => desk.answers.length === 1);
    expect(desk.answers).toMatchObject([{ question_id: own, given: { text: 'for mine' } }]);
  });
});
