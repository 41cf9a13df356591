import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type BotApi, startBotApi } from './bot-api.ts';
import type { Payload } from './wire.ts';

const FORUM = -1001;
let api: BotApi;

beforeEach(async () => {
  api = await startBotApi();
  const started = api;
  onTestFinished(() => started.close());
  api.forum(FORUM, 'Team');
});

async function call(method: string, payload: Payload = {}) {
  const response = await fetch(`${api.root}/bot${api.token}/${method}`, {
    method: 'POST',
    body: JSON.stringify(payload),
    headers: { 'content-type': 'application/json' },
  });
  // biome-ignore lint/suspicious/noExplicitAny: whatever the method answers.
  return (await response.json()) as { ok: boolean; description?: string; result?: any; parameters?: object };
}

async function topic(name = 'one'): Promise<number> {
  return (await call('createForumTopic', { chat_id: FORUM, name })).result.message_thread_id;
}

describe('a forum', () => {
  it('tells the bot of the topics that it makes itself, and lets each message there reply to that', async () => {
    const thread = await topic();
    const { result } = await call('getUpdates');
    expect(result[0].message).toMatchObject({
      message_id: thread,
      message_thread_id: thread,
      is_topic_message: true,
      from: { is_bot: true },
      forum_topic_created: { name: 'one' },
    });
    const sent = await call('sendMessage', { chat_id: FORUM, message_thread_id: thread, text: 'x' });
    expect(sent.result).toMatchObject({ message_thread_id: thread, reply_to_message: { message_id: thread } });
  });

  it('refuses topic 1, topics that are not there, and those of a group that has none', async () => {
    const thread = await topic();
    for (const [chat_id, message_thread_id] of [
      [FORUM, 1],
      [FORUM, 99],
      [-7, thread],
    ]) {
      api.group(-7, 'No topics');
      const { description } = await call('sendMessage', { chat_id, message_thread_id, text: 'x' });
      expect(description).toBe('Bad Request: message thread not found');
    }
  });

  it('puts a reply into the topic of what it replies to, and refuses one across topics', async () => {
    const [one, two] = [await topic(), await topic('two')];
    const { result } = await call('sendMessage', { chat_id: FORUM, message_thread_id: one, text: 'x' });
    const reply = { chat_id: FORUM, text: 'y', reply_parameters: { message_id: result.message_id } };
    expect((await call('sendMessage', reply)).result.message_thread_id).toBe(one);
    expect((await call('sendMessage', { ...reply, message_thread_id: two })).ok).toBe(false);
  });

  it('refuses names that are empty or too long, unknown icons and colours, and changes that change nothing', async () => {
    const thread = await topic();
    const place = { chat_id: FORUM, message_thread_id: thread };
    for (const payload of [{ name: ' ' }, { name: 'x'.repeat(129) }, { name: 'x', icon_custom_emoji_id: '1' }]) {
      expect((await call('createForumTopic', { chat_id: FORUM, ...payload })).ok).toBe(false);
    }
    expect((await call('createForumTopic', { chat_id: FORUM, name: 'x', icon_color: 1 })).ok).toBe(false);
    expect((await call('editForumTopic', { ...place, name: 'one' })).description).toContain('TOPIC_NOT_MODIFIED');
    expect((await call('reopenForumTopic', place)).description).toContain('TOPIC_NOT_MODIFIED');
    expect((await call('closeForumTopic', place)).ok).toBe(true);
    expect((await call('closeForumTopic', { ...place, message_thread_id: 99 })).description).toContain('INVALID');
  });

  it('without rights lets the bot make none, nor write into a closed one', async () => {
    const thread = await topic();
    api.setTopicRights(FORUM, false);
    expect((await call('createForumTopic', { chat_id: FORUM, name: 'two' })).description).toContain(
      'not enough rights',
    );
    await call('closeForumTopic', { chat_id: FORUM, message_thread_id: thread });
    const sent = await call('sendMessage', { chat_id: FORUM, message_thread_id: thread, text: 'x' });
    expect(sent.description).toBe('Bad Request: TOPIC_CLOSED');
  });

  it('is called so by getChat; a group that has moved says where to', async () => {
    expect((await call('getChat', { chat_id: FORUM })).result).toMatchObject({ is_forum: true });
    api.group(-5, 'Old');
    api.migrate(-5, -1005);
    expect((await call('sendMessage', { chat_id: -5, text: 'x' })).parameters).toEqual({ migrate_to_chat_id: -1005 });
  });

  it('shows a bot with privacy mode, and no rights, no plain text in a topic', async () => {
    const ann = api.user(7, 'Ann');
    const thread = await topic();
    api.setTopicRights(FORUM, false);
    const before = api.unconfirmed;
    ann.says('plain', { chat: FORUM, thread });
    expect(api.unconfirmed).toBe(before);
    ann.says('/help', { chat: FORUM, thread });
    expect(api.unconfirmed).toBe(before + 1);
  });
});

describe('a file', () => {
  it('is fetched by a path that getFile names, with the token in it', async () => {
    const { file_id } = api.file('content');
    const { result } = await call('getFile', { file_id });
    const path = `${api.root}/file/bot${api.token}/${result.file_path}`;
    expect(await (await fetch(path)).text()).toBe('content');
    expect((await fetch(path.replace(api.token, 'x'))).status).toBe(404);
    expect((await call('getFile', { file_id: 'x' })).description).toContain('wrong file_id');
  });

  it('larger than 20 MB is refused', async () => {
    const { file_id } = api.file('x', { size: 20 * 1024 * 1024 + 1 });
    expect((await call('getFile', { file_id })).description).toBe('Bad Request: file is too big');
  });
});
