import { FmtString } from 'telegraf/format';
import { wellFormed } from '../../domain/text.ts';
import type { PayloadOf } from './bot-client.ts';
import type { Outgoing } from './card-message.ts';
import { limitEntities } from './entities.ts';
import { linkedQuestion } from './question-link.ts';
import type { RichText } from './rich-text.ts';

/** The text alone; only the link stays that says which question it is about. */
export function withoutStyles({ text, entities = [] }: RichText): RichText {
  return new FmtString(
    text,
    entities.filter((entity) => linkedQuestion([entity])),
  );
}

/** What two drafts must have in common so that the second need not be sent. */
export function lookOf(draft: Outgoing): string {
  return JSON.stringify([draft.text.text, draft.text.entities, draft.buttons]);
}

/** A draft as `sendMessage` takes it. */
export function payloadOf(chat: string, draft: Outgoing, replyTo: number | undefined): PayloadOf<'sendMessage'> {
  return {
    chat_id: chat,
    message_thread_id: draft.thread,
    text: wellFormed(draft.text.text),
    entities: limitEntities(draft.text.entities),
    link_preview_options: { is_disabled: true },
    disable_notification: draft.silent,
    // The message replied to may be gone by now; what is to be said is said all the same.
    reply_parameters: replyTo === undefined ? undefined : { message_id: replyTo, allow_sending_without_reply: true },
    reply_markup:
      draft.forceReply === undefined ? draft.buttons : { force_reply: true, input_field_placeholder: draft.forceReply },
  } as PayloadOf<'sendMessage'>;
}
