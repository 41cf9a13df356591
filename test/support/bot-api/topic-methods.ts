import { BOT, type Chats } from './chats.ts';
import type { Topic } from './forum.ts';
import { integer } from './parameters.ts';
import { badRequest, type Message, type Payload } from './wire.ts';

const NAME_CHARS_MAX = 128;
const ICON_COLORS = [0x6fb9f0, 0xffd67e, 0xcb86db, 0x8eee98, 0xff93b2, 0xfb6f5f];

/** The custom emoji that any topic may have as its icon; a part of Telegram's own list. */
export const TOPIC_ICONS = [
  { emoji: '📰', custom_emoji_id: '5434144690511290129' },
  { emoji: '❓', custom_emoji_id: '5377316857231450742' },
  { emoji: '🤖', custom_emoji_id: '5309832892262654231' },
  { emoji: '🏁', custom_emoji_id: '5408906741125490282' },
  { emoji: '✅', custom_emoji_id: '5237699328843200968' },
].map((icon) => ({ ...icon, type: 'custom_emoji', file_id: icon.custom_emoji_id, width: 100, height: 100 }));

/** Carries out a topic method, and returns its result with the service messages that the bot itself gets to see. */
export function topicMethod(chats: Chats, method: string, payload: Payload): { result: unknown; told: Message[] } {
  const chat = chats.reach(integer(payload, 'chat_id'));
  const { forum } = chat;
  if (!forum) throw badRequest('the chat is not a forum');
  const chatId = chat.chat.id;
  if (method === 'createForumTopic') {
    if (!forum.rights) throw badRequest('not enough rights to create a topic');
    const name = checkName(payload.name);
    const icon = checkIcon(payload.icon_custom_emoji_id);
    const color = payload.icon_color ?? ICON_COLORS[0];
    if (!ICON_COLORS.includes(color as number)) throw badRequest('TOPIC_ICON_COLOR_INVALID');
    const made = { name, icon_color: color as number, ...(icon ? { icon_custom_emoji_id: icon } : {}) };
    const told = chats.add(chatId, { from: BOT, forum_topic_created: made }, { ownThread: true });
    forum.topics.set(told.message_id, { id: told.message_id, name, icon: icon || undefined, closed: false });
    return { result: { message_thread_id: told.message_id, ...made }, told: [told] };
  }
  const topic = forum.topics.get(integer(payload, 'message_thread_id') ?? 0);
  if (!topic) throw badRequest('TOPIC_ID_INVALID');
  const service = changed(topic, method, payload);
  return { result: true, told: [chats.add(chatId, { from: BOT, ...service }, { thread: topic.id })] };
}

function changed(topic: Topic, method: string, payload: Payload): Partial<Message> {
  if (method === 'editForumTopic') {
    const name = payload.name === undefined ? topic.name : checkName(payload.name);
    const icon = payload.icon_custom_emoji_id === undefined ? topic.icon : checkIcon(payload.icon_custom_emoji_id);
    if (name === topic.name && icon === topic.icon) throw badRequest('TOPIC_NOT_MODIFIED');
    Object.assign(topic, { name, icon });
    return { forum_topic_edited: { name } };
  }
  const closed = method === 'closeForumTopic';
  if (topic.closed === closed) throw badRequest('TOPIC_NOT_MODIFIED');
  topic.closed = closed;
  return closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} };
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '') throw badRequest('TOPIC_NAME_EMPTY');
  if (name.trim().length > NAME_CHARS_MAX) throw badRequest('TOPIC_TITLE_INVALID');
  return name.trim();
}

function checkIcon(icon: unknown): string | undefined {
  if (icon === undefined || icon === '') return undefined;
  if (!TOPIC_ICONS.some(({ custom_emoji_id }) => custom_emoji_id === icon)) throw badRequest('DOCUMENT_INVALID');
  return icon as string;
}
