/** What the Bot API sends and takes, as far as this stand-in knows it. Own types: it must not learn them from the bot's library. */
export interface User {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly username?: string;
}

export interface Chat {
  readonly id: number;
  readonly type: 'private' | 'group' | 'supergroup';
  readonly is_forum?: true;
  readonly title?: string;
  readonly first_name?: string;
}

export interface Entity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
  readonly language?: string;
}

export interface Button {
  readonly text: string;
  readonly callback_data?: string;
  readonly url?: string;
}

export interface InlineKeyboard {
  readonly inline_keyboard: readonly (readonly Button[])[];
}

export interface Message {
  readonly message_id: number;
  readonly from?: User;
  readonly sender_chat?: Chat;
  readonly chat: Chat;
  readonly date: number;
  readonly edit_date?: number;
  readonly text?: string;
  readonly entities?: readonly Entity[];
  readonly reply_markup?: InlineKeyboard;
  readonly reply_to_message?: Message;
  /** The topic of a forum; General has none. */
  readonly message_thread_id?: number;
  readonly is_topic_message?: true;
  readonly forum_topic_created?: object;
  readonly forum_topic_edited?: object;
  readonly forum_topic_closed?: object;
  readonly forum_topic_reopened?: object;
  readonly caption?: string;
  readonly caption_entities?: readonly Entity[];
  /** A document of the bot's; the real one has an id instead of the content. */
  readonly document?: { readonly file_name: string; readonly file_size: number; readonly content?: string };
  readonly pinned_message?: Message;
  readonly media_group_id?: string;
}

interface CallbackQuery {
  readonly id: string;
  readonly from: User;
  /** `date` 0 and nothing else when the message is gone. */
  readonly message: Message | { readonly message_id: number; readonly chat: Chat; readonly date: 0 };
  readonly chat_instance: string;
  readonly data: string;
}

export type UpdateBody =
  | { readonly message: Message }
  | { readonly edited_message: Message }
  | { readonly callback_query: CallbackQuery }
  | { readonly channel_post: Message };

export type Update = { readonly update_id: number } & UpdateBody;

export type Payload = Readonly<Record<string, unknown>>;

/** A refusal in the Bot API's own words. */
export class ApiRefusal extends Error {
  readonly code: number;
  readonly parameters: { readonly retry_after?: number; readonly migrate_to_chat_id?: number } | undefined;
  constructor(code: number, description: string, parameters?: ApiRefusal['parameters']) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

/** The Bot API's 400. */
export function badRequest(description: string): ApiRefusal {
  return new ApiRefusal(400, `Bad Request: ${description}`);
}
