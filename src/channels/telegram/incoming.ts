import type { InlineKeyboardMarkup, MessageEntity, Update, User } from 'telegraf/types';
import { type EventId, eventIdFrom, type QuestionId } from '../../domain/ids.ts';
import type { Person } from '../../domain/records.ts';
import type { BotIdentity } from './bot-client.ts';
import { linkedQuestion } from './question-link.ts';

interface Base {
  readonly person: Person;
  readonly chat: string;
  readonly private: boolean;
  /** What to record as the cause: the same update gives the same. */
  readonly cause: EventId;
}

/** A button was pressed. */
export interface IncomingPress extends Base {
  readonly kind: 'press';
  readonly pressId: string;
  readonly data: string;
  readonly messageId: number;
  /** The buttons that the message has now; null when it is gone, or has none any more. */
  readonly buttons: InlineKeyboardMarkup | null;
  /** What the message with the button replies to. */
  readonly repliedTo: { readonly text: string | null; readonly author: string } | null;
}

/** Something was written. */
export interface IncomingMessage extends Base {
  readonly kind: 'text' | 'command' | 'edited' | 'other';
  readonly messageId: number;
  readonly text: string;
  /** Of a command: its name in lower case, and what stands after it. */
  readonly command: string;
  readonly argument: string;
  /** Unix time in seconds. */
  readonly date: number;
  readonly repliesToBot: boolean;
  /** The question that the message replied to is about. */
  readonly question: QuestionId | null;
  /** Written by a bot, or in the name of a channel or group: nobody who could be an owner. */
  readonly faceless: boolean;
}

export type Incoming = IncomingPress | IncomingMessage;

// What a person may send that is neither text nor a service message.
const OTHER_CONTENT = [
  'photo',
  'document',
  'voice',
  'audio',
  'video',
  'video_note',
  'animation',
  'sticker',
  'location',
  'venue',
  'contact',
  'poll',
  'dice',
  'story',
] as const;

/** Reads an update; null for one that concerns nobody here, e.g. a service message. */
export function readUpdate(update: Update, bot: BotIdentity): Incoming | null {
  if ('callback_query' in update) return readPress(update.callback_query, bot);
  if ('message' in update) return readMessage(update.message as WireMessage, bot, false);
  if ('edited_message' in update) return readMessage(update.edited_message as WireMessage, bot, true);
  return null;
}

type CallbackQuery = Update.CallbackQueryUpdate['callback_query'];

function readPress(query: CallbackQuery, bot: BotIdentity): IncomingPress | null {
  const { message } = query;
  if (!message || !('data' in query)) return null;
  const { reply_markup, reply_to_message: replied } = message as WireMessage;
  return {
    kind: 'press',
    person: personOf(query.from),
    chat: String(message.chat.id),
    private: message.chat.type === 'private',
    cause: eventIdFrom('telegram', bot.id, 'callback', query.id),
    pressId: query.id,
    data: query.data,
    messageId: message.message_id,
    buttons: reply_markup ?? null,
    repliedTo: replied ? { text: replied.text ?? null, author: String(replied.from?.id ?? '') } : null,
  };
}

/** The fields of a message that matter here, whatever its kind. */
interface WireMessage {
  readonly message_id: number;
  readonly chat: { readonly id: number; readonly type: string };
  readonly from?: User;
  readonly sender_chat?: unknown;
  readonly date: number;
  readonly text?: string;
  readonly entities?: MessageEntity[];
  readonly reply_markup?: InlineKeyboardMarkup;
  readonly reply_to_message?: Omit<WireMessage, 'reply_to_message'>;
}

function readMessage(message: WireMessage, bot: BotIdentity, edited: boolean): IncomingMessage | null {
  const { chat, from, text, reply_to_message: replied } = message;
  if (!from || from.id === bot.id) return null;
  if (text === undefined && !OTHER_CONTENT.some((content) => content in message)) return null;
  const command = text === undefined ? null : readCommand(text, bot);
  if (command === 'for another bot') return null;
  const repliesToBot = replied?.from?.id === bot.id;
  return {
    kind: edited ? 'edited' : text === undefined ? 'other' : command ? 'command' : 'text',
    person: personOf(from),
    chat: String(chat.id),
    private: chat.type === 'private',
    cause: eventIdFrom('telegram', bot.id, 'message', chat.id, message.message_id),
    messageId: message.message_id,
    text: text ?? '',
    command: command?.name ?? '',
    argument: command?.argument ?? '',
    date: message.date,
    repliesToBot,
    question: repliesToBot ? linkedQuestion(replied?.entities) : null,
    faceless: from.is_bot || message.sender_chat !== undefined,
  };
}

function readCommand(text: string, bot: BotIdentity): { name: string; argument: string } | 'for another bot' | null {
  const [, name, addressee, argument] = /^\/([A-Za-z0-9_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  if (name === undefined) return null;
  if (addressee !== undefined && addressee.toLowerCase() !== bot.username.toLowerCase()) return 'for another bot';
  return { name: name.toLowerCase(), argument: (argument ?? '').trim() };
}

function personOf({ id, first_name, last_name, username }: User): Person {
  const name = [first_name, last_name].filter(Boolean).join(' ') || username || String(id);
  return { channel: 'telegram', id: String(id), name };
}
