import type { PayloadOf } from './bot-client.ts';
import type { Outgoing } from './card-message.ts';

/** The same message as a document: its text is the caption. */
export function documentPayload(
  message: PayloadOf<'sendMessage'>,
  { name, content }: NonNullable<Outgoing['file']>,
): PayloadOf<'sendDocument'> {
  const { text, entities, link_preview_options: _, reply_parameters, reply_markup, ...common } = message;
  return {
    ...common,
    caption: text,
    // The library drops objects that go beside a file, all but the buttons, unless they are written out already.
    caption_entities: asJson(entities),
    reply_parameters: asJson(reply_parameters),
    reply_markup: asJson(reply_markup),
    document: { source: Buffer.from(content, 'utf8'), filename: name },
    // A text with the ending .md is a file, whatever Telegram thinks it looks like.
    disable_content_type_detection: true,
  } as unknown as PayloadOf<'sendDocument'>;
}

function asJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
