import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Update } from 'telegraf/types';
import type { Card, Channel, ChannelHealth, RelayDesk } from '../../relay/channel.ts';
import { ChannelError } from '../../relay/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { StateFile } from '../../runtime/state-file.ts';
import type { Timings } from '../../runtime/timings.ts';
import { Board } from './board.ts';
import { BotClient, type BotIdentity } from './bot-client.ts';
import { Chosen } from './chosen.ts';
import { CommandMenus } from './command-menus.ts';
import { Commands } from './commands.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { Endings } from './endings.ts';
import { FileAnswers } from './file-answers.ts';
import { Health } from './health.ts';
import { HeldTexts } from './held-texts.ts';
import { Inbox, type InboxMode } from './inbox.ts';
import { type Incoming, type IncomingMessage, readOwnTopic, readUpdate } from './incoming.ts';
import { Intake } from './intake.ts';
import { Later } from './later.ts';
import { Messages } from './messages.ts';
import { Messenger } from './messenger.ts';
import { Mutes } from './mutes.ts';
import { Newcomers } from './newcomers.ts';
import { Permissions } from './permissions.ts';
import { Persistence } from './persistence.ts';
import { Poller } from './poller.ts';
import { type Floor, Presses } from './presses.ts';
import { Prompts } from './prompts.ts';
import { Reminders } from './reminders.ts';
import { plain } from './rich-text.ts';
import { SessionWords } from './session-words.ts';
import { TopicKeeper } from './topic-keeper.ts';
import { Topics } from './topics.ts';
import { Webhook, type WebhookPlace } from './webhook.ts';
import { WORDS } from './words.ts';

// An update is confirmed only when what it leads to has been said, since it may be all that keeps a text from being
// lost; but a chat that Telegram holds back must not keep the presses of all others waiting.
const SAID_MS_MAX = 10_000;
const REMIND_MINUTES = 15;

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
  /** Lets Telegram post updates instead of polling for them. */
  readonly webhook?: WebhookPlace | undefined;
  /** Where the number of open questions stands at the top of the chat; default: in groups only. */
  readonly inbox?: InboxMode | undefined;
  /** When a question is reminded of for the first time; 0: never. */
  readonly remindMinutes?: number | undefined;
  /** Keeps what people have set; in memory only when it is not given. */
  readonly state?: StateFile | undefined;
  /** Called once Telegram has said who the bot is. */
  readonly onBot?: ((bot: BotIdentity) => void) | undefined;
  readonly timings: Timings;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Handlers {
  readonly desk: RelayDesk;
  readonly newcomers: Newcomers;
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
  readonly #endings: Endings;
  readonly #topics: Topics;
  readonly #doorkeeper: Doorkeeper;
  readonly #mutes: Mutes;
  readonly #inbox: Inbox;
  readonly #reminders: Reminders;
  readonly #menus: CommandMenus;
  readonly #now: () => number;
  #desk: RelayDesk | null = null;
  #permissions: Permissions | null = null;

  constructor(parts: TelegramChannelParts) {
    const { log, timings } = parts;
    const signal = this.#end.signal;
    // Everything that waits anywhere listens to this one signal.
    setMaxListeners(0, signal);
    this.#parts = parts;
    const chats = () => this.chats();
    this.#health = new Health(chats, () => parts.ownerIds().length > 0);
    this.#now = parts.now ?? Date.now;
    this.#client = new BotClient(parts.token, parts.apiRoot, parts.proxy);
    this.#messenger = new Messenger({
      client: this.#client,
      health: this.#health,
      chats,
      log,
      timings,
      signal,
    });
    const state = parts.state ?? new StateFile(null, log);
    this.#mutes = new Mutes(state, this.#now);
    this.#menus = new CommandMenus(this.#client, log, signal);
    const later = new Later(timings.telegramQuiet, signal);
    const desk = () => this.#desk;
    this.#topics = new Topics({ messenger: this.#messenger, desk, state, log });
    const isOurs = (chat: string) => chats().includes(chat) || parts.ownerIds().includes(chat);
    this.#board = new Board({
      messenger: this.#messenger,
      desk,
      mutes: this.#mutes,
      now: this.#now,
      later,
      topics: this.#topics,
      isOurs,
    });
    this.#endings = new Endings(timings);
    this.#doorkeeper = new Doorkeeper(parts.chatId);
    const standing = {
      messenger: this.#messenger,
      chats,
      pending: () => this.#board.pending(),
      log,
      timings,
    };
    this.#inbox = new Inbox({ ...standing, mode: parts.inbox ?? 'auto', state, signal });
    const minutes = parts.remindMinutes ?? REMIND_MINUTES;
    this.#reminders = new Reminders({ ...standing, mutes: this.#mutes, minutes, now: this.#now });
  }

  chats(): readonly string[] {
    return this.#parts.chatId === undefined ? this.#parts.ownerIds() : [this.#parts.chatId];
  }

  show(card: Card, chat: string): Promise<string> {
    const shown = this.#board.show(card, chat);
    this.#inbox.changed();
    return shown;
  }

  settle(ref: string, card: Card): Promise<void> {
    this.#inbox.changed();
    this.#endings.note(card);
    if (card.state.status !== 'pending') {
      this.#reminders.settled(card.question_id);
      this.#permissions?.ended(card.question_id);
    }
    return this.#board.settle(ref, card);
  }

  health(): ChannelHealth {
    return this.#health.current;
  }

  async run(desk: RelayDesk, signal: AbortSignal): Promise<void> {
    this.#desk = desk;
    // What came and went while no hub ran is in no inbox yet.
    this.#inbox.changed();
    this.#inBackground(this.#reminders.run(desk, this.#end.signal));
    const { log, timings } = this.#parts;
    const handlers = this.#handlersFor(desk);
    const kept = { topics: this.#topics, messenger: this.#messenger, desk, timings, log };
    new TopicKeeper({ ...kept, signal: this.#end.signal }).start();
    const end = () => this.#end.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const persistence = new Persistence({ health: this.#health, log, timings, signal: this.#end.signal });
    try {
      const bot = await persistence.call(() => this.#client.me(this.#end.signal));
      if (bot) this.#parts.onBot?.(bot);
      if (bot) await this.#receive(bot, handlers, persistence);
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
      endings: this.#endings,
      prompts: new Prompts(this.#messenger),
      health: () => this.#health.current,
      said: (work) => this.#said(work),
      inBackground: (work) => this.#inBackground(work),
    };
    const files = new FileAnswers(floor, this.#parts.timings);
    const held = new HeldTexts(floor, files, this.#now);
    const words = new SessionWords(floor);
    const permissions = new Permissions(floor);
    this.#permissions = permissions;
    const commands = new Commands(floor, { held, mutes: this.#mutes, words, now: this.#now });
    const { said, inBackground } = floor;
    const parts = { desk, doorkeeper: this.#doorkeeper, messenger: this.#messenger, said, inBackground };
    const newcomers = new Newcomers({ ...parts, onAdmitted: (message) => this.#offerMenu(message) });
    return {
      desk,
      newcomers,
      presses: new Presses(floor, { held, permissions, words }),
      messages: new Messages(floor, { held, files, commands, permissions, words }),
    };
  }

  /** Takes in what people do, as long as the channel lives. */
  #receive(bot: BotIdentity, handlers: Handlers, persistence: Persistence): Promise<void> {
    const { token, log, timings, webhook } = this.#parts;
    const { signal } = this.#end;
    const handle = (update: Update) => this.#handle(update, bot, handlers);
    const giveUp = (update: Update) => this.#giveUp(update, bot, handlers.desk);
    const intake = new Intake({ handle, giveUp, log, timings }, bot, signal);
    const connected = () => this.#connectedWords(bot);
    this.ownersChanged();
    const parts = { client: this.#client, health: this.#health, log, timings, intake, persistence, connected, signal };
    return webhook ? new Webhook(parts, webhook, token).run() : new Poller(parts).run();
  }

  /** Offers the commands to those who are owners now, and to nobody else. */
  ownersChanged(): void {
    void this.#menus.offerTo(this.#parts.ownerIds(), this.#parts.chatId);
  }

  #connectedWords({ username }: BotIdentity): string {
    if (this.#parts.ownerIds().length === 0) return WORDS.connectedNobody(username);
    return this.#parts.webhook ? WORDS.connectedByWebhook(username) : WORDS.connectedAs(username);
  }

  async #handle(update: Update, bot: BotIdentity, handlers: Handlers): Promise<void> {
    const { desk, newcomers, presses, messages } = handlers;
    const made = readOwnTopic(update, bot);
    if (made) return this.#topics.made(made.chat, made.thread, made.name);
    const incoming = readUpdate(update, bot);
    if (!incoming) return;
    if (incoming.kind !== 'press' && newcomers.isOne(incoming)) return newcomers.handle(incoming);
    const refusal = this.#doorkeeper.refusal(incoming, desk);
    if (refusal !== null) return this.#refuse(incoming, refusal);
    if (incoming.kind === 'command') this.#offerMenu(incoming);
    await desk.ready();
    return incoming.kind === 'press' ? presses.handle(incoming) : messages.handle(incoming);
  }

  #offerMenu({ chat, person }: IncomingMessage): void {
    void this.#menus.offer(chat, person.id);
  }

  /** Tells who caused an update that nothing came of it. */
  #giveUp(update: Update, bot: BotIdentity, desk: RelayDesk): void {
    const incoming = readUpdate(update, bot);
    if (!incoming || this.#doorkeeper.refusal(incoming, desk) !== null) return;
    if (incoming.kind === 'press') void this.#messenger.answerPress(incoming.pressId, WORDS.gaveUp, true);
    else this.#inBackground(this.#messenger.reply(incoming, [{ text: plain(WORDS.gaveUp) }]));
  }

  #refuse(incoming: Incoming, words: string): void {
    if (incoming.kind === 'press') return void this.#messenger.answerPress(incoming.pressId, words, true);
    const meant = incoming.private || incoming.repliesToBot || incoming.kind === 'command';
    if (!meant || !this.#doorkeeper.maySay(incoming)) return;
    this.#inBackground(this.#messenger.reply(incoming, [{ text: plain(words) }]));
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
