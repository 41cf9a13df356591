import type { InlineKeyboardMarkup } from 'telegraf/types';
import { beginning, wellFormed } from '../../domain/text.ts';
import { ChannelError } from '../../relay/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { pause } from '../../runtime/waiting.ts';
import { backoffMs } from './backoff.ts';
import {
  type BotClient,
  BotFault,
  type BotIdentity,
  CALL_MS_MAX,
  type Method,
  type PayloadOf,
  type ResultOf,
} from './bot-client.ts';
import type { Outgoing } from './card-message.ts';
import { documentPayload } from './documents.ts';
import { limitEntities } from './entities.ts';
import { channelError, isClosedChat } from './fault-words.ts';
import type { Health } from './health.ts';
import { lookOf, payloadOf, withoutStyles } from './message-payload.ts';
import { Outbox, type OutboxParts, URGENCY, type Urgency } from './outbox.ts';
import { inThread, type Place } from './place.ts';
import { RecentMap } from './recent-map.ts';

/** Failures in a row after which a send is given up; the relay comes again with it. */
const FAILURES_MAX = 4;
/** A chat that Telegram holds back for longer is given up for now: the relay says so, and comes again. */
const FLOOD_WAIT_MS_MAX = 30_000;
/** A press is forgotten by Telegram about 15 s after it was made. */
const PRESS_ANSWER_MS_MAX = 10_000;
const PRESS_ANSWER_CHARS_MAX = 200;
/** 20 MB over a line that is slow, but worth waiting for. */
const DOWNLOAD_MS_MAX = 3 * 60_000;
const REMEMBERED_MESSAGES_MAX = 2_000;

// What Telegram says of messages that nobody can change any more: deleted, too old, or a forced reply.
const UNCHANGEABLE = /message to (be )?edit(ed)? not found|message can't be edited|MESSAGE_ID_INVALID|chat not found/i;

// What Telegram says of entities that it does not take.
const REFUSED_STYLES = /entit|wrong http url|text_link/i;

/** Sends and changes messages: paced, retried, with Telegram's refusals told apart. */
export class Messenger {
  readonly #client: BotClient;
  readonly #outbox: Outbox;
  readonly #health: Health;
  readonly #log: Logger;
  readonly #timings: Timings;
  readonly #signal: AbortSignal;
  /** How a message was last made to look, so that the same change is not sent twice. */
  readonly #looks = new RecentMap<string, string>(REMEMBERED_MESSAGES_MAX);
  #replies = 0;
  #aheadMs = 0;

  constructor(parts: OutboxParts & { client: BotClient; health: Health; log: Logger; timings: Timings }) {
    this.#client = parts.client;
    this.#health = parts.health;
    this.#log = parts.log;
    this.#timings = parts.timings;
    this.#signal = parts.signal;
    this.#outbox = new Outbox(parts);
  }

  /**
   * Who the bot is.
   *
   * @throws ChannelError when Telegram does not say.
   */
  async me(): Promise<BotIdentity> {
    return this.#client.known ?? this.#persist(() => this.#client.me(this.#signal));
  }

  /** By how many milliseconds Telegram's clock, in whole seconds, is ahead of this machine's. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** Runs work in a chat's line under a key; see `Outbox.put`. */
  inLine<T>(chat: string, key: string, urgency: Urgency, work: (turn: () => Promise<void>) => Promise<T>): Promise<T> {
    return this.#outbox.put(chat, key, urgency, work);
  }

  /**
   * Sends messages one after the other, as soon as those before them in the chat have gone, and returns their ids.
   * A connection that breaks before the answer leaves open whether the message is there; it is sent again, since a
   * card twice is better than none.
   *
   * @throws ChannelError when it was given up.
   */
  send(chat: string, drafts: readonly Outgoing[], replyTo?: number): Promise<number[]> {
    this.#replies += 1;
    return this.inLine(chat, `send:${this.#replies}`, URGENCY.reply, (turn) =>
      this.sendNow(chat, drafts, turn, replyTo),
    );
  }

  /** Sends messages in reply to one, in its topic though it may be gone by then. */
  reply(to: Place & { readonly messageId: number }, drafts: readonly Outgoing[]): Promise<number[]> {
    return this.send(to.chat, inThread(drafts, to.thread), to.messageId);
  }

  /** Sends messages from within a line. */
  async sendNow(
    chat: string,
    drafts: readonly Outgoing[],
    turn: () => Promise<void>,
    replyTo?: number,
  ): Promise<number[]> {
    const ids: number[] = [];
    for (const draft of drafts) {
      if (ids.length > 0) await turn();
      const message = await this.#orPlain(draft, (each) => this.#post(chat, each, replyTo));
      ids.push(message.message_id);
      this.#aheadMs = message.date * 1000 - Date.now();
    }
    return ids;
  }

  /**
   * Changes a message. A later change overtakes one that still waits. Resolves `gone` when the message cannot be
   * changed any more.
   *
   * @throws ChannelError when it was given up.
   */
  edit(
    chat: string,
    messageId: number,
    draft: Outgoing,
    urgency: Urgency = URGENCY.change,
  ): Promise<'changed' | 'gone'> {
    const work = () => this.editNow(chat, messageId, draft);
    const isDone = () => this.#looks.get(`${chat}:${messageId}`) === lookOf(draft);
    return this.#outbox.put(chat, `edit:${messageId}`, urgency, work, isDone);
  }

  /** Changes a message from within a line. */
  async editNow(chat: string, messageId: number, draft: Outgoing): Promise<'changed' | 'gone'> {
    const key = `${chat}:${messageId}`;
    const look = lookOf(draft);
    if (this.#looks.get(key) === look) return 'changed';
    const result = await this.#orPlain(draft, ({ text, buttons }) => {
      const payload = {
        chat_id: chat,
        message_id: messageId,
        text: wellFormed(text.text),
        entities: limitEntities(text.entities),
        link_preview_options: { is_disabled: true },
        reply_markup: buttons,
      } as PayloadOf<'editMessageText'>;
      return this.#change(chat, () => this.#client.call('editMessageText', payload, this.#limits()));
    });
    if (result === 'changed') this.#looks.set(key, look);
    return result;
  }

  /** Changes a message's buttons and leaves its text; undefined takes them away. */
  editButtons(chat: string, messageId: number, buttons: InlineKeyboardMarkup | undefined): Promise<'changed' | 'gone'> {
    return this.inLine(chat, `edit:${messageId}`, URGENCY.reply, () => {
      this.#looks.delete(`${chat}:${messageId}`);
      const payload = {
        chat_id: chat,
        message_id: messageId,
        reply_markup: buttons,
      } as PayloadOf<'editMessageReplyMarkup'>;
      return this.#change(chat, () => this.#client.call('editMessageReplyMarkup', payload, this.#limits()));
    });
  }

  /** Deletes a message. One that is gone already, or that Telegram lets nobody delete any more, is no harm. */
  async remove(chat: string, messageId: number): Promise<void> {
    const payload = { chat_id: chat, message_id: messageId };
    await this.inLine(chat, `remove:${messageId}`, URGENCY.reply, () =>
      this.#persist(() => this.#client.call('deleteMessage', payload, this.#limits()), { chat }),
    ).catch((error: unknown) => {
      if (!(error instanceof ChannelError && error.permanent)) throw error;
      this.#log.debug({ error: error.message }, 'a message could not be deleted');
    });
  }

  /**
   * Makes a call that sends nothing into a chat's line, or from within it; waits and retries as for any other.
   * `failuresMax` 1: a call that may have happened although its answer was lost is not made again.
   *
   * @throws ChannelError when it was given up; its cause is a `BotFault`.
   */
  call<M extends Method>(
    method: M,
    payload: PayloadOf<M>,
    options: { readonly chat?: string; readonly failuresMax?: number } = {},
  ): Promise<ResultOf<M>> {
    return this.#persist(() => this.#client.call(method, payload, this.#limits()), options);
  }

  /**
   * Fetches a file that a person has sent.
   *
   * @throws ChannelError when it was given up; its cause is a `BotFault`.
   */
  async fetchFile(fileId: string, bytesMax: number): Promise<Uint8Array> {
    const { file_path } = await this.call('getFile', { file_id: fileId });
    const limits = { signal: this.#signal, timeoutMs: DOWNLOAD_MS_MAX };
    return this.#persist(() => this.#client.download(file_path, bytesMax, limits));
  }

  /** Answers a press, unpaced. Never rejects: a press that has expired cannot be answered, and that is no harm. */
  async answerPress(pressId: string, text: string, alert: boolean): Promise<void> {
    const payload = {
      callback_query_id: pressId,
      text: beginning(text, PRESS_ANSWER_CHARS_MAX),
      show_alert: alert,
    };
    try {
      const limits = { signal: this.#signal, timeoutMs: PRESS_ANSWER_MS_MAX };
      await this.#persist(() => this.#client.call('answerCallbackQuery', payload, limits), { failuresMax: 2 });
    } catch (error) {
      this.#log.debug({ error: String(error) }, 'a press could not be answered');
    }
  }

  #post(chat: string, draft: Outgoing, replyTo: number | undefined): Promise<{ message_id: number; date: number }> {
    const { file } = draft;
    const payload = payloadOf(chat, draft, replyTo);
    return this.#persist<{ message_id: number; date: number }>(
      () =>
        file
          ? this.#client.call('sendDocument', documentPayload(payload, file), this.#limits())
          : this.#client.call('sendMessage', payload, this.#limits()),
      { chat },
    );
  }

  /** What Telegram does not take for its styles goes without them, whole. */
  async #orPlain<T>(draft: Outgoing, call: (draft: Outgoing) => Promise<T>): Promise<T> {
    try {
      return await call(draft);
    } catch (error) {
      if (!(error instanceof ChannelError && error.permanent && REFUSED_STYLES.test(error.message))) throw error;
      this.#log.warn({ error: error.message }, 'Telegram does not take a message with its styles; sending it without');
      return call({ ...draft, text: withoutStyles(draft.text) });
    }
  }

  async #change(chat: string, call: () => Promise<unknown>): Promise<'changed' | 'gone'> {
    try {
      await this.#persist(call, { chat });
      return 'changed';
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      if (/message is not modified/i.test(error.message)) return 'changed';
      if (UNCHANGEABLE.test(error.message) || (error.cause instanceof BotFault && error.cause.kind === 'forbidden')) {
        return 'gone';
      }
      throw error;
    }
  }

  /** Calls until it works, waiting as Telegram asks; gives up on refusals at once, and on broken lines after a few. */
  async #persist<T>(
    call: () => Promise<T>,
    { chat, failuresMax = FAILURES_MAX }: { chat?: string; failuresMax?: number } = {},
  ): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        const result = await call();
        this.#health.reached();
        if (chat !== undefined) this.#health.chatReached(chat);
        return result;
      } catch (error) {
        if (!(error instanceof BotFault)) throw error;
        const wait = this.#waitAfter(error, failures, failuresMax);
        if (error.kind === 'flood' && chat !== undefined) this.#outbox.holdBack(chat, error.retryAfterMs);
        if (chat !== undefined && isClosedChat(error)) this.#health.chatClosed(chat);
        if (wait === null) throw channelError(error);
        this.#log.info({ error: error.message, wait }, 'Telegram call failed, trying again');
        await pause(wait, this.#signal);
      }
    }
  }

  /** Milliseconds after which the call may be made again; null: it is given up. */
  #waitAfter({ kind, message, retryAfterMs }: BotFault, failures: number, failuresMax: number): number | null {
    if (kind === 'flood') return retryAfterMs <= FLOOD_WAIT_MS_MAX ? retryAfterMs : null;
    if (kind !== 'network' && kind !== 'server') return null;
    this.#health.unreachable(message);
    return failures < failuresMax ? backoffMs(failures, this.#timings) : null;
  }

  #limits(): { signal: AbortSignal; timeoutMs: number } {
    return { signal: this.#signal, timeoutMs: CALL_MS_MAX };
  }
}
