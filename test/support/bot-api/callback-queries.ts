import { randomInt } from 'node:crypto';
import { badRequest } from './wire.ts';

/** Telegram takes an answer to a press for about this long, once. */
const ANSWERABLE_MS = 15_000;

/** What the person sees after a press: a short word over the chat, or a box to close. */
interface PressAnswer {
  readonly text: string;
  readonly alert: boolean;
}

/** A press of a button, for the test. `answer` stays null until the bot has answered it. */
export interface Press {
  readonly id: string;
  answer: PressAnswer | null;
}

/** The presses that the bot may still answer. */
export class CallbackQueries {
  readonly #now: () => number;
  readonly #presses = new Map<string, { readonly press: Press; readonly at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  press(): Press {
    const press: Press = { id: `${randomInt(2 ** 40)}${this.#presses.size}`, answer: null };
    this.#presses.set(press.id, { press, at: this.#now() });
    return press;
  }

  answer(id: unknown, text: unknown, alert: unknown): void {
    const known = this.#presses.get(String(id));
    if (!known || known.press.answer || this.#now() - known.at > ANSWERABLE_MS) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    if (text !== undefined && (typeof text !== 'string' || text.length > 200)) throw badRequest('MESSAGE_TOO_LONG');
    known.press.answer = { text: text ?? '', alert: alert === true };
  }
}
