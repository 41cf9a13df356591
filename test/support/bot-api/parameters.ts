import { badRequest, type Payload } from './wire.ts';

// Parameters a method may have here; anything else is refused, so that a misspelt one is noticed.
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  getMe: [],
  getUpdates: ['offset', 'limit', 'timeout', 'allowed_updates'],
  getWebhookInfo: [],
  setWebhook: [
    'url',
    'certificate',
    'ip_address',
    'max_connections',
    'allowed_updates',
    'drop_pending_updates',
    'secret_token',
  ],
  deleteWebhook: ['drop_pending_updates'],
  setMyCommands: ['commands', 'scope', 'language_code'],
  deleteMyCommands: ['scope', 'language_code'],
  sendMessage: [
    'chat_id',
    'message_thread_id',
    'text',
    'entities',
    'link_preview_options',
    'disable_notification',
    'reply_parameters',
    'reply_markup',
  ],
  sendDocument: [
    'chat_id',
    'message_thread_id',
    'document',
    'caption',
    'caption_entities',
    'disable_content_type_detection',
    'disable_notification',
    'reply_parameters',
    'reply_markup',
  ],
  pinChatMessage: ['chat_id', 'message_id', 'disable_notification'],
  unpinChatMessage: ['chat_id', 'message_id'],
  editMessageText: ['chat_id', 'message_id', 'text', 'entities', 'link_preview_options', 'reply_markup'],
  editMessageReplyMarkup: ['chat_id', 'message_id', 'reply_markup'],
  deleteMessage: ['chat_id', 'message_id'],
  getFile: ['file_id'],
  getChat: ['chat_id'],
  getForumTopicIconStickers: [],
  createForumTopic: ['chat_id', 'name', 'icon_color', 'icon_custom_emoji_id'],
  editForumTopic: ['chat_id', 'message_thread_id', 'name', 'icon_custom_emoji_id'],
  closeForumTopic: ['chat_id', 'message_thread_id'],
  reopenForumTopic: ['chat_id', 'message_thread_id'],
  answerCallbackQuery: ['callback_query_id', 'text', 'show_alert', 'cache_time'],
};

/** Is there such a method? */
export function isMethod(method: string): boolean {
  return Object.hasOwn(PARAMETERS, method);
}

/** Refuses parameters that the method does not have. */
export function checkParameters(method: string, payload: Payload): void {
  for (const name of Object.keys(payload)) {
    if (!PARAMETERS[method]?.includes(name)) throw badRequest(`${method} has no parameter "${name}"`);
  }
}

/** A whole number, or undefined when it is not given. */
export function integer(payload: Payload, name: string): number | undefined {
  const value = payload[name];
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw badRequest(`${name} must be an Integer`);
  return number;
}
