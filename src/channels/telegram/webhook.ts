import { createHmac } from 'node:crypto';
import type { WebhookInfo } from 'telegraf/types';
import { pause } from '../../runtime/waiting.ts';
import { backoffMs } from './backoff.ts';
import { BotFault, CALL_MS_MAX } from './bot-client.ts';
import { ALLOWED_UPDATES } from './intake.ts';
import type { ReceiverParts } from './poller.ts';
import { type ListenAddress, listenForWebhook, type WebhookServer } from './webhook-server.ts';
import { WORDS } from './words.ts';

/** Telegram answers 429 to a setWebhook that comes sooner after another. */
const SET_GAP_MS = 1_000;
/** At the same time. With more Telegram keeps no order: a press on Done may come before the mark that it is about. */
const CONNECTIONS_MAX = 1;

/** Where Telegram finds the hub, and where the hub listens for what comes from there. */
export interface WebhookPlace {
  /** What Telegram posts to; something in front leads it to `listen` and keeps its path. */
  readonly url: string;
  readonly listen: ListenAddress;
}

/** Lets Telegram post updates for as long as the channel lives, and looks now and then whether it can. */
export class Webhook {
  readonly #parts: ReceiverParts;
  readonly #place: WebhookPlace;
  readonly #secret: string;
  #setAt = Number.NEGATIVE_INFINITY;
  #receivedAt = Date.now();

  /** `token`: the bot's; the secret that Telegram shows with each update is derived from it, so it outlives a restart. */
  constructor(parts: ReceiverParts, place: WebhookPlace, token: string) {
    this.#parts = parts;
    this.#place = place;
    this.#secret = createHmac('sha256', token).update(`switchboard webhook ${place.url}`).digest('base64url');
  }

  /**
   * Serves until the signal aborts. The webhook stays set then: Telegram keeps what comes until the next hub is there.
   *
   * @throws ChannelError when Telegram refuses the token.
   */
  async run(): Promise<void> {
    const server = await this.#listen();
    if (!server) return;
    try {
      await this.#keepSet();
    } finally {
      await server.close();
    }
  }

  async #listen(): Promise<WebhookServer | null> {
    const { health, log, timings, intake, signal } = this.#parts;
    const { listen: address, url } = this.#place;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const server = await listenForWebhook({
          address,
          path: new URL(url).pathname,
          secret: this.#secret,
          take: async (update) => {
            this.#receivedAt = Date.now();
            await intake.takeOnce(update);
            return !signal.aborted;
          },
        });
        log.info({ host: address.host, port: server.port }, 'listening for the webhook of Telegram');
        return server;
      } catch (error) {
        // A hub that takes over may meet the old one, which has not let go of the port yet.
        const why = (error as NodeJS.ErrnoException).code ?? 'unknown';
        if (health.undelivered(WORDS.cannotListen(`${address.host}:${address.port}`, why))) {
          log.error({ ...address, why }, 'cannot listen for the webhook; trying again');
        }
        await pause(backoffMs(failures, timings), signal).catch(() => undefined);
      }
    }
    return null;
  }

  async #keepSet(): Promise<void> {
    const { client, health, log, persistence, connected, timings, signal } = this.#parts;
    const limits = { signal, timeoutMs: CALL_MS_MAX };
    let isSet = false;
    while (!signal.aborted) {
      const info = await persistence.call(async () => {
        if (!isSet) await this.#set();
        isSet = true;
        const found = await client.call('getWebhookInfo', {}, limits);
        if (found.url === this.#place.url) return found;
        isSet = false;
        throw new BotFault('conflict', 'somebody else has changed the webhook');
      });
      if (!info) return;
      const trouble = this.#troubleOf(info);
      if (trouble !== null) {
        if (health.undelivered(WORDS.webhookFails(trouble))) log.warn({ error: trouble }, 'the webhook does not work');
      } else if (health.receiving(connected)) {
        log.info({}, 'the webhook is set');
      }
      await pause(timings.telegramPoll, signal).catch(() => undefined);
    }
  }

  /** Sets the webhook. What waits for the bot is kept. */
  async #set(): Promise<void> {
    const { client, signal } = this.#parts;
    await pause(this.#setAt + SET_GAP_MS - performance.now(), signal);
    const call = client.call(
      'setWebhook',
      {
        url: this.#place.url,
        secret_token: this.#secret,
        allowed_updates: ALLOWED_UPDATES,
        max_connections: CONNECTIONS_MAX,
        certificate: undefined,
        ip_address: undefined,
        drop_pending_updates: undefined,
      },
      { signal, timeoutMs: CALL_MS_MAX },
    );
    // Counted from the answer: only then is it known when Telegram has seen the last one.
    await call.finally(() => {
      this.#setAt = performance.now();
    });
  }

  /** Why Telegram cannot bring what waits; null while it can, as far as is known. Times are Telegram's, in seconds. */
  #troubleOf({ last_error_date, last_error_message, pending_update_count }: WebhookInfo): string | null {
    if (pending_update_count === 0 || last_error_date === undefined) return null;
    return last_error_date * 1000 > this.#receivedAt ? (last_error_message ?? 'unknown') : null;
  }
}
