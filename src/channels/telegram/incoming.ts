import type { InlineKeyboardMarkup, MessageEntity, Update, User } from 'telegraf/types';
import { type EventId, eventIdFrom, type QuestionId } from '../../domain/ids.ts';
import type { Person } from '../../domain/records.ts';
import type { BotIdentity } from './bot-client.ts';
import { fileIn, type IncomingFile, type WireFiles } from './incoming-file.ts';
import { linkedPin, linkedQuestion, type PinFor } from './question-link.ts';
import type { CONTENT_WORDS } from './words.ts';

interface Base {
  readonly person: Person;
  readonly chat: string;
  /** The person's own chat with the bot. */
  readonly private: boolean;
  /** A bot, or in the name of a channel or group: nobody who could be an owner. */
  readonly faceless: boolean;
  /** The topic of a forum; null in General and wherever there are no topics. */
  readonly thread: number | null;
  /** What to record as the cause: the same update gives the same. */
  readonly cause: EventId;
}

/** What a message with a button replies to. */
interface RepliedTo extends Sent {
  readonly messageId: number;
  /** A text, or the caption of a file. */
  readonly text: string | null;
  readonly author: string;
  readonly edited: boolean;
}

/** What of a message may be a file. */
interface Sent {
  readonly file: IncomingFile | null;
  /** Messages of one album carry the same. */
  readonly album: string | null;
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
  readonly repliedTo: RepliedTo | null;
}

/** Something was written. */
export interface IncomingMessage extends Base, Sent {
  readonly kind: 'text' | 'command' | 'edited' | 'file' | 'other';
  readonly messageId: number;
  /** Of a file: its caption. */
  readonly text: string;
  /** Of a command: its name in lower case, and what stands after it. */
  readonly command: string;
  readonly argument: string;
  /** Of anything that is neither text nor file: what it is. */
  readonly content: keyof typeof CONTENT_WORDS;
  /** Unix time in seconds. */
  readonly date: number;
  readonly repliesToBot: boolean;
  /** Replies to anything at all, here or in another chat. */
  readonly replies: boolean;
  /** Written, without a reply, in a topic that the bot has made; of which session, only its records say. */
  readonly inOwnTopic: boolean;
  /** The question that the message replied to is about. */
  readonly question: QuestionId | null;
  /** What the message replied to asks a PIN for: then the text is a PIN, or nothing. */
  readonly pin: PinFor | null;
}

export type Incoming = IncomingPress | IncomingMessage;

// What a person may send that is neither text nor a service message. A place has a location, too.
const FILE_CONTENT = ['photo', 'document', 'voice', 'audio', 'video', 'video_note', 'animation'] as const;
const OTHER_CONTENT = [
  'sticker',
  'venue',
  'location',
  'contact',
  'poll',
  'dice',
  'story',
  'game',
  'checklist',
  'paid_media',
] as const;

/** A topic that the bot itself has made: Telegram tells it, too. Null for every other update. */
export function readOwnTopic(update: Update, bot: BotIdentity): { chat: string; thread: number; name: string } | null {
  const message = 'message' in update ? (update.message as WireMessage) : null;
  const thread = message?.message_thread_id;
  if (!message?.forum_topic_created || message.from?.id !== bot.id || thread === undefined) return null;
  return { chat: String(message.chat.id), thread, name: message.forum_topic_created.name };
}

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
  const data: unknown = 'data' in query ? query.data : null;
  if (!message || typeof data !== 'string' || !areNamed(query.from, message.chat)) return null;
  const { reply_markup, reply_to_message: replied } = message as WireMessage;
  const thread = threadOf(message as WireMessage);
  return {
    kind: 'press',
    person: personOf(query.from),
    chat: String(message.chat.id),
    private: isOwnChat(query.from, message.chat),
    faceless: query.from.is_bot,
    thread,
    cause: eventIdFrom('telegram', bot.id, 'callback', query.id),
    pressId: query.id,
    data,
    messageId: message.message_id,
    buttons: reply_markup ?? null,
    repliedTo: replied && !startsTopic(replied, thread) ? readReplied(replied) : null,
  };
}

function readReplied(replied: Omit<WireMessage, 'reply_to_message'>): RepliedTo {
  return {
    messageId: replied.message_id,
    text: replied.text ?? replied.caption ?? null,
    author: String(replied.from?.id ?? ''),
    edited: replied.edit_date !== undefined,
    file: fileIn(replied),
    album: replied.media_group_id ?? null,
  };
}

/** The fields of a message that matter here, whatever its kind. */
interface WireMessage extends WireFiles {
  readonly message_id: number;
  readonly chat: { readonly id: number; readonly type: string };
  readonly from?: User;
  readonly sender_chat?: unknown;
  readonly date: number;
  readonly edit_date?: number;
  readonly message_thread_id?: number;
  readonly is_topic_message?: boolean;
  readonly forum_topic_created?: { readonly name: string };
  readonly caption?: string;
  readonly media_group_id?: string;
  readonly text?: string;
  readonly entities?: MessageEntity[];
  readonly caption_entities?: MessageEntity[];
  readonly reply_markup?: InlineKeyboardMarkup;
  readonly reply_to_message?: Omit<WireMessage, 'reply_to_message'>;
  readonly external_reply?: unknown;
}

function readMessage(message: WireMessage, bot: BotIdentity, edited: boolean): IncomingMessage | null {
  const { chat, from, text, reply_to_message: replied } = message;
  if (!from || !areNamed(from, chat) || from.id === bot.id) return null;
  if (text === undefined && ![...FILE_CONTENT, ...OTHER_CONTENT].some((content) => content in message)) return null;
  const file = fileIn(message);
  // A place that is shared as it moves is "edited" every few seconds; it was no answer to begin with.
  if (edited && text === undefined && !file) return null;
  const command = text === undefined ? null : readCommand(text, bot);
  if (command === 'for another bot') return null;
  const thread = threadOf(message);
  const repliesToBot = replied?.from?.id === bot.id && !startsTopic(replied, thread);
  const sent = text === undefined ? (file ? 'file' : 'other') : command ? 'command' : 'text';
  return {
    kind: edited ? 'edited' : sent,
    person: personOf(from),
    chat: String(chat.id),
    private: isOwnChat(from, chat),
    faceless: from.is_bot || message.sender_chat !== undefined,
    thread,
    cause: eventIdFrom('telegram', bot.id, 'message', chat.id, message.message_id),
    messageId: message.message_id,
    text: text ?? message.caption ?? '',
    file,
    album: message.media_group_id ?? null,
    command: command?.name ?? '',
    argument: command?.argument ?? '',
    content: OTHER_CONTENT.find((content) => content in message) ?? 'other',
    date: message.date,
    repliesToBot,
    replies: (replied !== undefined && !startsTopic(replied, thread)) || message.external_reply !== undefined,
    inOwnTopic: replied?.forum_topic_created !== undefined && replied.from?.id === bot.id,
    question: repliesToBot ? linkedQuestion(replied?.entities ?? replied?.caption_entities) : null,
    pin: repliesToBot ? linkedPin(replied?.entities) : null,
  };
}

// How some messages in General name it; it may not be named back.
const GENERAL = 1;

/** In groups without topics, and in General, a thread of replies has a number, too, but is no topic. */
function threadOf({ is_topic_message, message_thread_id }: WireMessage): number | null {
  return is_topic_message && message_thread_id !== GENERAL ? (message_thread_id ?? null) : null;
}

/** In a topic every message without another reply "replies" to the message of the topic's creation. */
function startsTopic(replied: Omit<WireMessage, 'reply_to_message'>, thread: number | null): boolean {
  return replied.forum_topic_created !== undefined || replied.message_id === thread;
}

function readCommand(text: string, bot: BotIdentity): { name: string; argument: string } | 'for another bot' | null {
  const [, name, addressee, argument] = /^\/([A-Za-z0-9_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  if (name === undefined) return null;
  if (addressee !== undefined && addressee.toLowerCase() !== bot.username.toLowerCase()) return 'for another bot';
  return { name: name.toLowerCase(), argument: (argument ?? '').trim() };
}

/** Ids are whole numbers. What else would turn into an owner's id when it is written as text is nobody's. */
function areNamed(from: User, chat: WireMessage['chat']): boolean {
  return Number.isSafeInteger(from.id) && Number.isSafeInteger(chat.id);
}

/** A private chat has the id of its person; one that the bot was let into by somebody's business account has not. */
function isOwnChat(from: User, chat: WireMessage['chat']): boolean {
  return chat.type === 'private' && chat.id === from.id;
}

function personOf({ id, first_name, last_name, username }: User): Person {
  const name = [first_name, last_name].filter(Boolean).join(' ') || username || String(id);
  return { channel: 'telegram', id: String(id), name };
}
