import { createHash, timingSafeEqual } from 'node:crypto';
import { needsConfirmation } from '../domain/permission.ts';
import type { Person, QuestionRecord } from '../domain/records.ts';

/** Wrong PINs that one person may give within `WRONG_WINDOW_MS`; after that none counts until the first is that old. */
const WRONG_MAX = 5;
const WRONG_WINDOW_MS = 15 * 60_000;
const REMEMBERED_MAX = 1_000;
/** What a PIN looks like; see `PERMISSION_PIN`. */
const PIN_LIKE = /^\s*\d{4,12}\s*$/;

/** How a person said yes: `confirmed` with the whole of it in sight, and with the PIN where one is set. */
export interface Saying {
  readonly person: Person;
  readonly confirmed?: true | undefined;
  readonly pin?: string | undefined;
}

/** What an answer is worth. `free`: nothing to confirm. Only `free` and `confirmed` may be recorded. */
export type Confirmation =
  | { readonly is: 'free' }
  | { readonly is: 'confirmed'; readonly how: 'twice' | 'pin' }
  | { readonly is: 'missing'; readonly pin: boolean }
  | { readonly is: 'wrong_pin'; readonly attempts_left: number };

/**
 * The rule for dangerous permissions: approved twice, the second time with the whole of it in sight, and with the PIN
 * where one is set. What was shown is what is approved: an answer names a question by its id, and the record of a
 * question never changes, so another request can only be another question.
 */
export class Confirmations {
  readonly #pin: Buffer | null;
  readonly #now: () => number;
  /** When each person gave a wrong PIN lately. In memory only: a new hub begins to count anew. */
  readonly #wrong = new Map<string, number[]>();

  /** `pin`: must be typed too; `now`: the monotonic clock in milliseconds. */
  constructor(pin: string | undefined, now: () => number = () => performance.now()) {
    this.#pin = pin === undefined ? null : digest(pin);
    this.#now = now;
  }

  /** Is a PIN asked for? */
  get asksPin(): boolean {
    return this.#pin !== null;
  }

  /** Judges an answer that fits its question. A wrong PIN is counted. */
  judge(
    question: Pick<QuestionRecord, 'kind' | 'permission'>,
    answer: { readonly answer: string; readonly selected?: readonly string[] | undefined },
    { person, confirmed, pin }: Saying,
  ): Confirmation {
    if (!needsConfirmation(question, answer)) return { is: 'free' };
    if (!confirmed || (this.#pin && pin === undefined)) return { is: 'missing', pin: this.asksPin };
    if (!this.#pin) return { is: 'confirmed', how: 'twice' };
    const wrong = this.#wrongOf(person);
    // Fails closed: the right one does not count either, or guessing would only take longer.
    if (wrong.length >= WRONG_MAX) return { is: 'wrong_pin', attempts_left: 0 };
    if (timingSafeEqual(digest(pin ?? ''), this.#pin)) return { is: 'confirmed', how: 'pin' };
    wrong.push(this.#now());
    return { is: 'wrong_pin', attempts_left: WRONG_MAX - wrong.length };
  }

  /** Would this text to a dangerous permission put what looks like a PIN into the session file, as the reason of a denial? */
  isStrayPin({ permission }: Pick<QuestionRecord, 'permission'>, text: string): boolean {
    return this.asksPin && (permission?.dangers?.length ?? 0) > 0 && PIN_LIKE.test(text);
  }

  #wrongOf({ channel, id }: Person): number[] {
    const key = `${channel}:${id}`;
    const recent = (this.#wrong.get(key) ?? []).filter((at) => this.#now() - at < WRONG_WINDOW_MS);
    if (this.#wrong.size >= REMEMBERED_MAX && !this.#wrong.has(key)) this.#wrong.clear();
    this.#wrong.set(key, recent);
    return recent;
  }
}

function digest(pin: string): Buffer {
  return createHash('sha256').update(pin.trim()).digest();
}
