import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BotApi, startBotApi } from './bot-api.ts';
import { buttonTexts, type Person } from './person.ts';
import type { Message, Payload, Update } from './wire.ts';

let api: BotApi;
let ann: Person;
let clock = 0;

beforeEach(async () => {
  clock = Date.parse('2026-01-01T12:00:00Z');
  api = await startBotApi(() => clock);
  ann = api.user(7, 'Ann');
});
afterEach(() => api.close());

interface Answer {
  ok: boolean;
  status: number;
  result?: unknown;
  description?: string;
  parameters?: unknown;
}

async function call(method: string, payload: Payload = {}, token = api.token): Promise<Answer> {
  const response = await fetch(`${api.root}/bot${token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

const send = async (payload: Payload) => (await call('sendMessage', { chat_id: 7, ...payload })).result as Message;
const refusal = async (method: string, payload: Payload) => (await call(method, payload)).description;
const updates = async (payload: Payload = {}) => (await call('getUpdates', payload)).result as Update[];
const buttons = (...data: string[]) => ({
  inline_keyboard: data.map((one) => [{ text: `to ${one}`, callback_data: one }]),
});

describe('who may call what', () => {
  it('refuses a wrong token with 401 and an unknown method with 404', async () => {
    expect(await call('getMe', {}, '4242:wrong')).toMatchObject({ status: 401, description: 'Unauthorized' });
    expect(await call('sendPigeon')).toMatchObject({ status: 404, description: 'Not Found' });
  });

  it('refuses a parameter that the method does not have', async () => {
    expect(await refusal('sendMessage', { chat_id: 7, text: 'x', reply_to: 3 })).toContain('no parameter "reply_to"');
  });

  it('knows who is there: chat not found, and 403 from somebody who blocked the bot', async () => {
    expect(await refusal('sendMessage', { chat_id: 8, text: 'x' })).toBe('Bad Request: chat not found');
    ann.blocks();
    expect(await call('sendMessage', { chat_id: 7, text: 'x' })).toMatchObject({
      status: 403,
      description: 'Forbidden: bot was blocked by the user',
    });
  });
});

describe('texts', () => {
  it('takes 4,096 characters, and words a longer one differently on send and on edit', async () => {
    const { message_id } = await send({ text: 'x'.repeat(4096) });
    const text = 'x'.repeat(4097);
    expect(await refusal('sendMessage', { chat_id: 7, text })).toBe('Bad Request: message is too long');
    expect(await refusal('editMessageText', { chat_id: 7, message_id, text })).toBe('Bad Request: MESSAGE_TOO_LONG');
  });

  it('counts UTF-16 units, so an emoji counts twice', async () => {
    expect(await refusal('sendMessage', { chat_id: 7, text: '😀'.repeat(2049) })).toBe(
      'Bad Request: message is too long',
    );
    expect(await send({ text: '😀'.repeat(2048) })).toBeDefined();
  });

  it('trims before it judges emptiness', async () => {
    expect(await refusal('sendMessage', { chat_id: 7, text: ' \n ' })).toBe('Bad Request: message text is empty');
    expect((await send({ text: '  hello \n' })).text).toBe('hello');
  });

  it('refuses entities outside the text or through the middle of a character', async () => {
    const entities = (offset: number, length: number) => ({
      chat_id: 7,
      text: 'a😀b',
      entities: [{ type: 'bold', offset, length }],
    });
    expect(await refusal('sendMessage', entities(0, 5))).toContain('ends after the end of the text');
    expect(await refusal('sendMessage', entities(0, 2))).toContain('middle of a UTF-16 symbol');
    expect(await refusal('sendMessage', entities(-1, 2))).toContain('invalid offset');
    expect(await refusal('sendMessage', entities(1, 2))).toBeUndefined();
  });
});

describe('buttons', () => {
  it('takes 1 to 64 bytes of data, 8 in a row, 100 in all', async () => {
    const keyboard = (inline_keyboard: unknown) => ({ chat_id: 7, text: 'x', reply_markup: { inline_keyboard } });
    const row = (count: number) => Array.from({ length: count }, () => ({ text: 'b', callback_data: 'd' }));
    const one = (callback_data: string) => keyboard([[{ text: 'b', callback_data }]]);
    expect(await refusal('sendMessage', one('x'.repeat(64)))).toBeUndefined();
    expect(await refusal('sendMessage', one('é'.repeat(33)))).toBe('Bad Request: BUTTON_DATA_INVALID');
    expect(await refusal('sendMessage', one(''))).toBe('Bad Request: BUTTON_DATA_INVALID');
    expect(await refusal('sendMessage', keyboard([row(9)]))).toContain('more than 8');
    expect(await refusal('sendMessage', keyboard(Array.from({ length: 13 }, () => row(8))))).toContain('too long');
  });

  it('refuses a link to localhost', async () => {
    const reply_markup = { inline_keyboard: [[{ text: 'open', url: 'http://localhost:3000/' }]] };
    expect(await refusal('sendMessage', { chat_id: 7, text: 'x', reply_markup })).toContain('Wrong HTTP URL');
  });
});

describe('edits', () => {
  it('says when nothing would change, judging the trimmed text, entities and buttons', async () => {
    const { message_id } = await send({ text: 'hello', reply_markup: buttons('a') });
    const edit = { chat_id: 7, message_id, text: ' hello ' };
    expect(await refusal('editMessageText', { ...edit, reply_markup: buttons('a') })).toContain(
      'message is not modified',
    );
    expect(await refusal('editMessageText', { ...edit, reply_markup: buttons('b') })).toBeUndefined();
  });

  it('drops the buttons of a message that is edited without any', async () => {
    const { message_id } = await send({ text: 'hello', reply_markup: buttons('a') });
    await call('editMessageText', { chat_id: 7, message_id, text: 'bye' });
    expect(ann.messages()).toMatchObject([{ text: 'bye', edits: 1 }]);
    expect(ann.messages().flatMap(buttonTexts)).toEqual([]);
  });

  it('refuses to edit a forced reply, a message of somebody else, and one that is gone', async () => {
    const prompt = await send({ text: 'write', reply_markup: { force_reply: true } });
    const hers = ann.says('hello');
    const edit = (message_id: number) => refusal('editMessageText', { chat_id: 7, message_id, text: 'changed' });
    expect(await edit(prompt.message_id)).toBe("Bad Request: message can't be edited");
    expect(await edit(hers.message_id)).toBe("Bad Request: message can't be edited");
    ann.deletes(prompt);
    expect(await edit(prompt.message_id)).toBe('Bad Request: message to edit not found');
  });

  it('gives message ids that are unique per chat only', async () => {
    api.user(8, 'Bob');
    const [a, b] = [await send({ text: 'x' }), await send({ chat_id: 8, text: 'x' })];
    expect(a.message_id).toBe(b.message_id);
  });
});

describe('updates', () => {
  it('hands out an update again until a later offset confirms it', async () => {
    ann.says('one');
    const [first] = await updates();
    expect(await updates()).toEqual([first]);
    expect(api.unconfirmed).toBe(1);
    expect(await updates({ offset: first!.update_id + 1 })).toEqual([]);
    expect(api.unconfirmed).toBe(0);
    api.repeat();
    expect(await updates()).toEqual([first]);
  });

  it('holds a poll open until something happens', async () => {
    const poll = updates({ timeout: 20 });
    await api.waitFor(() => api.polled);
    ann.says('now');
    expect(await poll).toMatchObject([{ message: { text: 'now' } }]);
  });

  it('ends the older of two polls with 409', async () => {
    const older = call('getUpdates', { timeout: 20 });
    await api.waitFor(() => api.polled);
    const newer = call('getUpdates', { timeout: 20 });
    expect(await older).toMatchObject({ status: 409 });
    ann.says('for the newer one');
    expect(await newer).toMatchObject({ status: 200 });
  });

  it('refuses polls while a webhook is set', async () => {
    api.webhookUrl = 'https://example.org/hook';
    expect(await call('getUpdates')).toMatchObject({ status: 409 });
    await call('deleteWebhook');
    expect(await call('getUpdates')).toMatchObject({ status: 200 });
  });

  it('forgets a press that nobody fetched for 150 seconds, but not a message', async () => {
    const message = await send({ text: 'x', reply_markup: buttons('a') });
    ann.presses(message, 'a');
    ann.says('still here');
    clock += 150_001;
    expect(await updates()).toMatchObject([{ message: { text: 'still here' } }]);
  });

  it('remembers allowed_updates', async () => {
    await updates({ allowed_updates: ['callback_query'] });
    ann.says('unheard');
    expect(await updates()).toEqual([]);
  });

  it('passes on in groups only commands and replies to the bot', async () => {
    api.group(-100, 'Team');
    const card = await send({ chat_id: -100, text: 'x' });
    ann.says('chatter', { chat: -100 });
    ann.says('/status', { chat: -100 });
    ann.says('yes', { chat: -100, replyTo: card });
    expect((await updates()).map((update) => ('message' in update ? update.message.text : ''))).toEqual([
      '/status',
      'yes',
    ]);
  });
});

describe('presses', () => {
  it('brings the message with what it replies to, one level deep', async () => {
    const hers = ann.says('for which?');
    const held = await send({
      text: 'which?',
      reply_parameters: { message_id: hers.message_id },
      reply_markup: buttons('a'),
    });
    ann.presses(held, 'a');
    expect((await updates()).at(-1)).toMatchObject({
      callback_query: { data: 'a', message: { text: 'which?', reply_to_message: { text: 'for which?' } } },
    });
  });

  it('can be answered once, and for 15 seconds', async () => {
    const message = await send({ text: 'x', reply_markup: buttons('a') });
    const press = ann.presses(message, 'a');
    const answer = { callback_query_id: press.id, text: 'done' };
    expect(await call('answerCallbackQuery', answer)).toMatchObject({ status: 200 });
    expect(press.answer).toEqual({ text: 'done', alert: false });
    expect(await refusal('answerCallbackQuery', answer)).toContain('query is too old');
    const late = ann.presses(message, 'a');
    clock += 15_001;
    expect(await refusal('answerCallbackQuery', { callback_query_id: late.id })).toContain('query is too old');
  });

  it('arrives with date 0 from a message that was deleted', async () => {
    const message = await send({ text: 'x', reply_markup: buttons('a') });
    ann.deletes(message);
    ann.presses(message, 'a');
    expect(await updates()).toMatchObject([{ callback_query: { message: { date: 0 } } }]);
  });
});

describe('faults', () => {
  it('meets the next calls as ordered, then is well again', async () => {
    api.fail('sendMessage', { kind: 'flood', retryAfter: 3 });
    expect(await call('sendMessage', { chat_id: 7, text: 'x' })).toMatchObject({
      status: 429,
      parameters: { retry_after: 3 },
    });
    api.fail('sendMessage', { kind: 'reset' });
    await expect(send({ text: 'x' })).rejects.toThrow();
    expect(ann.messages()).toEqual([]);
    api.fail('sendMessage', { kind: 'lost answer' });
    await expect(send({ text: 'it happened' })).rejects.toThrow();
    expect(ann.messages()).toMatchObject([{ text: 'it happened' }]);
    expect(await send({ text: 'well' })).toMatchObject({ text: 'well' });
  });

  it('answers 429 when a chat gets more than the limit', async () => {
    api.limit({ count: 2, windowMs: 1000 });
    await send({ text: '1' });
    await send({ text: '2' });
    expect(await call('sendMessage', { chat_id: 7, text: '3' })).toMatchObject({ status: 429 });
    clock += 1000;
    expect(await call('sendMessage', { chat_id: 7, text: '3' })).toMatchObject({ status: 200 });
  });
});
