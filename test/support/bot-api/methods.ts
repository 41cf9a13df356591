import type { CallbackQueries } from './callback-queries.ts';
import { BOT, type Chats } from './chats.ts';
import { checkCommands, commandScope } from './command-rules.ts';
import { documentContent, pin, unpin } from './document-methods.ts';
import type { Faults } from './faults.ts';
import type { Files } from './files.ts';
import { checkMarkup } from './markup-rules.ts';
import { integer } from './parameters.ts';
import { tidyText } from './text-rules.ts';
import { TOPIC_ICONS, topicMethod } from './topic-methods.ts';
import type { Updates } from './updates.ts';
import type { WebhookSender } from './webhook.ts';
import { ApiRefusal, badRequest, type Message, type Payload } from './wire.ts';

/** What the methods work on. */
export interface Server {
  readonly chats: Chats;
  readonly updates: Updates;
  readonly queries: CallbackQueries;
  readonly faults: Faults;
  readonly files: Files;
  readonly now: () => number;
  readonly webhook: WebhookSender;
  /** What setMyCommands set, by scope; `''` is everybody's. */
  readonly commands: Map<string, unknown>;
}

/** Carries out a call whose parameters are known to exist. `gone` aborts when the caller has hung up. */
export async function carryOut(server: Server, method: string, payload: Payload, gone: AbortSignal): Promise<unknown> {
  switch (method) {
    case 'getMe':
      return { ...BOT, can_join_groups: true, can_read_all_group_messages: false, supports_inline_queries: false };
    case 'getUpdates':
      return getUpdates(server, payload, gone);
    case 'getWebhookInfo':
      return server.webhook.info();
    case 'setWebhook':
      return server.webhook.set(payload);
    case 'deleteWebhook':
      return server.webhook.remove(payload);
    case 'setMyCommands':
      checkCommands(payload.commands);
      server.commands.set(commandScope(server, payload.scope), payload.commands);
      return true;
    case 'deleteMyCommands':
      server.commands.delete(commandScope(server, payload.scope));
      return true;
    case 'sendMessage':
      return sendMessage(server, payload);
    case 'sendDocument':
      return sendDocument(server, payload);
    case 'pinChatMessage':
    case 'unpinChatMessage':
      return changePins(server, method, payload);
    case 'editMessageText':
    case 'editMessageReplyMarkup':
      return editMessage(server, method, payload);
    case 'deleteMessage':
      return deleteMessage(server, payload);
    case 'getFile':
      return server.files.get(payload.file_id);
    case 'getChat':
      return server.chats.reach(integer(payload, 'chat_id')).chat;
    case 'getForumTopicIconStickers':
      return TOPIC_ICONS;
    case 'createForumTopic':
    case 'editForumTopic':
    case 'closeForumTopic':
    case 'reopenForumTopic':
      return changeTopic(server, method, payload);
    case 'answerCallbackQuery':
      server.queries.answer(payload.callback_query_id, payload.text, payload.show_alert);
      return true;
    default:
      throw new ApiRefusal(404, 'Not Found');
  }
}

function getUpdates(server: Server, payload: Payload, gone: AbortSignal): Promise<unknown> {
  if (server.webhook.url) {
    throw new ApiRefusal(
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  }
  const limit = integer(payload, 'limit') ?? 100;
  if (limit < 1 || limit > 100) throw badRequest('limit must be between 1 and 100');
  const allowed = payload.allowed_updates as readonly string[] | undefined;
  const timeoutMs = Math.min(50, integer(payload, 'timeout') ?? 0) * 1000;
  return server.updates.poll({ offset: integer(payload, 'offset') ?? 0, limit, timeoutMs, allowed }, gone);
}

function sendMessage(server: Server, payload: Payload): Message {
  const chat = server.chats.reach(integer(payload, 'chat_id'));
  const content = tidyText(payload.text, payload.entities, 'send');
  const markup = checkMarkup(payload.reply_markup);
  const replyTo = repliedMessage(server, chat.chat.id, payload.reply_parameters);
  const thread = threadOf(server, chat.chat.id, payload, replyTo);
  server.faults.count(chat.chat.id, server.now());
  return server.chats.add(
    chat.chat.id,
    { from: BOT, ...content, ...(markup.kind === 'buttons' ? { reply_markup: markup.keyboard } : {}) },
    { replyTo, thread, forceReply: markup.kind === 'force_reply' },
  );
}

function sendDocument(server: Server, payload: Payload): Message {
  const { id } = server.chats.reach(integer(payload, 'chat_id')).chat;
  const content = documentContent(payload);
  const replyTo = repliedMessage(server, id, payload.reply_parameters);
  const thread = threadOf(server, id, payload, replyTo);
  server.faults.count(id, server.now());
  return server.chats.add(id, content, { replyTo, thread });
}

function changePins(server: Server, method: string, payload: Payload): true {
  const { id } = server.chats.reach(integer(payload, 'chat_id')).chat;
  const messageId = integer(payload, 'message_id') ?? 0;
  if (method === 'unpinChatMessage') return unpin(server.chats, id, messageId);
  // The bot receives its own service messages.
  server.updates.push({ message: pin(server.chats, id, messageId) });
  return true;
}

/** The topic a message goes to: the one it names, else that of the message it replies to. */
function threadOf(server: Server, chat: number, payload: Payload, replyTo: number | undefined): number | undefined {
  const { forum } = server.chats.inside(chat);
  const named = integer(payload, 'message_thread_id');
  const replied = replyTo === undefined ? undefined : server.chats.find(chat, replyTo)?.message.message_thread_id;
  if (named === undefined) return replied;
  if (!forum) throw badRequest('message thread not found');
  if (replyTo !== undefined && replied !== named) throw badRequest('message to be replied not found');
  return forum.reach(named).id;
}

function changeTopic(server: Server, method: string, payload: Payload): unknown {
  const chat = server.chats.reach(integer(payload, 'chat_id')).chat.id;
  server.faults.count(chat, server.now());
  const { result, told } = topicMethod(server.chats, method, payload);
  for (const message of told) server.updates.push({ message });
  return result;
}

function repliedMessage(server: Server, chat: number, parameters: unknown): number | undefined {
  if (parameters === undefined) return undefined;
  if (typeof parameters !== 'object' || parameters === null)
    throw badRequest("can't parse reply parameters JSON object");
  const messageId = integer(parameters as Payload, 'message_id');
  if (messageId !== undefined && server.chats.find(chat, messageId)) return messageId;
  if ((parameters as Payload).allow_sending_without_reply === true) return undefined;
  throw badRequest('message to be replied not found');
}

function editMessage(server: Server, method: string, payload: Payload): Message {
  const chat = server.chats.reach(integer(payload, 'chat_id')).chat.id;
  const messageId = integer(payload, 'message_id');
  if (messageId === undefined) throw badRequest('message identifier is not specified');
  const content = method === 'editMessageText' ? tidyText(payload.text, payload.entities, 'edit') : undefined;
  const markup = checkMarkup(payload.reply_markup);
  server.faults.count(chat, server.now());
  return server.chats.edit(chat, messageId, content, markup);
}

function deleteMessage(server: Server, payload: Payload): true {
  const chat = server.chats.reach(integer(payload, 'chat_id')).chat.id;
  if (!server.chats.remove(chat, integer(payload, 'message_id') ?? 0)) throw badRequest('message to delete not found');
  return true;
}
