import { Forum } from './forum.ts';
import type { Markup } from './markup-rules.ts';
import type { TidyText } from './text-rules.ts';
import { ApiRefusal, badRequest, type Chat, type Message, type User } from './wire.ts';

/** A message as the server keeps it. */
interface StoredMessage {
  message: Message;
  readonly forceReply: boolean;
  edits: number;
}

interface StoredChat {
  readonly chat: Chat;
  /** In a group: whether the bot sees every message or only those meant for it. */
  readonly privacy: boolean;
  blocked: boolean;
  /** The supergroup that a group has become. */
  movedTo: number | undefined;
  readonly forum: Forum | undefined;
  readonly messages: Map<number, StoredMessage>;
  lastMessageId: number;
  /** Messages at the top, the newest last. */
  readonly pinned: Set<number>;
  mayPin: boolean;
}

/** What a test sees of a message: a copy, as on a phone that has not refreshed since. */
export interface SeenMessage extends Message {
  readonly forceReply: boolean;
  readonly edits: number;
}

export const BOT: User & { username: string } = {
  id: 4242,
  is_bot: true,
  first_name: 'Switchboard',
  username: 'switchboard_test_bot',
};

/** Chats and their messages. Message ids are unique per chat only, as in Telegram's groups. */
export class Chats {
  readonly #chats = new Map<number, StoredChat>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  open(chat: Chat, privacy = true): void {
    if (this.#chats.has(chat.id)) return;
    // Message 1 is that of the group's own creation: in a forum its number stands for General.
    const lastMessageId = chat.type === 'private' ? 0 : 1;
    const forum = chat.is_forum ? new Forum() : undefined;
    const messages = new Map();
    this.#chats.set(chat.id, {
      chat,
      privacy,
      blocked: false,
      movedTo: undefined,
      forum,
      messages,
      lastMessageId,
      pinned: new Set(),
      mayPin: true,
    });
  }

  /** The chat, for the bot: refuses unknown chats and those that blocked it. */
  reach(id: number | undefined): StoredChat {
    const found = id === undefined ? undefined : this.#chats.get(id);
    if (!found) throw badRequest('chat not found');
    if (found.movedTo !== undefined) {
      const migrated = { migrate_to_chat_id: found.movedTo };
      throw new ApiRefusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', migrated);
    }
    if (found.blocked) throw new ApiRefusal(403, 'Forbidden: bot was blocked by the user');
    return found;
  }

  setBlocked(id: number, blocked: boolean): void {
    this.inside(id).blocked = blocked;
  }

  /** The chat, for the test. */
  inside(id: number): StoredChat {
    const found = this.#chats.get(id);
    if (!found) throw new Error(`The test has no chat ${id}.`);
    return found;
  }

  add(
    chatId: number,
    content: Partial<Message> & { from: User },
    options: { replyTo?: number | undefined; forceReply?: boolean; thread?: number | undefined; ownThread?: true } = {},
  ): Message {
    const stored = this.inside(chatId);
    stored.lastMessageId += 1;
    const thread = options.ownThread ? stored.lastMessageId : options.thread;
    // In a topic every message without another reply replies to the message of the topic's creation.
    const replyTo = options.replyTo ?? options.thread;
    const message: Message = {
      message_id: stored.lastMessageId,
      chat: stored.chat,
      date: Math.floor(this.#now() / 1000),
      ...(thread === undefined ? {} : { message_thread_id: thread, is_topic_message: true }),
      ...content,
      ...(replyTo === undefined ? {} : { reply_to_message: { message_id: replyTo } as Message }),
    };
    stored.messages.set(message.message_id, { message, forceReply: options.forceReply ?? false, edits: 0 });
    return this.wire(chatId, message.message_id);
  }

  /** The message as it goes over the wire: what it replies to comes along, one level deep. Edits make a new one. */
  wire(chatId: number, messageId: number): Message {
    const stored = this.find(chatId, messageId);
    if (!stored) throw new Error(`There is no message ${messageId} in chat ${chatId}.`);
    const { reply_to_message: reply, ...message } = stored.message;
    const original = reply && this.find(chatId, reply.message_id)?.message;
    if (!original) return message;
    const { reply_to_message: _, ...shallow } = original;
    return { ...message, reply_to_message: shallow };
  }

  find(chatId: number, messageId: number): StoredMessage | undefined {
    return this.#chats.get(chatId)?.messages.get(messageId);
  }

  remove(chatId: number, messageId: number): boolean {
    this.#chats.get(chatId)?.pinned.delete(messageId);
    return this.#chats.get(chatId)?.messages.delete(messageId) ?? false;
  }

  /** Changes a message of the bot. An edit without buttons takes them away. */
  edit(chatId: number, messageId: number, text: TidyText | undefined, markup: Markup): Message {
    const stored = this.find(chatId, messageId);
    if (!stored) throw badRequest(text ? 'message to edit not found' : 'message to be edited not found');
    const before = stored.message;
    if (before.from?.id !== BOT.id || stored.forceReply || markup.kind === 'force_reply') {
      throw badRequest("message can't be edited");
    }
    const { reply_markup: _, ...rest } = before;
    const after: Message = {
      ...rest,
      ...(text ? { text: text.text, entities: text.entities } : {}),
      ...(markup.kind === 'buttons' ? { reply_markup: markup.keyboard } : {}),
    };
    if (sameContent(before, after)) {
      throw badRequest(
        'message is not modified: specified new message content and reply markup are exactly the same as a ' +
          'current content and reply markup of the message',
      );
    }
    stored.message = { ...after, edit_date: Math.floor(this.#now() / 1000) };
    stored.edits += 1;
    return this.wire(chatId, messageId);
  }

  /** Changes what a person wrote. */
  rewrite(chatId: number, messageId: number, text: string): Message {
    const stored = this.find(chatId, messageId);
    if (!stored) throw new Error(`There is no message ${messageId} in chat ${chatId}.`);
    stored.message = { ...stored.message, text, edit_date: Math.floor(this.#now() / 1000) };
    return this.wire(chatId, messageId);
  }

  /** The bot's messages in a chat as they look now, oldest first. */
  seen(chatId: number): SeenMessage[] {
    return [...this.inside(chatId).messages.values()]
      .filter(({ message }) => message.from?.id === BOT.id && (message.text ?? message.document) !== undefined)
      .map(({ message, forceReply, edits }) => ({ ...this.wire(chatId, message.message_id), forceReply, edits }));
  }
}

function sameContent(a: Message, b: Message): boolean {
  const content = ({ text, entities, reply_markup }: Message) => JSON.stringify([text, entities ?? [], reply_markup]);
  return content(a) === content(b);
}
