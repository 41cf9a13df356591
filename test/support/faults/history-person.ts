import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeAction } from '../../../src/channels/telegram/callback-data.ts';
import type { AnswerResponse, TellResponse } from '../../../src/channels/web/wire.ts';
import type { SessionId } from '../../../src/domain/ids.ts';
import type { BotApi } from '../bot-api/bot-api.ts';
import type { Person } from '../bot-api/person.ts';
import type { Message } from '../bot-api/wire.ts';
import { OWNER_ID } from '../line.ts';
import { type Offer, offers } from '../phone.ts';
import { ask } from '../web-client.ts';

const RETRY_MS = 15;

/** What a person did, and what could be told apart from anything else that anybody did. */
export interface Given {
  readonly question: string;
  /** The number in the words of the card. */
  readonly number: number | null;
  readonly answer: string;
  /** Said with the whole of a dangerous permission in sight. */
  readonly second: boolean;
  /** The message it was pressed on, or replies to; 0: none. */
  readonly on: number;
  /** What came back, a line each where the same act came more than once; null: nothing yet. */
  told(): string | null;
}

/** A person's word to a session. */
export interface Word {
  readonly text: string;
  readonly by: 'telegram' | 'page';
  readonly session: SessionId;
  told(): string | null;
}

/** Where a page reaches the hub now, and the cookie that lets it in. */
export interface PageWay {
  readonly port: number;
  readonly host: string;
  readonly cookie: string;
}

/** The owner, with a phone and a browser. */
export class HistoryPerson {
  readonly given: Given[] = [];
  readonly words: Word[] = [];
  readonly #owner: Person;
  readonly #way: () => PageWay | null;
  readonly #offered = new Map<string, Offer>();
  /** What an option is called, by question and index. */
  readonly #labels = new Map<string, string>();
  #gone = false;

  constructor(api: BotApi, way: () => PageWay | null) {
    this.#owner = api.user(OWNER_ID, 'Ada');
    this.#way = way;
  }

  /** Nothing is sent any more. */
  leave(): void {
    this.#gone = true;
  }

  /** The buttons that are on the screen now. */
  offers(): Offer[] {
    return offers(this.#owner);
  }

  /** The texts of the messages, and whether they have buttons. */
  phone(): [string | undefined, boolean][] {
    return this.#owner.messages().map(({ text, reply_markup }) => [text, reply_markup !== undefined]);
  }

  /** The buttons that were ever on the screen can be pressed: a phone may not have refreshed. */
  see(): void {
    for (const offer of this.offers()) {
      if (offer.verb !== 'answer' && offer.verb !== 'confirm') continue;
      this.#offered.set(`${offer.message.message_id}:${offer.data}`, offer);
      if (offer.verb === 'answer') this.#labels.set(keyOf(offer), offer.text.trim());
    }
  }

  /** One of all buttons that were ever there. */
  offer(n: number): Offer | undefined {
    const all = [...this.#offered.values()];
    return all[n % Math.max(1, all.length)];
  }

  press(offer: Offer | undefined): void {
    if (!offer) return;
    this.see();
    const press = this.#owner.presses(offer.message, { data: offer.data });
    if (!offer.question) return;
    this.given.push({
      question: offer.question,
      number: numberIn(offer.message.text),
      answer: this.#labels.get(keyOf(offer)) ?? offer.text.trim(),
      second: offer.verb === 'confirm',
      on: offer.message.message_id,
      told: () => press.answer?.text ?? null,
    });
  }

  text(offer: Offer | undefined): void {
    if (!offer?.question) return;
    const answer = `text ${this.given.length}`;
    const message = this.#owner.says(answer, { replyTo: offer.message });
    const { question } = offer;
    const [number, on] = [numberIn(offer.message.text), offer.message.message_id];
    this.given.push({ question, number, answer, second: false, on, told: () => this.#replyTo(message) });
  }

  /** Answers on the page; `confirmed`: what is dangerous is said again, with all of it in sight. */
  page(offer: Offer | undefined, confirmed: boolean): void {
    const label = offer && this.#labels.get(keyOf(offer));
    if (!offer?.question || label === undefined) return;
    const action = decodeAction(offer.data);
    const option = action && 'option' in action ? action.option : 0;
    let told: string | null = null;
    const { question } = offer;
    const number = numberIn(offer.message.text);
    this.given.push({ question, number, answer: label, second: confirmed, on: 0, told: () => told });
    const act = {
      question_id: question,
      press_id: randomUUID(),
      options: [option],
      ...(confirmed ? { confirmed } : {}),
    };
    void this.#post<AnswerResponse>('/api/answer', act).then((said) => {
      told = said?.message ?? null;
    });
  }

  /** Says something to a session that has not asked. */
  word(session: SessionId, by: 'telegram' | 'page'): void {
    const text = `word ${this.words.length}!`;
    if (by === 'telegram') {
      const message = this.#owner.says(`/tell ${session} ${text}`);
      this.words.push({ text, by, session, told: () => this.#replyTo(message) });
      return;
    }
    let told: string | null = null;
    this.words.push({ text, by, session, told: () => told });
    const act = { session_id: session, press_id: randomUUID(), text };
    void this.#post<TellResponse>('/api/tell', act).then((said) => {
      told = said?.message ?? null;
    });
  }

  #replyTo({ message_id }: Message): string | null {
    const replies = this.#owner.messages().filter(({ reply_to_message: to }) => to?.message_id === message_id);
    return replies.length === 0 ? null : replies.map(({ text }) => text).join('\n');
  }

  /** Sends the same act until a hub has answered, as the page does. */
  async #post<T>(path: string, act: object): Promise<T | null> {
    while (!this.#gone) {
      const way = this.#way();
      if (way) {
        const { port, host, cookie } = way;
        const headers = { host, cookie, origin: `http://${host}`, 'content-type': 'application/json' };
        const reply = await ask(port, path, { method: 'POST', headers, body: JSON.stringify(act) }).catch(() => null);
        if (reply?.status === 200) return JSON.parse(reply.body) as T;
      }
      await sleep(RETRY_MS);
    }
    return null;
  }
}

function keyOf({ question, data }: Offer): string {
  const action = decodeAction(data);
  return `${question}:${action && 'option' in action ? action.option : ''}`;
}

/** Every card names what it is about by a number. */
function numberIn(text = ''): number | null {
  const [, asked, run] = /Question (\d+)\?|build-(\d+)/.exec(text) ?? [];
  return asked === undefined && run === undefined ? null : Number(asked ?? run);
}
