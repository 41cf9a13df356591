import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BotApi, startBotApi } from './bot-api.ts';
import type { Person } from './person.ts';
import type { Message } from './wire.ts';

let api: BotApi;
let ann: Person;

beforeEach(async () => {
  api = await startBotApi();
  ann = api.user(7, 'Ann');
});
afterEach(() => api.close());

interface Answer {
  result?: Message;
  description?: string;
}

async function call(method: string, body: object): Promise<Answer> {
  const form = body instanceof FormData;
  const response = await fetch(`${api.root}/bot${api.token}/${method}`, {
    method: 'POST',
    ...(form ? { body } : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return (await response.json()) as Answer;
}

function form(fields: Record<string, string>, content = 'hello 😀\r\n--x\n'): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  data.set('document', new Blob([content]), 'context.md');
  return data;
}

describe('a document', () => {
  it('is taken as a form, byte for byte, with its caption and what it replies to as JSON', async () => {
    const { result: first } = await call('sendMessage', { chat_id: 7, text: 'x' });
    const { result } = await call(
      'sendDocument',
      form({
        chat_id: '7',
        caption: 'a bold word',
        caption_entities: '[{"type":"bold","offset":2,"length":4}]',
        reply_parameters: `{"message_id":${first?.message_id}}`,
        disable_notification: 'true',
      }),
    );
    expect(result).toMatchObject({
      document: { file_name: 'context.md', content: 'hello 😀\r\n--x\n' },
      caption: 'a bold word',
      caption_entities: [{ type: 'bold', offset: 2, length: 4 }],
      reply_to_message: { message_id: first?.message_id },
    });
    expect(ann.messages()).toHaveLength(2);
  });

  it.each([
    ['no file', { chat_id: '7' }, null, 'there is no document'],
    ['an empty file', { chat_id: '7' }, '', 'file must be non-empty'],
    ['a caption over 1,024 characters', { chat_id: '7', caption: 'x'.repeat(1_025) }, 'x', 'caption is too long'],
    [
      'entities that are no JSON',
      { chat_id: '7', caption: 'x', caption_entities: '[object Object]' },
      'x',
      "can't parse",
    ],
    ['a parameter it does not have', { chat_id: '7', text: 'x' }, 'x', 'no parameter "text"'],
  ])('is refused with %s', async (_, fields, content, description) => {
    const answer = await call('sendDocument', content === null ? fields : form(fields, content));
    expect(answer.description).toContain(description);
  });
});

describe('a pinned message', () => {
  it('is at the top of its chat until it is unpinned or deleted, and the bot hears of it', async () => {
    const { result } = await call('sendMessage', { chat_id: 7, text: 'x' });
    const message_id = result?.message_id ?? 0;
    await call('pinChatMessage', { chat_id: 7, message_id });
    expect(api.pinned(7)).toEqual([message_id]);
    expect(api.unconfirmed).toBe(1);
    await call('unpinChatMessage', { chat_id: 7, message_id });
    expect(api.pinned(7)).toEqual([]);
    expect((await call('unpinChatMessage', { chat_id: 7, message_id })).description).toContain('to unpin not found');
    expect((await call('pinChatMessage', { chat_id: 7, message_id: 99 })).description).toContain('to pin not found');
  });

  it('needs the right to pin', async () => {
    api.setPinRights(7, false);
    const { result } = await call('sendMessage', { chat_id: 7, text: 'x' });
    const answer = await call('pinChatMessage', { chat_id: 7, message_id: result?.message_id });
    expect(answer.description).toBe('Bad Request: not enough rights to manage pinned messages in the chat');
  });
});

describe('entities that Telegram would mend in ways of its own are refused:', () => {
  const entity = (type: string, offset: number, length: number) => ({ type, offset, length });
  it.each([
    ['that overlap', [entity('bold', 0, 3), entity('italic', 2, 3)]],
    ['a style in code', [entity('code', 0, 4), entity('bold', 1, 2)]],
    ['code in a style', [entity('bold', 0, 4), entity('code', 1, 2)]],
    ['code in a link', [{ ...entity('text_link', 0, 4), url: 'https://a.bc' }, entity('code', 1, 2)]],
    ['a quote in a quote', [entity('expandable_blockquote', 0, 5), entity('blockquote', 1, 2)]],
    ['of no length', [entity('bold', 1, 0)]],
    ['of a kind that there is not', [entity('heading', 0, 2)]],
  ])('%s', async (_, entities) => {
    expect((await call('sendMessage', { chat_id: 7, text: 'abcdef', entities })).description).toMatch(/^Bad Request/);
  });

  it('but code and styles in a quote are taken', async () => {
    const entities = [entity('expandable_blockquote', 0, 6), entity('bold', 0, 2), entity('pre', 3, 2)];
    expect((await call('sendMessage', { chat_id: 7, text: 'abcdef', entities })).result?.entities).toEqual(entities);
  });
});
