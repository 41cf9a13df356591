import { decodeAction } from '../../src/channels/telegram/callback-data.ts';
import type { QuestionId } from '../../src/domain/ids.ts';
import type { BotApi } from './bot-api/bot-api.ts';
import type { SeenMessage } from './bot-api/chats.ts';
import type { Person } from './bot-api/person.ts';

/** What the buttons of a message offer. */
export interface Offer {
  readonly message: SeenMessage;
  readonly data: string;
  readonly text: string;
  readonly verb: string;
  readonly question: QuestionId | null;
}

/** Every button that a person's chat offers now, newest message first. */
export function offers(person: Person): Offer[] {
  return person
    .messages()
    .reverse()
    .flatMap((message) =>
      (message.reply_markup?.inline_keyboard ?? []).flat().flatMap(({ text, callback_data: data }) => {
        const action = data === undefined ? null : decodeAction(data);
        if (!action || data === undefined) return [];
        return [{ message, data, text, verb: action.verb, question: 'question' in action ? action.question : null }];
      }),
    );
}

/** The card that shows a question with this text and can be answered, as soon as it is there. */
export function openCard(api: BotApi, person: Person, text: string): Promise<SeenMessage> {
  return api.waitFor(() => person.messages().find((message) => message.text?.includes(text) && message.reply_markup));
}

/** The card with this text once it takes no more presses and says `words`. */
export function settledCard(api: BotApi, person: Person, text: string, words: string | RegExp): Promise<SeenMessage> {
  return api.waitFor(() =>
    person.messages().find((message) => {
      const said = message.text ?? '';
      const matches = typeof words === 'string' ? said.includes(words) : words.test(said);
      return said.includes(text) && matches && !message.reply_markup;
    }),
  );
}
