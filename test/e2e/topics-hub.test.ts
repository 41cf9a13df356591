import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startLine } from '../support/line.ts';
import { hubLogged, kill, until } from '../support/switchboard.ts';

const FORUM = -1001;

it('in a forum, sessions keep their topics though the hub is killed, and a killed session has its topic closed', async () => {
  const { api, owner, env, place, start } = await startLine({ telegramTopics: 50 });
  api.forum(FORUM, 'Team');
  env.TELEGRAM_CHAT_ID = String(FORUM);
  const [one, two] = [await start({ label: 'one' }), await start({ label: 'two' })];
  const cardOf = (text: string) => api.waitFor(() => owner.messages(FORUM).find((each) => each.text?.includes(text)));
  const topicOf = (name: string) => [...api.topics(FORUM).values()].find((topic) => topic.name === name);
  const first = one.call('ask_blocking_question', { question: 'First?' });
  const second = two.call('ask_blocking_question', { question: 'Second?' });
  const { message_thread_id: thread = 0 } = await cardOf('First?');
  await cardOf('Second?');
  expect(thread).toBe(topicOf('one')?.id);
  owner.says('for one', { chat: FORUM, thread });
  expect((await first).structuredContent).toMatchObject({ answer: 'for one' });
  await api.waitFor(() => api.unconfirmed === 0);
  kill((await hubLogged(place.home, /hub started/)).pid, 'SIGKILL');
  const third = one.call('ask_blocking_question', { question: 'Third?' });
  expect((await cardOf('Third?')).message_thread_id).toBe(thread);
  expect(api.topics(FORUM).size).toBe(2);
  expect(statSync(join(place.home, 'telegram.json')).mode & 0o777).toBe(0o600);
  await one.call('set_session_label', { label: 'renamed' });
  await api.waitFor(() => topicOf('renamed')?.id === thread);
  kill(two.pid, 'SIGKILL');
  await expect(second).rejects.toThrow();
  await api.waitFor(() => topicOf('two')?.closed);
  expect(topicOf('renamed')?.closed).toBe(false);
  owner.says('for three', { chat: FORUM, thread });
  expect((await third).structuredContent).toMatchObject({ answer: 'for three' });
  const remembered = () => readFileSync(join(place.home, 'telegram.json'), 'utf8');
  await until(() => !remembered().includes('"two"'), remembered);
});
