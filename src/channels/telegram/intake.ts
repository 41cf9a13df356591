import type { Update } from 'telegraf/types';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { pause } from '../../runtime/waiting.ts';
import { backoffMs } from './backoff.ts';
import type { BotIdentity } from './bot-client.ts';
import { RecentMap } from './recent-map.ts';

// Asks only for what is used; Telegram remembers the list.
export const ALLOWED_UPDATES = ['message', 'edited_message', 'callback_query'] as const;
/** Handling one update is tried so often; then it is logged and left, so that it cannot stop those behind it. */
const ATTEMPTS_MAX = 3;
const REMEMBERED_MAX = 1_000;

/** Is this an update at all? What is in it, its reader judges. */
export function isUpdate(value: unknown): value is Update {
  const id = (value as { update_id?: unknown } | null)?.update_id;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
}

/** What becomes of updates. `handle` resolves once nothing of the update can be lost any more. */
export interface IntakeParts {
  readonly handle: (update: Update, bot: BotIdentity) => Promise<void>;
  /** Told of an update that could not be handled and is skipped. */
  readonly giveUp: (update: Update, bot: BotIdentity) => void;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'retryMin' | 'retryMax'>;
}

/** Takes updates in, however they came: in order within a chat, side by side across chats. */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #bot: BotIdentity;
  readonly #signal: AbortSignal;
  /** The end of each chat's line. */
  readonly #lines = new Map<number, Promise<void>>();
  /** Updates that are in hand or were handled lately, for those that come twice at the same time. */
  readonly #taken = new RecentMap<number, Promise<void>>(REMEMBERED_MAX);

  constructor(parts: IntakeParts, bot: BotIdentity, signal: AbortSignal) {
    this.#parts = parts;
    this.#bot = bot;
    this.#signal = signal;
  }

  /** Resolves when a batch may be confirmed. */
  async takeAll(updates: readonly Update[]): Promise<void> {
    await Promise.all(updates.map((update) => this.take(update)));
  }

  /** The same for one update that may be in hand already, since whoever brought it did not wait for the answer. */
  takeOnce(update: Update): Promise<void> {
    const before = this.#taken.get(update.update_id);
    if (before) return before;
    const taken = this.take(update);
    this.#taken.set(update.update_id, taken);
    return taken;
  }

  /** Resolves when the update may be confirmed. Never rejects; one that cannot be handled is skipped and logged. */
  take(update: Update): Promise<void> {
    const chat = chatOf(update);
    const turn = (this.#lines.get(chat) ?? Promise.resolve()).then(() => this.#handle(update));
    this.#lines.set(chat, turn);
    return turn.then(() => {
      if (this.#lines.get(chat) === turn) this.#lines.delete(chat);
    });
  }

  async #handle(update: Update): Promise<void> {
    const { handle, log, timings } = this.#parts;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !this.#signal.aborted; attempt += 1) {
      try {
        return await handle(update, this.#bot);
      } catch (error) {
        if (this.#signal.aborted) return;
        const facts = { update_id: update.update_id, attempt, error: String(error) };
        if (attempt < ATTEMPTS_MAX) {
          log.warn(facts, 'an update could not be handled, trying again');
          await pause(backoffMs(attempt, timings), this.#signal).catch(() => undefined);
          continue;
        }
        log.error(facts, 'an update could not be handled and is skipped');
        this.#giveUp(update);
      }
    }
  }

  #giveUp(update: Update): void {
    try {
      this.#parts.giveUp(update, this.#bot);
    } catch (unreadable) {
      this.#parts.log.error({ update_id: update.update_id, error: String(unreadable) }, 'nobody could be told');
    }
  }
}

function chatOf(update: Update): number {
  const message =
    'callback_query' in update
      ? update.callback_query?.message
      : 'message' in update
        ? update.message
        : 'edited_message' in update
          ? update.edited_message
          : undefined;
  return message?.chat?.id ?? 0;
}
