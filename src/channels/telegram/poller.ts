import type { Update } from 'telegraf/types';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { backoffMs, pause } from './backoff.ts';
import { type BotClient, BotFault, type BotIdentity, CALL_MS_MAX } from './bot-client.ts';
import type { Health } from './health.ts';
import { WORDS } from './words.ts';

// Asks only for what is used; Telegram remembers the list.
const ALLOWED_UPDATES = ['message', 'edited_message', 'callback_query'] as const;
/** How long after the end of a poll its answer may still be on the way. */
const POLL_GRACE_MS = 15_000;
/** Handling one update is tried so often; then it is logged and left, so that it cannot stop those behind it. */
const ATTEMPTS_MAX = 3;

/** What a poller is made of. `handle` resolves once nothing of the update can be lost any more. */
export interface PollerParts {
  readonly client: BotClient;
  readonly health: Health;
  readonly log: Logger;
  readonly timings: Timings;
  /** Called once; returns the sentence for health while the poll works. */
  readonly onIdentified: (bot: BotIdentity) => string;
  readonly handle: (update: Update, bot: BotIdentity) => Promise<void>;
  /** Told of an update that could not be handled and is skipped. */
  readonly giveUp: (update: Update, bot: BotIdentity) => void;
}

/**
 * Fetches updates for as long as the channel lives. Telegram forgets an update when a later poll confirms it, and
 * that poll starts only after the update was handled: a crash in between brings it again.
 */
export class Poller {
  readonly #parts: PollerParts;
  readonly #signal: AbortSignal;
  /** The first poll, and the first after trouble, comes back at once, so that health tells the truth soon. */
  #soon = true;

  constructor(parts: PollerParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Polls until the signal aborts, whatever Telegram says meanwhile. */
  async run(): Promise<void> {
    const bot = await this.#persist(() => this.#parts.client.me(this.#signal));
    if (!bot) return;
    const connected = this.#parts.onIdentified(bot);
    await this.#clearWebhook();
    // An answer that is being written down is written down whether or not somebody waits for it here.
    const aborted = new Promise<void>((resolve) => {
      this.#signal.addEventListener('abort', () => resolve(), { once: true });
    });
    let offset: number | undefined;
    while (!this.#signal.aborted) {
      const updates = await this.#persist(() => this.#poll(offset));
      if (!updates) return;
      if (this.#parts.health.polling(connected)) this.#parts.log.info({}, 'polling Telegram');
      this.#soon = false;
      await Promise.race([this.#handleAll(updates, bot), aborted]);
      const last = updates.at(-1);
      if (last) offset = last.update_id + 1;
    }
  }

  /** Calls until it works or the signal aborts (null), and tells health how it is meanwhile. */
  async #persist<T>(call: () => Promise<T>): Promise<T | null> {
    for (let failures = 0; !this.#signal.aborted; ) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof BotFault)) this.#parts.log.error({ err: error }, 'a call failed in an unexpected way');
        const fault = error instanceof BotFault ? error : new BotFault('server', 'an unexpected error');
        if (fault.kind === 'aborted') return null;
        failures += 1;
        await this.#waitAfter(fault, failures);
      }
    }
    return null;
  }

  async #waitAfter(fault: BotFault, failures: number): Promise<void> {
    const { health, log, timings } = this.#parts;
    if (fault.kind === 'token') {
      // A gateway may say so by mistake, and a token can come back to life: better slow than deaf for good.
      if (health.tokenRefused()) log.error({ error: fault.message }, WORDS.tokenRefused);
      await pause(timings.retryMax, this.#signal).catch(() => undefined);
      return;
    }
    if (fault.kind === 'conflict') {
      if (health.conflict()) log.error({ error: fault.message }, WORDS.conflict);
    } else if (health.unreachable(fault.message)) log.warn({ error: fault.message }, 'Telegram unreachable');
    // A poll that comes back at once would not notice another poller.
    this.#soon = fault.kind !== 'conflict';
    // Two pollers that both come again soon end each other's polls for ever; the first wait is short, since a hub
    // that takes over meets the old one's last poll.
    const soonest = fault.kind === 'conflict' ? timings.retryMin : fault.retryAfterMs;
    const ms = Math.max(soonest, backoffMs(fault.kind === 'conflict' ? failures + 2 : failures, timings));
    await pause(ms, this.#signal).catch(() => undefined);
  }

  async #poll(offset: number | undefined): Promise<Update[]> {
    const { client, timings } = this.#parts;
    const timeout = this.#soon ? 0 : Math.max(1, Math.round(timings.telegramPoll / 1000));
    const updates = await client.call(
      'getUpdates',
      { offset, limit: 100, timeout, allowed_updates: ALLOWED_UPDATES },
      { signal: this.#signal, timeoutMs: timeout * 1000 + POLL_GRACE_MS },
    );
    if (!Array.isArray(updates)) throw new BotFault('server', 'the answer to a poll is no list');
    return updates;
  }

  /** A webhook that somebody set would refuse every poll. What waits for the bot is kept. */
  async #clearWebhook(): Promise<void> {
    const { client, log } = this.#parts;
    const limits = { signal: this.#signal, timeoutMs: CALL_MS_MAX };
    const info = await this.#persist(() => client.call('getWebhookInfo', {}, limits));
    if (!info?.url) return;
    log.warn({}, 'a webhook was set for this bot; removing it, since updates are polled');
    await this.#persist(() => client.call('deleteWebhook', {}, limits));
  }

  /** Handles a batch: in order within a chat, side by side across chats. */
  async #handleAll(updates: readonly Update[], bot: BotIdentity): Promise<void> {
    const chats = new Map<number, Update[]>();
    for (const update of updates) {
      const chat = chatOf(update);
      const line = chats.get(chat);
      if (line) line.push(update);
      else chats.set(chat, [update]);
    }
    await Promise.all(
      [...chats.values()].map(async (line) => {
        for (const update of line) await this.#handle(update, bot);
      }),
    );
  }

  async #handle(update: Update, bot: BotIdentity): Promise<void> {
    const { handle, giveUp, log, timings } = this.#parts;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !this.#signal.aborted; attempt += 1) {
      try {
        return await handle(update, bot);
      } catch (error) {
        const facts = { update_id: update.update_id, attempt, error: String(error) };
        if (this.#signal.aborted) return;
        if (attempt < ATTEMPTS_MAX) {
          log.warn(facts, 'an update could not be handled, trying again');
          await pause(backoffMs(attempt, timings), this.#signal).catch(() => undefined);
          continue;
        }
        log.error(facts, 'an update could not be handled and is skipped');
        try {
          giveUp(update, bot);
        } catch (unreadable) {
          log.error({ update_id: update.update_id, error: String(unreadable) }, 'nobody could be told');
        }
      }
    }
  }
}

function chatOf(update: Update): number {
  const message =
    'callback_query' in update
      ? update.callback_query.message
      : 'message' in update
        ? update.message
        : 'edited_message' in update
          ? update.edited_message
          : undefined;
  return message?.chat?.id ?? 0;
}
