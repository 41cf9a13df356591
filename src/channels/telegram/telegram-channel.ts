import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Update } from 'telegraf/types';
import type { Card, Channel, ChannelHealth, RelayDesk } from '../../relay/channel.ts';
import { ChannelError } from '../../relay/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { Board } from './board.ts';
import { BotClient, type BotIdentity, CALL_MS_MAX } from './bot-client.ts';
import { Chosen } from './chosen.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { Health } from './health.ts';
import { HeldTexts } from './held-texts.ts';
import { type Incoming, readUpdate } from './incoming.ts';
import { Messages } from './messages.ts';
import { Messenger } from './messenger.ts';
import { Poller } from './poller.ts';
import { type Floor, Presses } from './presses.ts';
import { plain } from './rich-text.ts';
import { COMMANDS, WORDS } from './words.ts';

// An update is confirmed only when what it leads to has been said, since it may be all that keeps a text from being
// lost; but a chat that Telegram holds back must not keep the presses of all others waiting.
const SAID_MS_MAX = 10_000;

/** What a Telegram channel is made of. */
export interface TelegramChannelParts {
  readonly token: string;
  /** Telegram user ids; each owner's own chat with the bot has the same id. */
  readonly ownerIds: () => readonly string[];
  /** A group to show questions in, instead of each owner's own chat. */
  readonly chatId?: string | undefined;
  /** E.g. `https://api.telegram.org`. */
  readonly apiRoot: string;
  /** URL of an HTTP proxy for https roots. */
  readonly proxy?: string | undefined;
  readonly timings: Timings;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Handlers {
  readonly desk: RelayDesk;
  readonly presses: Presses;
  readonly messages: Messages;
}

/** Shows questions in Telegram and brings back what people do with them. */
export class TelegramChannel implements Channel {
  readonly name = 'telegram';
  readonly #parts: TelegramChannelParts;
  readonly #client: BotClient;
  readonly #health: Health;
  readonly #end = new AbortController();
  readonly #messenger: Messenger;
  readonly #board: Board;
  readonly #doorkeeper: Doorkeeper;
  readonly #now: () => number;
  #desk: RelayDesk | null = null;

  constructor(parts: TelegramChannelParts) {
    const { log, timings } = parts;
    const signal = this.#end.signal;
    // Everything that waits anywhere listens to this one signal.
    setMaxListeners(0, signal);
    this.#parts = parts;
    this.#health = new Health(() => parts.ownerIds().length > 0);
    this.#now = parts.now ?? Date.now;
    this.#client = new BotClient(parts.token, parts.apiRoot, parts.proxy);
    this.#messenger = new Messenger({ client: this.#client, health: this.#health, log, timings, signal });
    this.#board = new Board(this.#messenger, () => this.#desk, this.#now);
    this.#doorkeeper = new Doorkeeper(parts.chatId);
  }

  chats(): readonly string[] {
    return this.#parts.chatId === undefined ? this.#parts.ownerIds() : [this.#parts.chatId];
  }

  show(card: Card, chat: string): Promise<string> {
    return this.#board.show(card, chat);
  }

  settle(ref: string, card: Card): Promise<void> {
    return this.#board.settle(ref, card);
  }

  health(): ChannelHealth {
    return this.#health.current;
  }

  async run(desk: RelayDesk, signal: AbortSignal): Promise<void> {
    this.#desk = desk;
    const { log, timings } = this.#parts;
    const handlers = this.#handlersFor(desk);
    const end = () => this.#end.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const poller = new Poller(
      {
        client: this.#client,
        health: this.#health,
        log,
        timings,
        onIdentified: (bot) => this.#identified(bot),
        handle: (update, bot) => this.#handle(update, bot, handlers),
        giveUp: (update, bot) => this.#giveUp(update, bot, desk),
      },
      this.#end.signal,
    );
    try {
      await poller.run();
    } finally {
      signal.removeEventListener('abort', end);
      this.#client.close();
    }
  }

  #handlersFor(desk: RelayDesk): Handlers {
    const floor: Floor = {
      desk,
      board: this.#board,
      messenger: this.#messenger,
      chosen: new Chosen(),
      said: (work) => this.#said(work),
      inBackground: (work) => this.#inBackground(work),
    };
    const held = new HeldTexts(floor, this.#now);
    return { desk, presses: new Presses(floor, held), messages: new Messages(floor, held, this.#now) };
  }

  /** Sets the commands that apps offer; a failure is no harm. Returns the sentence for health. */
  #identified({ username }: BotIdentity): string {
    const limits = { signal: this.#end.signal, timeoutMs: CALL_MS_MAX };
    this.#inBackground(
      this.#client.call('setMyCommands', { commands: COMMANDS, scope: undefined, language_code: undefined }, limits),
    );
    return this.#parts.ownerIds().length > 0 ? WORDS.connectedAs(username) : WORDS.connectedNobody(username);
  }

  async #handle(update: Update, bot: BotIdentity, { desk, presses, messages }: Handlers): Promise<void> {
    const incoming = readUpdate(update, bot);
    if (!incoming) return;
    const refusal = this.#doorkeeper.refusal(incoming, desk);
    if (refusal !== null) return this.#refuse(incoming, refusal);
    await desk.ready();
    return incoming.kind === 'press' ? presses.handle(incoming) : messages.handle(incoming);
  }

  /** Tells who caused an update that nothing came of it. */
  #giveUp(update: Update, bot: BotIdentity, desk: RelayDesk): void {
    const incoming = readUpdate(update, bot);
    if (!incoming || this.#doorkeeper.refusal(incoming, desk) !== null) return;
    if (incoming.kind === 'press') void this.#messenger.answerPress(incoming.pressId, WORDS.gaveUp, true);
    else this.#inBackground(this.#messenger.send(incoming.chat, [{ text: plain(WORDS.gaveUp) }], incoming.messageId));
  }

  #refuse(incoming: Incoming, words: string): void {
    if (incoming.kind === 'press') return void this.#messenger.answerPress(incoming.pressId, words, true);
    const meant = incoming.private || incoming.repliesToBot || incoming.kind === 'command';
    if (!meant || !this.#doorkeeper.maySay(incoming)) return;
    this.#inBackground(this.#messenger.send(incoming.chat, [{ text: plain(words) }], incoming.messageId));
  }

  async #said(work: Promise<unknown>): Promise<void> {
    const limit = new AbortController();
    try {
      await Promise.race([work, delay(SAID_MS_MAX, undefined, { signal: limit.signal, ref: false })]);
    } catch (error) {
      if (!(error instanceof ChannelError && error.permanent)) throw error;
      this.#parts.log.warn({ error: error.message }, 'could not be said in Telegram');
    } finally {
      limit.abort();
    }
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#end.signal.aborted) this.#parts.log.warn({ error: String(error) }, 'could not be said in Telegram');
    });
  }
}
