import { BOT, type Chats } from './chats.ts';
import { checkMarkup } from './markup-rules.ts';
import type { Upload } from './multipart.ts';
import { tidyCaption } from './text-rules.ts';
import { badRequest, type Message, type Payload } from './wire.ts';

const FILE_BYTES_MAX = 50 * 1024 * 1024;

/** A document of the bot's, as a message's own fields. */
export function documentContent(payload: Payload): Partial<Message> & { from: typeof BOT } {
  const upload = payload.document as Upload | undefined;
  if (!upload || !Buffer.isBuffer(upload.content)) throw badRequest('there is no document in the request');
  if (upload.content.length === 0) throw badRequest('file must be non-empty');
  if (upload.content.length > FILE_BYTES_MAX) throw badRequest('file is too big');
  const { text, entities } = tidyCaption(payload.caption, payload.caption_entities);
  const markup = checkMarkup(payload.reply_markup);
  return {
    from: BOT,
    document: { file_name: upload.name, file_size: upload.content.length, content: upload.content.toString('utf8') },
    ...(text ? { caption: text, caption_entities: entities } : {}),
    ...(markup.kind === 'buttons' ? { reply_markup: markup.keyboard } : {}),
  };
}

/** Pins a message to the top of its chat; returns the service message that says so. */
export function pin(chats: Chats, chatId: number, messageId: number): Message {
  const chat = chats.inside(chatId);
  if (!chat.mayPin) throw badRequest('not enough rights to manage pinned messages in the chat');
  const pinned_message = chats.find(chatId, messageId)?.message;
  if (!pinned_message) throw badRequest('message to pin not found');
  chat.pinned.delete(messageId);
  chat.pinned.add(messageId);
  return chats.add(chatId, { from: BOT, pinned_message });
}

/** Takes a message down from the top of its chat. */
export function unpin(chats: Chats, chatId: number, messageId: number): true {
  const chat = chats.inside(chatId);
  if (!chat.mayPin) throw badRequest('not enough rights to manage pinned messages in the chat');
  if (!chat.pinned.delete(messageId)) throw badRequest('message to unpin not found');
  return true;
}
