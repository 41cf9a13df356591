import type { Update } from 'telegraf/types';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { aborted } from '../../runtime/waiting.ts';
import { type BotClient, BotFault, CALL_MS_MAX } from './bot-client.ts';
import type { Health } from './health.ts';
import { ALLOWED_UPDATES, type Intake, isUpdate } from './intake.ts';
import type { Persistence } from './persistence.ts';

/** How long after the end of a poll its answer may still be on the way. */
const POLL_GRACE_MS = 15_000;

/** What the ways to get updates are made of. */
export interface ReceiverParts {
  readonly client: BotClient;
  readonly health: Health;
  readonly log: Logger;
  readonly timings: Timings;
  readonly intake: Intake;
  readonly persistence: Persistence;
  /** What health says while updates come. */
  readonly connected: () => string;
  readonly signal: AbortSignal;
}

/**
 * Fetches updates for as long as the channel lives. Telegram forgets an update when a later poll confirms it, and
 * that poll starts only after the update was handled: a crash in between brings it again.
 */
export class Poller {
  readonly #parts: ReceiverParts;
  /** The first poll, and the first after trouble, comes back at once, so that health tells the truth soon. */
  #soon = true;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Polls until the signal aborts, whatever Telegram says meanwhile. */
  async run(): Promise<void> {
    const { persistence, intake, health, log, connected, signal } = this.#parts;
    await this.#clearWebhook();
    // An answer that is being written down is written down whether or not somebody waits for it here.
    const ended = aborted(signal);
    let offset: number | undefined;
    while (!signal.aborted) {
      const updates = await persistence.call(
        () => this.#poll(offset),
        // A poll that comes back at once would not notice another poller.
        ({ kind }) => {
          this.#soon = kind !== 'conflict';
        },
      );
      if (!updates) return;
      if (health.receiving(connected)) log.info({}, 'polling Telegram');
      this.#soon = false;
      await Promise.race([intake.takeAll(updates), ended]);
      // Of this batch alone: after a quiet week Telegram counts from another number.
      if (updates.length > 0) offset = Math.max(...updates.map(({ update_id }) => update_id)) + 1;
    }
  }

  async #poll(offset: number | undefined): Promise<Update[]> {
    const { client, timings, signal } = this.#parts;
    const timeout = this.#soon ? 0 : Math.max(1, Math.round(timings.telegramPoll / 1000));
    const updates = await client.call(
      'getUpdates',
      { offset, limit: 100, timeout, allowed_updates: ALLOWED_UPDATES },
      { signal, timeoutMs: timeout * 1000 + POLL_GRACE_MS },
    );
    if (!Array.isArray(updates)) throw new BotFault('server', 'the answer to a poll is no list');
    const read = updates.filter(isUpdate);
    // None of them could be confirmed, so that they would come again at once, for ever.
    if (read.length === 0 && updates.length > 0) throw new BotFault('server', 'the answer to a poll has no updates');
    return read;
  }

  /** A webhook that somebody set would refuse every poll. What waits for the bot is kept. */
  async #clearWebhook(): Promise<void> {
    const { client, log, persistence, signal } = this.#parts;
    const limits = { signal, timeoutMs: CALL_MS_MAX };
    const info = await persistence.call(() => client.call('getWebhookInfo', {}, limits));
    if (!info?.url) return;
    log.warn({}, 'a webhook was set for this bot; removing it, since updates are polled');
    await persistence.call(() => client.call('deleteWebhook', {}, limits));
  }
}
