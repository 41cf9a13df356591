import type { Press } from './callback-queries.ts';
import type { SeenMessage } from './chats.ts';
import type { Server } from './methods.ts';
import type { Button, Chat, Entity, Message, User } from './wire.ts';

/** Where to say something, and in reply to what. */
export interface Saying {
  /** A group's id; default: the person's own chat with the bot. */
  readonly chat?: number;
  readonly replyTo?: Pick<Message, 'message_id'>;
  /** A forum's topic; default: that of the message replied to, else General. */
  readonly thread?: number;
  /** Says it in the name of a channel or of the group itself. */
  readonly as?: Chat;
}

/** Somebody with a phone. */
export class Person {
  readonly id: number;
  readonly name: string;
  readonly #server: Server;
  readonly #changed: () => void;

  constructor(id: number, name: string, server: Server, changed: () => void) {
    this.id = id;
    this.name = name;
    this.#server = server;
    this.#changed = changed;
  }

  /** Writes a text. Groups with privacy mode pass on only commands and replies to the bot. */
  says(text: string, saying: Saying = {}): Message {
    return this.sends({ text, entities: commandEntities(text) }, saying);
  }

  /** Sends anything else, e.g. `{ photo: [...] }`, given as the message's own fields. */
  sends(content: object, { chat = this.id, replyTo, as, thread }: Saying = {}): Message {
    const { chats, updates } = this.#server;
    const replied = replyTo && chats.find(chat, replyTo.message_id)?.message.message_thread_id;
    const message = chats.add(
      chat,
      { from: this.#user(), ...(as ? { sender_chat: as } : {}), ...content },
      { replyTo: replyTo?.message_id, thread: thread ?? replied },
    );
    if (this.#botSees(message, replyTo !== undefined)) updates.push({ message });
    this.#changed();
    return message;
  }

  /** Changes what was written before. */
  edits(message: Message, text: string): void {
    const edited_message = this.#server.chats.rewrite(message.chat.id, message.message_id, text);
    this.#server.updates.push({ edited_message });
    this.#changed();
  }

  /**
   * Presses a button of a message as this person's phone shows it: by its whole text, its data, or a part of its
   * text that only one button has. `{ data }` forges a press.
   */
  presses(message: SeenMessage | Message, button: string | { readonly data: string }): Press {
    const data = typeof button === 'string' ? buttonCalled(message, button).callback_data : button.data;
    if (data === undefined) throw new Error('This button opens a link; a press brings no update.');
    const { chats, queries, updates } = this.#server;
    const { chat, message_id } = message;
    const press = queries.press();
    const present = chats.find(chat.id, message_id) !== undefined;
    updates.push({
      callback_query: {
        id: press.id,
        from: this.#user(),
        message: present ? chats.wire(chat.id, message_id) : { message_id, chat, date: 0 },
        chat_instance: String(chat.id),
        data,
      },
    });
    this.#changed();
    return press;
  }

  /** The bot's messages in a chat as they look now, oldest first. */
  messages(chat = this.id): SeenMessage[] {
    return this.#server.chats.seen(chat);
  }

  deletes(message: Pick<Message, 'chat' | 'message_id'>): void {
    this.#server.chats.remove(message.chat.id, message.message_id);
    this.#changed();
  }

  blocks(): void {
    this.#server.chats.setBlocked(this.id, true);
  }

  unblocks(): void {
    this.#server.chats.setBlocked(this.id, false);
  }

  /** With privacy on: commands and replies to the bot; that every message in a topic "replies" does not count. */
  #botSees(message: Message, replies: boolean): boolean {
    const { privacy, forum } = this.#server.chats.inside(message.chat.id);
    // An administrator sees everything.
    if (!privacy || message.chat.type === 'private' || forum?.rights) return true;
    return message.text?.startsWith('/') === true || (replies && message.reply_to_message?.from?.is_bot === true);
  }

  #user(): User {
    return { id: this.id, is_bot: false, first_name: this.name };
  }
}

/** The texts of a message's buttons, row by row. */
export function buttonTexts(message: Pick<Message, 'reply_markup'>): string[] {
  return (message.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) => text);
}

function buttonCalled(message: Pick<Message, 'reply_markup' | 'message_id'>, name: string): Button {
  const buttons = (message.reply_markup?.inline_keyboard ?? []).flat();
  const exact = buttons.find((button) => button.text === name || button.callback_data === name);
  const partial = buttons.filter((button) => button.text.includes(name));
  const found = exact ?? (partial.length === 1 ? partial[0] : undefined);
  if (found) return found;
  const there =
    buttonTexts(message)
      .map((text) => JSON.stringify(text))
      .join(', ') || 'none';
  throw new Error(
    `Message ${message.message_id} has no single button called ${JSON.stringify(name)}; it has: ${there}.`,
  );
}

function commandEntities(text: string): Entity[] {
  const command = /^\/[\w@]+/.exec(text);
  return command ? [{ type: 'bot_command', offset: 0, length: command[0].length }] : [];
}
